/** A real server process on a database of its own, and real SDK clients that play on it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, type Room } from '@colyseus/sdk';
import type { Bet, CrashState, RoundState } from '../../src/protocol.ts';
import { createTestDatabase } from './database.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const START_TIMEOUT_MS = 30_000;
const EXIT_TIMEOUT_MS = 30_000;
/** A round runs that long or longer with a chance of 1 in 1,350. */
export const LONGEST_ROUND_MS = 110_000;

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly databaseUrl: string;
  readonly pid: number;
  /** What the process printed so far. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** kill -9, and waits until the process is gone. */
  kill(): Promise<void>;
  /** Starts the same server again: same port, same database, same settings. */
  restart(): Promise<void>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
  /** Kills what runs and drops the database. */
  dispose(): Promise<void>;
}

export interface ServerOptions {
  /** A database that others use too; it is not dropped then. */
  readonly databaseUrl?: string;
  readonly env?: Record<string, string>;
  /** Of another copy of the project. */
  readonly main?: string;
}

export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const database = options.databaseUrl ? undefined : await createTestDatabase({ migrated: true });
  const databaseUrl = options.databaseUrl ?? (database?.url as string);
  const dataDir = mkdtempSync(join(tmpdir(), 'roundhouse-server-'));
  const port = await freePort();
  const environment = {
    ...process.env,
    PORT: String(port),
    HOST: '127.0.0.1',
    DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    LOG_LEVEL: 'warn',
    ...options.env,
  };
  let child: ChildProcess | undefined;
  let output = '';

  async function start(): Promise<void> {
    const started = spawn(process.execPath, [options.main ?? MAIN, 'serve'], { env: environment });
    child = started;
    const running = Promise.withResolvers<void>();
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Roundhouse is running.')) running.resolve();
    };
    output = '';
    started.stdout.on('data', collect);
    started.stderr.on('data', collect);
    started.once('exit', (code) =>
      running.reject(new Error(`server exited with ${code}\n${output}`)),
    );
    const timer = setTimeout(
      () => running.reject(new Error(`server did not start\n${output}`)),
      START_TIMEOUT_MS,
    );
    await running.promise.finally(() => clearTimeout(timer));
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (!child || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child?.kill('SIGKILL'), EXIT_TIMEOUT_MS);
    const [code] = await exited;
    clearTimeout(timer);
    return code as number | null;
  }

  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    databaseUrl,
    get pid() {
      return child?.pid as number;
    },
    output: () => output,
    signal: (signal) => void child?.kill(signal),
    kill: async () => void (await end('SIGKILL')),
    restart: start,
    stop: () => end('SIGTERM'),
    async dispose() {
      await end('SIGKILL');
      rmSync(dataDir, { recursive: true, force: true });
      await database?.drop();
    },
  };
}

/** A guest at a table, with everything that the room told it. */
export interface TestPlayer<State extends RoundState = CrashState> {
  readonly client: Client;
  readonly room: Room<unknown, State>;
  readonly userId: number;
  readonly wallets: { currency: string; balance: number; seq: number }[];
  readonly resolved: Bet[];
  bet(amount: number, more?: object): Promise<Bet>;
  phase(phase: RoundState['phase'], timeoutMs?: number): Promise<void>;
  get<T>(path: string): Promise<T>;
}

export async function signIn(url: string): Promise<{ client: Client; userId: number }> {
  const client = new Client(url);
  // In Node the SDK keeps the token in a storage that all its clients share; each client has its own here.
  const { user } = await client.auth.signInAnonymously<{ id: number }>();
  return { client, userId: user.id };
}

export async function joinCrash(url: string, options: object = {}): Promise<TestPlayer> {
  return joinGame<CrashState>('crash', url, options);
}

export async function joinGame<State extends RoundState>(
  game: string,
  url: string,
  options: object = {},
): Promise<TestPlayer<State>> {
  const { client, userId } = await signIn(url);
  return joinGameAs<State>(game, client, userId, options);
}

export async function joinCrashAs(
  client: Client,
  userId: number,
  options: object = {},
): Promise<TestPlayer> {
  return joinGameAs<CrashState>('crash', client, userId, options);
}

export async function joinGameAs<State extends RoundState>(
  game: string,
  client: Client,
  userId: number,
  options: object,
): Promise<TestPlayer<State>> {
  const room = (await client.joinOrCreate(game, options)) as unknown as Room<unknown, State>;
  joined.add(room as unknown as Room);
  const wallets: TestPlayer['wallets'] = [];
  const resolved: Bet[] = [];
  room.onMessage('wallet', (wallet) => wallets.push(wallet));
  room.onMessage('bet', (bet) => resolved.push(bet));
  return {
    client,
    room,
    userId,
    wallets,
    resolved,
    bet: (amount, more = {}) =>
      room.request('bet' as never, { betId: crypto.randomUUID(), amount, ...more } as never),
    phase: (phase, timeoutMs = 60_000) =>
      until(() => room.state?.phase === phase, `phase ${phase}`, timeoutMs),
    get: async (path) => (await client.http.get(path)).data,
  };
}

/** A player each at so many tables of their own: the first of their rounds to end ends sooner than one alone. */
export async function joinTables(url: string, name: string, tables = 8): Promise<TestPlayer[]> {
  return Promise.all(
    Array.from({ length: tables }, (_, index) => joinCrash(url, { table: `${name}-${index}` })),
  );
}

/** The first of the players whose table shows the end of the round that `roundIds` has for it. */
export async function firstToEnd(
  players: readonly TestPlayer[],
  roundIds: readonly string[],
): Promise<TestPlayer> {
  const ended = () =>
    players.find(({ room }, index) =>
      room.state.history.some((entry) => entry.roundId === roundIds[index]),
    );
  await until(() => ended() !== undefined, 'a round to end', LONGEST_ROUND_MS);
  return ended() as TestPlayer;
}

const joined = new Set<Room>();

/** Every player of `joinCrash` leaves, also those whose server is gone; for `afterEach`. */
export async function leaveAll(): Promise<void> {
  const rooms = [...joined];
  joined.clear();
  for (const room of rooms) {
    room.reconnection.enabled = false;
    room.reconnection.retryCount = room.reconnection.maxRetries;
    if (room.connection.isOpen) await room.leave();
  }
}

/** Waits until `holds` answers true, looking often. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `timed out waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The `{code, message}` that a refused request carries. */
export async function refusal(
  request: Promise<unknown>,
): Promise<{ code: string; message: string }> {
  try {
    const answer = await request;
    assert.fail(`expected a refusal, got ${JSON.stringify(answer)}`);
  } catch (error) {
    const { reason } = error as { reason?: { code: string; message: string } };
    if (!reason) throw error;
    return reason;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
