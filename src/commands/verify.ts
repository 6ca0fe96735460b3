/** Recomputes a round from its proof with the stand-alone verifier, which shares no code with the drawing server. */
import { verifyRound } from '../fairness/verifier.ts';
import { History } from '../ledger/history.ts';
import type { Command } from './command.ts';
import { withDatabase } from './store.ts';

export const verifyCommand: Command = {
  usage: 'verify ROUND',
  summary:
    'recomputes a round from its seed; exit code 1 when it does not come out the same, 2 when it cannot be told',
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
      console.log(`${MARKS[`${step.ok}`]} ${step.name}\n         ${step.actual}`);
      if (!step.ok) console.log(`         expected ${step.expected}`);
    }
    const { text, code } = VERDICTS[`${ok}`];
    console.log(text);
    return code;
  },
};

const MARKS = { true: 'ok    ', false: 'WRONG ', null: '?     ' } as const;
const VERDICTS = {
  true: { text: 'The round is as it was committed to.', code: 0 },
  false: { text: 'The round does NOT match its commitment.', code: 1 },
  null: {
    text: 'Seed, commitment and chain are right. The verifier does not know the rules of this game.',
    code: 2,
  },
} as const;
