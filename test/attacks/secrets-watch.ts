/** Everything that can be had from outside while rounds are played: frames, answers, rows, messages, logs, files. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { type TestServer, until } from '../support/server.ts';
import { CODE, type Guest, RawClient, seatFor } from './attacker.ts';
import type { Item } from './secrets.ts';

/** What a reader of the database sees besides the tables. */
const SYSTEM_VIEWS = [
  'pg_stat_activity',
  'pg_locks',
  'pg_stats',
  'pg_cursors',
  'pg_prepared_statements',
  'pg_prepared_xacts',
  'pg_sequences',
  'pg_stat_user_tables',
  'pg_stat_user_functions',
];
/** Of the wallet feed. */
const CHANNEL = 'roundhouse_wallets';

/** Many sit down at the same time. */
const SEAT_TIMEOUT_MS = 30_000;

/** What was received, each text or frame once, with the time at which it was first there. */
export class Evidence {
  readonly #items = new Map<string, Item>();

  add(from: string, data: Buffer | string): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    const key = bytes.toString('latin1');
    if (!this.#items.has(key)) this.#items.set(key, { from, at: Date.now(), bytes });
  }

  get items(): Item[] {
    return [...this.#items.values()];
  }
}

export interface Watcher {
  readonly client: RawClient;
  /** When frames came and how long they were. */
  readonly frames: { at: number; length: number }[];
}

/** Joins as `RawClient.join`, and keeps every frame from the first one on. */
export async function watchRoom(
  evidence: Evidence,
  who: Guest,
  options: object,
  target: string,
): Promise<Watcher> {
  const client = new RawClient(who.url, await seatFor(who, options, target));
  const frames: Watcher['frames'] = [];
  client.socket.on('message', (data: Buffer) => {
    frames.push({ at: Date.now(), length: data.length });
    evidence.add(`a frame to ${target} ${JSON.stringify(options)}`, data);
  });
  await until(
    () => client.reconnectionToken !== '' || client.closeCode !== undefined,
    'a seat',
    SEAT_TIMEOUT_MS,
  );
  client.send([CODE.join]);
  return { client, frames };
}

async function watchHttp(evidence: Evidence, url: string, who?: Guest): Promise<unknown> {
  const response = await fetch(url, { headers: who?.headers ?? {} });
  const text = await response.text();
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`);
  for (const line of [...headers, ...text.split('\n')]) evidence.add(`GET ${url}`, line);
  return response.ok && text.startsWith('{') ? JSON.parse(text) : undefined;
}

/** All rows of all tables, in one snapshot. */
export interface Dump {
  readonly at: number;
  readonly rows: readonly { readonly table: string; readonly row: string }[];
}

export interface Reader {
  readonly dumps: Dump[];
  dump(): Promise<void>;
  close(): Promise<void>;
}

/** Signs in as somebody who may read all of the database, and change nothing. */
export async function openReader(evidence: Evidence, databaseUrl: string): Promise<Reader> {
  const owner = new pg.Client({ connectionString: databaseUrl });
  await owner.connect();
  const role = `reader_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  await owner.query(
    `CREATE ROLE ${role} LOGIN PASSWORD '${password}' IN ROLE pg_read_all_data, pg_monitor`,
  );
  const url = Object.assign(new URL(databaseUrl), { username: role, password });
  const reader = new pg.Client({ connectionString: url.href });
  await reader.connect();
  reader.on('notification', ({ channel, payload = '' }) => {
    evidence.add(`a notification of ${channel}`, payload);
  });
  await reader.query(`LISTEN ${CHANNEL}`);
  const { rows: tables } = await reader.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`,
  );
  const all = [
    ...tables.map(
      ({ name }) => `SELECT '${name}' AS table, to_jsonb(x)::text AS row FROM ${name} x`,
    ),
    ...SYSTEM_VIEWS.map((name) => `SELECT '${name}', x::text FROM ${name} x`),
  ].join(' UNION ALL ');
  const dumps: Dump[] = [];
  let last: Promise<void> = Promise.resolve();
  const dump = async () => {
    const { rows } = await reader.query<Dump['rows'][number]>(all);
    dumps.push({ at: Date.now(), rows });
    for (const { table, row } of rows) evidence.add(`a row of ${table}`, row);
  };
  return {
    dumps,
    // One after the other.
    dump: () => (last = last.then(dump)),
    async close() {
      await last;
      await reader.end();
      await owner.query(`DROP ROLE ${role}`);
      await owner.end();
    },
  };
}

/** Every command that Redis gets, with what is published and stored. */
export async function watchRedis(evidence: Evidence, url: string): Promise<() => void> {
  const client = new Redis(url);
  const monitor = await client.monitor();
  client.disconnect();
  monitor.on('monitor', (_time: string, args: string[]) => {
    evidence.add(`Redis ${args.slice(0, 2).join(' ')}`, args.join('\n'));
  });
  return () => monitor.disconnect();
}

/** What the process printed, and its files but for DATA_DIR/secrets, which is what it keeps from everybody else. */
export function watchProcess(evidence: Evidence, server: TestServer, dataDir: string): void {
  for (const line of server.output().split('\n')) evidence.add('the log', line);
  for (const name of readdirSync(dataDir, { recursive: true, encoding: 'utf8' })) {
    evidence.add('the name of a file', name);
    if (name.split(sep)[0] === 'secrets') continue;
    try {
      evidence.add(`the file ${name}`, readFileSync(join(dataDir, name)));
    } catch {
      // A directory, or gone since.
    }
  }
}

/** Again and again, until stopped; `stop` waits for what is under way, and throws what was thrown. */
export function repeat(everyMs: number, work: () => Promise<unknown>): () => Promise<void> {
  let stopped = false;
  const wait = Promise.withResolvers<void>();
  const running = (async () => {
    while (!stopped) {
      await work();
      await Promise.race([wait.promise, delay(everyMs)]);
    }
  })();
  running.catch(() => {});
  return () => {
    stopped = true;
    wait.resolve();
    return running;
  };
}

/** What HTTP answers to everybody, and to a player. */
export async function pollHttp(
  evidence: Evidence,
  url: string,
  games: readonly string[],
  player: Guest,
): Promise<void> {
  for (const path of ['/openapi.json', '/metrics', '/healthz', '/readyz', '/api/v1/games']) {
    await watchHttp(evidence, `${url}${path}`);
  }
  for (const path of [
    '/me?include=profile,wallet,inventory,gameStates',
    '/me/bets',
    '/me/transactions',
  ]) {
    await watchHttp(evidence, `${url}/api/v1${path}`, player);
  }
  for (const name of games) {
    const list = await watchHttp(evidence, `${url}/api/v1/games/${name}/rounds?limit=100`);
    for (const { id } of (list as { items: { id: string }[] }).items.slice(0, 4)) {
      await watchHttp(evidence, `${url}/api/v1/rounds/${id}`);
      await watchHttp(evidence, `${url}/api/v1/rounds/${id}/proof`);
    }
  }
}
