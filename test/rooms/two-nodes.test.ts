import assert from 'node:assert/strict';
import { Client, type Room } from '@colyseus/sdk';
import { createTestDatabase } from '../support/database.ts';
import { startRedis } from '../support/redis.ts';
import { joinCrash, joinCrashAs, startServer, type TestServer, until } from '../support/server.ts';

describe('two nodes on one database and one Redis', function () {
  this.timeout(60_000);
  const undo: (() => Promise<unknown>)[] = [];
  let a: TestServer;
  let b: TestServer;

  before(async () => {
    const database = await createTestDatabase({ migrated: true });
    undo.push(() => database.drop());
    const redis = await startRedis();
    undo.push(() => redis.stop());
    const options = {
      databaseUrl: database.url,
      env: { REDIS_URL: redis.url, JWT_SECRET: 'one-secret-for-both-nodes-0123456789' },
    };
    a = await startServer(options);
    undo.push(() => a.dispose());
    b = await startServer(options);
    undo.push(() => b.dispose());
  });
  after(async () => {
    for (const step of undo.reverse()) await step();
  });

  it('[N1] a join through the second node reaches the table of the first, and bets there', async () => {
    const first = await joinCrash(a.url);
    const second = await joinCrash(b.url);
    assert.equal(second.room.roomId, first.room.roomId);
    await second.phase('betting');
    await Promise.all([first.bet(10), second.bet(20)]);
    await until(() => first.room.state.betCount === 2, 'both bets on the first screen');
    assert.equal(first.room.state.staked, 30);
    await Promise.all([first.room.leave(), second.room.leave()]);
  });

  it('[N1] [R14] the lobby of one node lists tables and players of the other', async () => {
    const watcher = new Client(b.url);
    await watcher.auth.signInAnonymously();
    const lobby = (await watcher.joinOrCreate('lobby')) as unknown as Room<
      unknown,
      { online: number }
    >;
    const tables = new Map<string, { clients: number; metadata: { table: string } }>();
    lobby.onMessage('rooms', (rooms) => {
      for (const room of rooms) tables.set(room.roomId, room);
    });
    lobby.onMessage('+', ([roomId, room]) => tables.set(roomId, room));
    lobby.onMessage('-', (roomId) => tables.delete(roomId));
    const player = await joinCrash(a.url, { table: 'far-away' });
    await until(() => tables.get(player.room.roomId)?.clients === 1, 'the new table in the lobby');
    assert.equal(tables.get(player.room.roomId)?.metadata.table, 'far-away');
    await until(() => lobby.state.online === 2, 'both players counted');
    await player.room.leave();
    await until(() => lobby.state.online === 1, 'one player left');
    await lobby.leave();
  });

  it('[R8] a wallet is told of on every node on which its player is connected', async () => {
    const here = await joinCrash(a.url, { table: 'one' });
    const there = await joinCrashAs(here.client, here.userId, { table: 'two' });
    await here.phase('betting');
    const bet = await here.bet(100);
    await until(
      () => there.wallets.some((w) => w.balance === bet.balance),
      'the balance at the other table',
    );
    await Promise.all([here.room.leave(), there.room.leave()]);
  });

  it('[M9] what one node leaves behind when it is killed, the other refunds', async () => {
    const victim = await joinCrash(a.url, { table: 'doomed' });
    // Where the table lives is the matchmaker's choice; the node that has it is killed.
    await victim.phase('betting');
    const bet = await victim.bet(77);
    const { connection } = victim.room as unknown as {
      connection: { transport: { ws: { url: string } } };
    };
    const port = Number(new URL(connection.transport.ws.url).port);
    const [dying, living] = port === a.port ? [a, b] : [b, a];
    victim.room.reconnection.enabled = false;
    await dying.kill();
    const survivor = new Client(living.url);
    survivor.auth.token = victim.client.auth.token as string;
    await until(
      async () =>
        (await survivor.http.get(`/api/v1/me/bets/${bet.betId}`)).data.status === 'refunded',
      'the refund by the other node',
      30_000,
    );
    const wallet = (await survivor.http.get('/api/v1/me/wallet')).data;
    assert.equal(wallet.balance, 500);
  });
});
