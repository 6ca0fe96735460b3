/** Starts and stops the postmaster, PostgreSQL's main process, on a data directory. */
import { spawn } from 'node:child_process';
import {
  chownSync,
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { isAlive, readPidfile } from './pidfile.ts';
import { HOST } from './port.ts';
import { environment, run } from './run.ts';

/** Recovery after a crash is part of a start; it reads the write-ahead log since the last checkpoint. */
export const START_TIMEOUT_MS = 120_000;
const POLL_MS = 25;
const FAST_STOP_S = 60;
const IMMEDIATE_STOP_S = 10;
const KILL_TIMEOUT_MS = 10_000;
/** pg_ctl may take this much longer than it was told to. */
const PG_CTL_SLACK_MS = 5_000;
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
const LOG_LINES_SHOWN = 15;

/** Ours to decide, whatever stands in postgresql.conf. */
const SETTINGS: Readonly<Record<string, string | number>> = {
  listen_addresses: HOST,
  // Socket paths are limited to 107 bytes, and nobody needs one.
  unix_socket_directories: '',
  cluster_name: 'roundhouse',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: 200,
  shared_buffers: '256MB',
  // What a start after a crash has to read again, and how much of the data it finds not yet written.
  max_wal_size: '512MB',
  // It fired on short money statements and cost more than it gave.
  jit: 'off',
  TimeZone: 'UTC',
  log_timezone: 'UTC',
  // Errors of statements are told to the client, which logs them; here they could fill the disk.
  log_min_messages: 'log',
  log_checkpoints: 'off',
};

export interface Place {
  readonly cluster: string;
  readonly logFile: string;
  readonly account: Account;
  readonly binaries: Binaries;
}

/** A start that failed, with what PostgreSQL wrote about it. */
export class StartError extends Error {
  readonly log: string;
  constructor(reason: string, log: string) {
    super(`${reason} The last lines of its log:\n${log || '(it wrote nothing)'}`);
    this.log = log;
  }
}

/** Resolves when it accepts connections; rejects with a StartError. */
export async function start(place: Place, port: number): Promise<void> {
  const output = openLog(place);
  const logStart = fstatSync(output).size;
  const settings = Object.entries({ ...SETTINGS, port });
  const flags = settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { file, args, ...account } = place.account.command(place.binaries.postgres, [
    '-D',
    place.cluster,
    ...flags,
  ]);
  // Its own session and no pipe to us: it outlives a kill -9 of this process, and Ctrl-C in the terminal.
  const postmaster = spawn(file, args, {
    ...account,
    cwd: '/',
    env: environment(),
    detached: true,
    stdio: ['ignore', output, output],
  });
  postmaster.unref();
  closeSync(output);
  let ended: string | undefined;
  postmaster.once('exit', (code, signal) => {
    ended = `PostgreSQL ended at its start (${signal ?? `code ${code}`}).`;
  });
  postmaster.once('error', (error) => {
    ended = `PostgreSQL could not be started (${error.message}).`;
  });
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (ended === undefined) {
    const found = readPidfile(place.cluster);
    if (found?.pid === postmaster.pid && found?.status === 'ready') return;
    if (performance.now() > deadline)
      ended = `PostgreSQL is not ready after ${START_TIMEOUT_MS / 1000} s.`;
    else await delay(POLL_MS);
  }
  throw new StartError(ended, tail(place.logFile, logStart));
}

/** Ends it in order: sessions are ended, and everything is written. */
export async function stop(place: Place): Promise<boolean> {
  return pgCtlStop(place, 'fast', FAST_STOP_S);
}

/** Ends one that does not answer, the gentlest way that works; the next start recovers from the log. */
export async function forceStop(place: Place, pid: number): Promise<void> {
  if (await pgCtlStop(place, 'fast', IMMEDIATE_STOP_S)) return;
  if (await pgCtlStop(place, 'immediate', IMMEDIATE_STOP_S)) return;
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  if (await gone(pid, KILL_TIMEOUT_MS)) return;
  throw new Error(`PostgreSQL (process ${pid}, data in ${place.cluster}) does not answer and cannot be ended.
End that process and start again.`);
}

/** Whether the process has ended within the time. */
export async function gone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

async function pgCtlStop(place: Place, mode: string, seconds: number): Promise<boolean> {
  const args = ['stop', '-D', place.cluster, '-m', mode, '-w', '-t', `${seconds}`];
  const command = place.account.command(place.binaries.pgCtl, args);
  return (await run(command, seconds * 1000 + PG_CTL_SLACK_MS)).code === 0;
}

/** The log, one older generation kept beside it once it has grown large. */
function openLog({ logFile, account }: Place): number {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) renameSync(logFile, `${logFile}.old`);
  const handle = openSync(logFile, 'a', 0o600);
  if (account.owner) chownSync(logFile, account.owner.uid, account.owner.gid);
  return handle;
}

function tail(logFile: string, from: number): string {
  const written = readFileSync(logFile).subarray(from).toString('utf8').trim();
  return written.split('\n').slice(-LOG_LINES_SHOWN).join('\n');
}
