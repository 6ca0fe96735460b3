/** The models of test/ledger/model, for longer. RUNS is how many runs of each, SEED the first of their seeds. */
import assert from 'node:assert/strict';
import { openBooks } from '../ledger/fixture.ts';
import { chosenSeed, type Figures, playHistories, playSequences } from '../ledger/model/run.ts';

const RUNS = Number(process.env.RUNS ?? 1_000);
/** Runs on one database; then the books are audited, and others opened. */
const RUNS_A_DATABASE = 100;
const MAX_SECONDS_A_RUN = 3;

const MODELS = {
  'in sequence, with connections that are lost: each answer and each balance is the one of the model':
    playSequences,
  'at once, through two nodes and their processes: some order explains every answer': playHistories,
};

describe('ledger against its models, for long', function () {
  this.timeout(60_000 + RUNS * MAX_SECONDS_A_RUN * 1_000);
  const seed = chosenSeed();

  for (const [how, play] of Object.entries(MODELS)) {
    it(`[M1] to [M12]: ${RUNS} runs ${how} (SEED=${seed})`, async () => {
      const total: Figures = { runs: 0, commands: 0, states: 0 };
      for (let at = 0; total.runs < RUNS; at++) {
        const books = await openBooks();
        try {
          const runs = Math.min(RUNS_A_DATABASE, RUNS - total.runs);
          const figures = await play(books, { seed: seed + at, runs });
          assert.equal(figures.runs, runs);
          await books.assertSound();
          for (const key of ['runs', 'commands', 'states'] as const) total[key] += figures[key];
        } finally {
          await books.close();
        }
      }
      const { runs, commands, states } = total;
      const looked = states > 0 ? `, ${states} states looked at` : '';
      console.log(`        seeds from ${seed}: ${runs} runs, ${commands} commands${looked}`);
    });
  }
});
