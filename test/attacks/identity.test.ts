import assert from 'node:assert/strict';
import pg from 'pg';
import { guest, RawClient } from './attacker.ts';
import { type Scene, startScene } from './scene.ts';
import { joinCrash, joinCrashAs, leaveAll, refusal, startServer, until } from '../support/server.ts';

describe('those who may not, at a real server', function () {
  this.timeout(60_000);
  let scene: Scene;
  before(async () => {
    scene = await startScene();
  });
  after(() => scene.close());

  it('[R6] a spectator can do nothing that costs or wins, whatever is tried, and may ask', async () => {
    await scene.attack('spectators', async () => {
      const who = await guest(scene.server.url);
      const player = await RawClient.join(who);
      const betId = crypto.randomUUID();
      assert.equal((await player.request('bet', { betId, amount: 5 })).ok, true);
      // The same player in a second tab that only watches.
      const watcher = await RawClient.join(who, { spectate: true });
      for (const [type, payload] of [
        ['bet', { betId: crypto.randomUUID(), amount: 5 }],
        ['bet', { betId, amount: 5 }],
        ['cashout', { betId }],
      ] as const) {
        const { ok, payload: answer } = await watcher.request(type, payload);
        assert.deepEqual([ok, answer.code], [false, 'FORBIDDEN'], type);
      }
      assert.equal((await watcher.request('betStatus', { betId })).payload.balance, 495);
      // What it says on reconnecting does not make it a player.
      const { seat, reconnectionToken } = watcher;
      watcher.socket.terminate();
      const back = new RawClient(scene.server.url, seat, `&reconnectionToken=${reconnectionToken}&spectate=false`);
      await until(() => back.reconnectionToken !== '', 'the way back');
      back.send([10]);
      const again = await back.request('bet', { betId: crypto.randomUUID(), amount: 5 });
      assert.equal(again.payload.code, 'FORBIDDEN');
      await Promise.all([player.close(), back.close()]);
    });
  });

  it('[R6] a second tab of the same player plays on its own', async () => {
    await scene.attack('two tabs', async () => {
      const first = await joinCrash(scene.server.url);
      const second = await joinCrashAs(first.client, first.userId);
      await first.phase('betting');
      await second.phase('betting');
      const [one, two] = await Promise.all([first.bet(5), second.bet(6)]);
      assert.equal(Math.min(one.balance, two.balance), 489);
      await first.room.leave();
      assert.equal((await second.bet(7)).balance, 482);
      await second.room.leave();
    });
  });
});

describe('a command that fails on our side, at a real server', function () {
  this.timeout(60_000);

  it('[R1] answers INTERNAL without its inner text, and the room goes on', async () => {
    const server = await startServer({ env: { BETTING_MS: '600000', LOG_LEVEL: 'silent' } });
    const db = new pg.Client({ connectionString: server.databaseUrl });
    await db.connect();
    try {
      const { pid } = server;
      const player = await joinCrash(server.url);
      const other = await joinCrash(server.url);
      await player.phase('betting');
      await other.phase('betting');
      const before = await player.bet(10);
      await db.query('ALTER FUNCTION place_bets RENAME TO place_bets_away');
      const betId = crypto.randomUUID();
      for (const who of [player, other]) {
        const { code, message } = await refusal(who.bet(20, who === player ? { betId } : {}));
        assert.equal(code, 'INTERNAL');
        assert.doesNotMatch(message, /place_bets|function/);
      }
      assert.deepEqual(await player.room.request('betStatus', { betId: before.betId }), before);
      assert.equal((await refusal(player.room.request('betStatus', { betId }))).code, 'NOT_FOUND');
      await db.query('ALTER FUNCTION place_bets_away RENAME TO place_bets');
      assert.equal((await player.bet(20, { betId })).balance, 470, 'what failed cost nothing');
      assert.equal((await other.bet(20)).balance, 480);
      assert.equal(server.pid, pid);
    } finally {
      await db.end();
      await leaveAll();
      await server.dispose();
    }
  });
});
