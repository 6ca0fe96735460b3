/** What the test tells the bots, and what they tell it. */
import type { Bet, MatchState, TakenSeat } from '../../src/protocol.ts';

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

/** A seat in a match as its bot knows it. */
export interface SeatRecord {
  readonly matchId: string;
  readonly stake: number;
  sentAgain?: boolean;
  /** What `sit` was answered, by the server that it was sent to or, sent again, by a later one. */
  taken?: TakenSeat;
  refused?: string;
  /** The end of its match as the table showed it. */
  shown?: Pick<MatchState, 'winner' | 'ending'>;
  /** This bot sent what ends the match (a winning move, a resignation, the acceptance of a draw). */
  askedToEnd?: boolean;
  endAcknowledged?: boolean;
  /** Each answer to the same `sit` after all kills. */
  readonly answers: (TakenSeat | string)[];
}

export interface Account {
  readonly userId: number;
  readonly bets: readonly BetRecord[];
  readonly seats: readonly SeatRecord[];
  /** As REST says. */
  readonly balance: number;
}

export type Order =
  | {
      readonly kind: 'play';
      readonly url: string;
      /** At tables of rounds, each as game/table. */
      readonly bots: number;
      readonly tables: readonly string[];
      readonly bettingMs: number;
      /** At each of these two bots play and one watches and bets. */
      readonly matchTables: readonly string[];
    }
  | { readonly kind: 'stop betting' }
  | { readonly kind: 'ask about all' };

export interface Progress {
  readonly kind: 'progress';
  readonly joined: number;
  readonly caughtUp: number;
}

export type Report =
  | Progress
  /** What ends a match has just been sent. */
  | { readonly kind: 'ending' }
  | { readonly kind: 'answers'; readonly bots: readonly Account[] };
