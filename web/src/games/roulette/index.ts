/** Roulette with a single zero: chips on a table, and a wheel. */
import type { Bet, RouletteState } from '../../../../src/protocol.ts';
import { sumInWords, type Word } from '../../words.ts';
import { gameView, type OutcomeWord } from '../view.ts';
import { RouletteTable } from './RouletteTable.tsx';
import { colourOf, spotOf } from './spots.ts';

export const roulette = gameView<RouletteState>({
  name: 'roulette',
  title: 'Roulette',
  about: 'Single zero. Chips on numbers, lines and corners, and every outside bet.',
  Table: RouletteTable,
  outcome: ({ number }) => (typeof number === 'number' ? outcomeWord(number) : null),
  betText: ({ selection }) => spotOf(selection)?.name ?? '',
  word,
  resultHead: 'Result',
  proof: {
    title: 'The seed gives this number',
    why: 'HMAC-SHA256 of seed, salt and round id, turned into one of 37 pockets.',
  },
});

function outcomeWord(number: number): OutcomeWord {
  const colour = colourOf(number);
  return { short: String(number), long: `${number} ${colour}`, tone: colour };
}

/** All of a round's bets together, once the last of them is resolved. */
function word(_bet: Bet, together: readonly Bet[]): Word {
  return sumInWords(together);
}
