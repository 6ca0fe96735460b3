/** The two rooms that are compared, each with its server process and the process of those who watch it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../port.ts';
import { inSchema, withClient } from '../store.ts';
import { Child } from './child.ts';
import type { CpuTime } from './probe.ts';
import type { Phase, Traffic, Watch } from './watchers.ts';

const HOST = '127.0.0.1';
const READY = 'Roundhouse is running.';

/** What watching costs. Rates are per second. */
export interface Window {
  /** Of the server process; 1,000 is a whole core. */
  readonly cpuMs: number;
  /** For each client. */
  readonly patches: number;
  readonly bytes: number;
}

export interface Side {
  readonly name: string;
  /** Measures `ms` from now on. */
  window(ms: number): Promise<Window>;
  close(): Promise<void>;
}

export interface DerbySide extends Side {
  /** Resolves when the phase begins next. */
  begins(phase: string): Promise<void>;
}

export interface BareSide extends Side {
  tell(order: 'run' | 'rest'): void;
}

/** The real server, on a schema of its own of this database. */
export async function derbySide(
  database: string,
  clients: number,
  bettingMs: number,
): Promise<DerbySide> {
  const folder = mkdtempSync(join(tmpdir(), 'roundhouse-bench-'));
  const schema = `roundhouse_bench_${process.pid}_rooms`;
  await withClient(database, (client) => client.query(`CREATE SCHEMA ${schema}`));
  const port = await freePort(HOST);
  const server = new Child('derby', '../../src/main.ts', ['serve'], {
    ...process.env,
    DATABASE_URL: inSchema(database, schema),
    REDIS_URL: '',
    NODE_URL: '',
    PUBLIC_URL: '',
    HOST,
    PORT: String(port),
    DATA_DIR: join(folder, 'data'),
    LOG_LEVEL: 'warn',
    BETTING_MS: String(bettingMs),
  });
  const forget = async () => {
    await server.end();
    await withClient(database, (client) => client.query(`DROP SCHEMA ${schema} CASCADE`));
    rmSync(folder, { recursive: true, force: true });
  };
  const options = { spectate: true };
  const watch = { url: urlOf(port), room: 'derby', options, clients, guests: true };
  const side = await watched('derby', server, READY, watch, forget);
  return {
    ...side,
    async begins(phase) {
      await side.watchers.next<Phase>(
        (answer) => answer.kind === 'phase' && answer.phase === phase,
        `phase ${phase}`,
      );
    },
  };
}

export async function bareSide(clients: number): Promise<BareSide> {
  const port = await freePort(HOST);
  const server = new Child('bare room', './bare.ts', [String(port)]);
  const watch = { url: urlOf(port), room: 'race', options: {}, clients, guests: false };
  const side = await watched('bare room', server, 'Listening.', watch, () => server.end());
  return { ...side, tell: (order) => server.tell(order) };
}

async function watched(
  name: string,
  server: Child,
  ready: string,
  watch: Watch,
  forget: () => Promise<void>,
) {
  let watchers: Child | undefined;
  const close = async () => {
    await watchers?.end();
    await forget();
  };
  try {
    await server.printed(ready);
    watchers = new Child(`${name}: clients`, './watchers.ts', [JSON.stringify(watch)]);
    await watchers.printed('All are watching.');
  } catch (error) {
    await close();
    throw error;
  }
  const measure = async (ms: number) => {
    const look = () => both(server, watchers as Child);
    const before = await look();
    await delay(ms);
    const after = await look();
    return windowOf(before, after, watch.clients);
  };
  return { name, watchers, window: measure, close };
}

type Look = readonly [CpuTime, Traffic];

async function both(server: Child, watchers: Child): Promise<Look> {
  return Promise.all([server.ask<CpuTime>('cpu'), watchers.ask<Traffic>('traffic')]);
}

function windowOf(before: Look, after: Look, clients: number): Window {
  const cpuSeconds = (after[0].at - before[0].at) / 1_000;
  const clientSeconds = ((after[1].at - before[1].at) / 1_000) * clients;
  return {
    cpuMs: (after[0].ms - before[0].ms) / cpuSeconds,
    patches: (after[1].patches - before[1].patches) / clientSeconds,
    bytes: (after[1].bytes - before[1].bytes) / clientSeconds,
  };
}

function urlOf(port: number): string {
  return `http://${HOST}:${port}`;
}
