/**
 * The rows that the program itself knows. Runs at every start. One in `games` for each registered game: what has not
 * changed is not written, and `is_enabled` is the operator's. Items and buildings are only there to begin with: from
 * then on they are the admins'.
 */
import type { Sequelize } from 'sequelize';

interface SeedText {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly payTableVersion: number;
}
interface SeedRounds extends SeedText {
  readonly kind: 'round';
  readonly limits: object;
  readonly bettingMs: number;
  readonly settledMs: number;
  readonly examples: readonly object[];
  readonly cashOutMultiplier?: unknown;
}
interface SeedMatches extends SeedText {
  readonly kind: 'match';
  readonly limits: object;
  readonly seats: number;
  readonly rakePercent: number;
  readonly clockMs: number;
}
interface SeedWorlds extends SeedText {
  readonly kind: 'world';
  readonly slots: number;
  readonly absenceMs: number;
}
/** What of a game's rules goes into the catalogue. */
export type SeedGame = SeedRounds | SeedMatches | SeedWorlds;

interface SeedEntry {
  readonly name: string;
  readonly title: string;
  readonly description?: string | null | undefined;
  readonly icon?: string | null | undefined;
  readonly data: object;
}
interface SeedTables {
  readonly items: readonly (SeedEntry & { readonly price?: number | null | undefined })[];
  readonly buildings: readonly (SeedEntry & { readonly cost: number })[];
}

export async function seedCatalogue(
  sequelize: Sequelize,
  games: readonly SeedGame[],
): Promise<void> {
  const rows = games.map((game) => ({
    name: game.name,
    title: game.title,
    description: game.description,
    kind: game.kind,
    parameters: parametersOf(game),
    pay_table_version: game.payTableVersion,
  }));
  await sequelize.query(
    `INSERT INTO games (name, title, description, kind, parameters, pay_table_version)
     SELECT name, title, description, kind, parameters, pay_table_version
     FROM jsonb_to_recordset($1::jsonb) AS given (
       name text, title text, description text, kind text, parameters jsonb, pay_table_version integer)
     ORDER BY name
     ON CONFLICT (name) DO UPDATE SET
       title = excluded.title, description = excluded.description, kind = excluded.kind,
       parameters = excluded.parameters, pay_table_version = excluded.pay_table_version
     WHERE (games.title, games.description, games.kind, games.parameters, games.pay_table_version)
       IS DISTINCT FROM
       (excluded.title, excluded.description, excluded.kind, excluded.parameters, excluded.pay_table_version)`,
    { bind: [JSON.stringify(rows)] },
  );
}

/** Adds what is missing, by name. What is there stays as it is, also what an admin has changed or retired. */
export async function seedWorldTables(
  sequelize: Sequelize,
  { items, buildings }: SeedTables,
): Promise<void> {
  // Asked first, so that a start takes no numbers of the ids; the conflict is with another starter.
  await sequelize.query(
    `INSERT INTO items (name, title, description, icon, price, data)
     SELECT name, title, description, icon, price, data
     FROM jsonb_to_recordset($1::jsonb) AS given (
       name text, title text, description text, icon text, price bigint, data jsonb)
     WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.name = given.name AND i.owner_user_id IS NULL)
     ORDER BY name
     ON CONFLICT (name) WHERE owner_user_id IS NULL DO NOTHING`,
    { bind: [JSON.stringify(items)] },
  );
  await sequelize.query(
    `INSERT INTO buildings (name, title, description, icon, cost, data)
     SELECT name, title, description, icon, cost, data
     FROM jsonb_to_recordset($1::jsonb) AS given (
       name text, title text, description text, icon text, cost bigint, data jsonb)
     WHERE NOT EXISTS (SELECT 1 FROM buildings b WHERE b.name = given.name)
     ORDER BY name
     ON CONFLICT (name) DO NOTHING`,
    { bind: [JSON.stringify(buildings)] },
  );
}

function parametersOf(game: SeedGame): object {
  if (game.kind === 'world') return { slots: game.slots, absenceMs: game.absenceMs };
  if (game.kind === 'match') {
    const { limits, seats, rakePercent, clockMs } = game;
    return { limits, seats, rakePercent, timing: { clockMs } };
  }
  const { limits, bettingMs, settledMs, examples } = game;
  const cashOut = game.cashOutMultiplier !== undefined;
  return { limits, timing: { bettingMs, settledMs }, cashOut, examples };
}
