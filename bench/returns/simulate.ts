/** What bets return when rounds are drawn for them. */
import type { RoundGame } from '../../src/games/contract.ts';
import { roundsOf } from './rounds.ts';
import { paidTo, type Row } from './rows.ts';

/** Of returns as parts of what is staked, one a round. */
export interface Sums {
  readonly rounds: number;
  readonly sum: number;
  readonly squares: number;
}

/** Of each row. Its wagers take turns. */
export function simulate(
  game: RoundGame,
  rows: readonly Row[],
  seed: string,
  rounds: number,
): Sums[] {
  const next = roundsOf(seed);
  const sums = rows.map(() => ({ rounds, sum: 0, squares: 0 }));
  for (let round = 0; round < rounds; round++) {
    const outcome = game.draw(next());
    for (const [at, { wagers }] of rows.entries()) {
      const wager = wagers[round % wagers.length] as (typeof wagers)[number];
      const returned = paidTo(game, wager, outcome) / wager.staked;
      const row = sums[at] as (typeof sums)[number];
      row.sum += returned;
      row.squares += returned * returned;
    }
  }
  return sums;
}

export function added(parts: readonly Sums[]): Sums {
  return parts.reduce((all, part) => ({
    rounds: all.rounds + part.rounds,
    sum: all.sum + part.sum,
    squares: all.squares + part.squares,
  }));
}

export function meanOf({ rounds, sum, squares }: Sums): { mean: number; standardError: number } {
  const mean = sum / rounds;
  const variance = Math.max(0, squares / rounds - mean ** 2);
  return { mean, standardError: Math.sqrt(variance / rounds) };
}
