/**
 * Saved worlds: a user's slots, who may open them, and their end. Their snapshots change only by commands
 * (ledger/commands.ts), while they are open in a room.
 */
import type pg from 'pg';
import { AppError } from '../errors.ts';
import type { WorldGame } from '../games/world.ts';
import type { NodeId, RoomId, UserId } from '../ids.ts';
import { cursorNumber, page, plainTimes } from '../ledger/history.ts';
import { persist } from '../ledger/persist.ts';
import type { OwnedWorld } from '../ledger/types.ts';
import type {
  GameStateEntry,
  GameStateExport,
  GameStatePatch,
  NewGameState,
  Page,
  PageQuery,
} from '../protocol.ts';
import { writeSnapshot } from './snapshot.ts';

/** A slot that others take at the same moment is looked for again. */
const MAX_TRIES = 5;
/** A room of the same save that is just closing is waited for; in less time than another node waits for this one's room. */
const OPEN_TRIES = 10;
const OPEN_RETRY_MS = 100;
const MAX_REASON_LENGTH = 500;
const UNIQUE_VIOLATION = '23505';

const ENTRY = `s.id, g.name AS game, s.slot, s.title, s.is_public AS "isPublic", s.version,
  s.last_saved AS "lastSaved", s.created_at AS "createdAt", s.set_aside_at AS "setAsideAt",
  s.set_aside_reason AS "setAsideReason"`;
const FROM = 'FROM game_states s JOIN games g ON g.id = s.game_id';

/** A save that was opened in a room. */
export interface OpenedSave {
  readonly owned: OwnedWorld;
  readonly gameId: number;
  readonly ownerId: UserId;
  readonly owner: string;
  readonly slot: number;
  readonly title: string;
  readonly isPublic: boolean;
  readonly version: number;
  /** The snapshot as it was stored. */
  readonly stored: unknown;
  /** The database's time, ms since the epoch. */
  readonly now: number;
}

export type LoadedSave = Pick<OpenedSave, 'title' | 'isPublic' | 'version' | 'stored'>;

interface SaveOptions {
  /** The worlds of this server, by name. */
  worldByName(name: string): WorldGame | undefined;
  /** A save was changed or deleted from outside of its room, which may be live on any node. */
  changed(game: string, id: number): void;
}

type EntryRow = Omit<GameStateEntry, 'setAside'> & {
  setAsideAt: string | null;
  setAsideReason: string | null;
};

export class Saves {
  readonly #pool: pg.Pool;
  readonly #options: SaveOptions;

  constructor(pool: pg.Pool, options: SaveOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  /** Oldest first, those that were set aside included; the cursor is the last one's id. */
  async list(userId: UserId, query: PageQuery): Promise<Page<GameStateEntry>> {
    const rows = await this.#rows<EntryRow>(
      `SELECT ${ENTRY} ${FROM} WHERE s.user_id = $1 AND s.id > $2 ORDER BY s.id LIMIT $3`,
      [userId, cursorNumber(query.cursor) ?? 0, query.limit + 1],
    );
    const { items, nextCursor } = page(rows, query.limit, ({ id }) => String(id));
    return { items: items.map(entryOf), nextCursor };
  }

