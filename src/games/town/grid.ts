/** Where a building may stand (W4): on the grid, and on no other's cells. */
import type { WorldCatalogue, WorldRefusal } from '../world.ts';
import { type Placed, type TownState, titleOf } from './state.ts';

/** Cells of each side of the grid. */
export const SIDE = 16;

type Place = Pick<Placed, 'building' | 'x' | 'y'>;

/**
 * Why it may not stand there; null: it may. `own` is the id of a building that moves, which is not in its own way.
 * Every building has at least its first cell for itself, whatever becomes of sizes in the catalogue.
 */
export function placeRefused(
  place: Place,
  state: TownState,
  catalogue: WorldCatalogue,
  own?: number,
): WorldRefusal | null {
  const { right, bottom } = areaOf(place, catalogue);
  if (right > SIDE || bottom > SIDE) {
    return { refused: `${titleOf(place.building, catalogue)} does not fit on the grid there.` };
  }
  const other = state.buildings.find(
    (placed) => placed.id !== own && overlap(place, placed, catalogue),
  );
  if (!other) return null;
  return { refused: `${titleOf(other.building, catalogue)} ${other.id} is in the way.` };
}

function overlap(one: Place, other: Place, catalogue: WorldCatalogue): boolean {
  const a = areaOf(one, catalogue);
  const b = areaOf(other, catalogue);
  return a.x < b.right && b.x < a.right && a.y < b.bottom && b.y < a.bottom;
}

/** `right` and `bottom` are the first cells that are not its own. What has no kind any more has one cell. */
function areaOf({ building, x, y }: Place, catalogue: WorldCatalogue) {
  const { width, height } = catalogue.buildings.get(building) ?? { width: 1, height: 1 };
  return { x, y, right: x + width, bottom: y + height };
}
