/** A bot as its worker knows it, whatever it plays; and what all bots of a worker share. */
import type { Bet, TakenSeat } from '../src/protocol.ts';
import type { Latencies } from './figures.ts';
import type { Place, Read } from './seat.ts';

export interface Play extends Place {
  readonly betsPerRound: number;
  readonly stake: number;
  readonly spreadMs: number;
  readonly latencies: Latencies;
  /** A bot sees that bets, or seats, can be taken for so long. */
  betting(leftMs: number): void;
}

export interface Player {
  readonly sent: Sent;
  /** Asks the server over REST, as this player. */
  readonly read: Read;
  /** Resolves when this player cannot go on: out of money, or the connection is lost for good. */
  readonly over: Promise<void>;
  /** Signs in as a new guest and joins the table. */
  enter(): Promise<void>;
  /** Looks at the table as it is now: while nothing changes there, nothing comes in. */
  look(): void;
  /** Sends nothing more, waits for the answers that are due, and leaves. */
  leave(): Promise<void>;
}

/** All that a bot sent. */
export interface Sent {
  readonly bets: ReadonlyMap<string, SentBet>;
  readonly seats: readonly SentSeat[];
  readonly world?: ToldWorld;
}

/** A bet that was sent, and the last that was heard of it. */
export interface SentBet {
  readonly betId: string;
  readonly stake: number;
  told?: Bet;
  refused?: string;
}

/** A seat in a match that was asked for, and what was heard of it. */
export interface SentSeat {
  readonly matchId: string;
  readonly stake: number;
  taken?: TakenSeat;
  refused?: string;
  /** What its end, as the table showed it, brings; null: nothing. Undefined while the end is not known. */
  due?: { readonly category: 'payout' | 'refund'; readonly amount: number } | null;
}

/** An own world as its player was told of it last, by answers and messages. */
export interface ToldWorld {
  readonly game: string;
  /** Commands that were answered. */
  acknowledged: number;
  /** Whether it is known of every command that was sent what became of it. */
  sure: boolean;
  version: number;
  /** Undefined until it is told. */
  balance: number | undefined;
  /** By the item's name. */
  readonly inventory: Map<string, number>;
}
