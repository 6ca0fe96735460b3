import assert from 'node:assert/strict';
import pg from 'pg';
import type { Bet } from '../../src/protocol.ts';
import {
  joinCrash,
  leaveAll,
  refusal,
  startServer,
  type TestServer,
  until,
} from '../support/server.ts';

/** Any of them has the shortest round. */
const TABLES = 8;
const CRASH_TIMEOUT_MS = 100_000;
const RECOVERY_TIMEOUT_MS = 20_000;

describe('what fails on our side, at a real server', function () {
  this.timeout(150_000);
  let server: TestServer;
  let db: pg.Client;

  async function start(bettingMs: number): Promise<void> {
    server = await startServer({ env: { BETTING_MS: String(bettingMs), LOG_LEVEL: 'silent' } });
    db = new pg.Client({ connectionString: server.databaseUrl });
    await db.connect();
  }
  afterEach(async () => {
    await leaveAll();
    await db.end();
    await server.dispose();
  });

  it('[R1] a command answers INTERNAL without its inner text, and the room goes on', async () => {
    await start(600_000);
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
  });

  it('[R1] [M9] a round that cannot be settled closes its table alone, and is settled when it can be', async () => {
    await start(1_500);
    const { pid } = server;
    const players = await Promise.all(
      Array.from({ length: TABLES }, (_, index) => joinCrash(server.url, { table: `t-${index}` })),
    );
    const bets = await Promise.all(
      players.map(async (player) => {
        player.room.reconnection.enabled = false;
        await player.phase('betting');
        return player.bet(10);
      }),
    );
    await db.query('ALTER FUNCTION resolve_bets RENAME TO resolve_bets_away');
    const closed = await Promise.race([
      ...players.map(
        ({ room }, index) => new Promise<number>((resolve) => room.onLeave(() => resolve(index))),
      ),
      new Promise<never>((_, reject) => {
        setTimeout(() => reject(new Error('no table closed')), CRASH_TIMEOUT_MS).unref();
      }),
    ]);
    const { betId } = bets[closed] as Bet;
    const player = players[closed] as (typeof players)[number];
    assert.equal((await player.get<Bet>(`/api/v1/me/bets/${betId}`)).status, 'accepted');
    await db.query('ALTER FUNCTION resolve_bets_away RENAME TO resolve_bets');
    await until(
      async () => (await player.get<Bet>(`/api/v1/me/bets/${betId}`)).status !== 'accepted',
      'the recovery of the round',
      RECOVERY_TIMEOUT_MS,
    );
    const again = await joinCrash(server.url, { table: `t-${closed}` });
    await again.phase('betting');
    assert.equal((await again.bet(10)).balance, 490);
    assert.equal(server.pid, pid);
  });
});
