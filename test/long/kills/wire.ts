/** What the test and the node under attack tell each other over the channel between their processes. */
import type { ToldBet } from '../contradictions.ts';

export interface Seat {
  readonly userId: number;
  readonly walletId: number;
  readonly table: number;
}

/** How long bets are taken in a round: with so many tables, every phase is met often. */
export const BETTING_MS = 400;

/** Several commands or answers travel in one message. */
export type ToNode =
  | {
      readonly kind: 'start';
      readonly databaseUrl: string;
      readonly tables: number;
      /** Players are named by their place in this list. */
      readonly seats: readonly Seat[];
    }
  | { readonly kind: 'commands'; readonly list: readonly Command[] }
  /** Rounds end and no other is opened, until they may be again. */
  | { readonly kind: 'rest'; readonly rest: boolean };

/** `id` names a bet, or the posting of a grant; `amount` also that of a grant. */
export type Command = readonly [
  number: number,
  player: number,
  what: 'bet' | 'cashout' | 'betStatus' | 'grant',
  id: string,
  amount: number,
  autoCashout: number,
];

export type Phase = 'betting' | 'running' | 'settlement' | 'closed' | 'resting';

export type FromNode =
  | { readonly kind: 'recovering' | 'ready' }
  | { readonly kind: 'news'; readonly list: readonly News[] };

export type AnsweredBet = ToldBet & { readonly createdAt: string };
export type WalletNews = readonly [seq: number, balance: number];

/** In the order in which a connection would bring it. */
export type News =
  | readonly ['bet', number: number, bet: AnsweredBet]
  | readonly ['granted', number: number, WalletNews]
  | readonly ['refused', number: number, code: string]
  | readonly ['told', player: number, bet: ToldBet]
  | readonly ['wallet', player: number, WalletNews]
  | readonly ['phase', table: number, Phase]
  /** A cycle failed and its room was made anew. */
  | readonly ['abandoned', table: number, why: string];
