/** Derby: eight runners, two pools, and bets until the leader has run 40% of the way. */
import type { DerbyState } from '../../../../src/protocol.ts';
import { gameView } from '../view.ts';
import { selectionOf, selectionText } from './bets.ts';
import { DerbyTable } from './DerbyTable.tsx';
import { finishIn } from './finish.ts';
import { derbyWord, outcomeWord } from './words.ts';

export const derby = gameView<DerbyState>({
  name: 'derby',
  title: 'Derby',
  about: 'Eight runners, a live race. Bet to win or to place, also while they run.',
  Table: DerbyTable,
  outcome(outcome) {
    const finish = finishIn(JSON.stringify(outcome));
    return finish === null ? null : outcomeWord(finish);
  },
  betText(bet) {
    const selection = selectionOf(bet);
    return selection === null ? '' : selectionText(selection);
  },
  word: derbyWord,
  resultHead: 'Pays',
  proof: {
    title: 'The seed gives this course',
    why: 'HMAC-SHA256 of seed, salt and race id, turned into the times of each runner.',
  },
});
