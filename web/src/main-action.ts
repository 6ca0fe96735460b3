/** What the one big button of a table does right now, and how it says so: the part that is the same in every game. */
import type { RoundState } from '../../src/protocol.ts';
import type { PlayState } from './play.ts';
import type { LinkState } from './rooms/link.ts';

export interface MainAction {
  /** `wait`: nothing; the label says why. `bet` and `cashout` act; games may have others. */
  readonly kind: string;
  readonly label: string;
  /** A second line. */
  readonly detail: string;
}

export interface TableSituation {
  readonly link: LinkState;
  readonly state: RoundState | null;
  readonly play: PlayState;
}

export const wait = (label: string, detail = ''): MainAction => ({ kind: 'wait', label, detail });

/** Why nothing can be done whatever the game: not connected, or something is in flight. Null: it is the game's turn. */
export function mustWait({ link, state, play }: TableSituation): MainAction | null {
  const { pending } = play;
  const what = pending?.bets.length === 1 ? 'your bet' : 'your bets';
  if (pending?.stage === 'asking') return wait(`Checking ${what}`, 'asking the server');
  if (link.phase === 'joining') return wait('Joining the table');
  if (link.phase === 'failed') return wait('Not connected');
  if (link.phase !== 'live' || state === null) return wait('Reconnecting');
  if (pending !== null) {
    const amount = pending.bets.reduce((sum, bet) => sum + bet.amount, 0);
    return wait(`Placing ${amount}`, 'not placed yet');
  }
  if (play.cashingOut.length > 0) return wait('Cashing out');
  if (state.phase === 'paused') return wait('The table is paused');
  return null;
}
