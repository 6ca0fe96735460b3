/**
 * Seats that were given out but not yet taken by a socket, and connections per player. A reservation costs its holder
 * nothing and the server memory, so both are bounded per player and in all.
 */
import { AppError } from '../src/errors.ts';
import type { UserId } from '../src/ids.ts';

/** A reserved seat is dropped when no socket takes it within this time. */
export const SEAT_SECONDS = 10;
const MAX_PENDING_PER_PLAYER = 8;
const MAX_PENDING = 5_000;
const MAX_CONNECTIONS_PER_PLAYER = 20;

export class Seats {
  readonly #pending = new Map<UserId, number>();
  readonly #connected = new Map<UserId, number>();
  readonly #releases = new Map<string, () => void>();
  #pendingInAll = 0;

  /**
   * Reserves with `reserve`, which answers the session id's owner, counting the seat until a socket takes it.
   * @throws AppError RATE_LIMITED, LIMIT_EXCEEDED, BUSY
   */
  async reserve<Seat extends { sessionId: string }>(
    userId: UserId,
    reserve: () => Promise<Seat>,
  ): Promise<Seat> {
    const pending = this.#pending.get(userId) ?? 0;
    if (pending >= MAX_PENDING_PER_PLAYER) {
      throw new AppError(
        'RATE_LIMITED',
        'Too many seats are waiting for you; connect to one of them first.',
      );
    }
    if ((this.#connected.get(userId) ?? 0) + pending >= MAX_CONNECTIONS_PER_PLAYER) {
      throw new AppError(
        'LIMIT_EXCEEDED',
        `At most ${MAX_CONNECTIONS_PER_PLAYER} connections for one player.`,
      );
    }
    if (this.#pendingInAll >= MAX_PENDING) throw new AppError('BUSY');
    this.#pending.set(userId, pending + 1);
    this.#pendingInAll += 1;
    const release = () => {
      decrement(this.#pending, userId);
      this.#pendingInAll -= 1;
    };
    try {
      const seat = await reserve();
      const expiry = setTimeout(() => this.#release(seat.sessionId), SEAT_SECONDS * 1000);
      this.#releases.set(seat.sessionId, () => {
        clearTimeout(expiry);
        release();
      });
      return seat;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** A socket took its seat. */
  connected(userId: UserId, sessionId: string): void {
    this.#release(sessionId);
    this.#connected.set(userId, (this.#connected.get(userId) ?? 0) + 1);
  }

  disconnected(userId: UserId): void {
    decrement(this.#connected, userId);
  }

  close(): void {
    for (const sessionId of [...this.#releases.keys()]) this.#release(sessionId);
  }

  #release(sessionId: string): void {
    this.#releases.get(sessionId)?.();
    this.#releases.delete(sessionId);
  }
}

function decrement(counts: Map<UserId, number>, userId: UserId): void {
  const left = (counts.get(userId) ?? 0) - 1;
  if (left > 0) counts.set(userId, left);
  else counts.delete(userId);
}
