/** A server of our own for the run, and the audit: both the real command line, as processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAIN = join(ROOT, 'src', 'main.ts');
const READY = 'Roundhouse is running.';
const START_TIMEOUT_MS = 120_000;
/** Longer than the server gives itself. */
const STOP_TIMEOUT_MS = 40_000;
const AUDIT_TIMEOUT_MS = 600_000;
const HOST = '127.0.0.1';

export interface OwnServer {
  readonly url: string;
  /** Where its books are, in words. */
  readonly database: string;
  /** The settings it runs with. */
  readonly environment: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** On DATABASE_URL where that is set, otherwise with an embedded PostgreSQL; everything else in a temporary folder. */
export async function startServer(): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), 'roundhouse-loadtest-'));
  // Open to others: started by root, PostgreSQL runs as another user.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const environment = {
    ...process.env,
    // What is not said here is not taken from a file of settings either.
    DATABASE_URL: process.env.DATABASE_URL ?? '',
    REDIS_URL: process.env.REDIS_URL ?? '',
    NODE_URL: '',
    PUBLIC_URL: '',
    HOST,
    PORT: String(port),
    DATA_DIR: join(folder, 'data'),
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
  };
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const forget = () => rmSync(folder, { recursive: true, force: true });
  try {
    await untilReady(child);
  } catch (error) {
    await end(child);
    forget();
    throw error;
  }
  return {
    url: `http://${HOST}:${port}`,
    database: environment.DATABASE_URL === '' ? 'embedded, temporary' : 'DATABASE_URL',
    environment,
    async stop() {
      await end(child);
      forget();
    },
  };
}

export interface AuditResult {
  readonly ok: boolean;
  readonly output: string;
}

/** Proves the books of the database that `environment` names; the server may go on running. */
export async function audit(environment: NodeJS.ProcessEnv): Promise<AuditResult> {
  const options = { cwd: ROOT, env: environment, timeout: AUDIT_TIMEOUT_MS };
  const child = spawn(process.execPath, [MAIN, 'audit'], options);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const [code] = await once(child, 'close');
  return { ok: code === 0, output: output.trim() };
}

/** Afterwards what the server says, warnings and errors, is passed on. */
async function untilReady(child: ChildProcess): Promise<void> {
  const ready = Promise.withResolvers<void>();
  let output = '';
  let running = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      if (running) process.stderr.write(`server: ${chunk.toString()}`);
      else output += chunk.toString();
      if (output.includes(READY)) ready.resolve();
    });
  }
  const fail = (why: string) =>
    ready.reject(new Error(`The server did not start: ${why}\n${output}`));
  child.once('error', (error) => fail(error.message));
  child.once('exit', (code) => fail(`exit code ${code}`));
  const timer = setTimeout(() => fail('it took too long'), START_TIMEOUT_MS);
  await ready.promise.finally(() => clearTimeout(timer));
  running = true;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  // What it says of its end is nobody's concern.
  for (const stream of [child.stdout, child.stderr]) stream?.removeAllListeners('data').resume();
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
