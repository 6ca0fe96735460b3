import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import {
  type Migration,
  migrateDown,
  migrateUp,
  migrationStatus,
} from '../../src/database/migrate.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const names = migrations.map((migration) => migration.name);
const first: Migration = {
  name: '0001-first',
  up: 'CREATE TABLE first (id integer)',
  down: 'DROP TABLE first',
};
const second: Migration = {
  name: '0002-second',
  up: 'CREATE TABLE second (id integer); ALTER TABLE first ADD COLUMN more integer;',
  down: 'ALTER TABLE first DROP COLUMN more; DROP TABLE second;',
};

describe('migrations', () => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeEach(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  it('walks up, down and up again, and every step leaves the schema that it found', async () => {
    const url = database.url;
    assert.deepEqual(await migrationStatus(url), { executed: [], pending: names, unknown: [] });
    const schemas: unknown[] = [];
    await migrateUp(url, { migrations: [] });
    schemas.push(await describeSchema(client));
    for (const name of names) {
      assert.deepEqual(await migrateUp(url, { to: name }), [name]);
      schemas.push(await describeSchema(client));
    }
    assert.deepEqual(await migrationStatus(url), { executed: names, pending: [], unknown: [] });
    assert.deepEqual(await migrateUp(url), []);
    for (const [index, name] of [...names.entries()].reverse()) {
      assert.deepEqual(await migrateDown(url), [name]);
      assert.deepEqual(await describeSchema(client), schemas[index], `after ${name} down`);
      assert.deepEqual(await migrateUp(url, { to: name }), [name]);
      assert.deepEqual(await describeSchema(client), schemas[index + 1], `after ${name} up again`);
      await migrateDown(url, { step: 1 });
    }
    assert.deepEqual(await migrateUp(url), names);
    assert.deepEqual(await describeSchema(client), schemas.at(-1));
    assert.deepEqual(await migrateDown(url, { to: 0 }), names.toReversed());
    assert.deepEqual(await describeSchema(client), schemas[0]);
  });

  it('[D2] three concurrent starters of one empty database run each migration once', async () => {
    const done = await Promise.all([1, 2, 3].map(() => migrateUp(database.url)));
    assert.deepEqual(done.flat(), names);
    assert.deepEqual((await migrationStatus(database.url)).executed, names);
  });

  it('an SQL error names its migration, keeps the steps before it and nothing of its own', async () => {
    const broken = { ...second, up: `${second.up}; SELECT nonsense` };
    await assert.rejects(
      migrateUp(database.url, { migrations: [first, broken] }),
      /0002-second.*"nonsense"/,
    );
    assert.deepEqual(await tables(client), ['first', 'schema_migrations']);
    const repaired = { migrations: [first, second] };
    assert.deepEqual((await migrationStatus(database.url, repaired)).pending, [second.name]);
    assert.deepEqual(await migrateUp(database.url, repaired), [second.name]);
    const undo = { ...second, down: 'DROP TABLE second; SELECT nonsense' };
    await assert.rejects(
      migrateDown(database.url, { step: 1 }, { migrations: [first, undo] }),
      /0002-second.*"nonsense"/,
    );
    assert.deepEqual(await tables(client), ['first', 'schema_migrations', 'second']);
  });

  it('[D2] a step whose row cannot be recorded is taken back with it', async () => {
    const recorded = `${second.up}; INSERT INTO schema_migrations (name) VALUES ('${second.name}')`;
    const migrations = [first, { ...second, up: recorded }];
    await assert.rejects(migrateUp(database.url, { migrations }), /0002-second.*schema_migrations/);
    assert.deepEqual(await tables(client), ['first', 'schema_migrations']);
    assert.deepEqual((await migrationStatus(database.url, { migrations })).executed, [first.name]);
  });

  it('a starter that is cut off in a step leaves whole steps, and the next one goes on', async () => {
    const options = { migrations: [first, second] };
    await migrateUp(database.url, { migrations: [first] });
    await client.query('BEGIN; LOCK TABLE first');
    const running = migrateUp(database.url, options);
    const cutOff = assert.rejects(running, /0002-second/);
    const pid = await waitForMigrator(client);
    await client.query('SELECT pg_terminate_backend($1)', [pid]);
    await cutOff;
    await client.query('COMMIT');
    assert.deepEqual(await tables(client), ['first', 'schema_migrations']);
    assert.deepEqual(await migrateUp(database.url, options), [second.name]);
  });

  it('a starter waits for another one only so long, and says why it gave up', async () => {
    const options = { migrations: [first, second] };
    await migrateUp(database.url, { migrations: [first] });
    await client.query('BEGIN; LOCK TABLE first');
    const running = migrateUp(database.url, options);
    await waitForMigrator(client);
    await assert.rejects(
      migrateUp(database.url, { ...options, lockTimeoutMs: 50 }),
      /Another process has been migrating this database for more than 50 ms/,
    );
    await client.query('COMMIT');
    assert.deepEqual(await running, [second.name]);
  });

  it('a program that is older than the database refuses it', async () => {
    await migrateUp(database.url, { migrations: [first, second] });
    const older = { migrations: [first] };
    await assert.rejects(migrateUp(database.url, older), /newer than this program: .*0002-second/);
    await assert.rejects(migrateDown(database.url, { step: 1 }, older), /0002-second/);
    assert.deepEqual((await migrationStatus(database.url, older)).unknown, [second.name]);
  });

  it('a connection that is handed in stays open and keeps no lock', async () => {
    assert.deepEqual(await migrateUp(client, { migrations: [first] }), [first.name]);
    const { rows } = await client.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory'
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
    assert.equal(rows.length, 0);
  });
});

/** Everything that a migration can make, in words that compare, and the rows that migrations bring along. */
async function describeSchema(client: pg.Client): Promise<unknown> {
  const { rows } = await client.query<{ what: string }>(`
    SELECT format('column %s.%s %s %s %s %s %s %s', table_name, column_name,
      -- A column that was dropped keeps its number.
      row_number() OVER (PARTITION BY table_name ORDER BY ordinal_position), data_type,
      is_nullable, column_default, identity_generation, generation_expression) AS what
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE NOT t.tgisinternal
    UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')
    UNION ALL SELECT format('%s %s %s %s', relkind, relname, reloptions, relacl) FROM pg_class
      WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT format('type %s', typname) FROM pg_type
      WHERE typnamespace = 'public'::regnamespace
    UNION ALL SELECT format('extension %s', extname) FROM pg_extension
    ORDER BY what`);
  const present = await tables(client);
  const seeded: unknown[] = [];
  for (const table of present.filter((name) => name !== 'schema_migrations')) {
    const found = await client.query(
      `SELECT to_jsonb(t) - 'created_at' - 'updated_at' AS row FROM ${table} t ORDER BY 1`,
    );
    seeded.push(...found.rows.map((row) => [table, row.row]));
  }
  return { objects: rows.map((row) => row.what), seeded };
}

async function tables(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  );
  return rows.map((row) => row.name);
}

/** Waits until a migrator of this database is held up by a lock; returns its backend's pid. */
async function waitForMigrator(client: pg.Client): Promise<number> {
  for (;;) {
    // Inside a transaction PostgreSQL goes on showing the activity as it was at the first look.
    await client.query('SELECT pg_stat_clear_snapshot()');
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database()
        AND application_name = 'roundhouse migrate' AND wait_event_type = 'Lock'`,
    );
    if (rows[0] !== undefined) return rows[0].pid;
    await delay(5);
  }
}
