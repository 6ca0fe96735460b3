/** The PostgreSQL of a run: an embedded one in a temporary folder, or a given one. Durable, or it is not used. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbedded } from '../src/database/embedded.ts';
import { OptionError } from './options.ts';

/** Must be on: a figure of a database that may forget what it committed is worth nothing. */
const DURABLE = ['fsync', 'synchronous_commit', 'full_page_writes'];
const TOLD = ['server_version', 'wal_sync_method', 'shared_buffers', 'max_wal_size', 'jit'];

export interface Store {
  readonly url: string;
  /** In words. */
  readonly place: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Stops and removes what was started. */
  close(): Promise<void>;
}

export async function openStore(given = process.env.DATABASE_URL): Promise<Store> {
  if (given) {
    const settings = await readSettings(given);
    return { url: given, place: 'DATABASE_URL', settings, close: async () => {} };
  }
  const folder = mkdtempSync(join(tmpdir(), 'roundhouse-bench-'));
  const forget = () => rmSync(folder, { recursive: true, force: true });
  try {
    // Open to others: started by root, PostgreSQL runs as another user.
    chmodSync(folder, 0o755);
    const embedded = await startEmbedded({ dataDir: folder });
    const close = async () => {
      await embedded.stop();
      forget();
    };
    try {
      const settings = await readSettings(embedded.url);
      return { url: embedded.url, place: 'embedded, in a temporary folder', settings, close };
    } catch (error) {
      await embedded.stop();
      throw error;
    }
  } catch (error) {
    forget();
    throw error;
  }
}

/** The same database, with a schema of its own as the only one that is searched. */
export function inSchema(url: string, schema: string): string {
  const inside = new URL(url);
  // An address' options replace the pool's own.
  inside.searchParams.set('options', `-c search_path=${schema} -c jit=off`);
  return inside.href;
}

export async function withClient<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'roundhouse bench' });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** @throws OptionError when the database is not durable */
async function readSettings(url: string): Promise<Record<string, string>> {
  const settings = await withClient(url, async (client) => {
    const found: Record<string, string> = {};
    for (const name of [...TOLD, ...DURABLE]) {
      const { rows } = await client.query<Record<string, string>>(`SHOW ${name}`);
      found[name] = rows[0]?.[name] ?? '';
    }
    return found;
  });
  const off = DURABLE.find((name) => settings[name] !== 'on');
  if (off) throw new OptionError(`This database is not durable: ${off} is ${settings[off]}.`);
  return settings;
}
