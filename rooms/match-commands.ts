/**
 * What players ask of a table of matches beside bets: seats, moves, an early end. Seats are taken and given up one after
 * the other; what ends a match is answered when the books have it (M6).
 */
import { AppError } from '../src/errors.ts';
import type { MatchGame, Seat } from '../src/games/match.ts';
import type { UserId } from '../src/ids.ts';
import type { StakedSeat } from '../src/ledger/pots.ts';
import type { OwnedRoom } from '../src/ledger/types.ts';
import type { TakenSeat } from '../src/protocol.ts';
import type { SeatedPlayer } from './bet-commands.ts';
import type { CommandQueue } from './command-queue.ts';
import { Line } from './line.ts';
import type { LiveMatch } from './match.ts';
import type { MatchCycle } from './match-cycle.ts';
import type { Seating } from './seating.ts';
import type { RoomServices } from './services.ts';

/** Players of a room who may wait at the same time for others to sit down or get up. */
const MAX_WAITING = 100;
const RETRY_MS = 250;

export interface MatchHost {
  readonly game: MatchGame;
  readonly services: RoomServices;
  readonly queue: CommandQueue;
  readonly cycle: MatchCycle;
  /** What this table is for; undefined: whoever sits down first says. */
  readonly stake: number | undefined;
  /** @throws AppError ROOM_MOVED */
  owned(): OwnedRoom;
  /** Whether the user has a stay in the room, also one whose connection is down at the moment. */
  isThere(userId: UserId): boolean;
  seatsChanged(): void;
}

export class MatchCommands {
  readonly #host: MatchHost;
  readonly #line = new Line({ maxWaiting: MAX_WAITING });

  constructor(host: MatchHost) {
    this.#host = host;
  }

