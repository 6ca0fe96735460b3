/** What the ledger has of the player on each spot. */
import type { Bet } from '../../../../src/protocol.ts';
import { type Stacks, totalOf } from './chips.ts';
import { spotOf } from './spots.ts';

export interface PlacedStack {
  readonly amount: number;
  /** What came back for it; 0 also while it is open. */
  readonly paid: number;
  readonly open: boolean;
}

export function placedStacks(ofRound: readonly Bet[]): ReadonlyMap<string, PlacedStack> {
  const stacks = new Map<string, PlacedStack>();
  for (const bet of ofRound) {
    const spot = spotOf(bet.selection);
    if (!spot) continue;
    const before = stacks.get(spot.id);
    stacks.set(spot.id, {
      amount: (before?.amount ?? 0) + bet.amount,
      paid: (before?.paid ?? 0) + (bet.payout ?? 0),
      open: bet.status === 'accepted',
    });
  }
  return stacks;
}

/** The player's stacks in the last round before this one, to lay them again. */
export function lastStacks(mine: readonly Bet[], roundId: string | undefined): Stacks {
  const before = mine.filter((bet) => bet.game === 'roulette' && bet.roundId !== roundId);
  const last = before.filter((bet) => bet.roundId === before[0]?.roundId).toReversed();
  return new Map([...placedStacks(last)].map(([id, { amount }]) => [id, amount]));
}

export function stakedIn(ofRound: readonly Bet[]): number {
  return totalOf(new Map(ofRound.map((bet) => [bet.betId, bet.amount])));
}
