/** Data directories for the embedded PostgreSQL, and processes that use them, cleaned up after each test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { isAlive } from '../../src/database/embedded/pidfile.ts';

const SCRIPT = fileURLToPath(new URL('../support/embedded-process.ts', import.meta.url));
const GONE_TIMEOUT_MS = 15_000;
const POLL_MS = 20;

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface Answer {
  readonly url: string;
  readonly port: number;
  readonly adopted: boolean;
  readonly dataPath: string;
}

/** A process that has started the embedded PostgreSQL, or failed to. */
export interface Starter {
  readonly process: ChildProcess;
  readonly answer: Answer;
  stop(): Promise<void>;
  /** The process and everything in its group, as a terminal or a supervisor would. */
  kill(): Promise<void>;
}

export class Site {
  /** The folder around; removed afterwards. */
  readonly root: string;
  readonly dataDir: string;
  readonly #user: User | undefined;
  readonly #processes: ChildProcess[] = [];

  /** `user`: who runs the starters, when the test itself runs as root. */
  constructor(name = 'data', user?: User) {
    this.root = mkdtempSync(join(tmpdir(), 'embedded-'));
    chmodSync(this.root, 0o755);
    this.dataDir = join(this.root, name);
    this.#user = user;
    mkdirSync(this.dataDir);
    if (user) chownSync(this.dataDir, user.uid, user.gid);
  }

  /** Launches a starter without waiting for its answer. */
  launch(): ChildProcess {
    const [file, args] = commandAs(this.#user, process.execPath, [SCRIPT, this.dataDir]);
    const child = spawn(file, args, {
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#processes.push(child);
    return child;
  }

  async start(): Promise<Starter> {
    const child = this.launch();
    const answer = await firstLine(child);
    if ('error' in answer) throw new Error(String(answer.error));
    return {
      process: child,
      answer: answer as unknown as Answer,
      stop: async () => {
        child.stdin?.end();
        await ended(child);
      },
      kill: async () => {
        killGroup(child);
        await ended(child);
      },
    };
  }

  /** The process id of the postmaster, as PostgreSQL wrote it down. */
  postmaster(): number {
    return Number.parseInt(readFileSync(this.pidfile, 'utf8'), 10);
  }

  get pidfile(): string {
    return join(this.dataDir, 'postgres', 'postmaster.pid');
  }

  async remove(): Promise<void> {
    for (const child of this.#processes) killGroup(child);
    await Promise.all(this.#processes.map(ended));
    await this.#endPostmaster();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  async #endPostmaster(): Promise<void> {
    try {
      const pid = this.postmaster();
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(this.dataDir)) return;
      process.kill(pid, 'SIGQUIT');
      await gone(pid);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

export async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

export async function gone(pid: number): Promise<void> {
  const deadline = performance.now() + GONE_TIMEOUT_MS;
  while (isAlive(pid)) {
    if (performance.now() > deadline) throw new Error(`process ${pid} does not end`);
    await delay(POLL_MS);
  }
}

/** As that user; the capability lets it reach a project below a directory that it cannot enter. */
function commandAs(user: User | undefined, file: string, args: string[]): [string, string[]] {
  if (user === undefined) return [file, args];
  const change = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
  const closed = !othersReach(process.execPath) || !othersReach(SCRIPT);
  const capability = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  const reach = closed ? [...capability, '--securebits=+no_setuid_fixup'] : [];
  return ['setpriv', [...change, ...reach, file, ...args]];
}

function othersReach(path: string): boolean {
  const up = dirname(path);
  return (statSync(path).mode & 0o005) === 0o005 && (up === path || othersReach(up));
}

async function firstLine(child: ChildProcess): Promise<Record<string, unknown>> {
  if (!child.stdout) throw new Error('no output to read');
  for await (const line of createInterface(child.stdout)) return JSON.parse(line);
  throw new Error(`the starter ended without an answer (${child.signalCode ?? child.exitCode})`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, 'SIGKILL');
}
