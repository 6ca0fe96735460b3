/** What a test run may not leave: open handles, processes, files. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Sockets and processes that were just closed take a moment to go. */
const SETTLE_TIMEOUT_MS = 3_000;
const POLL_MS = 50;

/** How many of each kind of resource keep this process alive. */
type Resources = Readonly<Record<string, number>>;

interface LeftProcess {
  readonly pid: number;
  readonly command: string;
}

export function resources(): Resources {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** One line for each thing that is left once all had time to go; processes in `expected` may stay. */
export async function leaksSince(
  atStart: Resources,
  directory: string,
  expected: ReadonlySet<number>,
): Promise<string[]> {
  const deadline = performance.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const left = [
      ...openSince(atStart),
      ...leftProcesses(directory)
        .filter(({ pid }) => !expected.has(pid))
        .map(({ pid, command }) => `process ${pid}: ${command}`),
      ...readdirSync(directory).map((name) => `file in the temporary directory: ${name}`),
    ];
    if (left.length === 0 || performance.now() > deadline) return left;
    await delay(POLL_MS);
  }
}

/** So that a failed run leaves no process on the machine either. */
export function endLeftProcesses(directory: string, expected?: ReadonlySet<number>): void {
  for (const { pid } of leftProcesses(directory)) {
    if (expected?.has(pid)) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }
}

/** The processes that belong to this run now. */
export function processesOf(directory: string): ReadonlySet<number> {
  return new Set(leftProcesses(directory).map(({ pid }) => pid));
}

function openSince(atStart: Resources): string[] {
  return Object.entries(resources())
    .map(([kind, count]) => ({ kind, more: count - (atStart[kind] ?? 0) }))
    .filter(({ more }) => more > 0)
    .map(
      ({ kind, more }) => `${more} x ${kind} (a timer, socket, server or child that is not closed)`,
    );
}

/**
 * Children, and descendants that have moved away: those have inherited the temporary directory of the run in their
 * environment, or work in it, or name it. Seen only where there is a /proc.
 */
function leftProcesses(directory: string): LeftProcess[] {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter(
      (pid) =>
        read(pid, 'environ').split('\0').includes(`TMPDIR=${directory}`) ||
        read(pid, 'cmdline').includes(directory) ||
        workingDirectory(pid).startsWith(directory) ||
        read(pid, 'status').includes(`\nPPid:\t${process.pid}\n`),
    )
    .map((pid) => ({ pid, command: read(pid, 'cmdline').replaceAll('\0', ' ').trim() }));
}

function workingDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/** Empty when the process is gone, or another user's and so not of this run. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