  /** With its snapshot. @throws AppError NOT_FOUND */
  async one(userId: UserId, id: number): Promise<GameStateExport> {
    const [row] = await this.#rows<EntryRow & { state: Record<string, unknown> }>(
      `SELECT ${ENTRY}, s.state ${FROM} WHERE s.id = $1 AND s.user_id = $2`,
      [id, userId],
    );
    if (!row) throw new AppError('NOT_FOUND');
    const { state, ...entry } = row;
    return { ...entryOf(entry), state };
  }

  /** Opens a slot, the first free one when none is named. @throws AppError NOT_FOUND, CONFLICT, LIMIT_EXCEEDED */
  async openSlot(userId: UserId, wish: NewGameState): Promise<GameStateEntry> {
    const game = this.#options.worldByName(wish.game);
    if (!game) throw new AppError('NOT_FOUND', `There is no world "${wish.game}" here.`);
    if (wish.slot !== undefined && wish.slot > game.slots) {
      throw new AppError('LIMIT_EXCEEDED', `Slots are from 1 to ${game.slots}.`);
    }
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const row = await this.#insert(userId, game, wish);
      if (row) return entryOf(row);
      if (wish.slot !== undefined) throw new AppError('CONFLICT', 'This slot is taken.');
      if (await this.#isFull(userId, game)) {
        throw new AppError('LIMIT_EXCEEDED', `All ${game.slots} slots are taken.`);
      }
    }
    throw new AppError('BUSY');
  }

  /** The save in a slot, made when there is none. @throws AppError LIMIT_EXCEEDED */
  async inSlot(userId: UserId, game: WorldGame, slot: number): Promise<number> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const [row] = await this.#rows<{ id: number }>(
        `SELECT s.id ${FROM} WHERE s.user_id = $1 AND g.name = $2 AND s.slot = $3 AND s.set_aside_at IS NULL`,
        [userId, game.name, slot],
      );
      if (row) return row.id;
      const made = await this.openSlot(userId, { game: game.name, slot }).catch((error) => {
        if (error instanceof AppError && error.code === 'CONFLICT') return undefined;
        throw error;
      });
      if (made) return made.id;
    }
    throw new AppError('BUSY');
  }

  /** Whether a user may come in: the owner, or anybody where it is public. */
  async mayEnter(userId: UserId, game: WorldGame, id: number): Promise<boolean> {
    const rows = await this.#rows(
      `SELECT 1 ${FROM} WHERE s.id = $1 AND g.name = $2 AND s.set_aside_at IS NULL
       AND (s.is_public OR s.user_id = $3)`,
      [id, game.name, userId],
    );
    return rows.length === 1;
  }

  /** @throws AppError NOT_FOUND */
  async change(userId: UserId, id: number, patch: GameStatePatch): Promise<GameStateEntry> {
    const [row] = await this.#rows<EntryRow>(
      `WITH s AS (
         UPDATE game_states SET title = coalesce($3, title), is_public = coalesce($4, is_public)
         WHERE id = $1 AND user_id = $2 AND set_aside_at IS NULL RETURNING *)
       SELECT ${ENTRY} FROM s JOIN games g ON g.id = s.game_id`,
      [id, userId, patch.title ?? null, patch.isPublic ?? null],
    );
    if (!row) throw new AppError('NOT_FOUND');
    this.#options.changed(row.game, id);
    return entryOf(row);
  }

  /** For good; what its commands have moved stays in the books. @throws AppError NOT_FOUND */
  async remove(userId: UserId, id: number): Promise<void> {
    const [row] = await this.#rows<{ game: string }>(
      `WITH s AS (DELETE FROM game_states WHERE id = $1 AND user_id = $2 RETURNING game_id)
       SELECT g.name AS game FROM s JOIN games g ON g.id = s.game_id`,
      [id, userId],
    );
    if (!row) throw new AppError('NOT_FOUND');
    this.#options.changed(row.game, id);
  }

  /** M8: opens a save in a room of this node. @throws AppError NOT_FOUND; BUSY while another room has it open */
  async open(
    nodeId: NodeId,
    roomId: RoomId,
    gameName: string,
    stateId: number,
    currency: string,
  ): Promise<OpenedSave> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#open(nodeId, roomId, gameName, stateId, currency);
      } catch (error) {
        if ((error as { code?: string }).code !== 'RH009') throw error;
        if (tries === OPEN_TRIES) throw new AppError('BUSY', 'It is open on another server.');
      }
      await new Promise((resolve) => setTimeout(resolve, OPEN_RETRY_MS));
    }
  }

  /** The save as it is now; null when it is gone. */
  async load(id: number): Promise<LoadedSave | null> {
    const [row] = await this.#rows<LoadedSave>(
      `SELECT title, is_public AS "isPublic", version, state AS stored FROM game_states
       WHERE id = $1 AND set_aside_at IS NULL`,
      [id],
    );
    return row ?? null;
  }

  /** W6: a snapshot that cannot be read is kept as it is, and its slot is free again. */
  async setAside(id: number, reason: string): Promise<void> {
    await this.#rows(
      `UPDATE game_states SET set_aside_at = now(), set_aside_reason = $2
       WHERE id = $1 AND set_aside_at IS NULL`,
      [id, reason.slice(0, MAX_REASON_LENGTH)],
    );
  }

  async #open(
    nodeId: NodeId,
    roomId: RoomId,
    gameName: string,
    stateId: number,
    currency: string,
  ): Promise<OpenedSave> {
    const [row] = await this.#rows<Omit<OpenedSave, 'owned'> & { fence: number }>(
      `SELECT fence, game_id AS "gameId", user_id AS "ownerId", username AS owner, slot, title,
              is_public AS "isPublic", version, state AS stored, now_ms AS now
       FROM open_world($1, $2, $3, $4, $5)`,
      [nodeId, roomId, gameName, stateId, currency],
    );
    if (!row) throw new AppError('NOT_FOUND', 'There is no such save.');
    const { fence, ...save } = row;
    return { owned: { nodeId, roomId, fence, stateId }, ...save };
  }

  /** Null when the slot is taken, or none is free. */
  async #insert(userId: UserId, game: WorldGame, wish: NewGameState): Promise<EntryRow | null> {
    const snapshot = writeSnapshot(game, { state: game.create(), at: 0 });
    try {
      const [row] = await this.#rows<EntryRow>(
        `WITH s AS (
           INSERT INTO game_states (user_id, game_id, slot, title, is_public, state)
           SELECT $1, g.id, n, $5, $6, jsonb_set($7::jsonb, '{at}',
             to_jsonb(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint))
           FROM games g CROSS JOIN generate_series(coalesce($3, 1), coalesce($3, $4)) n
           WHERE g.name = $2 AND NOT EXISTS (SELECT 1 FROM game_states o WHERE o.user_id = $1 AND o.game_id = g.id
             AND o.slot = n AND o.set_aside_at IS NULL)
           ORDER BY n LIMIT 1 RETURNING *)
         SELECT ${ENTRY} FROM s JOIN games g ON g.id = s.game_id`,
        [
          userId,
          game.name,
          wish.slot ?? null,
          game.slots,
          wish.title ?? '',
          wish.isPublic ?? false,
          snapshot,
        ],
      );
      return row ?? null;
    } catch (error) {
      if ((error as { code?: string }).code === UNIQUE_VIOLATION) return null;
      throw error;
    }
  }

  async #isFull(userId: UserId, game: WorldGame): Promise<boolean> {
    const [row] = await this.#rows<{ taken: number }>(
      `SELECT count(*) AS taken ${FROM} WHERE s.user_id = $1 AND g.name = $2 AND s.set_aside_at IS NULL`,
      [userId, game.name],
    );
    return (row?.taken ?? 0) >= game.slots;
  }

  async #rows<R extends object>(text: string, values: unknown[]): Promise<R[]> {
    const { rows } = await persist(() => this.#pool.query<R>(text, values));
    return rows.map(plainTimes);
  }
}

function entryOf({ setAsideAt, setAsideReason, ...entry }: EntryRow): GameStateEntry {
  const setAside = setAsideAt === null ? null : { at: setAsideAt, reason: setAsideReason ?? '' };
  return { ...entry, setAside };
}
