/** Reads a stored town of the present format (W6). Whatever is wrong with it is found here, and named. */
import type { Refusal } from '../contract.ts';
import { SIDE } from './grid.ts';
import { amountsOf, fieldsOf, integerOf, listOf, Malformed, nameOf } from './shape.ts';
import { MAX_LEVEL, MAX_PAID, type Placed, type TownState } from './state.ts';

const FIELDS = ['id', 'building', 'x', 'y', 'level', 'wait', 'store', 'paid'] as const;

export function read(stored: unknown): TownState | Refusal {
  try {
    return townOf(stored);
  } catch (error) {
    if (error instanceof Malformed) return { refused: error.message };
    throw error;
  }
}

function townOf(stored: unknown): TownState {
  const town = fieldsOf(stored, ['nextId', 'buildings'], 'the town');
  const nextId = integerOf(town.nextId, 1, Number.MAX_SAFE_INTEGER, 'nextId');
  const buildings = listOf(town.buildings, 'buildings').map((each, index) =>
    placedOf(each, nextId, `buildings[${index}]`),
  );
  assertUnique(buildings, ({ id }) => `id ${id}`);
  // Of other cells the catalogue decides, which may have changed. So there are never more than the grid has cells.
  assertUnique(buildings, ({ x, y }) => `place ${x}, ${y}`);
  return { nextId, buildings };
}

function placedOf(value: unknown, nextId: number, where: string): Placed {
  const fields = fieldsOf(value, FIELDS, where);
  const integer = (name: (typeof FIELDS)[number], least: number, most: number) =>
    integerOf(fields[name], least, most, `${where}.${name}`);
  return {
    id: integer('id', 1, nextId - 1),
    building: nameOf(fields.building, `${where}.building`),
    x: integer('x', 0, SIDE - 1),
    y: integer('y', 0, SIDE - 1),
    level: integer('level', 1, MAX_LEVEL),
    wait: integer('wait', 0, Number.MAX_SAFE_INTEGER),
    store: amountsOf(fields.store, 1, `${where}.store`),
    paid: integer('paid', 0, MAX_PAID),
  };
}

function assertUnique(buildings: readonly Placed[], keyOf: (placed: Placed) => string): void {
  const seen = new Set<string>();
  for (const placed of buildings) {
    const key = keyOf(placed);
    if (seen.has(key)) throw new Malformed(`two buildings have the ${key}`);
    seen.add(key);
  }
}
