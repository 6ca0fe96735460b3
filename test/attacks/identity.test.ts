import assert from 'node:assert/strict';
import { joinCrash, joinCrashAs, until } from '../support/server.ts';
import { askForSeat, guest, RawClient } from './attacker.ts';
import { type Scene, startScene } from './scene.ts';

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
      const back = new RawClient(
        scene.server.url,
        seat,
        `&reconnectionToken=${reconnectionToken}&spectate=false`,
      );
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

  it('[R7] tokens that are none, of nobody or expired, and rooms that are none, answer with a code', async () => {
    await scene.attack('made-up tokens', async () => {
      const who = await guest(scene.server.url);
      const [head = '', body = '', signature = ''] = who.token.split('.');
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
      const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const none = encoded({ alg: 'none', typ: 'JWT' });
      const tokens = [
        '',
        'x',
        'null',
        who.token.slice(0, -3),
        `${head}.${body}.`,
        `${none}.${body}.`,
        `${none}.${body}.${signature}`,
        `${head}.${encoded({ ...claims, sub: '1' })}.${signature}`,
        `${head}.${encoded({ ...claims, exp: 4_000_000_000 })}.${signature}`,
        'x'.repeat(4_000),
      ];
      for (const token of tokens) {
        const headers = { authorization: `Bearer ${token}` };
        const { status, body: answer } = await askForSeat({ ...who, headers });
        assert.deepEqual([status, answer.reason], [401, 'UNAUTHENTICATED'], token.slice(0, 40));
      }
      assert.equal((await askForSeat({ ...who, headers: {} })).body.reason, 'UNAUTHENTICATED');
      const other = await guest(scene.server.url);
      for (const target of [
        'joinOrCreate/constructor',
        'create/__proto__',
        'join/toString',
        'joinById/constructor',
      ]) {
        assert.equal((await askForSeat(other, {}, target)).body.reason, 'NOT_FOUND', target);
      }
      for (const options of [
        { table: '../x' },
        { table: '' },
        { table: 5 },
        { spectate: 1 },
        { table: ['main'] },
      ]) {
        assert.equal(
          (await askForSeat(who, options)).body.reason,
          'BAD_REQUEST',
          JSON.stringify(options),
        );
      }
    });
  });
});
