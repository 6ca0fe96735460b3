/** A row for each stay of a player in a room, from joining to leaving. */
import type { Database } from '../database/connection.ts';
import type { GameSessionId, RoomId, UserId } from '../ids.ts';

export async function beginSession(
  db: Database,
  userId: UserId,
  gameId: number,
  roomId: RoomId,
  sessionKey: string,
): Promise<GameSessionId> {
  const session = await db.models.GameSession.create({ userId, gameId, roomId, sessionKey });
  return session.id as GameSessionId;
}

export async function endSession(db: Database, id: GameSessionId): Promise<void> {
  await db.models.GameSession.update({ endedAt: new Date() }, { where: { id, endedAt: null } });
}
