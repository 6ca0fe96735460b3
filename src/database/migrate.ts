/**
 * Migrations up, down and their status, on umzug. Starters of the same database wait for each other, and each
 * migration commits together with its row in `schema_migrations`: a kill at any instant leaves whole steps only.
 */
import pg from 'pg';
import { Umzug } from 'umzug';
import { migrations as all } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';

export type { Migration } from './migrations/migration.ts';

/** An address, or an open connection of its own (never one of a pool that others use: the lock is the session's). */
export type MigrationConnection = string | pg.ClientBase;

export interface MigrationOptions {
  /** How long to wait for another starter that is migrating, in ms. */
  readonly lockTimeoutMs?: number;
  /** Other migrations than the program's own. */
  readonly migrations?: readonly Migration[];
}

export interface MigrationStatus {
  readonly executed: string[];
  readonly pending: string[];
  /** Recorded in the database and not known here: a newer program has been at work. */
  readonly unknown: string[];
}

const LOCK_TIMEOUT_MS = 60_000;
/** Session advisory lock of the migration run; any constant that nothing else in the database uses. */
const LOCK_KEY = 7_311_904_215;
const LOCK_NOT_AVAILABLE = '55P03';

/** Runs what is pending, all of it or up to and including `to`. Returns the names of what was run. */
export async function migrateUp(
  connection: MigrationConnection,
  options: MigrationOptions & { readonly to?: string } = {},
): Promise<string[]> {
  return await locked(connection, options, async (client, umzug) => {
    const { unknown } = await statusOf(client, umzug);
    if (unknown.length > 0) {
      throw new Error(`The database is newer than this program: it has ${unknown.join(', ')}`);
    }
    const done = await umzug.up(options.to === undefined ? {} : { to: options.to });
    return done.map((migration) => migration.name);
  });
}

/**
 * Takes back the last `step` migrations (1 unless said otherwise), or all down to and including `to` (0: all of them).
 * Returns the names in the order in which they were taken back.
 */
export async function migrateDown(
  connection: MigrationConnection,
  target: { readonly step: number } | { readonly to: string | 0 } = { step: 1 },
  options: MigrationOptions = {},
): Promise<string[]> {
  return await locked(connection, options, async (client, umzug) => {
    const { unknown } = await statusOf(client, umzug);
    if (unknown.length > 0) {
      throw new Error(`Only the program that has ${unknown.join(', ')} can take them back first`);
    }
    const done = await umzug.down(target);
    return done.map((migration) => migration.name);
  });
}

/** What has run and what has not. Waits for nobody and writes nothing. */
export async function migrationStatus(
  connection: MigrationConnection,
  options: Pick<MigrationOptions, 'migrations'> = {},
): Promise<MigrationStatus> {
  return await connected(connection, (client) =>
    statusOf(client, migrator(client, options.migrations ?? all)),
  );
}

async function statusOf(client: pg.ClientBase, umzug: Umzug<pg.ClientBase>) {
  const executed = (await umzug.executed()).map((migration) => migration.name);
  const pending = (await umzug.pending()).map((migration) => migration.name);
  const recorded = await recordedNames(client);
  return { executed, pending, unknown: recorded.filter((name) => !executed.includes(name)) };
}

function migrator(client: pg.ClientBase, migrations: readonly Migration[]): Umzug<pg.ClientBase> {
  const record = 'INSERT INTO schema_migrations (name) VALUES ($1)';
  const forget = 'DELETE FROM schema_migrations WHERE name = $1';
  return new Umzug<pg.ClientBase>({
    migrations: migrations.map(({ name, up, down }) => ({
      name,
      up: () => inTransaction(client, up, record, name),
      down: () => inTransaction(client, down, forget, name),
    })),
    context: client,
    // The rows are written by the steps themselves, inside their transaction; umzug would write them after it.
    storage: {
      executed: () => recordedNames(client),
      logMigration: async () => {},
      unlogMigration: async () => {},
    },
    logger: undefined,
  });
}

/** umzug adds the migration's name and direction to whatever is thrown here. */
async function inTransaction(
  client: pg.ClientBase,
  sql: string,
  bookkeeping: string,
  name: string,
) {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query(bookkeeping, [name]);
    await client.query('COMMIT');
  } catch (error) {
    // The connection may be what failed; the first error is the one to tell.
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function recordedNames(client: pg.ClientBase): Promise<string[]> {
  const found = await client.query<{ known: boolean }>(
    `SELECT to_regclass('schema_migrations') IS NOT NULL AS known`,
  );
  if (found.rows[0]?.known !== true) return [];
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM schema_migrations ORDER BY name',
  );
  return rows.map((row) => row.name);
}

/** One migrator at a time per database. The lock is the session's: it ends with the connection, also by kill -9. */
async function locked<T>(
  connection: MigrationConnection,
  options: MigrationOptions,
  run: (client: pg.ClientBase, umzug: Umzug<pg.ClientBase>) => Promise<T>,
): Promise<T> {
  return await connected(connection, async (client) => {
    await acquireLock(client, options.lockTimeoutMs ?? LOCK_TIMEOUT_MS);
    try {
      await client.query(`
        CREATE TABLE IF NOT EXISTS schema_migrations (
          name text PRIMARY KEY,
          applied_at timestamptz NOT NULL DEFAULT now()
        )`);
      return await run(client, migrator(client, options.migrations ?? all));
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [LOCK_KEY]).catch(() => {});
    }
  });
}

async function acquireLock(client: pg.ClientBase, timeoutMs: number): Promise<void> {
  await client.query(`SELECT set_config('lock_timeout', $1, false)`, [`${timeoutMs}ms`]);
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
  } catch (error) {
    if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error;
    throw new Error(
      `Another process has been migrating this database for more than ${timeoutMs} ms`,
      {
        cause: error,
      },
    );
  } finally {
    await client.query('RESET lock_timeout').catch(() => {});
  }
}

async function connected<T>(
  connection: MigrationConnection,
  run: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  if (typeof connection !== 'string') return await run(connection);
  const client = new pg.Client({
    connectionString: connection,
    application_name: 'roundhouse migrate',
  });
  // A connection that breaks rejects the query that is under way; without this it would also stop the process.
  client.on('error', () => {});
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
