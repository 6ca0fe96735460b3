/** A row for each stay of a player in a room, from joining to leaving. */
import type { Database } from '../database/connection.ts';
import type { GameSessionId, RoomId, UserId } from '../ids.ts';
import { persist } from '../ledger/persist.ts';

/** @throws AppError BUSY */
export async function beginSession(
  db: Database,
  userId: UserId,
  gameId: number,
  roomId: RoomId,
  sessionKey: string,
): Promise<GameSessionId> {
  const { rows } = await persist(() =>
    db.pool.query<{ id: GameSessionId }>(
      `INSERT INTO game_sessions (user_id, game_id, room_id, session_key) VALUES ($1, $2, $3, $4) RETURNING id`,
      [userId, gameId, roomId, sessionKey],
    ),
  );
  return (rows[0] as { id: GameSessionId }).id;
}

export async function endSession(db: Database, id: GameSessionId): Promise<void> {
  await persist(() =>
    db.pool.query(
      'UPDATE game_sessions SET ended_at = now(), updated_at = now() WHERE id = $1 AND ended_at IS NULL',
      [id],
    ),
  );
}
