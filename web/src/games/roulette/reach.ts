/** From spot to spot with the arrow keys: the nearest one that lies in that direction. */
import { SPOTS, type Spot } from './spots.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

/** What lies aside counts for more than what lies ahead. */
const ASIDE = 2.2;

/** As the table lies on its side; `spot` itself when there is nothing that way. */
export function nextSpot(spot: Spot, direction: Direction): Spot {
  let best = spot;
  let least = Number.POSITIVE_INFINITY;
  for (const other of SPOTS) {
    const { ahead, aside } = distance(spot, other, direction);
    if (ahead <= 0) continue;
    const cost = ahead + ASIDE * aside;
    if (cost < least) {
      least = cost;
      best = other;
    }
  }
  return best;
}

/** On a table that stands upright, with the zero on top, what looks like "down" goes along x. */
export function turned(direction: Direction): Direction {
  return UPRIGHT[direction];
}

const UPRIGHT: Record<Direction, Direction> = {
  down: 'right',
  up: 'left',
  right: 'up',
  left: 'down',
};

/** Wide cells begin at their edge, so that whoever comes from above meets the dozen that is below. */
function distance(from: Spot, to: Spot, direction: Direction): { ahead: number; aside: number } {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const across = direction === 'left' || direction === 'right';
  const sign = direction === 'left' || direction === 'up' ? -1 : 1;
  const span = (spot: Spot) => (across ? spot.size?.height : spot.size?.width) ?? 0;
  const overlap = Math.max(0, span(from) / 2, span(to) / 2);
  const off = Math.abs(across ? dy : dx);
  return { ahead: sign * (across ? dx : dy), aside: off < overlap ? off / 100 : off };
}
