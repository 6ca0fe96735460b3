/** The player's own last bets, from REST, from answers and from `bet` messages alike. */
import type { Bet } from '../../src/protocol.ts';
import { createStore } from './store.ts';

/** More than a player may have in one round of any game. */
const BETS_KEPT = 200;

/** Newest first. */
export const bets = createStore<readonly Bet[]>([]);

/**
 * News of bets. A bet leaves `accepted` once and for all, so an older answer cannot take a result back. Returns the
 * bets that were open here until now.
 */
export function applyBets(...news: readonly Bet[]): Bet[] {
  const known = new Map(bets.get().map((bet) => [bet.betId, bet]));
  const resolved: Bet[] = [];
  for (const bet of news) {
    const old = known.get(bet.betId);
    if (old !== undefined && old.status !== 'accepted') continue;
    known.set(bet.betId, bet);
    if (old !== undefined && bet.status !== 'accepted') resolved.push(bet);
  }
  const newestFirst = [...known.values()].sort(
    (a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt),
  );
  bets.set(newestFirst.slice(0, BETS_KEPT));
  return resolved;
}

export function forgetBets(): void {
  bets.set([]);
}

export function openBetsOf(roundId: string, all: readonly Bet[] = bets.get()): Bet[] {
  return all.filter((bet) => bet.roundId === roundId && bet.status === 'accepted');
}