  /**
   * Takes a seat in the next match, once per `matchId`.
   * @throws AppError LIMIT_EXCEEDED, BET_CONFLICT, INSUFFICIENT_FUNDS, BUSY, ROOM_MOVED
   */
  sit(player: SeatedPlayer, matchId: string, stake: number): Promise<TakenSeat> {
    const { game, services } = this.#host;
    const { minStake, maxStake } = game.limits;
    if (stake < minStake || stake > maxStake) {
      const refusal = new AppError('LIMIT_EXCEEDED', `A stake is from ${minStake} to ${maxStake}.`);
      return Promise.reject(refusal);
    }
    return this.#line.run(async () => {
      const first = await services.ledger.pots.find(player.userId, matchId);
      if (first && first.stake !== stake) throw new AppError('BET_CONFLICT');
      const staked = first ?? (await this.#sit(player, matchId, stake));
      return this.#answer(matchId, staked);
    });
  }

  /** The stake of the last match again. @throws AppError as `sit`; ILLEGAL_MOVE */
  async rematch(player: SeatedPlayer, matchId: string): Promise<TakenSeat> {
    const { game, services, cycle } = this.#host;
    const last = cycle.match?.players.find(({ userId }) => userId === player.userId);
    const stake =
      last?.stake ??
      cycle.seating?.rematchStake(player.userId) ??
      (await services.ledger.pots.find(player.userId, matchId))?.stake;
    if (stake === undefined) {
      throw new AppError('ILLEGAL_MOVE', `You have not played the last ${game.title} here.`);
    }
    return this.sit(player, matchId, stake);
  }

  /** Gets up before the match begins; the stake comes back. @throws AppError ILLEGAL_MOVE, ROOM_MOVED, BUSY */
  stand(userId: UserId): Promise<object> {
    return this.#line.run(() => this.#getUp(userId));
  }

  /** The player is gone for good: the stake comes back, or the match is lost. */
  gone(userId: UserId): void {
    const { cycle, services } = this.#host;
    const seat = cycle.match?.seatOf(userId) ?? null;
    if (seat !== null) cycle.match?.leave(seat);
    else if (cycle.seating?.seatOf(userId)) {
      // However many wait: nobody else would free this seat. In the worst case the stake comes back when the table closes.
      this.#line
        .always(() => this.#getUp(userId))
        .catch((error) => services.logger.warn({ err: error }, 'seat not given up'));
    }
  }

  /** @throws AppError as `LiveMatch.move`; FORBIDDEN, BUSY */
  async move(
    player: SeatedPlayer,
    move: Readonly<Record<string, unknown>>,
    receivedAt: number,
  ): Promise<{ seat: Seat; number: number }> {
    const { match, seat } = this.#played(player);
    const number = match.move(seat, move, receivedAt);
    await this.#ended(match);
    return { seat, number };
  }

  moves(player: SeatedPlayer): { moves: readonly object[] } {
    const { match, seat } = this.#played(player);
    return { moves: match.moves(seat) };
  }

  /** Resigns, offers or answers. @throws AppError as the method of `LiveMatch`; FORBIDDEN, BUSY */
  async act(player: SeatedPlayer, act: (match: LiveMatch, seat: Seat) => void): Promise<object> {
    const { match, seat } = this.#played(player);
    act(match, seat);
    await this.#ended(match);
    return {};
  }

  #played({ userId }: SeatedPlayer): { match: LiveMatch; seat: Seat } {
    const { match } = this.#host.cycle;
    this.#host.owned();
    if (!match) throw new AppError('ILLEGAL_MOVE', 'No match is played.');
    const seat = match.seatOf(userId);
    if (seat === null) throw new AppError('FORBIDDEN', 'You have no seat in this match.');
    return { match, seat };
  }

  /** M6: what ended the match is answered when it is in the books. */
  async #ended(match: LiveMatch): Promise<void> {
    const { round } = this.#host.cycle;
    if (!match.outcome || !round) return;
    await round.over;
    if (round.outcome === null) {
      // Of a room that was taken over, the books may have the end that nobody here was told of.
      this.#host.owned();
      throw new AppError('BUSY', 'The match was called off; the stakes were given back.');
    }
  }

  async #sit(player: SeatedPlayer, matchId: string, stake: number): Promise<StakedSeat> {
    const { cycle, services, isThere } = this.#host;
    const { userId, username } = player;
    const seating = await cycle.openSeating(userId);
    if (!seating) {
      throw new AppError('BUSY', 'The seats are taken, or kept for a rematch; find another table.');
    }
    if (this.#host.stake !== undefined && stake !== this.#host.stake) {
      throw new AppError('LIMIT_EXCEEDED', `The stake of this table is ${this.#host.stake}.`);
    }
    // Gone while it waited: nobody is left to play for the stake.
    if (!isThere(userId)) throw new AppError('BUSY');
    const seat = seating.free(userId, stake);
    const table = { room: this.#host.owned(), roundId: seating.round.id };
    const staked = await this.#untilKnown(seating, () =>
      services.ledger.pots.sit({ table, userId, matchId, seat, stake }),
    );
    seating.take(seat, { userId, username, stake, staked }, isThere);
    this.#host.seatsChanged();
    if (!isThere(userId)) this.gone(userId);
    return staked;
  }

  async #getUp(userId: UserId): Promise<object> {
    const { seating } = this.#host.cycle;
    const holder = seating?.open ? seating.seatOf(userId) : undefined;
    if (!seating || !holder) throw new AppError('ILLEGAL_MOVE', 'You have no seat to get up from.');
    await this.#giveBack(seating, holder.staked);
    return {};
  }

  async #giveBack(seating: Seating, staked: StakedSeat): Promise<void> {
    const table = { room: this.#host.owned(), roundId: staked.roundId };
    await this.#untilKnown(seating, () => this.#host.services.ledger.pots.giveBack(table, staked));
    seating.giveUp(staked.seat);
    this.#host.seatsChanged();
  }

  /** A seat must not be given to another while it is not known whether a stake for it is in the pot. */
  async #untilKnown<T>(seating: Seating, work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.#host.queue.run(work);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'BUSY') throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        // The table closes: from now on its settlement moves the money, and nothing else may.
        if (!seating.open) throw error;
      }
    }
  }

  #answer(matchId: string, { roundId, seat, stake, balance }: StakedSeat): TakenSeat {
    const { game } = this.#host;
    const { currency } = this.#host.owned();
    return { matchId, roundId, game: game.name, seat, stake, currency, balance };
  }
}
