/**
 * Tests have teeth: each guard of the ledger is taken out alone, and then the whole battery runs, in its parts and as
 * the very test files. Prints what caught it. GUARD takes out that one only.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BATTERY, complaints, type PartName } from '../ledger/battery.ts';
import { openBooks } from '../ledger/fixture.ts';
import { chosenSeed } from '../ledger/model/run.ts';
import { GUARDS, type GuardName, removeGuard } from '../ledger/weaken.ts';

const FILES = [
  'ledger/append-only',
  'ledger/bugs',
  'ledger/exactly-once',
  'ledger/locks',
  'ledger/lost-answers',
  'ledger/model',
  'ledger/ownership',
  'ledger/postings',
  'ledger/rounds',
];
const PARTS_TIMEOUT_MS = 300_000;
const FILES_TIMEOUT_MS = 600_000;
const SHOWN = 6;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WITHOUT = fileURLToPath(new URL('../ledger/without.ts', import.meta.url));
const MOCHA = fileURLToPath(new URL('../../node_modules/mocha/bin/mocha.js', import.meta.url));

describe('teeth of the battery', () => {
  const seed = chosenSeed();
  const only = process.env.GUARD;
  const guards = (Object.keys(GUARDS) as GuardName[]).filter((name) => !only || name === only);

  describe('its parts', function () {
    this.timeout(PARTS_TIMEOUT_MS);

    it(`[M12] with every guard, no part and no audit has anything to say (SEED=${seed})`, async () => {
      assert.deepEqual(await allComplaints(seed), []);
    });
    for (const guard of guards) {
      it(`[M12] without ${guard}, some part fails (SEED=${seed})`, async () => {
        const caughtBy = await allComplaints(seed, guard);
        print(`${guard} removed -> caught by`, caughtBy);
        assert.ok(caughtBy.length > 0);
      });
    }
  });

  describe('its test files', function () {
    this.timeout(FILES_TIMEOUT_MS);

    it(`[M12] with every guard, they pass (SEED=${seed})`, async () => {
      const { passed, failed } = await runFiles(seed);
      assert.deepEqual(failed, []);
      assert.ok(passed > 0);
    });
    for (const guard of guards) {
      it(`[M12] without ${guard}, they fail (SEED=${seed})`, async () => {
        const { passed, failed } = await runFiles(seed, guard);
        const shown = failed.slice(0, SHOWN);
        const more = failed.length > SHOWN ? [`and ${failed.length - SHOWN} more`] : [];
        const caughtBy = [
          `${failed.length} tests of ${passed + failed.length}:`,
          ...shown,
          ...more,
        ];
        print(`${guard} removed -> caught by`, caughtBy);
        assert.ok(failed.length > 0);
      });
    }
  });
});

function print(title: string, lines: readonly string[]): void {
  console.log([title, ...lines.map((line) => `  ${line}`)].map((l) => `        ${l}`).join('\n'));
}

/** Each part on books of its own, so that one does not stumble over what another has found. */
async function allComplaints(seed: number, guard?: GuardName): Promise<string[]> {
  const said = new Set<string>();
  for (const part of Object.keys(BATTERY) as PartName[]) {
    const books = await openBooks();
    try {
      if (guard) await removeGuard(books, guard);
      for (const line of await complaints(books, part, seed)) said.add(line);
    } finally {
      await books.close();
    }
  }
  return [...said];
}

/** The files, in a process of its own whose databases are without the guard. */
async function runFiles(
  seed: number,
  guard?: GuardName,
): Promise<{ passed: number; failed: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'teeth-'));
  const output = join(folder, 'result.json');
  try {
    const files = FILES.map((name) => `test/${name}.test.ts`);
    const report = ['--reporter', 'json', '--reporter-option', `output=${output}`, '--exit'];
    const child = spawn(process.execPath, [MOCHA, '--require', WITHOUT, ...report, ...files], {
      cwd: ROOT,
      env: { ...process.env, SEED: `${seed}`, LEDGER_WITHOUT: guard ?? '' },
      stdio: 'ignore',
    });
    await once(child, 'exit');
    const { passes, failures } = JSON.parse(readFileSync(output, 'utf8')) as Record<
      'passes' | 'failures',
      { fullTitle: string }[]
    >;
    return { passed: passes.length, failed: failures.map(({ fullTitle }) => fullTitle) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
