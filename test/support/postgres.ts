/** The one PostgreSQL of a test run: the embedded one, started when a test first asks for it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { isAlive } from '../../src/database/embedded/pidfile.ts';
import { type Embedded, startEmbedded } from '../../src/database/embedded.ts';

const ABORT_POLL_MS = 20;
const ABORT_POLLS = 100;

interface Running {
  readonly embedded: Embedded;
  readonly dataDir: string;
}

let running: Promise<Running> | undefined;
let dataPath: string | undefined;

/** The superuser's URL of the run's server; a given TEST_DATABASE_ADMIN_URL names another server to use instead. */
export function adminUrl(): string {
  const url = process.env.TEST_DATABASE_ADMIN_URL;
  if (url === undefined) throw new Error('the run has no PostgreSQL; see test/support/hooks.ts');
  return url;
}

/** Starts the run's server, for this process and those that it starts. */
export async function startPostgres(): Promise<void> {
  if (process.env.TEST_DATABASE_ADMIN_URL !== undefined) return;
  running = start();
  process.env.TEST_DATABASE_ADMIN_URL = (await running).embedded.url;
}

/** Stops what `startPostgres` started. Returns a line for each test database that was not dropped. */
export async function stopPostgres(): Promise<string[]> {
  if (running === undefined) return [];
  const { embedded, dataDir } = await running;
  running = undefined;
  dataPath = undefined;
  const left = await leftDatabases(embedded.url);
  await embedded.stop();
  rmSync(dataDir, { recursive: true, force: true });
  return left;
}

/** For the end of a process that was told to end at once: no promise is waited for any more. */
export function abortPostgres(): void {
  if (dataPath === undefined) return;
  try {
    const pid = Number.parseInt(readFileSync(join(dataPath, 'postmaster.pid'), 'utf8'), 10);
    process.kill(pid, 'SIGQUIT');
    const pause = new Int32Array(new SharedArrayBuffer(4));
    for (let polls = 0; isAlive(pid) && polls < ABORT_POLLS; polls++) {
      Atomics.wait(pause, 0, 0, ABORT_POLL_MS);
    }
  } catch {
    // It is gone already.
  }
}

async function start(): Promise<Running> {
  const dataDir = mkdtempSync(join(tmpdir(), 'postgres-'));
  const embedded = await startEmbedded({ dataDir });
  dataPath = embedded.dataPath;
  return { embedded, dataDir };
}

async function leftDatabases(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>(
      "SELECT datname FROM pg_database WHERE datname LIKE 'roundhouse_test_%'",
    );
    return rows.map(({ datname }) => `database: ${datname}`);
  } finally {
    await client.end();
  }
}
