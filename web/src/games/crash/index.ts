/** Crash: the multiplier rises until it does not. */
import type { CrashState } from '../../../../src/protocol.ts';
import { multiplierText } from '../../money.ts';
import { gameView, type OutcomeWord } from '../view.ts';
import { CrashTable } from './CrashTable.tsx';
import { crashWord } from './words.ts';

/** From here on a chip has no room for hundredths. */
const SHORT = 10_000;
const HIGH = 1000;
const FAIR = 200;

export const crash = gameView<CrashState>({
  name: 'crash',
  title: 'Crash',
  about: 'One multiplier, everyone at the table. Cash out before it crashes.',
  Table: CrashTable,
  outcome: ({ crashPoint }) => (typeof crashPoint === 'number' ? outcomeWord(crashPoint) : null),
  word: crashWord,
  resultHead: 'Out at',
  proof: {
    title: 'The seed gives this crash point',
    why: 'HMAC-SHA256 of seed, salt and round id, turned into a multiplier.',
  },
});

function outcomeWord(point: number): OutcomeWord {
  const long = multiplierText(point);
  return {
    short: point >= SHORT ? `${Math.floor(point / 100)}x` : long,
    long,
    tone: point < FAIR ? 'low' : point < HIGH ? 'fair' : 'high',
  };
}
