/** What stands in a town, with its place; and what it does at a moment, as far as it is known. */
import type { TownBuilding, TownStore } from '../../../../src/protocol.ts';
import type { ByKey } from '../../rooms/news.ts';
import { type Kind, type Level, levelOf, type TownCatalogue } from './catalogue.ts';
import type { Footprint } from './grid.ts';
import { collectable, isMoving, MICRO, ratesOf, type Works, worksAt } from './production.ts';

export interface Standing extends Footprint {
  readonly id: string;
  readonly building: string;
  readonly level: number;
  /** In ms since the epoch; 0: it is ready. */
  readonly readyAt: number;
  /** Undefined: the catalogue does not know it, or not yet. */
  readonly kind: Kind | undefined;
}

export function standingOf(
  entries: ByKey<TownBuilding>,
  catalogue: TownCatalogue | null,
): Standing[] {
  return Object.entries(entries).map(([id, { building, x, y, level, readyAt }]) => {
    const kind = catalogue?.kinds.get(building);
    const { width, height } = kind ?? { width: 1, height: 1 };
    return { id, building, x, y, level, readyAt, kind, width, height };
  });
}

/** What shows over a building: something to collect, more than it can hold, or something that it waits for. */
export interface Sign {
  readonly kind: 'collect' | 'full' | 'needs';
  readonly thing: string;
}

/** A building at a moment. */
export interface Seen {
  readonly standing: Standing;
  readonly level: Level | null;
  /** Until it is built or upgraded, in ms. */
  readonly readyIn: number;
  /** Null: only its owner sees what is in it. */
  readonly works: Works | null;
  readonly sign: Sign | null;
  /** Whether something of it changes by itself. */
  readonly moves: boolean;
}

export function seenAt(standing: Standing, own: TownStore | undefined, now: number): Seen {
  const level = levelOf(standing.kind, standing.level);
  const waiting = standing.readyAt === 0 ? 0 : Math.max(0, standing.readyAt - now);
  if (own === undefined || level === null) {
    return { standing, level, readyIn: waiting, works: null, sign: null, moves: waiting > 0 };
  }
  const works = worksAt(level, own, standing.readyAt, now);
  return {
    standing,
    level,
    readyIn: works.readyIn,
    works,
    sign: works.readyIn > 0 ? null : signOf(level, works),
    moves: isMoving(works, level),
  };
}

/** Less of what there is room for is not worth a sign. */
const WORTH_A_SIGN = 0.5;

function signOf(level: Level, { store, stop, stopIn }: Works): Sign | null {
  if (stop !== null && stopIn === 0) {
    return { kind: stop.why === 'full' ? 'full' : 'needs', thing: stop.thing };
  }
  const capacity = level.storage * MICRO;
  const worth = collectable(level, store).find(
    ([thing]) => (store[thing] ?? 0) >= capacity * WORTH_A_SIGN,
  );
  return worth === undefined ? null : { kind: 'collect', thing: worth[0] };
}

/** All that can be collected in a town, by thing. */
export function harvestOf(town: readonly Seen[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const { level, works } of town) {
    for (const [thing, units] of works === null ? [] : collectable(level, works.store)) {
      all.set(thing, (all.get(thing) ?? 0) + units);
    }
  }
  return all;
}

/** Whether it looks busy: smoke, sails. Of a town that one visits nothing more is known than that it is ready. */
export function isBusy({ readyIn, works, level }: Seen): boolean {
  if (readyIn > 0) return false;
  return works === null || level === null || ratesOf(level).size === 0 || works.stopIn > 0;
}
