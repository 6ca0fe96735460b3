/** Recomputes a round from its proof with the stand-alone verifier, which shares no code with the drawing server. */
import { verifyRound } from '../fairness/verifier.ts';
import { History } from '../ledger/history.ts';
import type { Command } from './command.ts';
import { withDatabase } from './store.ts';

export const verifyCommand: Command = {
  usage: 'verify ROUND',
  summary: 'recomputes a round from its seed; exit code 1 when it does not come out the same',
  async run({ positionals: [roundId], config }) {
    if (!roundId) {
      console.error('Usage: verify ROUND');
      return 2;
    }
    const proof = await withDatabase(config(), (db) => new History(db.pool).proof(roundId));
    if (proof.seed === null) {
      console.log('The round is not over, or was made void: its seed is not public.');
      return 1;
    }
    const { ok, steps } = await verifyRound(proof);
    for (const step of steps) {
      console.log(`${step.ok ? 'ok    ' : 'WRONG '} ${step.name}\n         ${step.actual}`);
      if (!step.ok) console.log(`         expected ${step.expected}`);
    }
    console.log(
      ok ? 'The round is as it was committed to.' : 'The round does NOT match its commitment.',
    );
    return ok ? 0 : 1;
  },
};
