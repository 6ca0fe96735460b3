/** What the test tells the bots, and what they tell it. */
import type { Bet } from '../../src/protocol.ts';

/** A bet as its bot knows it. */
export interface BetRecord {
  readonly betId: string;
  readonly amount: number;
  /** What it says beyond id and amount. */
  readonly more: object;
  readonly byHand: boolean;
  /** The same id was sent a second time, to a server that came after the first one's death. */
  sentAgain?: boolean;
  /** What the server answered, if it did before it died. */
  accepted?: Bet;
  refused?: string;
  askedToCash?: boolean;
  cashed?: Bet;
  notCashed?: string;
  /** The message about its resolution. */
  told?: Bet;
  /** Each answer of betStatus, in order: the bet or the code of the refusal. */
  readonly answers: (Bet | string)[];
}

export interface Account {
  readonly userId: number;
  readonly records: readonly BetRecord[];
  /** As REST says. */
  readonly balance: number;
}

export type Order =
  | {
      readonly kind: 'play';
      readonly url: string;
      readonly bots: number;
      /** Each as game/table. */
      readonly tables: readonly string[];
      readonly bettingMs: number;
    }
  | { readonly kind: 'stop betting' }
  | { readonly kind: 'ask about all' };

export interface Progress {
  readonly kind: 'progress';
  readonly joined: number;
  readonly caughtUp: number;
  readonly sent: number;
  readonly accepted: number;
  readonly askedToCash: number;
}

export type Report = Progress | { readonly kind: 'answers'; readonly bots: readonly Account[] };
