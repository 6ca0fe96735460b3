/** One round as its room holds it. Commands capture the round they belong to and never read the room's after a wait. */
import type { Seed } from '../src/fairness/chain.ts';
import type { RoundId } from '../src/ids.ts';
import { BetBoard } from './bet-board.ts';

export class LiveRound {
  readonly id: RoundId;
  readonly number: number;
  readonly seed: Seed;
  readonly currency: string;
  readonly board = new BetBoard();
  /** Whether a bet received now is in time (M7). */
  accepting = true;
  /** Monotonic time of the lock, ms; null while betting. */
  lockedAt: number | null = null;
  /** The drawn end and how long after the lock it comes; known to this process alone until it is committed. */
  outcome: object | null = null;
  runningMs = 0;
  readonly #over = Promise.withResolvers<void>();

  constructor(id: RoundId, number: number, seed: Seed, currency: string) {
    this.id = id;
    this.number = number;
    this.seed = seed;
    this.currency = currency;
  }

  /** Time since the lock at the monotonic time `now`; null while betting. */
  elapsedAt(now: number): number | null {
    return this.lockedAt === null ? null : now - this.lockedAt;
  }

  /** Resolves when every bet of the round is resolved in the books. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  finish(): void {
    this.accepting = false;
    this.#over.resolve();
  }
}
