/** Buildings and items as the server's catalogue has them, which an admin may change at any time. */
import type { Building, Item } from '../../../../src/protocol.ts';

/** How many of each thing, by name. */
export type Amounts = Readonly<Record<string, number>>;

/** What buildings make and the wallet holds. */
export const COIN = 'coin';

export interface Level {
  /** In minor units: for building it, or for the step up to this level. */
  readonly cost: number;
  readonly takes: Amounts;
  /** Until it works. */
  readonly seconds: number;
  /** Per hour. */
  readonly produces: Amounts;
  readonly consumes: Amounts;
  /** How many of each thing it holds. */
  readonly storage: number;
}

/** A building that can be built. */
export interface Kind {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  /** Otherwise those that stand go on, and new ones are not built. */
  readonly isActive: boolean;
  readonly width: number;
  readonly height: number;
  readonly levels: readonly Level[];
}

export interface Recipe {
  readonly takes: Amounts;
  readonly makes: number;
  /** A building of at least this level; null: made anywhere. */
  readonly at: { readonly building: string; readonly level: number } | null;
}

/** An item that can be had. */
export interface Ware {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly isActive: boolean;
  /** What the shop takes and gives for one; null: it does not. */
  readonly price: number | null;
  readonly sellPrice: number | null;
  readonly stack: number;
  readonly recipe: Recipe | null;
}

export interface TownCatalogue {
  /** The cheapest first. */
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly wares: ReadonlyMap<string, Ware>;
}

export function catalogueOf(buildings: readonly Building[], items: readonly Item[]): TownCatalogue {
  const kinds = buildings.map(kindOf).sort((a, b) => costOf(a) - costOf(b));
  const wares = items.flatMap((item) => wareOf(item) ?? []);
  return {
    kinds: new Map(kinds.map((kind) => [kind.name, kind])),
    wares: new Map(wares.map((ware) => [ware.name, ware])),
  };
}

/** What a building of this level goes by: where the catalogue has fewer levels by now, the last. Null: its kind is gone. */
export function levelOf(kind: Kind | undefined, level: number): Level | null {
  return kind?.levels[Math.min(level, kind.levels.length) - 1] ?? null;
}

/** What the step up from a level takes; null: there is none. */
export function nextLevelOf(kind: Kind | undefined, level: number): Level | null {
  return kind?.levels[level] ?? null;
}

/** What people read for a thing; its name as long as the catalogue does not know it. */
export function titleOf({ wares }: TownCatalogue, thing: string): string {
  return thing === COIN ? 'coins' : (wares.get(thing)?.title ?? thing);
}

const costOf = (kind: Kind) => kind.levels[0]?.cost ?? 0;

function kindOf({ name, title, description, isActive, cost, data }: Building): Kind {
  const levels = Array.isArray(data.levels) ? data.levels.map(plain) : [];
  return {
    name,
    title: title || name,
    about: description ?? '',
    isActive,
    width: figure(data.width, 1),
    height: figure(data.height, 1),
    levels: (levels.length === 0 ? [{}] : levels).map((level, index) => ({
      cost: index === 0 ? cost : figure(level.cost, 0),
      takes: amounts(level.takes),
      seconds: figure(level.seconds, 0),
      produces: amounts(level.produces),
      consumes: amounts(level.consumes),
      storage: figure(level.storage, 0),
    })),
  };
}

/** Items without a name are somebody's own. */
function wareOf({ name, title, description, isActive, price, data }: Item): Ware | null {
  if (name === null) return null;
  return {
    name,
    title,
    about: description ?? '',
    isActive,
    price,
    sellPrice: typeof data.sellPrice === 'number' ? data.sellPrice : null,
    stack: figure(data.stack, Number.MAX_SAFE_INTEGER),
    recipe: recipeOf(data.recipe),
  };
}

function recipeOf(value: unknown): Recipe | null {
  if (value === null || typeof value !== 'object') return null;
  const { takes, makes, at } = plain(value);
  const place = plain(at);
  return {
    takes: amounts(takes),
    makes: figure(makes, 1),
    at:
      typeof place.building === 'string'
        ? { building: place.building, level: figure(place.level, 1) }
        : null,
  };
}

function plain(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}

function figure(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

function amounts(value: unknown): Amounts {
  const known = Object.entries(plain(value));
  return Object.fromEntries(
    known.filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}
