/** Mocha's spec reporter, with a last line that a script can read: `N passed, N failed`, and `, N skipped` if any. */
import Mocha from 'mocha';

/** A run that is over and whose process goes on for this long has left something open. */
const END_TIMEOUT_MS = 5_000;

export default class Reporter extends Mocha.reporters.Spec {
  #ended = false;
  #stuck = false;

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once('end', () => {
      this.#ended = true;
    });
    process.once('exit', () => this.#lastLine());
  }

  /** Called by Mocha after everything, global teardown included. */
  override done(failures: number, report: (failures: number) => void): void {
    report(failures);
    setTimeout(() => {
      this.#stuck = true;
      console.error(`\nThe process does not end by itself: ${process.getActiveResourcesInfo()}`);
      process.exit(1);
    }, END_TIMEOUT_MS).unref();
  }

  #lastLine(): void {
    const { passes, failures, pending } = this.stats;
    if (!this.#ended) console.error('\nThe process ended before its last test.');
    const broken = !this.#ended || (this.#stuck && failures === 0);
    const failed = failures + (broken ? 1 : 0);
    if (failed > 0) process.exitCode ||= 1;
    const skipped = pending > 0 ? `, ${pending} skipped` : '';
    console.log(`${passes} passed, ${failed} failed${skipped}`);
  }
}
