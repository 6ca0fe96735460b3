/**
 * A real database for a test: its own, on the server of the run. A migrated one is cloned from a template that is made
 * once for each state of the migrations, by whichever test process comes first.
 */
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { migrateUp } from '../../src/database/migrate.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { adminUrl } from './postgres.ts';

export interface TestDatabase {
  readonly url: string;
  /** Throws when somebody is still connected: a test must close what it opened. */
  drop(): Promise<void>;
}

/** Advisory lock on the run's server, held while the template is made. */
const TEMPLATE_LOCK_KEY = 5_520_713_001;
/** A closed connection is gone from the server within milliseconds; one that is left open stays. */
const DISCONNECT_TIMEOUT_MS = 5_000;

export async function createTestDatabase(
  options: { readonly migrated?: boolean } = {},
): Promise<TestDatabase> {
  const name = `roundhouse_test_${randomBytes(8).toString('hex')}`;
  await asAdmin(async (admin) => {
    const template = options.migrated === true ? await ensureTemplate(admin) : 'template0';
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  return { url: await databaseUrl(name), drop: () => dropDatabase(name) };
}

async function ensureTemplate(admin: pg.Client): Promise<string> {
  const text = migrations.map((migration) => `${migration.name}\n${migration.up}`).join('\n');
  const name = `roundhouse_template_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  if (await exists(admin, name)) return name;
  await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK_KEY]);
  try {
    if (await exists(admin, name)) return name;
    // It gets its name only when it is complete, and nobody connects to it any more.
    const unfinished = `${name}_unfinished`;
    await admin.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${unfinished} TEMPLATE template0`);
    await migrateUp(await databaseUrl(unfinished));
    await othersGone(admin, unfinished);
    await admin.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`);
    return name;
  } finally {
    await admin.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK_KEY]);
  }
}

async function dropDatabase(name: string): Promise<void> {
  await asAdmin(async (admin) => {
    const left = await othersGone(admin, name);
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    if (left.length > 0) {
      throw new Error(`Connections left open to the test database: ${left.join('; ')}`);
    }
  });
}

/** Waits until nobody is connected to the database; returns who still is when the time is up. */
async function othersGone(admin: pg.Client, name: string): Promise<string[]> {
  const deadline = performance.now() + DISCONNECT_TIMEOUT_MS;
  for (;;) {
    const { rows } = await admin.query<{ who: string }>(
      `SELECT application_name || ' (' || coalesce(state, '') || '): ' || left(query, 100) AS who
       FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`,
      [name],
    );
    if (rows.length === 0 || performance.now() > deadline) return rows.map((row) => row.who);
    await delay(10);
  }
}

async function exists(admin: pg.Client, name: string): Promise<boolean> {
  const found = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  return found.rows.length > 0;
}

async function asAdmin<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: adminUrl() });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

async function databaseUrl(name: string): Promise<string> {
  const url = new URL(adminUrl());
  url.pathname = `/${name}`;
  return url.href;
}
