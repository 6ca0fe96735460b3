/** How a match is played: seats are taken, turns are made, and the end is committed before anyone sees it. */
import { drawFrom } from '../src/fairness/stream.ts';
import type { MatchGame, MatchOutcome } from '../src/games/match.ts';
import type { UserId } from '../src/ids.ts';
import { Cycle, type CycleParts, type Stage } from './cycle.ts';
import { LiveMatch } from './match.ts';
import type { LiveRound } from './round.ts';
import { type Rematch, Seating } from './seating.ts';

/** For how long a finished match is looked at, and its seats are kept for a rematch. */
export const SETTLED_MS = 10_000;

export interface MatchStage extends Stage {
  started(round: LiveRound, match: LiveMatch): void;
  changed(match: LiveMatch): void;
}

export class MatchCycle extends Cycle<MatchStage> {
  readonly #game: MatchGame;
  #seating = Promise.withResolvers<Seating | null>();
  #present: Seating | undefined;
  #match: LiveMatch | undefined;
  #rematch: Rematch | undefined;
  #rested = Promise.withResolvers<void>();

  constructor(game: MatchGame, parts: CycleParts<MatchStage>) {
    super(parts);
    this.#game = game;
  }

  /** The match that is played or was played last. */
  get match(): LiveMatch | undefined {
    return this.#match;
  }

  get seating(): Seating | undefined {
    return this.#present;
  }

  /** The seats of the next match, waited for while the last one is settled; null when one is played or none comes. */
  async openSeating(userId: UserId): Promise<Seating | null> {
    if (this.stopped || (this.#match && !this.#match.outcome)) return null;
    // G6: nobody else ends the look at the finished match.
    if (this.#match?.seatOf(userId) === null) return null;
    this.#rested.resolve();
    return this.#seating.promise;
  }

  override stop(): void {
    super.stop();
    this.#match?.stop();
    this.#present?.close();
    this.#seating.resolve(null);
  }

  protected override prepare(round: LiveRound): void {
    this.#present = new Seating(round, this.#game.seats, this.#rematch);
    this.#match = undefined;
    this.#seating.resolve(this.#present);
  }

  protected override async play(round: LiveRound): Promise<MatchOutcome | null> {
    const seating = this.#present as Seating;
    const players = await Promise.race([seating.full, this.stopping]);
    seating.close();
    this.#present = undefined;
    if (!players || this.stopped) return null;
    this.#seating = Promise.withResolvers();
    this.#rested = Promise.withResolvers();

    const { seed, salt } = round.seed;
    const setup = this.#game.setup(drawFrom(seed, salt, round.id));
    const bets = Promise.withResolvers<void>();
    const match = new LiveMatch(this.#game, setup, players, {
      changed: () => this.parts.stage.changed(match),
      betsClosed: () => {
        round.accepting = false;
        bets.resolve();
      },
    });
    this.#match = match;
    round.accepting = this.#game.betsOpen(setup);
    this.parts.stage.started(round, match);
    await Promise.race([bets.promise, this.stopping]);
    await this.lock(round);
    this.parts.stage.locked(round);
    await Promise.race([match.over, this.stopping]);
    match.stop();
    if (!match.outcome) return null;
    await this.end(round, match.outcome);
    this.#rematch = { players, until: performance.now() + SETTLED_MS };
    return match.outcome;
  }

  /** Until somebody sits down again. */
  protected override async rest(): Promise<void> {
    if (this.#match) await Promise.race([this.pause(SETTLED_MS), this.#rested.promise]);
  }
}
