/** How a round is played: betting, and then running until the end that was drawn may be shown. */
import { type AwaitBeacon, beaconBytes } from '../src/fairness/beacon.ts';
import { drawFrom } from '../src/fairness/stream.ts';
import type { RoundGame } from '../src/games/contract.ts';
import { Cycle, type CycleParts, type Stage } from './cycle.ts';
import type { LiveRound } from './round.ts';

/** How long a stopping room lets a running round go on before it is made void. */
const DRAIN_MS = 8_000;
/** A stopping room waits for a round that ends within this time, whatever is staked. */
const SOON_MS = 100;

export interface RoundStage extends Stage {
  /** The beacon that the round is drawn with is expected at `dueAt`, in ms since the epoch. */
  waiting(round: LiveRound, dueAt: number): void;
  running(round: LiveRound): void;
}

export class RoundCycle extends Cycle<RoundStage> {
  readonly #game: RoundGame;
  readonly #beacon: AwaitBeacon | undefined;

  constructor(game: RoundGame, parts: CycleParts<RoundStage>, beacon?: AwaitBeacon) {
    super(parts);
    this.#game = game;
    this.#beacon = beacon;
  }

  protected override async play(round: LiveRound): Promise<object | null> {
    const game = this.#game;
    await this.pause(game.bettingMs);
    if (this.stopped) return null;
    if (!game.bettingUntilMs) await this.lock(round);
    if (!(await this.#beaconFor(round))) return null;
    const { seed, salt } = round.seed;
    const outcome = game.draw(drawFrom(seed, salt, round.id, beaconBytes(round.beacon)));
    round.outcome = outcome;
    round.runningMs = game.runningMs(outcome);
    round.startedAt = performance.now();
    this.parts.stage.running(round);
    if (game.bettingUntilMs) {
      if (!(await this.#runUntil(round, game.bettingUntilMs(outcome)))) return null;
      await this.lock(round);
      this.parts.stage.locked(round);
    }
    if (!(await this.#runUntil(round, round.runningMs))) return null;
    await this.end(round, outcome);
    return outcome;
  }

  /**
   * F6: only after the lock, or after the betting phase where bets go on, is it settled which round of the beacon counts.
   * False when the room stops before that is there: nothing is drawn yet, and the round is made void.
   */
  async #beaconFor(round: LiveRound): Promise<boolean> {
    if (!this.#beacon) return true;
    const { dueAt, arrived } = this.#beacon(Date.now());
    this.parts.stage.waiting(round, dueAt);
    const stopped = this.stopping.then(() => null);
    round.beacon = await Promise.race([arrived, stopped]);
    return round.beacon !== null;
  }

  protected override rest(): Promise<void> {
    return this.pause(this.#game.settledMs);
  }

  /** Waits until the round has run for `ms`; false when the room stops and the round cannot get there soon. */
  async #runUntil(round: LiveRound, ms: number): Promise<boolean> {
    const elapsed = () => performance.now() - (round.startedAt as number);
    await this.pause(ms - elapsed(), () => (round.board.open().length > 0 ? DRAIN_MS : 0));
    // Timers may fire a little early; what is received until the very end is in time.
    const left = ms - elapsed();
    if (left <= 0) return true;
    if (this.stopped && left > SOON_MS) return false;
    await new Promise((resolve) => setTimeout(resolve, left + 1));
    return true;
  }
}
