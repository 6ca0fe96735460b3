/**
 * M9: what a node that died left open. Its rooms are taken over with a raised fence; a round with a stored outcome is
 * settled by it, a round without is void and its open bets are refunded. Repeating it, or being killed in it, is safe.
 */
import type { Logger } from 'pino';
import type { Database } from '../database/connection.ts';
import type { RoomId } from '../ids.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type SettlementRules, settle } from '../ledger/settlement.ts';
import type { NodeLease } from './lease.ts';

const ROOMS_PER_SWEEP = 100;
/** Each waits for the disk several times; together they share batches and commits, and leave connections to others. */
const ROOMS_AT_ONCE = 4;

export interface RecoveryParts {
  readonly db: Database;
  readonly lease: NodeLease;
  readonly ledger: Ledger;
  readonly logger: Logger;
  /**
   * Rooms whose recovery by this node failed, the process living on. Taken over, they are the node's own and look
   * abandoned to nobody; so the next sweep must know of them.
   */
  readonly failed: Set<RoomId>;
  /** By a game's name. */
  rulesOf(gameName: string): SettlementRules;
}

/**
 * Recovers every room whose owner is another node with a lease that has run out. One that cannot be recovered is logged,
 * does not keep the others from it, and is tried again by the next sweep. Answers how many were recovered.
 */
export async function recoverAbandonedRooms(parts: RecoveryParts): Promise<number> {
  let recovered = await closeLostWorlds(parts);
  const tryRoom = async (roomId: RoomId) => {
    try {
      if (await recoverRoom(parts, roomId)) recovered += 1;
    } catch (error) {
      parts.logger.error({ err: error, roomId }, 'room not recovered; tried again later');
    }
  };
  for (const roomId of [...parts.failed]) await tryRoom(roomId);
  let last = 0;
  for (;;) {
    const { rows } = await parts.db.pool.query<{ id: number; room_id: RoomId }>(
      `SELECT l.id, l.room_id FROM live_rooms l JOIN server_nodes n ON n.id = l.node_id
       JOIN games g ON g.name = l.name AND g.kind <> 'world'
       WHERE l.closed_at IS NULL AND n.lease_expires_at <= clock_timestamp() AND n.id <> $1 AND l.id > $2
       ORDER BY l.id LIMIT $3`,
      [parts.lease.id, last, ROOMS_PER_SWEEP],
    );
    const left = rows.values();
    const recoverLeft = async () => {
      for (const { room_id } of left) await tryRoom(room_id);
    };
    await Promise.all(Array.from({ length: ROOMS_AT_ONCE }, recoverLeft));
    if (rows.length < ROOMS_PER_SWEEP) return recovered;
    last = rows.at(-1)?.id ?? last;
  }
}

/** Nothing of theirs is open: each command of a world is whole or not at all. */
async function closeLostWorlds({ db, lease, logger }: RecoveryParts): Promise<number> {
  try {
    const { rows } = await db.pool.query<{ closed: number }>(
      'SELECT close_lost_worlds($1) AS closed',
      [lease.id],
    );
    return rows[0]?.closed ?? 0;
  } catch (error) {
    logger.error({ err: error }, 'lost worlds not closed; tried again later');
    return 0;
  }
}

/** Takes one room over and closes it; false when it is another node's. */
export async function recoverRoom(parts: RecoveryParts, roomId: RoomId): Promise<boolean> {
  try {
    const recovered = await takeOverAndClose(parts, roomId);
    parts.failed.delete(roomId);
    return recovered;
  } catch (error) {
    parts.failed.add(roomId);
    throw error;
  }
}

async function takeOverAndClose(parts: RecoveryParts, roomId: RoomId): Promise<boolean> {
  const { ledger, lease, logger } = parts;
  const room = await ledger.rounds.takeOver(lease.id, roomId);
  if (!room) return false;
  const rules = parts.rulesOf(room.gameName);
  for (const round of await ledger.rounds.unfinished(roomId)) {
    const closed = await settle(ledger, rules, room, round.id, round.outcome);
    logger.warn({ roomId, roundId: round.id, ...closed }, 'round of a lost room closed');
  }
  await ledger.rounds.closeRoom(room);
  return true;
}
