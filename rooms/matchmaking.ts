/** Seats through Colyseus' matchmaker, after our own checks; called by the HTTP route, never by a socket. */
import { randomInt } from 'node:crypto';
import { type AuthContext, ErrorCode, matchMaker } from '@colyseus/core';
import type { z } from 'zod';
import { AppError } from '../src/errors.ts';
import type { WorldGame } from '../src/games/world.ts';
import type { UserId } from '../src/ids.ts';
import type { Currencies } from '../src/ledger/currencies.ts';
import { MatchJoinOptions, WorldJoinOptions } from '../src/protocol.ts';
import type { Saves } from '../src/worlds/saves.ts';
import type { Seats } from './seats.ts';
import { DEFAULT_TABLE } from './table-room.ts';

type MatchJoin = Pick<z.infer<typeof MatchJoinOptions>, 'table' | 'stake' | 'private'>;
/** Of a private table, to be told over the telephone; some 10^12 of them. */
const CODE_LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const CODE_LENGTH = 8;

type Method = 'joinOrCreate' | 'create' | 'join' | 'joinById' | 'reconnect';

/** How the options of a join are written. */
const FORMS: Record<string, string> = {
  table: '1 to 32 of a-z, 0-9 and -',
  currency: '3 to 8 capital letters',
  spectate: 'true or false',
  stake: 'a positive integer',
  private: 'true or false',
  slot: 'from 1 to as many as this world has',
  world: 'the id of a save',
};
const FIRST_SLOT = 1;

interface Asker {
  readonly identity: { userId: UserId } | null;
  readonly token: string | undefined;
  readonly ip: string;
  readonly headers: Headers;
}

interface Matchmaking {
  readonly seats: Seats;
  readonly currencies: Currencies;
  /** Whether matches are played in the rooms of this name. */
  isMatch(roomName: string): boolean;
  worldByName(roomName: string): WorldGame | undefined;
  readonly saves: Pick<Saves, 'inSlot' | 'mayEnter'>;
  /** Whether anyone may still join. */
  open(): boolean;
}

export function createMatchmaking(parts: Matchmaking) {
  const { seats, currencies, isMatch, open } = parts;
  return async (
    method: Method,
    roomName: string,
    options: Record<string, unknown>,
    { identity, token, ip, headers }: Asker,
  ): Promise<object> => {
    if (!open()) throw new AppError('BUSY', 'This server is going down; try again in a moment.');
    // Whoever reconnects has a seat already, and its token proves it.
    if (method === 'reconnect') {
      const { reconnectionToken } = options;
      if (typeof reconnectionToken !== 'string' || reconnectionToken === '') {
        throw new AppError('BAD_REQUEST', 'reconnectionToken: the one of the seat');
      }
      return matchMaker.reconnect(roomName, { reconnectionToken });
    }
    if (!identity || token === undefined) throw new AppError('UNAUTHENTICATED');
    const context = { token, ip, headers };
    const world = parts.worldByName(roomName);
    if (world && method !== 'joinById') {
      const wish = await worldPlace(parts.saves, world, identity.userId, options);
      return seats.reserve(identity.userId, () => joinOrCreate(roomName, wish, context));
    }
    const { table, spectate = false, ...asked } = read(MatchJoinOptions, options);
    const currency = currencies.chosen(asked.currency);
    const place = isMatch(roomName)
      ? matchTable({ table, ...asked })
      : { table: table ?? DEFAULT_TABLE };
    const wish = { currency, spectate, ...place };
    return seats.reserve(identity.userId, () => {
      switch (method) {
        case 'join':
          return matchMaker.join(roomName, wish, context);
        case 'joinById':
          return matchMaker.joinById(roomName, wish, context);
        default:
          return joinOrCreate(roomName, wish, context);
      }
    });
  };
}

/** Tables that are being made by this process, each with the last of those who want to sit at it. */
const makings = new Map<string, Promise<unknown>>();

/**
 * R11: a table of one name is one room, so creating what exists is joining it. Whoever finds none gets in line: Colyseus
 * lets who wait for a room that is long in the making (the books are slow) make rooms of their own.
 */
async function joinOrCreate(
  roomName: string,
  wish: { readonly spectate: boolean } & Record<string, unknown>,
  context: AuthContext,
) {
  try {
    return await matchMaker.join(roomName, wish, context);
  } catch (error) {
    if ((error as { code?: number }).code !== ErrorCode.MATCHMAKE_INVALID_CRITERIA) throw error;
  }
  const { spectate: _, ...place } = wish;
  const key = JSON.stringify([roomName, place]);
  const making = (makings.get(key) ?? Promise.resolve()).then(() =>
    matchMaker.joinOrCreate(roomName, wish, context),
  );
  const done = making.catch(() => {});
  makings.set(key, done);
  void done.then(() => {
    if (makings.get(key) === done) makings.delete(key);
  });
  return making;
}

/** @throws AppError BAD_REQUEST */
function read<Schema extends z.ZodType>(schema: Schema, options: unknown): z.output<Schema> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const [field] = parsed.error.issues[0]?.path ?? [];
  throw new AppError('BAD_REQUEST', `${String(field)}: ${FORMS[String(field)] ?? 'not so'}`);
}

/** W7: a save that the asker may enter, or the asker's own in a slot. @throws AppError BAD_REQUEST, NOT_FOUND */
async function worldPlace(
  saves: Matchmaking['saves'],
  world: WorldGame,
  userId: UserId,
  options: unknown,
): Promise<{ world: number; spectate: boolean }> {
  const { world: id, slot = FIRST_SLOT, spectate = false } = read(WorldJoinOptions, options);
  if (id === undefined) {
    if (slot > world.slots) throw new AppError('BAD_REQUEST', `slot: ${FORMS.slot}`);
    return { world: await saves.inSlot(userId, world, slot), spectate };
  }
  if (await saves.mayEnter(userId, world, id)) return { world: id, spectate };
  throw new AppError('NOT_FOUND', 'There is no such save, or it is not open to the public.');
}

/** Where a match is to be found: by its table's name, by the stake, or at a new table that has a code for a name. */
function matchTable({ table, stake, private: isPrivate = false }: MatchJoin): MatchJoin {
  if (isPrivate) return { table: table ?? code(), private: true };
  if (table === undefined && stake !== undefined) return { stake };
  return { table: table ?? DEFAULT_TABLE };
}

function code(): string {
  const letters = Array.from(
    { length: CODE_LENGTH },
    () => CODE_LETTERS[randomInt(CODE_LETTERS.length)],
  );
  return letters.join('');
}
