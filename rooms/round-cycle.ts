/**
 * The cycle of a round room: betting, running, settled, again while somebody is there. Every step is committed before
 * it is shown (M6, M7); a step that the database does not answer is tried again while the room shows `paused`.
 */
import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../src/errors.ts';
import type { SeedChain } from '../src/fairness/chain.ts';
import { drawFrom } from '../src/fairness/stream.ts';
import type { RoundGame } from '../src/games/contract.ts';
import type { RoundId } from '../src/ids.ts';
import type { Ledger } from '../src/ledger/ledger.ts';
import { settle } from '../src/ledger/settlement.ts';
import type { OwnedRoom, ResolvedBet } from '../src/ledger/types.ts';
import type { CommandQueue } from './command-queue.ts';
import { LiveRound } from './round.ts';

/** How long a stopping room lets a running round go on before it is made void. */
const DRAIN_MS = 8_000;
const RETRY_MS = 250;

/** What the cycle tells its room; nothing here may throw. */
export interface RoundStage {
  betting(round: LiveRound): void;
  running(round: LiveRound): void;
  /** Of a round with bets while it runs: no more are taken. */
  locked(round: LiveRound): void;
  ended(round: LiveRound, outcome: object): void;
  resolved(round: LiveRound, bets: readonly ResolvedBet[]): void;
  closed(round: LiveRound): void;
  /** The books cannot be reached; the next of the calls above tells that they can be again. */
  paused(): void;
  /** Whether anyone is there to play for. */
  attended(): boolean;
}

export interface CycleParts {
  readonly game: RoundGame;
  readonly room: OwnedRoom;
  readonly ledger: Ledger;
  readonly chain: SeedChain;
  readonly queue: CommandQueue;
  readonly stage: RoundStage;
}

export class RoundCycle {
  readonly #parts: CycleParts;
  #number = 0;
  #stopping = Promise.withResolvers<void>();
  #stopped = false;
  #wake = Promise.withResolvers<void>();
  #current: LiveRound | undefined;

  constructor(parts: CycleParts) {
    this.#parts = parts;
  }

  get round(): LiveRound | undefined {
    return this.#current;
  }

  /** Somebody came: an idle table opens betting. */
  wake(): void {
    this.#wake.resolve();
  }

  /** Ends the present round, void when it cannot end soon, and opens no other. */
  stop(): void {
    this.#stopped = true;
    this.#stopping.resolve();
    this.#wake.resolve();
  }

  /** Runs until stopped. @throws AppError ROOM_MOVED when another node owns the room now */
  async run(): Promise<void> {
    while (!this.#stopped) {
      if (!this.#parts.stage.attended()) {
        this.#wake = Promise.withResolvers<void>();
        if (this.#parts.stage.attended()) continue;
        await this.#wake.promise;
        continue;
      }
      const round = await this.#open();
      await this.#pause(this.#parts.game.bettingMs);
      const outcome = this.#stopped ? null : await this.#play(round);
      await this.#settle(round, outcome);
      await this.#pause(this.#parts.game.settledMs);
    }
  }

  async #open(): Promise<LiveRound> {
    const { game, room, ledger, chain, stage } = this.#parts;
    const seed = await this.#step(() => chain.next());
    this.#number += 1;
    const round = new LiveRound(game, uuidv7() as RoundId, this.#number, seed, room.currency);
    await this.#step(() =>
      ledger.rounds.open(room, {
        id: round.id,
        number: round.number,
        payTableVersion: game.payTableVersion,
        chainId: seed.chainId,
        chainIndex: seed.index,
        commitment: seed.commitment,
      }),
    );
    this.#current = round;
    stage.betting(round);
    return round;
  }

  /** From the end of betting to the committed outcome; null when the room stops before the round can end. */
  async #play(round: LiveRound): Promise<object | null> {
    const { game, room, ledger, queue, stage } = this.#parts;
    if (!game.bettingUntilMs) await this.#lock(round);
    const { seed, salt } = round.seed;
    const outcome = game.draw(drawFrom(seed, salt, round.id));
    round.outcome = outcome;
    round.runningMs = game.runningMs(outcome);
    round.startedAt = performance.now();
    stage.running(round);
    if (game.bettingUntilMs) {
      if (!(await this.#runUntil(round, game.bettingUntilMs(outcome)))) return null;
      await this.#lock(round);
      stage.locked(round);
    }
    if (!(await this.#runUntil(round, round.runningMs))) return null;
    await queue.drain();
    await this.#step(() => ledger.rounds.end(room, round.id, outcome, seed.toString('hex')));
    stage.ended(round, outcome);
    return outcome;
  }

  /** M7: what was received before the lock is answered before it is made. */
  async #lock(round: LiveRound): Promise<void> {
    const { room, ledger, queue } = this.#parts;
    round.accepting = false;
    await queue.drain();
    await this.#step(() => ledger.rounds.lock(room, round.id));
  }

  /** Waits until the round has run for `ms`; false when the room stops and the round cannot get there soon. */
  async #runUntil(round: LiveRound, ms: number): Promise<boolean> {
    const elapsed = () => performance.now() - (round.startedAt as number);
    await this.#pause(ms - elapsed(), () => (round.board.open().length > 0 ? DRAIN_MS : 0));
    // Timers may fire a little early; what is received until the very end is in time.
    const left = ms - elapsed();
    if (left <= 0) return true;
    if (this.#stopped && left > 100) return false;
    await new Promise((resolve) => setTimeout(resolve, left + 1));
    return true;
  }

  async #settle(round: LiveRound, outcome: object | null): Promise<void> {
    const { game, room, ledger, queue, stage } = this.#parts;
    round.accepting = false;
    await queue.drain();
    await this.#step(() =>
      settle(ledger, game, room, round.id, outcome, round.board.open(), (bets) =>
        stage.resolved(round, bets),
      ),
    );
    round.finish();
    stage.closed(round);
  }

  /** Repeats a step of the books until it is answered; all of them may be sent twice. */
  async #step<T>(work: () => Promise<T>): Promise<T> {
    let paused = false;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'BUSY') throw error;
        if (!paused) this.#parts.stage.paused();
        paused = true;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** Waits `ms`; a stop shortens it to at most what `grace` gives then. */
  async #pause(ms: number, grace = () => 0): Promise<void> {
    const timer = Promise.withResolvers<void>();
    const timeout = setTimeout(timer.resolve, ms);
    await Promise.race([timer.promise, this.#stopping.promise]);
    if (this.#stopped) {
      const last = Promise.withResolvers<void>();
      const lastTimeout = setTimeout(last.resolve, grace());
      await Promise.race([timer.promise, last.promise]);
      clearTimeout(lastTimeout);
    }
    clearTimeout(timeout);
  }
}
