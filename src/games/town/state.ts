/** What a town is: buildings, each with what lies in it. Plain JSON, and never changed in place. */
import type { Amounts, BuildingLevel, WorldCatalogue } from '../world.ts';

/** Money, wherever things go by name. */
export const COIN = 'coin';
/** A unit is counted in so many parts, one for each ms of an hour: n per hour are n parts per ms, exactly. */
export const MICRO = 3_600_000;
/** As the room's state has it in 8 bits. */
export const MAX_LEVEL = 255;
/** No balance is greater (M1), so nobody has paid more. */
export const MAX_PAID = 1e15;

export interface Placed {
  readonly id: number;
  /** Its kind, by its name in the catalogue. */
  readonly building: string;
  /** Of its first cell; it goes on to the right and down. */
  readonly x: number;
  readonly y: number;
  /** From 1. */
  readonly level: number;
  /** Until it works, in ms. */
  readonly wait: number;
  /** By thing, in MICRO. No zeros. */
  readonly store: Amounts;
  /** What was paid for it and its levels, in minor units: costs in the catalogue may have changed since. */
  readonly paid: number;
}

export interface TownState {
  /** Of the next building; no id is used twice. */
  readonly nextId: number;
  readonly buildings: readonly Placed[];
}

export function buildingById(state: TownState, id: number): Placed | undefined {
  return state.buildings.find((placed) => placed.id === id);
}

export function withBuilding(state: TownState, changed: Placed): TownState {
  const buildings = state.buildings.map((placed) => (placed.id === changed.id ? changed : placed));
  return { ...state, buildings };
}

/** What it goes by; null: its kind is gone. */
export function levelOf(placed: Placed, catalogue: WorldCatalogue): BuildingLevel | null {
  const levels = catalogue.buildings.get(placed.building)?.levels ?? [];
  return levels[Math.min(placed.level, levels.length) - 1] ?? null;
}

/** What everybody sees of a building in a town that is at `now`, ms since the epoch. */
export function viewOf({ building, x, y, level, wait }: Placed, now: number) {
  return { building, x, y, level, readyAt: wait === 0 ? 0 : now + wait };
}

export function titleOf(building: string, catalogue: WorldCatalogue): string {
  return catalogue.buildings.get(building)?.title ?? building;
}

/** Zero of what is not there, also of names that every object has, like `constructor`. */
export function amountOf(amounts: Amounts, name: string): number {
  return Object.hasOwn(amounts, name) ? (amounts[name] as number) : 0;
}

/** Without zeros, and with every name as a property of its own, also `__proto__`. */
export function amountsFrom(entries: Iterable<readonly [string, number]>): Amounts {
  return Object.fromEntries([...entries].filter(([, amount]) => amount !== 0));
}
