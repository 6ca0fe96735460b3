/**
 * The stakes of a match: into the pot of its round when a seat is taken, out of it when the seat is given up, when the
 * match was called off or ended without a winner, or to the winner less the rake. Every step may be sent twice (M5).
 */
import type pg from 'pg';
import { v5 as uuidv5 } from 'uuid';
import { AppError } from '../errors.ts';
import type { RoundId, UserId } from '../ids.ts';
import { persist } from './persist.ts';
import type { Postings } from './post.ts';
import { payout, rake, refund, stake, type Table } from './postings.ts';

export interface SeatToTake {
  readonly table: Table;
  readonly userId: UserId;
  /** The player's own name for the seat (M5). */
  readonly matchId: string;
  /** From 0. */
  readonly seat: number;
  /** In minor units. */
  readonly stake: number;
}

/** A seat whose stake is in the books, and the player's balance right after it. */
export interface StakedSeat {
  readonly roundId: RoundId;
  readonly userId: UserId;
  readonly seat: number;
  readonly stake: number;
  readonly refundId: string;
  readonly balance: number;
}

/** Ids of postings that follow from others are made in this namespace. */
const NAMESPACE = '2b6f2a1e-6d5c-4c0b-9a53-0f5b8b3b7a51';

const SEATS = `SELECT s.round_id AS "roundId", s.user_id AS "userId", s.seat, s.stake, s.refund_id AS "refundId",
    t.balance_after AS balance
  FROM match_seats s JOIN transactions t ON t.posting_id = s.id AND t.amount < 0
    AND t.bet_id IS NULL AND t.category NOT IN ('bet', 'resolve', 'settle')`;

export class Pots {
  readonly #pool: pg.Pool;
  readonly #postings: Postings;

  constructor(pool: pg.Pool, postings: Postings) {
    this.#pool = pool;
    this.#postings = postings;
  }

  /**
   * @throws AppError as `Postings.post`; BET_CONFLICT when this player has used the name for another seat,
   * BETTING_CLOSED when the seat is taken, the player has one, or the match has begun
   */
  async sit(asked: SeatToTake): Promise<StakedSeat> {
    const { table, userId, matchId, seat, stake: amount } = asked;
    const id = seatId(userId, matchId);
    const refundId = derived('refund', id);
    return this.#postings.together(async (client, post) => {
      const posted = await post(stake(id, table, [{ userId, amount }]));
      if (posted.first) {
        // The posting holds the round: whoever gets a seat in it waits. So a pot never has two holders of one seat.
        const { rowCount } = await client.query(
          `INSERT INTO match_seats (id, round_id, user_id, seat, stake, refund_id)
           SELECT $1, $2, $3, $4, $5, $6
           WHERE EXISTS (SELECT 1 FROM rounds WHERE id = $2 AND phase = 'betting')
             AND NOT EXISTS (SELECT 1 FROM match_seats s WHERE s.round_id = $2 AND (s.seat = $4 OR s.user_id = $3)
               AND NOT EXISTS (SELECT 1 FROM postings p WHERE p.id = s.refund_id))`,
          [id, table.roundId, userId, seat, amount, refundId],
        );
        if (rowCount === 0) throw new AppError('BETTING_CLOSED', 'This seat is not to be had.');
      }
      const balance = posted.wallets[0]?.balance as number;
      return { roundId: table.roundId, userId, seat, stake: amount, refundId, balance };
    });
  }

  /** The seat that this player has taken under this name, whatever became of it. */
  async find(userId: UserId, matchId: string): Promise<StakedSeat | undefined> {
    const { rows } = await persist(() =>
      this.#pool.query<StakedSeat>(`${SEATS} WHERE s.id = $1`, [seatId(userId, matchId)]),
    );
    return rows[0];
  }

  /** Gives the stake of a seat back. @throws AppError as `Postings.post` */
  async giveBack(table: Table, { userId, stake: amount, refundId }: StakedSeat): Promise<void> {
    await this.#postings.post(refund(refundId, table, [{ userId, amount }]));
  }

  /**
   * Empties the pot: to the winner less the rake (M1: rounded down), or, without one, back to who has staked.
   * @throws AppError as `Postings.post`
   */
  async pay(table: Table, winner: number | null, rakePercent: number): Promise<void> {
    const seats = await this.#taken(table.roundId);
    if (winner === null) {
      for (const seat of seats) await this.giveBack(table, seat);
      return;
    }
    const won = seats.find(({ seat }) => seat === winner);
    if (!won) throw new AppError('INTERNAL', `nobody has the seat ${winner} that won`);
    const pot = seats.reduce((sum, seat) => sum + seat.stake, 0);
    const kept = Math.floor((pot * rakePercent) / 100);
    const share = { userId: won.userId, amount: pot - kept };
    await this.#postings.post(payout(derived('payout', table.roundId), table, [share]));
    if (kept > 0) {
      await this.#postings.post(rake(derived('rake', table.roundId), table, kept));
    }
  }

  async #taken(roundId: RoundId): Promise<StakedSeat[]> {
    const { rows } = await persist(() =>
      this.#pool.query<StakedSeat>(
        `${SEATS} WHERE s.round_id = $1 AND NOT EXISTS (SELECT 1 FROM postings p WHERE p.id = s.refund_id)
         ORDER BY s.seat`,
        [roundId],
      ),
    );
    return rows;
  }
}

function seatId(userId: UserId, matchId: string): string {
  return derived(`seat of ${userId}`, matchId.toLowerCase());
}

function derived(what: string, from: string): string {
  return uuidv5(`${what} ${from}`, NAMESPACE);
}
