/** A way to place and to resolve bets, one of those that are measured side by side. */
import type { PlaceBet } from '../../src/ledger/types.ts';
import type { Send } from '../window.ts';
import type { Books } from './books.ts';

/** A bet of a round that is over, and what it pays. */
export interface Resolution {
  readonly bet: PlaceBet;
  readonly payout: number;
}

export interface Opened {
  readonly place: Send<PlaceBet>;
  /** One bet, in a transaction of its own; absent where settlement goes another way. */
  readonly resolve?: Send<Resolution>;
  close(): Promise<void>;
}

export interface Way {
  readonly name: string;
  /** Whose players and rooms it uses. */
  readonly side: 'ours' | 'others';
  readonly inFlight: number;
  readonly open: (books: Books) => Promise<Opened>;
}
