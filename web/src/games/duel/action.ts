/** What the big button of a duel table does right now, for those who may sit down and for those who may bet. */
import { type MainAction, mustWait, type TableSituation, wait } from '../../main-action.ts';
import { oddsText } from './odds.ts';

interface Seating extends TableSituation {
  /** Whether a seat was asked for and is not yet answered. */
  readonly asking: boolean;
  /** Who waits here, if anybody does: then the stake is theirs. */
  readonly opponent: string | null;
  /** Null while the input is not an amount. */
  readonly stake: number | null;
  readonly balance: number | null;
  /** What the winner gets; null while it is not known. */
  readonly prize: number | null;
}

export function sitAction(seating: Seating): MainAction {
  const { asking, opponent, stake, balance, prize } = seating;
  const waiting = mustWait(seating);
  if (waiting !== null) return waiting;
  if (asking) return wait('Taking the seat', 'not taken yet');
  if (stake === null) return wait('Enter a stake', 'a whole number');
  if (balance !== null && stake > balance) {
    return wait(
      'More than your balance',
      opponent === null ? '' : `${opponent} plays for ${stake}`,
    );
  }
  const detail = prize === null ? '' : `the winner gets ${prize}`;
  if (opponent === null) return { kind: 'bet', label: `Sit down for ${stake}`, detail };
  return { kind: 'bet', label: `Play ${opponent} for ${stake}`, detail };
}

interface Backing extends TableSituation {
  /** The name of the player to bet on; null while none is chosen. */
  readonly backed: string | null;
  /** In hundredths; 0 while nobody has bet on that seat. */
  readonly odds: number;
  readonly amount: number | null;
  readonly balance: number | null;
}

export function poolAction(backing: Backing): MainAction {
  const { state, backed, odds, amount, balance } = backing;
  const waiting = mustWait(backing);
  if (waiting !== null) return waiting;
  if (!state?.bettingOpen) return wait('Bets are closed', 'a player has three discs on the board');
  if (backed === null) return wait('Choose a player', 'who do you think wins?');
  if (amount === null) return wait('Enter an amount', 'a whole number');
  if (balance !== null && amount > balance) return wait('More than your balance');
  const detail = odds === 0 ? 'nobody has yet' : `at ${oddsText(odds)} now; the last odds count`;
  return { kind: 'bet', label: `Bet ${amount} on ${backed}`, detail };
}
