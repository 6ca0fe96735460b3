/** Opens the database for a command that is no server, and gives it back whatever happens. */
import { openStore } from '../app.ts';
import type { Config } from '../config.ts';
import type { Database } from '../database/connection.ts';
import { createLogger } from '../log.ts';

export async function withDatabase<T>(
  config: Config,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const store = await openStore(config, createLogger('warn'));
  try {
    return await work(store.db);
  } finally {
    await store.close();
  }
}
