/**
 * What surrounds every run: a temporary directory of its own for all that the tests and their processes write, and,
 * when all is over, the check that nothing is left. PostgreSQL is started by the first test that needs it.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { endLeftProcesses, leaksSince, resources } from './leaks.ts';
import { abortPostgres, stopPostgres } from './postgres.ts';

const CHECK_TIMEOUT_MS = 60_000;

const runDirectory = mkdtempSync(join(tmpdir(), 'roundhouse-test-'));
// Open to others: started by root, PostgreSQL and some tests run as another user.
chmodSync(runDirectory, 0o755);
process.env.TMPDIR = runDirectory;
process.once('exit', () => {
  // There is something to end only when the run was broken off.
  abortPostgres();
  endLeftProcesses(runDirectory);
  rmSync(runDirectory, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

let atStart: ReturnType<typeof resources> = {};

export const mochaHooks: Mocha.RootHookObject = {
  async beforeAll() {
    // Afterwards Mocha's own timer of this hook is among the resources, as it will be in the other.
    await setImmediate();
    atStart = resources();
  },

  async afterAll(this: Mocha.Context) {
    this.timeout(CHECK_TIMEOUT_MS);
    const databases = await stopPostgres();
    const left = [...databases, ...(await leaksSince(atStart, runDirectory))];
    endLeftProcesses(runDirectory);
    if (left.length > 0) throw new Error(`The tests left behind:\n  ${left.join('\n  ')}`);
  },
};
