import assert from 'node:assert/strict';
import { v7 as uuidv7 } from 'uuid';
import { inSnapshot } from '../../src/ledger/audit/snapshot.ts';
import { type Books, openBooks } from './fixture.ts';

describe('ledger/audit snapshot', () => {
  let books: Books;

  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());

  const two = async () => 2;
  const COUNT = 'SELECT count(*) AS n FROM transactions';

  it('[M12] several connections read one snapshot, whatever is committed meanwhile', async () => {
    const player = await books.player();
    await inSnapshot(books.db.pool, {}, two, async ({ connections, query }) => {
      assert.equal(connections, 2);
      const pids = new Set<number>();
      for (const connection of [0, 1]) {
        await books.ledger.grant(player.userId, 1, uuidv7(), 'a present');
        assert.deepEqual(await query(COUNT, connection), [{ n: 2 }]);
        const [own] = await query<{ pid: number }>('SELECT pg_backend_pid() AS pid', connection);
        pids.add(own?.pid as number);
      }
      assert.equal(pids.size, 2);
    });
    assert.equal(await books.count('transactions'), 6);
  });

  it('[M12] it writes nothing, draws no transaction number, and its memory has a bound', async () => {
    await inSnapshot(books.db.pool, {}, two, async ({ query }) => {
      for (const connection of [0, 1]) {
        const [settings] = await query<{ memory: string; xid: string | null }>(
          `SELECT current_setting('work_mem') AS memory, pg_current_xact_id_if_assigned()::text AS xid`,
          connection,
        );
        assert.deepEqual(settings, { memory: '64MB', xid: null });
      }
    });
    const refused = inSnapshot(books.db.pool, {}, two, async ({ query }) =>
      query('UPDATE wallets SET seq = seq'),
    );
    await assert.rejects(refused, /read-only transaction/);
  });

  it('[M12] connections come back as they were, also after an error', async () => {
    const failed = inSnapshot(books.db.pool, {}, two, async () => {
      throw new Error('broken off');
    });
    await assert.rejects(failed, /broken off/);
    const { rows } = await books.db.pool.query<{ memory: string }>(
      "SELECT current_setting('work_mem') AS memory",
    );
    assert.notEqual(rows[0]?.memory, '64MB');
    assert.equal(books.db.pool.idleCount, books.db.pool.totalCount);
  });

  it('[M12] writers and vacuum go on beside it: it holds no lock that they wait for', async () => {
    const player = await books.player();
    await inSnapshot(books.db.pool, {}, two, async ({ query }) => {
      await query(
        'SELECT count(*) FROM transactions, wallets, bets, rounds, postings, ledger_blocks',
      );
      await books.ledger.grant(player.userId, 1, uuidv7(), 'a present');
      await books.rows('VACUUM wallets');
      const [held] = await query<{ modes: string[] }>(
        `SELECT array_agg(DISTINCT mode ORDER BY mode) AS modes FROM pg_locks
         WHERE pid = pg_backend_pid() AND locktype = 'relation'`,
      );
      assert.deepEqual(held?.modes, ['AccessShareLock']);
    });
  });
});
