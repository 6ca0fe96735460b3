/**
 * What surrounds every run: one PostgreSQL; for each process that runs tests a temporary directory of its own for all
 * that they and their processes write; and, when a process is done with a file, the check that nothing is left.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endLeftProcesses, leaksSince, processesOf, resources } from './leaks.ts';
import { abortPostgres, startPostgres, stopPostgres } from './postgres.ts';

const CHECK_TIMEOUT_MS = 60_000;

/** Where the run's PostgreSQL lives: beside the directories that are checked to be empty. */
const outerDirectory = tmpdir();
const runDirectory = mkdtempSync(join(tmpdir(), 'roundhouse-test-'));
// Open to others: started by root, PostgreSQL and some tests run as another user.
chmodSync(runDirectory, 0o755);
process.env.TMPDIR = runDirectory;
// Processes that are started here keep their compiled code, and not in the directory that must be empty.
process.env.NODE_COMPILE_CACHE = fileURLToPath(
  new URL('../../node_modules/.cache/roundhouse', import.meta.url),
);
process.once('exit', () => {
  // There is something to end only when the run was broken off.
  abortPostgres();
  endLeftProcesses(runDirectory);
  rmSync(runDirectory, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

let atStart: ReturnType<typeof resources> = {};
let processesAtStart: ReadonlySet<number> = new Set();

/** Once a run, in the first process. */
export async function mochaGlobalSetup(): Promise<void> {
  process.env.TMPDIR = outerDirectory;
  try {
    await startPostgres();
  } finally {
    process.env.TMPDIR = runDirectory;
  }
}

export async function mochaGlobalTeardown(): Promise<void> {
  const databases = await stopPostgres();
  if (databases.length > 0) throw new Error(`The tests left behind:\n  ${databases.join('\n  ')}`);
}

/** In each process, around each file. */
export const mochaHooks: Mocha.RootHookObject = {
  async beforeAll() {
    // Afterwards Mocha's own timer of this hook is among the resources, as it will be in the other.
    await setImmediate();
    atStart = resources();
    processesAtStart = processesOf(runDirectory);
  },

  async afterAll(this: Mocha.Context) {
    this.timeout(CHECK_TIMEOUT_MS);
    const left = await leaksSince(atStart, runDirectory, processesAtStart);
    endLeftProcesses(runDirectory, processesAtStart);
    if (left.length > 0) throw new Error(`The tests left behind:\n  ${left.join('\n  ')}`);
  },
};
