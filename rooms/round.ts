/** One round as its room holds it. Commands capture the round they belong to and never read the room's after a wait. */
import type { Beacon } from '../src/fairness/beacon.ts';
import type { Seed } from '../src/fairness/chain.ts';
import type { BetRules } from '../src/games/contract.ts';
import type { RoundId } from '../src/ids.ts';
import { BetBoard } from './bet-board.ts';

export class LiveRound {
  readonly id: RoundId;
  readonly number: number;
  readonly seed: Seed;
  readonly currency: string;
  readonly board: BetBoard;
  /** Whether a bet received now is in time (M7). */
  accepting = true;
  /** Monotonic time at which it began to run, ms; null before. */
  startedAt: number | null = null;
  /** The drawn end and how long after the start it comes; known to this process alone until it is committed. */
  outcome: object | null = null;
  /** What the outcome is drawn with beside the seed; null without a beacon (F6). */
  beacon: Beacon | null = null;
  runningMs = 0;
  readonly #over = Promise.withResolvers<void>();

  constructor(rules: BetRules, id: RoundId, number: number, seed: Seed, currency: string) {
    this.board = new BetBoard(rules);
    this.id = id;
    this.number = number;
    this.seed = seed;
    this.currency = currency;
  }

  /** Time since the start at the monotonic time `now`; null before it. */
  elapsedAt(now: number): number | null {
    return this.startedAt === null ? null : now - this.startedAt;
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
