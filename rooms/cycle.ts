/**
 * What the rounds of every table go through: opened, played, settled, again while somebody is there. Every step is
 * committed before it is shown (M6, M7); one that the database does not answer is tried again while the room shows
 * `paused`. How a round is played is each kind of table's own.
 */
import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../src/errors.ts';
import type { SeedChain } from '../src/fairness/chain.ts';
import type { BetRules } from '../src/games/contract.ts';
import type { RoundId } from '../src/ids.ts';
import type { Ledger } from '../src/ledger/ledger.ts';
import { settle } from '../src/ledger/settlement.ts';
import type { OwnedRoom, ResolvedBet } from '../src/ledger/types.ts';
import type { CommandQueue } from './command-queue.ts';
import { LiveRound } from './round.ts';

const RETRY_MS = 250;

/** What a cycle tells its room; nothing here may throw. */
export interface Stage {
  /** A round was opened: bets, or seats, can be taken. */
  opened(round: LiveRound): void;
  /** No more bets are taken, and the round goes on. */
  locked(round: LiveRound): void;
  ended(round: LiveRound, outcome: object): void;
  resolved(round: LiveRound, bets: readonly ResolvedBet[]): void;
  closed(round: LiveRound): void;
  /** The books cannot be reached; the next of the calls above tells that they can be again. */
  paused(): void;
  /** Whether anyone is there to play for. */
  attended(): boolean;
}

export interface CycleParts<Of extends Stage = Stage> {
  readonly payTableVersion: number;
  readonly rules: BetRules;
  readonly room: OwnedRoom;
  readonly ledger: Ledger;
  readonly chain: SeedChain;
  readonly queue: CommandQueue;
  readonly stage: Of;
}

export abstract class Cycle<Of extends Stage = Stage> {
  protected readonly parts: CycleParts<Of>;
  protected stopped = false;
  readonly #stopping = Promise.withResolvers<void>();
  #number = 0;
  #wake = Promise.withResolvers<void>();
  #current: LiveRound | undefined;

  constructor(parts: CycleParts<Of>) {
    this.parts = parts;
  }

  /** Before anyone is shown the opened round. */
  protected prepare(_round: LiveRound): void {}

  /** From the opened round to its committed outcome; null when the room stops before it can end. */
  protected abstract play(round: LiveRound): Promise<object | null>;

  /** For how long a closed round is looked at before the next one opens. */
  protected abstract rest(): Promise<void>;

  get round(): LiveRound | undefined {
    return this.#current;
  }

  /** Resolves when the cycle is told to stop. */
  protected get stopping(): Promise<void> {
    return this.#stopping.promise;
  }

  /** Somebody came: an idle table opens a round. */
  wake(): void {
    this.#wake.resolve();
  }

  /** Ends the present round, void when it cannot end soon, and opens no other. */
  stop(): void {
    this.stopped = true;
    this.#stopping.resolve();
    this.#wake.resolve();
  }

  /** Runs until stopped. @throws AppError ROOM_MOVED when another node owns the room now */
  async run(): Promise<void> {
    while (!this.stopped) {
      if (!this.parts.stage.attended()) {
        this.#wake = Promise.withResolvers<void>();
        if (this.parts.stage.attended()) continue;
        await this.#wake.promise;
        continue;
      }
      const round = await this.#open();
      const outcome = await this.play(round);
      await this.#settle(round, outcome);
      await this.rest();
    }
  }

  async #open(): Promise<LiveRound> {
    const { payTableVersion, rules, room, ledger, chain, stage } = this.parts;
    const seed = await this.step(() => chain.next());
    this.#number += 1;
    const round = new LiveRound(rules, uuidv7() as RoundId, this.#number, seed, room.currency);
    await this.step(() =>
      ledger.rounds.open(room, {
        id: round.id,
        number: round.number,
        payTableVersion,
        chainId: seed.chainId,
        chainIndex: seed.index,
        commitment: seed.commitment,
      }),
    );
    this.#current = round;
    this.prepare(round);
    stage.opened(round);
    return round;
  }

  /** M7: what was received before the lock is answered before it is made. */
  protected async lock(round: LiveRound): Promise<void> {
    const { room, ledger, queue } = this.parts;
    round.accepting = false;
    await queue.drain();
    await this.step(() => ledger.rounds.lock(room, round.id));
  }

  /** M7: committed, then shown. */
  protected async end(round: LiveRound, outcome: object): Promise<void> {
    const { room, ledger, queue, stage } = this.parts;
    await queue.drain();
    const seed = round.seed.seed.toString('hex');
    await this.step(() => ledger.rounds.end(room, round.id, outcome, seed, round.beacon));
    stage.ended(round, outcome);
  }

  async #settle(round: LiveRound, outcome: object | null): Promise<void> {
    const { rules, room, ledger, queue, stage } = this.parts;
    round.accepting = false;
    await queue.drain();
    await this.step(() =>
      settle(ledger, rules, room, round.id, outcome, round.board.open(), (bets) =>
        stage.resolved(round, bets),
      ),
    );
    round.finish();
    stage.closed(round);
  }

  /** Repeats a step of the books until it is answered; all of them may be sent twice. */
  protected async step<T>(work: () => Promise<T>): Promise<T> {
    let paused = false;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'BUSY') throw error;
        if (!paused) this.parts.stage.paused();
        paused = true;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** Waits `ms`; a stop shortens it to at most what `grace` gives then. */
  protected async pause(ms: number, grace = () => 0): Promise<void> {
    const timer = Promise.withResolvers<void>();
    const timeout = setTimeout(timer.resolve, ms);
    await Promise.race([timer.promise, this.stopping]);
    if (this.stopped) {
      const last = Promise.withResolvers<void>();
      const lastTimeout = setTimeout(last.resolve, grace());
      await Promise.race([timer.promise, last.promise]);
      clearTimeout(lastTimeout);
    }
    clearTimeout(timeout);
  }
}
