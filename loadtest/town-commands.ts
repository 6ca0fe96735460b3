/**
 * What a bot asks for in a town: something at random that may be done as far as it knows, and now and then something that
 * may not. Which items and buildings there are the server has told.
 */
import {
  type Building,
  BuildingData,
  type Item,
  ItemData,
  type TownBuilding,
} from '../src/protocol.ts';

export interface TownItem extends ItemData {
  readonly name: string;
  /** Null: not for sale. */
  readonly price: number | null;
}

export interface TownKind extends BuildingData {
  readonly name: string;
  readonly cost: number;
}

/** What can be had and built. */
export interface TownTables {
  readonly items: readonly TownItem[];
  readonly kinds: readonly TownKind[];
}

/** What the player knows of its town. */
export interface SeenTown {
  /** Ms since the epoch. */
  readonly now: number;
  readonly balance: number;
  readonly inventory: ReadonlyMap<string, number>;
  readonly buildings: readonly (TownBuilding & { readonly id: number })[];
}

export interface TownCommand {
  readonly type: string;
  /** The payload beside the command's id. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** From 0 to below 1. */
export type Random = () => number;

const SIDE = 16;
/** A place that is free is looked for so often; then it is taken as it is. */
const TRIES = 20;
const MOST = 5;
/** With fewer buildings none is demolished. */
const FEW = 6;
/** How often something is asked for whatever it costs. */
const CARELESS = 0.1;
const WEIGHTS = {
  build: 5,
  upgrade: 2,
  move: 2,
  demolish: 1,
  collect: 2,
  supply: 2,
  craft: 3,
  buy: 3,
  sell: 2,
};

type Make = (tables: TownTables, seen: SeenTown, random: Random) => TownCommand['input'] | null;

/** Null: there is nothing to do it with. */
const COMMANDS: Record<keyof typeof WEIGHTS, Make> = {
  build({ kinds }, seen, random) {
    const careless = random() < CARELESS;
    const kind = one(
      kinds.filter((kind) => careless || canBuild(kind, seen)),
      random,
    );
    return kind ? { building: kind.name, ...placeFor(kind, kinds, seen, random) } : null;
  },
  upgrade({ kinds }, seen, random) {
    const careless = random() < CARELESS;
    const lower = seen.buildings.filter(({ building, level, readyAt }) => {
      const next = kindOf(building, kinds)?.levels[level];
      return next && (careless || (readyAt <= seen.now && canPay(next.cost ?? 0, next, seen)));
    });
    return idOf(one(lower, random));
  },
  move({ kinds }, seen, random) {
    const placed = one(seen.buildings, random);
    const kind = placed && kindOf(placed.building, kinds);
    return kind ? { id: placed.id, ...placeFor(kind, kinds, seen, random) } : null;
  },
  demolish: (_, { buildings }, random) =>
    buildings.length < FEW ? null : idOf(one(buildings, random)),
  collect: (_, { buildings }, random) =>
    buildings.length === 0 ? null : random() < 0.5 ? {} : idOf(one(buildings, random)),
  supply({ kinds }, { buildings }, random) {
    const needs = buildings.flatMap(({ id, building, level }) => {
      const { consumes = {} } = kindOf(building, kinds)?.levels[level - 1] ?? {};
      return Object.keys(consumes).map((item) => ({ id, item }));
    });
    const need = one(needs, random);
    return need ? { ...need, ...(random() < 0.5 ? { quantity: upTo(MOST, random) } : {}) } : null;
  },
  craft({ items }, { inventory }, random) {
    const careless = random() < CARELESS;
    const item = one(
      items.filter(({ recipe }) => recipe && (careless || has(inventory, recipe.takes))),
      random,
    );
    return item ? { item: item.name, quantity: random() < 0.8 ? 1 : upTo(MOST, random) } : null;
  },
  buy({ items }, { balance }, random) {
    const careless = random() < CARELESS;
    const item = one(
      items.filter(({ price }) => price !== null && (careless || price * MOST <= balance)),
      random,
    );
    return item ? { item: item.name, quantity: upTo(MOST, random) } : null;
  },
  sell({ items }, { inventory }, random) {
    const item = one(
      items.filter(({ name, sellPrice }) => sellPrice !== null && (inventory.get(name) ?? 0) > 0),
      random,
    );
    return item
      ? { item: item.name, quantity: upTo(inventory.get(item.name) as number, random) }
      : null;
  },
};

export function tablesOf(items: readonly Item[], buildings: readonly Building[]): TownTables {
  return {
    items: items.flatMap(({ name, price, isActive, data }) =>
      name === null ? [] : [{ ...ItemData.parse(data), name, price: isActive ? price : null }],
    ),
    kinds: buildings
      .filter(({ isActive }) => isActive)
      .map(({ name, cost, data }) => ({ ...BuildingData.parse(data), name, cost })),
  };
}

export function townCommand(tables: TownTables, seen: SeenTown, random: Random): TownCommand {
  const types = Object.entries(WEIGHTS).flatMap(([type, weight]) =>
    Array.from({ length: weight }, () => type as keyof typeof WEIGHTS),
  );
  for (let tries = 0; tries < TRIES; tries++) {
    const type = one(types, random) as keyof typeof WEIGHTS;
    const input = COMMANDS[type](tables, seen, random);
    if (input) return { type, input };
  }
  return { type: 'collect', input: {} };
}

function canBuild({ cost, levels: [first] }: TownKind, seen: SeenTown): boolean {
  return first !== undefined && canPay(cost, first, seen);
}

function canPay(
  cost: number,
  { takes }: TownKind['levels'][number],
  { balance, inventory }: SeenTown,
): boolean {
  return cost <= balance && has(inventory, takes);
}

function has(inventory: SeenTown['inventory'], takes: Readonly<Record<string, number>>): boolean {
  return Object.entries(takes).every(([name, units]) => (inventory.get(name) ?? 0) >= units);
}

function placeFor(
  { width, height }: TownKind,
  kinds: readonly TownKind[],
  { buildings }: SeenTown,
  random: Random,
): { x: number; y: number } {
  let place = { x: 0, y: 0 };
  for (let tries = 0; tries < TRIES; tries++) {
    const at = { x: upTo(SIDE - width + 1, random) - 1, y: upTo(SIDE - height + 1, random) - 1 };
    place = at;
    const isFree = buildings.every((other) => {
      const { width: w = 1, height: h = 1 } = kindOf(other.building, kinds) ?? {};
      const apart = at.x + width <= other.x || other.x + w <= at.x;
      return apart || at.y + height <= other.y || other.y + h <= at.y;
    });
    if (isFree) break;
  }
  return place;
}

function kindOf(building: string, kinds: readonly TownKind[]): TownKind | undefined {
  return kinds.find(({ name }) => name === building);
}

function idOf(placed: { readonly id: number } | undefined): { id: number } | null {
  return placed ? { id: placed.id } : null;
}

function one<T>(choice: readonly T[], random: Random): T | undefined {
  return choice[Math.floor(random() * choice.length)];
}

/** From 1. */
function upTo(most: number, random: Random): number {
  return 1 + Math.floor(random() * most);
}
