/** A server with two currencies: tables, wallets and an operator's adjustment, as clients see them. */
import assert from 'node:assert/strict';
import pg from 'pg';
import { openDatabase } from '../../src/database/connection.ts';
import { audit } from '../../src/ledger/audit.ts';
import { silent } from '../ledger/fixture.ts';
import {
  joinCrash,
  joinCrashAs,
  leaveAll,
  refusal,
  signIn,
  startServer,
  type TestPlayer,
  type TestServer,
  until,
} from '../support/server.ts';

interface Wallets {
  items: { id: number; currency: string; balance: number; seq: number }[];
}

describe('a server with two currencies', function () {
  this.timeout(120_000);
  let server: TestServer;
  let operator: Awaited<ReturnType<typeof signIn>>;

  before(async () => {
    server = await startServer({ env: { CURRENCIES: 'COIN,GEM', BETTING_MS: '20000' } });
    operator = await signIn(server.url);
    const db = new pg.Client({ connectionString: server.databaseUrl });
    await db.connect();
    await db.query(
      "INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'operator'",
      [operator.userId],
    );
    await db.end();
    await until(async () => (await adjust(1, 5)).status !== 403, 'the role to be known');
  });
  afterEach(leaveAll);
  after(() => server.dispose());

  async function adjust(
    walletId: number,
    amount: number,
    { client } = operator,
    key = crypto.randomUUID() as string,
  ) {
    const response = await fetch(`${server.url}/api/v1/wallets/${walletId}/adjust`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${client.auth.token}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({ amount, reason: 'a test' }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  const gemsOf = async (player: TestPlayer) => {
    const { items } = await player.get<Wallets>('/api/v1/me/wallets');
    return items.find(({ currency }) => currency === 'GEM')?.id as number;
  };

  it('[R11] a table of one name is another one in another currency, and an unknown currency is refused', async () => {
    const [coin, gem] = [
      await joinCrash(server.url),
      await joinCrash(server.url, { currency: 'GEM' }),
    ];
    const also = await joinCrash(server.url, { currency: 'GEM', table: 'main' });
    const same = await joinCrash(server.url, { currency: 'COIN' });
    assert.equal(also.room.roomId, gem.room.roomId);
    assert.equal(same.room.roomId, coin.room.roomId);
    assert.notEqual(coin.room.roomId, gem.room.roomId);
    await until(() => gem.room.state.currency === 'GEM', 'the state');
    await until(() => coin.room.state.currency === 'COIN', 'the state');
    for (const currency of ['GOLD', 'gem', 7]) {
      await assert.rejects(
        joinCrashAs(operator.client, operator.userId, { currency }),
        (error: Error) => {
          assert.match(error.message, /currency: (one of COIN, GEM|3 to 8 capital letters)/);
          return true;
        },
      );
    }
  });

  it('[M13] [R8] gems pay at a table in gems, coins do not, and every answer says which it is', async () => {
    const player = await joinCrash(server.url, { currency: 'GEM', table: 'gems' });
    await player.phase('betting');
    assert.equal((await refusal(player.bet(10))).code, 'INSUFFICIENT_FUNDS');
    const walletId = await gemsOf(player);
    const key = crypto.randomUUID();
    const adjusted = await adjust(walletId, 80, operator, key);
    assert.deepEqual(adjusted, {
      status: 200,
      body: { id: walletId, userId: player.userId, currency: 'GEM', balance: 80, seq: 1 },
    });
    assert.deepEqual(await adjust(walletId, 80, operator, key), adjusted);
    assert.equal((await adjust(walletId, 81, operator, key)).body.code, 'BET_CONFLICT');
    assert.equal((await adjust(walletId, -81)).body.code, 'INSUFFICIENT_FUNDS');
    assert.equal((await adjust(2 ** 50, 5)).body.code, 'NOT_FOUND');
    const bet = await player.bet(30);
    assert.deepEqual([bet.currency, bet.balance], ['GEM', 50]);
    await until(() => player.wallets.length === 2, 'both messages');
    assert.deepEqual(player.wallets, [
      { currency: 'GEM', balance: 80, seq: 1 },
      { currency: 'GEM', balance: 50, seq: 2 },
    ]);
    const balance = async (query: string) =>
      (await player.get<{ balance: number }>(`/api/v1/me/wallet${query}`)).balance;
    assert.equal(await balance(''), 500);
    assert.equal(await balance('?currency=GEM'), 50);
    const { items } = await player.get<{ items: Record<string, unknown>[] }>(
      '/api/v1/me/transactions?currency=GEM',
    );
    assert.deepEqual(
      items.map(({ category, reason, actorId }) => ({ category, reason, actorId })),
      [
        { category: 'bet', reason: null, actorId: null },
        { category: 'adjust', reason: 'a test', actorId: operator.userId },
      ],
    );
  });

  it('a player may not adjust a wallet, not even the own one', async () => {
    const player = await joinCrash(server.url, { currency: 'GEM', table: 'own' });
    const walletId = await gemsOf(player);
    const { status, body } = await adjust(walletId, 1_000, player);
    assert.deepEqual([status, body.code], [403, 'FORBIDDEN']);
  });

  it('[M12] the audit is clean afterwards', async () => {
    await server.stop();
    const db = await openDatabase(server.databaseUrl, { poolSize: 1, logger: silent });
    const { findings } = await audit(db);
    await db.close();
    assert.deepEqual(findings, []);
  });
});
