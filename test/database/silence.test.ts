import assert from 'node:assert/strict';
import { type Database, isConnectionError, openDatabase } from '../../src/database/connection.ts';
import { createLogger } from '../../src/log.ts';
import { startByteProxy } from '../support/byte-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

/** Each way to ask, on a connection that holds. */
const ASKED: Record<string, (db: Database) => Promise<() => Promise<unknown>>> = {
  'a statement of the pool': async ({ pool }) => {
    await pool.query('SELECT 1');
    return () => pool.query('SELECT 1');
  },
  'a statement of a transaction': async ({ pool }) => {
    const client = await pool.connect();
    await client.query('BEGIN');
    return () => client.query('SELECT 1').finally(() => client.release(true));
  },
};

describe('a connection of the ledger that falls silent', () => {
  let database: TestDatabase;
  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  for (const [name, prepare] of Object.entries(ASKED)) {
    it(`[M5] is given up, and counts as lost, for ${name}`, async () => {
      const proxy = await startByteProxy(database.url);
      const db = await openDatabase(proxy.url, { poolSize: 1, logger: createLogger('silent') });
      try {
        const ask = await prepare(db);
        proxy.arm({ side: 'request', after: 0, how: 'silence' });
        await assert.rejects(ask(), isConnectionError);
        assert.ok(proxy.harmed);
      } finally {
        await db.close();
        await proxy.close();
      }
    });
  }
});
