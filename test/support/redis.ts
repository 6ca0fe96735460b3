/** A Redis of a test's own: the system's redis-server on a free port, in memory only. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_TIMEOUT_MS = 10_000;
/** The port is free when it is chosen; somebody else may take it before Redis does. */
const ATTEMPTS = 3;

export interface TestRedis {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startRedis(): Promise<TestRedis> {
  for (let attempt = 1; ; attempt++) {
    const directory = mkdtempSync(join(tmpdir(), 'redis-'));
    const port = await freePort();
    const memoryOnly = ['--save', '', '--appendonly', 'no'];
    const place = ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', directory];
    const server = spawn('redis-server', [...place, ...memoryOnly], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stop = async () => {
      if (server.exitCode === null && server.signalCode === null && server.pid !== undefined) {
        server.kill('SIGTERM');
        await once(server, 'exit');
      }
      rmSync(directory, { recursive: true, force: true });
    };
    try {
      await ready(server);
      return { url: `redis://127.0.0.1:${port}`, stop };
    } catch (error) {
      await stop();
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

/** Resolves when it takes connections; rejects with its output when it ends, or is not ready in time. */
async function ready(server: ChildProcess): Promise<void> {
  let output = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (reason: string) => reject(new Error(`redis-server ${reason}\n${output}`));
  const timer = setTimeout(() => fail('is not ready in time'), START_TIMEOUT_MS);
  const read = (chunk: Buffer) => {
    output += chunk.toString();
    if (output.includes('Ready to accept connections')) resolve();
  };
  server.stdout?.on('data', read);
  server.stderr?.on('data', read);
  server.once('error', (error) => fail(`could not be started: ${error.message}`));
  server.once('exit', () => fail('ended'));
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    server.stdout?.off('data', read).resume();
    server.stderr?.off('data', read).resume();
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
