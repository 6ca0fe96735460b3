/** Catalogues for the rules of towns, and commands given to them as a room does. */
import assert from 'node:assert/strict';
import { isRefusal } from '../../../src/games/contract.ts';
import type { Placed, TownState } from '../../../src/games/town/state.ts';
import * as tables from '../../../src/games/town/tables.ts';
import { town } from '../../../src/games/town.ts';
import type {
  Amounts,
  CatalogueBuilding,
  CatalogueItem,
  Deed,
  Holder,
  WorldCatalogue,
} from '../../../src/games/world.ts';

export const NOW = 1_800_000_000_000;
export const MICRO = 3_600_000;

/** What a new server begins with, as the rules are given it. */
export const seeded: WorldCatalogue = {
  items: byName(
    tables.items.map(({ name, title, price, data }, index) => ({
      ...{ id: index + 1, name, title, price, isActive: true },
      ...data,
    })),
  ),
  buildings: byName(
    tables.buildings.map(({ name, title, cost, data }, index) => ({
      ...{ id: index + 1, name, title, isActive: true },
      ...data,
      levels: data.levels.map((level, above) => ({
        ...level,
        cost: above === 0 ? cost : (level.cost ?? 0),
      })),
    })),
  ),
};

/** With names that every object has, so that they are in every test. */
export const small: WorldCatalogue = {
  items: byName([
    item('wheat', { price: 5, sellPrice: 2 }),
    item('flour', { sellPrice: 7, stack: 10 }),
    item('plank', { price: 20, sellPrice: 9, stack: 50 }),
    item('nail', { recipe: { takes: { plank: 1 }, makes: 3, at: null } }),
    item('tool', {
      recipe: { takes: { plank: 2, nail: 4 }, makes: 1, at: { building: 'shop', level: 2 } },
    }),
    item('yeast', { stack: 20, recipe: { takes: { yeast: 2, flour: 1 }, makes: 5, at: null } }),
    item('constructor', { price: 3, sellPrice: 1 }),
    item('relic', { price: 7, sellPrice: 3, isActive: false }),
  ]),
  buildings: byName([
    kind('house', [
      level({ cost: 101, seconds: 5, produces: { coin: 60 }, storage: 10 }),
      level({ cost: 250, seconds: 60, takes: { plank: 5 }, produces: { coin: 120 }, storage: 20 }),
    ]),
    kind('barn', [level({ cost: 40, produces: { wheat: 30 }, storage: 100 })], {
      width: 2,
      height: 3,
    }),
    kind(
      'mill',
      [
        level({
          cost: 200,
          takes: { plank: 2, nail: 6 },
          seconds: 10,
          consumes: { wheat: 40 },
          produces: { flour: 20 },
          storage: 30,
        }),
      ],
      { width: 2, height: 2 },
    ),
    kind('shop', [level({ cost: 10, seconds: 1 }), level({ seconds: 30 })]),
    kind('constructor', [level({ produces: { constructor: 10 }, storage: 5 })]),
    kind('ruin', [level({})], { isActive: false }),
  ]),
};

export function item(name: string, more: Partial<CatalogueItem> = {}): CatalogueItem {
  const text = { id: 0, name, title: name, isActive: true };
  return { ...text, price: null, sellPrice: null, stack: 100, recipe: null, ...more };
}

export function kind(
  name: string,
  levels: CatalogueBuilding['levels'],
  more: Partial<CatalogueBuilding> = {},
): CatalogueBuilding {
  return { id: 0, name, title: name, isActive: true, width: 1, height: 1, levels, ...more };
}

export function level(
  more: Partial<CatalogueBuilding['levels'][number]>,
): CatalogueBuilding['levels'][number] {
  return { cost: 0, takes: {}, seconds: 0, produces: {}, consumes: {}, storage: 0, ...more };
}

/** The catalogue after an admin was there. */
export function edited(
  catalogue: WorldCatalogue,
  changes: {
    readonly items?: Readonly<Record<string, Partial<CatalogueItem> | null>>;
    readonly buildings?: Readonly<Record<string, Partial<CatalogueBuilding> | null>>;
  },
): WorldCatalogue {
  return {
    items: editedRows(catalogue.items, changes.items ?? {}),
    buildings: editedRows(catalogue.buildings, changes.buildings ?? {}),
  };
}

function editedRows<Row extends object>(
  rows: ReadonlyMap<string, Row>,
  changes: Readonly<Record<string, Partial<Row> | null>>,
): Map<string, Row> {
  const after = new Map(rows);
  for (const [name, change] of Object.entries(changes)) {
    const row = after.get(name);
    if (change === null || !row) after.delete(name);
    else after.set(name, { ...row, ...change });
  }
  return after;
}

/** A town of these, numbered from 1 where they say nothing else. */
export function townOf(...buildings: readonly Partial<Placed>[]): TownState {
  const placed = buildings.map((each, index) => ({
    ...{ id: index + 1, building: 'house', x: index, y: 0, level: 1, wait: 0, store: {}, paid: 0 },
    ...each,
  }));
  return { nextId: Math.max(0, ...placed.map(({ id }) => id)) + 1, buildings: placed };
}

export function holderOf(inventory: Amounts = {}): Holder {
  return {
    now: NOW,
    has: (name) => (Object.hasOwn(inventory, name) ? (inventory[name] as number) : 0),
  };
}

/** The deed that a command becomes, or the code of the refusal. The state before stays as it is. */
export function asked(
  state: TownState,
  type: string,
  payload: Readonly<Record<string, unknown>>,
  inventory: Amounts = {},
  catalogue = small,
): Deed<TownState> | string {
  const command = town.commands[type as keyof typeof town.commands](payload);
  if (isRefusal(command)) return 'BAD_REQUEST';
  const before = JSON.stringify(state);
  const decision = town.carryOut(state, command, holderOf(inventory), catalogue);
  assert.equal(JSON.stringify(state), before);
  if (!isRefusal(decision)) return decision;
  assert.ok(decision.refused.length > 0 && decision.refused.length < 300, decision.refused);
  return decision.code ?? 'ILLEGAL_MOVE';
}

export function done(...command: Parameters<typeof asked>): Deed<TownState> {
  const deed = asked(...command);
  assert.ok(typeof deed === 'object', `${JSON.stringify(command.slice(1, 4))}: ${deed}`);
  return deed;
}

function byName<Row extends { readonly name: string }>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.name, row]));
}
