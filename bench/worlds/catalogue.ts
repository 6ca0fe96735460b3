/**
 * Items and buildings of the bench's own, so that its figures stay comparable whatever the game's catalogue becomes:
 * buildings of one cell that produce, consume, or do both, and an item to buy and sell.
 */
import type pg from 'pg';
import type { Amounts, BuildingLevel, WorldCatalogue } from '../../src/games/world.ts';

/** A building in the catalogue, and how many of each thing lie in one that stands in a town of the bench. */
export interface Kind {
  readonly name: string;
  readonly produces: Amounts;
  readonly consumes: Amounts;
  readonly storage: number;
  readonly holds: Amounts;
}

/** Within a year each of them stops: it is full, or what it consumes is used up. */
export const KINDS: readonly Kind[] = [
  {
    name: 'bench-well',
    produces: { 'bench-water': 17 },
    consumes: {},
    storage: 100_000,
    holds: {},
  },
  {
    name: 'bench-field',
    produces: { 'bench-grain': 7 },
    consumes: { 'bench-water': 11 },
    storage: 100_000,
    holds: { 'bench-water': 60_000 },
  },
  {
    name: 'bench-mill',
    produces: { 'bench-flour': 3, coin: 5 },
    consumes: { 'bench-grain': 13, 'bench-water': 2 },
    storage: 100_000,
    holds: { 'bench-grain': 100_000, 'bench-water': 9_000 },
  },
  { name: 'bench-mint', produces: { coin: 60 }, consumes: {}, storage: 100_000, holds: {} },
];

/** Bought and sold. */
export const WARE = 'bench-brick';
const GOODS = ['bench-water', 'bench-grain', 'bench-flour', WARE];
/** So many times a building can be upgraded, and one more. */
const LEVELS = 100;
const PRICE = 2;
const STACK = 1_000_000;

/** Adds the rows; answers the catalogue as the rules are given it. */
export async function addCatalogue(client: pg.Client): Promise<WorldCatalogue> {
  const items = await client.query<{ id: string; name: string }>(
    `INSERT INTO items (name, title, price, data)
     SELECT name, name, $2::bigint, jsonb_build_object('stack', $3::bigint, 'sellPrice', $2::bigint)
     FROM unnest($1::text[]) name RETURNING id, name`,
    [GOODS, PRICE, STACK],
  );
  const buildings = await client.query<{ id: string; name: string }>(
    `INSERT INTO buildings (name, title, cost, data)
     SELECT name, name, 1, data FROM jsonb_to_recordset($1::jsonb) AS given (name text, data jsonb)
     RETURNING id, name`,
    [JSON.stringify(KINDS.map((kind) => ({ name: kind.name, data: dataOf(kind) })))],
  );
  const kinds = new Map(KINDS.map((kind) => [kind.name, kind]));
  const text = ({ id, name }: { id: string; name: string }) => ({
    id: Number(id),
    name,
    title: name,
    isActive: true,
  });
  return {
    items: new Map(
      items.rows.map((row) => [
        row.name,
        { ...text(row), price: PRICE, sellPrice: PRICE, stack: STACK, recipe: null },
      ]),
    ),
    buildings: new Map(
      buildings.rows.map((row) => [
        row.name,
        { ...text(row), width: 1, height: 1, levels: levelsOf(kinds.get(row.name) as Kind) },
      ]),
    ),
  };
}

function dataOf(kind: Kind): object {
  // The cost of the first level is the building's own.
  const [{ cost: _, ...first }, ...more] = levelsOf(kind) as [BuildingLevel, ...BuildingLevel[]];
  return { width: 1, height: 1, levels: [first, ...more] };
}

function levelsOf({ produces, consumes, storage }: Kind): BuildingLevel[] {
  const level = { cost: 1, takes: {}, seconds: 0, produces, consumes, storage };
  return Array.from({ length: LEVELS }, () => level);
}
