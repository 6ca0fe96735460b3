/** The player's bets on a race, and what they would return. */
import type { Bet } from '../../../../src/protocol.ts';
import { estimatedPayout } from '../../money.ts';
import type { Finish } from './finish.ts';
import type { Market, Pool } from './odds.ts';

export interface Selection {
  readonly type: Pool;
  /** From 1. */
  readonly runner: number;
}

/** What a bet was placed on; null for a bet of another game. */
export function selectionOf({ selection }: Pick<Bet, 'selection'>): Selection | null {
  const { type, runner } = selection;
  if ((type !== 'win' && type !== 'place') || typeof runner !== 'number') return null;
  return { type, runner };
}

export function selectionText({ type, runner }: Selection): string {
  return `${runner} to ${type}`;
}

/** At the odds of this moment; to place at least that. Null before anything can be said. */
export function returnNow(bet: Pick<Bet, 'amount' | 'selection'>, market: Market): number | null {
  const selection = selectionOf(bet);
  if (selection === null) return null;
  const odds = oddsOf(market, selection);
  return odds === 0 ? null : estimatedPayout(bet.amount, odds);
}

export function oddsOf(market: Market, { type, runner }: Selection): number {
  return market[type][runner - 1]?.odds ?? 0;
}

export interface Dividend {
  /** In hundredths. */
  readonly pays: number;
  /** Whether it may be more. */
  readonly least: boolean;
}

/**
 * What a bet on a placed runner paid. One's own bets say it to the hundredth; else the last odds do, which to place are
 * the least that it may be, and of a dead heat say nothing. Null: not known here.
 */
export function dividendOf(
  selection: Selection,
  finish: Finish,
  market: Market,
  own: readonly Bet[],
): Dividend | null {
  const { type, runner } = selection;
  const paid = own.find((bet) => {
    const on = selectionOf(bet);
    return bet.status === 'won' && on?.type === type && on.runner === runner;
  });
  if (paid?.multiplier) return { pays: paid.multiplier, least: false };
  // Who shares the first place shares the pool, if both have been backed.
  const winners = (finish[0] ?? []).filter((each) => oddsOf(market, { type, runner: each }) > 0);
  if (type === 'win' && (winners.length > 1 || winners[0] !== runner)) return null;
  const pays = oddsOf(market, selection);
  return pays === 0 ? null : { pays, least: type === 'place' };
}
