/** How long the rules alone take to bring a town to now. */
import { town } from '../../src/games/town.ts';
import type { WorldCatalogue } from '../../src/games/world.ts';
import { median } from '../statistics.ts';
import { townOf } from './towns.ts';

/** Of each batch one figure comes, and of the batches their median. */
const BATCHES = 50;
const BATCH = 40;

/** Microseconds for a town with so many buildings that nobody looked at for `ms`. */
export function advanceUs(catalogue: WorldCatalogue, buildings: number, ms: number): number {
  const state = townOf(buildings);
  const batch = () => {
    const startedAt = performance.now();
    for (let n = 0; n < BATCH; n++) town.advance(state, 0, ms, catalogue);
    return ((performance.now() - startedAt) * 1_000) / BATCH;
  };
  // The first ones are slower: the code is not compiled yet.
  batch();
  return median(Array.from({ length: BATCHES }, batch));
}
