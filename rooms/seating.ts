/** The seats of the next match, until all of them are taken by players who are there. */
import { AppError } from '../src/errors.ts';
import type { Seat } from '../src/games/match.ts';
import type { UserId } from '../src/ids.ts';
import type { StakedSeat } from '../src/ledger/pots.ts';
import type { MatchPlayer } from './match.ts';
import type { LiveRound } from './round.ts';

export interface SeatHolder extends MatchPlayer {
  readonly staked: StakedSeat;
}

/** Who may have a rematch, and until when (monotonic time in ms) nobody else may sit. */
export interface Rematch {
  readonly players: readonly MatchPlayer[];
  readonly until: number;
}

export class Seating {
  readonly round: LiveRound;
  readonly #seats: (SeatHolder | undefined)[];
  readonly #rematch: Rematch | undefined;
  #open = true;
  readonly #full = Promise.withResolvers<readonly SeatHolder[]>();

  constructor(round: LiveRound, seats: number, rematch: Rematch | undefined) {
    this.round = round;
    this.#seats = Array.from({ length: seats }, () => undefined);
    this.#rematch = rematch;
  }

  get seats(): readonly (SeatHolder | undefined)[] {
    return this.#seats;
  }

  /** False once the match has begun or the table closes. */
  get open(): boolean {
    return this.#open;
  }

  /** Resolves with the players when the last seat is taken. */
  get full(): Promise<readonly SeatHolder[]> {
    return this.#full.promise;
  }

  get stake(): number | undefined {
    return this.#seats.find((holder) => holder)?.stake;
  }

  /** Of the last match's players. */
  rematchStake(userId: UserId): number | undefined {
    return this.#rematch?.players.find((player) => player.userId === userId)?.stake;
  }

  seatOf(userId: UserId): SeatHolder | undefined {
    return this.#seats.find((holder) => holder?.userId === userId);
  }

  /** A seat for this player. @throws AppError BUSY, LIMIT_EXCEEDED */
  free(userId: UserId, stake: number): Seat {
    if (this.seatOf(userId)) throw new AppError('LIMIT_EXCEEDED', 'You have a seat already.');
    const seat = this.#seats.indexOf(undefined);
    if (!this.#open || seat === -1) throw new AppError('BUSY', 'The seats are taken.');
    const kept = this.#rematch;
    if (kept && performance.now() < kept.until && this.rematchStake(userId) === undefined) {
      throw new AppError('BUSY', 'The seats are kept for a rematch for a moment.');
    }
    if (this.stake !== undefined && stake !== this.stake) {
      throw new AppError('LIMIT_EXCEEDED', `The stake of the other seat is ${this.stake}.`);
    }
    return seat;
  }

  take(seat: Seat, holder: SeatHolder, isThere: (userId: UserId) => boolean): void {
    this.#seats[seat] = holder;
    const holders = this.#seats.filter((each) => each !== undefined);
    if (holders.length < this.#seats.length) return;
    // Whose connection went meanwhile gets up again; see the room.
    if (!holders.every(({ userId }) => isThere(userId))) return;
    this.#open = false;
    this.#full.resolve(holders);
  }

  giveUp(seat: Seat): void {
    this.#seats[seat] = undefined;
  }

  close(): void {
    this.#open = false;
  }
}
