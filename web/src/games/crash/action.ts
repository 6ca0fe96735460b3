/** What the one big button of a crash table does right now, and how it says so. */
import type { Bet, CrashState } from '../../../../src/protocol.ts';
import { type MainAction, mustWait, type TableSituation, wait } from '../../main-action.ts';
import { multiplierText, parseAmount, parseMultiplier } from '../../money.ts';

export interface CrashWish {
  /** Null while the input is not an amount. */
  readonly amount: number | null;
  /** Null: no auto cash-out; 'invalid': the input cannot be used. */
  readonly autoCashout: number | null | 'invalid';
}

export interface Situation extends TableSituation {
  readonly state: CrashState | null;
  /** The player's accepted bets of this round. */
  readonly open: readonly Bet[];
  /** All of the player's bets of this round. */
  readonly placed: readonly Bet[];
  readonly wish: CrashWish;
  readonly balance: number | null;
}

export function crashAction(situation: Situation): MainAction {
  const { state, open } = situation;
  const waiting = mustWait(situation);
  if (waiting !== null) return waiting;
  switch (state?.phase) {
    case 'betting':
      return open.length > 0 ? waitingForStart(open) : bet(situation);
    case 'running':
      if (open.length > 0) return { kind: 'cashout', label: 'Cash out', detail: '' };
      return wait('Wait for next round', placedWords(situation));
    default:
      return wait('Next round soon', placedWords(situation));
  }
}

function bet({ wish, balance }: Situation): MainAction {
  const { amount, autoCashout } = wish;
  if (amount === null) return wait('Enter an amount', 'a whole number');
  if (autoCashout === 'invalid') return wait('Check the auto cash-out', '1.01 or more, or empty');
  if (balance !== null && amount > balance) return wait('More than your balance');
  const detail =
    autoCashout === null ? 'you cash out yourself' : `out at ${multiplierText(autoCashout)}`;
  return { kind: 'bet', label: `Bet ${amount}`, detail };
}

function waitingForStart(open: readonly Bet[]): MainAction {
  const staked = open.reduce((sum, b) => sum + b.amount, 0);
  return wait(`${staked} is in`, 'it starts when betting closes');
}

function placedWords({ placed }: Situation): string {
  const paid = placed.reduce((sum, b) => sum + (b.payout ?? 0), 0);
  if (placed.length === 0) return 'you are not in this round';
  return paid > 0 ? `${paid} paid to you` : '';
}

/** In hundredths; below this an auto cash-out would not win anything. */
const LEAST_AUTO_CASHOUT = 101;

/** The inputs as the player left them. An empty auto cash-out is none. */
export function readWish(amountText: string, autoText: string): CrashWish {
  const amount = parseAmount(amountText);
  if (autoText.trim() === '') return { amount, autoCashout: null };
  const auto = parseMultiplier(autoText);
  return { amount, autoCashout: auto !== null && auto >= LEAST_AUTO_CASHOUT ? auto : 'invalid' };
}
