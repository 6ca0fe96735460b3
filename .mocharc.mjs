/** `npx mocha` runs all but test/long; `npx mocha test/games/crash.test.ts` (or a quoted glob) runs what it names. */
import { globSync } from 'node:fs';

const named = process.argv.slice(2).some((argument) => argument.endsWith('.test.ts'));

/** Files that run at the same time. Many tests wait for rounds, so there are more than a small machine has cores. */
const JOBS = 4;
/** The longest begin first, so that none of them is alone at the end. */
const FIRST = [
  'test/chaos/kill.test.ts',
  'test/worlds/model.test.ts',
  'test/chaos/town-kill.test.ts',
  'test/browser/round.test.ts',
  'test/attacks/secrets.test.ts',
];

/** Each phase twice; `npm run test:all`, and the files by themselves, kill 20 and 7 times. */
if (!named) {
  process.env.CHAOS_KILLS ??= '10';
  process.env.TOWN_KILLS ??= '4';
}

function inOrder() {
  const files = globSync('test/**/*.test.ts').filter((file) => !file.startsWith('test/long/'));
  const others = files.filter((file) => !FIRST.includes(file)).sort();
  return [...FIRST, ...others];
}

export default {
  extension: ['ts'],
  ...(named ? {} : { spec: inOrder(), parallel: true, jobs: JOBS }),
  require: ['test/support/hooks.ts'],
  reporter: 'test/support/reporter.ts',
  timeout: 20_000,
  slow: 1_000,
  forbidOnly: process.env.CI !== undefined,
  // The process must end by itself: what keeps it alive is a leak, and reported (see hooks.ts and reporter.ts).
  exit: false,
};
