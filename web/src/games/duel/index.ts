/** Duel: Connect Four for a stake, watched by others who bet on the winner. */
import type { DuelState } from '../../../../src/protocol.ts';
import { gameView } from '../view.ts';
import { DuelTable } from './DuelTable.tsx';
import { betText, duelWord, outcomeWord } from './words.ts';

export const duel = gameView<DuelState>({
  name: 'duel',
  title: 'Duel',
  about: 'Four in a row for a stake: the winner takes the pot. Watch others, and bet on who wins.',
  Table: DuelTable,
  outcome: outcomeWord,
  betText,
  word: duelWord,
  resultHead: 'Pays',
  proof: {
    title: 'The seed says who began',
    why: 'HMAC-SHA256 of seed, salt and match id, turned into a seat; all else are the moves.',
  },
});
