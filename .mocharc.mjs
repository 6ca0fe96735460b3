/** `npx mocha` runs all but test/long; `npx mocha test/games/crash.test.ts` (or a quoted glob) runs what it names. */
const named = process.argv.slice(2).some((argument) => argument.endsWith('.test.ts'));

/** Files that run at the same time. Many tests wait for rounds, so there are more than a small machine has cores. */
const JOBS = 4;

export default {
  extension: ['ts'],
  ...(named
    ? {}
    : { spec: ['test/**/*.test.ts'], ignore: ['test/long/**'], parallel: true, jobs: JOBS }),
  require: ['test/support/hooks.ts'],
  reporter: 'test/support/reporter.ts',
  timeout: 20_000,
  slow: 1_000,
  forbidOnly: process.env.CI !== undefined,
  // The process must end by itself: what keeps it alive is a leak, and reported (see hooks.ts and reporter.ts).
  exit: false,
};
