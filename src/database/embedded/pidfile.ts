/** PostgreSQL's own record of the postmaster on a data directory, `postmaster.pid`, read with suspicion. */
import { execFile } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const PS_TIMEOUT_MS = 5_000;
/** Above every system's greatest process id: no process has it. */
const NOBODY = 4_194_305;

export interface Postmaster {
  readonly pid: number;
  /** 0 as long as it has not written it. */
  readonly port: number;
  readonly status: 'starting' | 'stopping' | 'ready' | 'unknown';
}

/** What the file says; undefined: there is none. The process that it names may be long gone. */
export function readPidfile(cluster: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(pidfile(cluster), 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const status = (lines[7] ?? '').trim();
  const known = status === 'starting' || status === 'stopping' || status === 'ready';
  return {
    pid: Number(lines[0]) || 0,
    port: Number(lines[3]) || 0,
    status: known ? status : 'unknown',
  };
}

/** Whether the process that the file names is alive and really the postmaster of this data. */
export async function isPostmaster(pid: number, cluster: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform === 'win32') return true;
  const command = await commandOf(pid);
  if (!command.some((word) => basename(word) === 'postgres')) return false;
  const place = process.platform === 'linux' ? [`/proc/${pid}/cwd`] : [];
  return [...command, ...place].some((path) => path === cluster || isSame(path, cluster));
}

/**
 * After a reboot the number in a stale file may be another program's, and PostgreSQL would then refuse to start. The
 * file is not removed but made to name nobody: PostgreSQL still checks by it that no orphan uses the shared memory.
 */
export function disarm(cluster: string): void {
  const lines = readFileSync(pidfile(cluster), 'utf8').split('\n');
  writeFileSync(pidfile(cluster), [NOBODY, ...lines.slice(1)].join('\n'));
}

/** A zombie counts as dead: where nobody reaps orphans (a container without an init), it stays for good. */
export function isAlive(pid: number): boolean {
  return hasProcess(pid) && !isZombie(pid);
}

/** Whether PostgreSQL would take the number for that of a running process. */
export function hasProcess(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    // The state follows the name of the program, which stands in parentheses and may hold any character.
    return /\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function pidfile(cluster: string): string {
  return join(cluster, 'postmaster.pid');
}

/** The words of a process' command line. */
async function commandOf(pid: number): Promise<string[]> {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const ps = promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', `${pid}`], {
      timeout: PS_TIMEOUT_MS,
    });
    const line = (await ps).stdout.trim();
    const [, program, data] = /^(.*?postgres) -D (.*?)(?: -c |$)/.exec(line) ?? [];
    return program && data ? [program, data] : [];
  } catch {
    return [];
  }
}

function isSame(path: string, cluster: string): boolean {
  try {
    const [a, b] = [statSync(path), statSync(cluster)];
    return a.ino === b.ino && a.dev === b.dev;
  } catch {
    return false;
  }
}
