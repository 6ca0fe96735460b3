/** The life of a round in the books: opened, locked, ended, closed. Every step may be sent twice. */
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import type { Beacon } from '../fairness/beacon.ts';
import type { NodeId, RoomId, RoundId, WalletId } from '../ids.ts';
import { DEFAULT_CURRENCY } from './currencies.ts';
import { persist } from './persist.ts';
import type { OpenBet, OwnedRoom } from './types.ts';

export interface RoundToOpen {
  readonly id: RoundId;
  readonly number: number;
  readonly payTableVersion: number;
  readonly chainId: string;
  readonly chainIndex: number;
  readonly commitment: string;
}

export interface ClosedRound {
  readonly phase: 'settled' | 'void';
  readonly betCount: number;
  readonly staked: number;
  readonly paid: number;
}

/** Of a table or a world. */
type Owner = Pick<OwnedRoom, 'nodeId' | 'roomId' | 'fence'>;

export class Rounds {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** The game's row and its house account in a currency, opened when it is missing. */
  async house(gameName: string, currency: string): Promise<{ gameId: number; houseId: WalletId }> {
    const { rows } = await persist(() =>
      this.#pool.query<{ gameId: number; houseId: WalletId }>(
        `SELECT id AS "gameId", (wallets_of($2, ARRAY[NULL::bigint], ARRAY[$3]))[1] AS "houseId"
         FROM games WHERE name = $1`,
        [gameName, currency, `house:${gameName}`],
      ),
    );
    if (!rows[0]) throw new Error(`the game ${gameName} is not in the catalogue`);
    return rows[0];
  }

  async openRoom(
    nodeId: NodeId,
    roomId: RoomId,
    gameName: string,
    table: string,
    currency = DEFAULT_CURRENCY,
  ): Promise<OwnedRoom> {
    const house = await this.house(gameName, currency);
    const { rows } = await persist(() =>
      this.#pool.query<{ fence: number; escrow_id: WalletId }>(
        'SELECT * FROM open_room($1, $2, $3, $4, $5)',
        [nodeId, roomId, gameName, table, currency],
      ),
    );
    const { fence, escrow_id: escrowId } = rows[0] as { fence: number; escrow_id: WalletId };
    return { nodeId, roomId, fence, escrowId, gameName, currency, ...house };
  }

  /** M8: null when the room's owner still holds its lease, or the room is closed. */
  async takeOver(nodeId: NodeId, roomId: RoomId): Promise<OwnedRoom | null> {
    const { rows } = await persist(() =>
      this.#pool.query<{ fence: number; escrow_id: WalletId; name: string; currency: string }>(
        'SELECT * FROM take_over_room($1, $2)',
        [nodeId, roomId],
      ),
    );
    const row = rows[0];
    if (!row) return null;
    const { fence, escrow_id: escrowId, name: gameName, currency } = row;
    const house = await this.house(gameName, currency);
    return { nodeId, roomId, fence, escrowId, gameName, currency, ...house };
  }

  /** Whether the room is still open, and not taken over since. */
  async owns(room: Owner): Promise<boolean> {
    const { rowCount } = await persist(() =>
      this.#pool.query(
        'SELECT 1 FROM live_rooms WHERE room_id = $1 AND fence = $2 AND closed_at IS NULL',
        [room.roomId, room.fence],
      ),
    );
    return rowCount === 1;
  }

  async closeRoom(room: Owner): Promise<void> {
    await this.#call('close_room($1, $2, $3)', [room.nodeId, room.roomId, room.fence]);
  }

  async open(room: OwnedRoom, round: RoundToOpen): Promise<void> {
    await persist(async () => {
      try {
        await this.#pool.query('SELECT open_round($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
          room.nodeId,
          room.roomId,
          room.fence,
          round.id,
          room.gameId,
          round.number,
          round.payTableVersion,
          round.chainId,
          round.chainIndex,
          round.commitment,
        ]);
      } catch (error) {
        // Sent twice after a lost answer: the round is there already.
        if (!(await this.#exists(round.id))) throw error;
      }
    });
  }

  async lock(room: OwnedRoom, id: RoundId): Promise<void> {
    await this.#call('lock_round($1, $2, $3, $4)', [room.nodeId, room.roomId, room.fence, id]);
  }

  /** M7: commits the outcome and what it was drawn with; only then may anyone be shown it. */
  async end(
    room: OwnedRoom,
    id: RoundId,
    outcome: object,
    seed: string,
    beacon: Beacon | null = null,
  ): Promise<void> {
    await this.#call('end_round($1, $2, $3, $4, $5, $6, $7)', [
      room.nodeId,
      room.roomId,
      room.fence,
      id,
      JSON.stringify(outcome),
      seed,
      beacon && JSON.stringify(beacon),
    ]);
  }

  async close(room: OwnedRoom, id: RoundId): Promise<ClosedRound> {
    const posting = uuidv7();
    const { rows } = await persist(() =>
      this.#pool.query<ClosedRound>(
        `SELECT phase, bet_count AS "betCount", staked, paid FROM close_round($1, $2, $3, $4, $5, $6, $7)`,
        [room.nodeId, room.roomId, room.fence, id, room.escrowId, room.houseId, posting],
      ),
    );
    return rows[0] as ClosedRound;
  }

  /** Rounds of a room that are neither settled nor void, oldest first. */
  async unfinished(roomId: RoomId): Promise<{ id: RoundId; outcome: object | null }[]> {
    const { rows } = await persist(() =>
      this.#pool.query<{ id: RoundId; outcome: object | null }>(
        `SELECT id, outcome FROM rounds WHERE room_id = $1 AND phase IN ('betting', 'running') ORDER BY number`,
        [roomId],
      ),
    );
    return rows;
  }

  async openBets(roundId: RoundId, limit: number): Promise<OpenBet[]> {
    const { rows } = await persist(() =>
      this.#pool.query<OpenBet>(
        `SELECT id AS "betId", user_id AS "userId", amount, selection FROM bets
         WHERE round_id = $1 AND status = 'accepted' ORDER BY id LIMIT $2`,
        [roundId, limit],
      ),
    );
    return rows;
  }

  /** What is staked on each selection of a round, by bets in any state. */
  async stakes(roundId: RoundId): Promise<{ selection: object; staked: number }[]> {
    const { rows } = await persist(() =>
      this.#pool.query<{ selection: object; staked: number }>(
        `SELECT selection, sum(amount)::bigint AS staked FROM bets WHERE round_id = $1 GROUP BY selection`,
        [roundId],
      ),
    );
    return rows;
  }

  async #exists(id: RoundId): Promise<boolean> {
    const { rowCount } = await this.#pool.query('SELECT 1 FROM rounds WHERE id = $1', [id]);
    return rowCount === 1;
  }

  async #call(call: string, values: unknown[]): Promise<void> {
    await persist(() => this.#pool.query(`SELECT ${call}`, values));
  }
}
