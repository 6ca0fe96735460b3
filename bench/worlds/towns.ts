/** Towns that are there already: users with a wallet and a save, written as rows. */
import type pg from 'pg';
import { isRefusal } from '../../src/games/contract.ts';
import { town } from '../../src/games/town.ts';
import { KINDS, type Kind } from './catalogue.ts';

export const DAY_MS = 86_400_000;
/** Cells along a side of a town. */
const SIDE = 16;
/** A building's store counts in 3,600,000ths of a unit. */
const MICRO = 3_600_000;
const GRANT = 1_000_000_000;

/** A save and its owner. */
export interface Town {
  readonly userId: number;
  readonly world: number;
}

/** The state of a town with so many buildings, of all kinds in turn, from the first row on. */
export function townOf(buildings: number): ReturnType<typeof town.create> {
  const state = town.read({
    nextId: buildings + 1,
    buildings: Array.from({ length: buildings }, (_, at) => {
      const { name, holds } = KINDS[at % KINDS.length] as Kind;
      const store = Object.entries(holds).map(([thing, units]) => [thing, units * MICRO]);
      return {
        id: at + 1,
        building: name,
        x: at % SIDE,
        y: Math.floor(at / SIDE),
        level: 1,
        wait: 0,
        store: Object.fromEntries(store),
        paid: 0,
      };
    }),
  });
  if (isRefusal(state)) throw new Error(`the bench makes no town: ${state.refused}`);
  return state;
}

/** `count` towns that anyone may visit, each of a new user's, last saved `ageMs` ago. */
export async function addTowns(
  client: pg.Client,
  name: string,
  count: number,
  buildings: number,
  ageMs: number,
): Promise<Town[]> {
  const { rows } = await client.query<{ userId: string; world: string }>(
    `WITH u AS (
       INSERT INTO users (username, user_type)
       SELECT $1 || '-' || n, 'bot' FROM generate_series(1, $2::integer) n RETURNING id)
     INSERT INTO game_states (user_id, slot, game_id, is_public, state)
     SELECT u.id, 1, g.id, true, jsonb_build_object('format', $3::integer, 'world', $4::jsonb,
       'at', floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - $5::bigint)
     FROM u CROSS JOIN games g WHERE g.name = 'town' ORDER BY u.id
     RETURNING user_id AS "userId", id AS world`,
    [name, count, town.format, JSON.stringify(townOf(buildings)), ageMs],
  );
  const towns = rows.map(({ userId, world }) => ({ userId: Number(userId), world: Number(world) }));
  if (towns.length !== count) throw new Error('there is no game of towns');
  await client.query(
    'SELECT count(open_wallet(id, $2, gen_random_uuid())) FROM unnest($1::bigint[]) id',
    [towns.map(({ userId }) => userId), GRANT],
  );
  return towns;
}
