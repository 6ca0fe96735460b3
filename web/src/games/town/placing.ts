/** A building on its way to its place: a new one from the list, or one that stands and is moved. */
import { useState } from 'react';
import { createStore, useStore } from '../../store.ts';
import type { Kind } from './catalogue.ts';
import {
  type Footprint,
  freePlaceNear,
  type Hindrance,
  hindranceAt,
  placeAround,
  SIZE,
  type Spot,
} from './grid.ts';
import type { Standing } from './standing.ts';

export interface Placing {
  /** The building that moves; null: a new one. */
  readonly id: string | null;
  readonly building: string;
  readonly title: string;
  readonly level: number;
  readonly place: Footprint;
  /** `drag`: let go of, it stands; `choice`: it waits for a word. */
  readonly by: 'drag' | 'choice';
  /** Dragged beside the map. */
  readonly outside: boolean;
}

export interface PlacingHandle {
  /** As it is drawn; `now` is it at this moment, for what comes before it is drawn again. */
  readonly placing: Placing | null;
  now(): Placing | null;
  /** Why it cannot stand where it is; null: it can. */
  hindrance(placing: Placing): Hindrance | null;
  begin(kind: Kind, by: Placing['by'], near: Spot): void;
  lift(standing: Standing, by: Placing['by']): void;
  /** Its middle goes there. Null: it is not over the map. */
  aim(spot: Spot | null): void;
  step(dx: number, dy: number): void;
  end(): void;
}

/** A place that is taken, by a building that stands or by what is being sent there. */
export interface Taken extends Footprint {
  readonly id: string | null;
}

export function usePlacing(taken: readonly Taken[]): PlacingHandle {
  const [store] = useState(() => createStore<Placing | null>(null));
  const placing = useStore(store);

  function change(next: (before: Placing) => Partial<Placing>): void {
    const before = store.get();
    if (before !== null) store.set({ ...before, ...next(before) });
  }

  return {
    placing,
    now: store.get,
    hindrance: ({ id, place }) =>
      hindranceAt(
        place,
        taken.filter((other) => other.id === null || other.id !== id),
      ),
    begin({ name, title, width, height }, by, near) {
      const size = { width, height };
      const place = by === 'drag' ? placeAround(near, size) : freePlaceNear(near, size, taken);
      store.set({ id: null, building: name, title, level: 1, place, by, outside: by === 'drag' });
    },
    lift({ id, building, kind, level, x, y, width, height }, by) {
      const title = kind?.title ?? building;
      store.set({ id, building, title, level, place: { x, y, width, height }, by, outside: false });
    },
    aim: (spot) =>
      change(({ place }) =>
        spot === null ? { outside: true } : { place: placeAround(spot, place), outside: false },
      ),
    step: (dx, dy) =>
      change(({ place }) => ({
        place: {
          ...place,
          x: Math.max(0, Math.min(SIZE - place.width, place.x + dx)),
          y: Math.max(0, Math.min(SIZE - place.height, place.y + dy)),
        },
      })),
    end: () => store.set(null),
  };
}
