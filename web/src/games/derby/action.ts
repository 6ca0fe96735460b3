/** What the one big button of a derby table does right now, and how it says so. */
import { type MainAction, mustWait, type TableSituation, wait } from '../../main-action.ts';
import { type Selection, selectionText } from './bets.ts';
import { oddsText } from './odds.ts';

interface Situation extends TableSituation {
  readonly selection: Selection | null;
  /** Of the selection, in hundredths; 0 while nobody has backed it. */
  readonly odds: number;
  /** Null while the input is not an amount. */
  readonly amount: number | null;
  readonly balance: number | null;
}

export function derbyAction(situation: Situation): MainAction {
  const { state, selection, amount, balance, odds } = situation;
  const waiting = mustWait(situation);
  if (waiting !== null) return waiting;
  if (!state?.bettingOpen) {
    if (state?.phase === 'running') return wait('Bets are closed', 'the leader passed the marker');
    return wait('Next race soon');
  }
  if (selection === null) return wait('Choose a runner', 'to win, or among the first three');
  if (amount === null) return wait('Enter an amount', 'a whole number');
  if (balance !== null && amount > balance) return wait('More than your balance');
  return { kind: 'bet', label: `Bet ${amount} on ${selectionText(selection)}`, detail: pays(odds) };
}

function pays(odds: number): string {
  if (odds === 0) return 'nobody has backed it yet';
  return `at ${oddsText(odds)} now; the last odds count`;
}
