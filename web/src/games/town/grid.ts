/** Where buildings stand on the grid of cells, where there is room, and which of them hides which. */

/** Cells along each side. */
export const SIZE = 16;

export interface Spot {
  readonly x: number;
  readonly y: number;
}
export interface Footprint extends Spot {
  readonly width: number;
  readonly height: number;
}

/** Why something cannot stand there; null: it can. */
export type Hindrance = 'outside' | 'taken';

export function hindranceAt(place: Footprint, others: readonly Footprint[]): Hindrance | null {
  const { x, y, width, height } = place;
  if (x < 0 || y < 0 || x + width > SIZE || y + height > SIZE) return 'outside';
  return others.some((other) => overlap(place, other)) ? 'taken' : null;
}

export function overlap(a: Footprint, b: Footprint): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** The place whose middle is the nearest to a point, wholly on the grid. */
export function placeAround(point: Spot, size: Omit<Footprint, 'x' | 'y'>): Footprint {
  const { width, height } = size;
  return {
    width,
    height,
    x: clamp(Math.round(point.x - width / 2), SIZE - width),
    y: clamp(Math.round(point.y - height / 2), SIZE - height),
  };
}

/** The free place nearest to a point; where all is taken, the nearest to it all the same. */
export function freePlaceNear(
  point: Spot,
  size: Omit<Footprint, 'x' | 'y'>,
  others: readonly Footprint[],
): Footprint {
  const wanted = placeAround(point, size);
  let best: Footprint | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (let x = 0; x <= SIZE - size.width; x += 1) {
    for (let y = 0; y <= SIZE - size.height; y += 1) {
      const place = { ...size, x, y };
      const distance = (x - wanted.x) ** 2 + (y - wanted.y) ** 2;
      if (distance < bestDistance && hindranceAt(place, others) === null) {
        best = place;
        bestDistance = distance;
      }
    }
  }
  return best ?? wanted;
}

/**
 * In the order in which they are painted, seen along the diagonal of the grid: what stands behind comes first. Places that
 * do not overlap always have such an order.
 */
export function backToFront<T extends Footprint>(places: readonly T[]): T[] {
  const left = [...places].sort((a, b) => a.x + a.y - (b.x + b.y));
  const order: T[] = [];
  while (left.length > 0) {
    const next = left.findIndex((place) => !left.some((other) => hides(place, other)));
    order.push(...left.splice(Math.max(0, next), 1));
  }
  return order;
}

/** Whether `front` may hide a part of `back`: not only where they touch, but along the whole diagonal. */
function hides(front: Footprint, back: Footprint): boolean {
  if (front === back) return false;
  const besideX = back.x + back.width <= front.x;
  const besideY = back.y + back.height <= front.y;
  if (!besideX && !besideY) return false;
  // Beside each other on the picture, with the other one in front in the other direction.
  return (
    !(besideX && front.y + front.height <= back.y) && !(besideY && front.x + front.width <= back.x)
  );
}

const clamp = (value: number, most: number) => Math.max(0, Math.min(most, value));
