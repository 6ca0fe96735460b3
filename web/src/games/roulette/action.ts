/** What the button under the chips does right now, and how it says so. */
import type { RouletteState } from '../../../../src/protocol.ts';
import { type MainAction, mustWait, type TableSituation, wait } from '../../main-action.ts';

export interface Situation extends TableSituation {
  readonly state: RouletteState | null;
  /** The chips that are not placed yet: how many spots, and how much. */
  readonly spots: number;
  readonly total: number;
  /** What the player has in this round, as the ledger has it. */
  readonly placed: number;
  readonly balance: number | null;
}

export function rouletteAction(situation: Situation): MainAction {
  const { state, spots, total, placed, balance } = situation;
  const waiting = mustWait(situation);
  if (waiting !== null) return waiting;
  if (!state?.bettingOpen) {
    const running = state?.phase === 'running';
    const label = running ? 'No more bets' : 'Next round soon';
    if (total > 0) return wait(label, 'your chips wait for the next round');
    if (placed === 0) return wait(label, 'you are not in this round');
    return wait(label, running ? `${placed} is in` : '');
  }
  if (total === 0) {
    return placed > 0
      ? wait(`${placed} is in`, 'more chips may follow')
      : wait('Put chips on the table');
  }
  if (balance !== null && total > balance) return wait('More than your balance');
  return {
    kind: 'bet',
    label: `Place ${total}`,
    detail: spots === 1 ? 'on one spot' : `on ${spots} spots, all or none`,
  };
}
