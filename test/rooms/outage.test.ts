import assert from 'node:assert/strict';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type DatabaseProxy, startProxy } from '../support/proxy.ts';
import {
  joinCrash,
  leaveAll,
  refusal,
  startServer,
  type TestServer,
  until,
} from '../support/server.ts';

const BETTING_MS = 2_000;

describe('a table whose database goes away', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let proxy: DatabaseProxy;
  let server: TestServer;
  before(async () => {
    database = await createTestDatabase({ migrated: true });
    proxy = await startProxy(database.url);
    server = await startServer({ databaseUrl: proxy.url, env: { BETTING_MS: String(BETTING_MS) } });
  });
  afterEach(leaveAll);
  after(async () => {
    await server.dispose();
    await proxy.close();
    await database.drop();
  });

  it('[M5] [R13] a short break is bridged: the bet is answered, once', async () => {
    const player = await joinCrash(server.url);
    await player.phase('betting');
    const betId = crypto.randomUUID();
    const answer = player.bet(10, { betId });
    proxy.cut();
    setTimeout(() => proxy.restore(), 300);
    const bet = await answer;
    assert.equal(bet.betId, betId);
    assert.equal(bet.balance, 490);
    assert.deepEqual(await player.bet(10, { betId }), bet);
  });

  it('[R13] a long break pauses the table, refuses bets with BUSY, and ends with the table going on', async () => {
    const player = await joinCrash(server.url, { table: 'long' });
    await player.phase('betting');
    const bet = await player.bet(10, { autoCashout: 101 });
    proxy.cut();
    await player.phase('paused', 30_000);
    await until(
      async () => (await fetch(`${server.url}/readyz`)).status === 503,
      'the node to say that it is not ready',
    );
    const { code } = await refusal(player.bet(10));
    assert.ok(code === 'BUSY' || code === 'BETTING_CLOSED', code);
    proxy.restore();
    await until(() => player.room.state.phase !== 'paused', 'the table to go on', 30_000);
    await until(
      () => player.resolved.some((b) => b.betId === bet.betId),
      'the bet to be resolved',
      110_000,
    );
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  });
});
