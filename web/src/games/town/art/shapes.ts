/**
 * What buildings are drawn of: boxes, roofs, round things, and what hangs on their walls. Coordinates are cells; `f` says how
 * a face lies in the light: 0 from above, 1 to the left, 2 to the right.
 */
import { pathOf, project, RISE, round, TILE_WIDTH } from '../iso.ts';

/** By these names the style sheet has their colours. */
export type Material =
  | 'wall'
  | 'plaster'
  | 'timber'
  | 'plank'
  | 'brick'
  | 'stone'
  | 'rock'
  | 'roof'
  | 'slate'
  | 'thatch'
  | 'leaf'
  | 'pine'
  | 'soil'
  | 'crop'
  | 'sprout'
  | 'water'
  | 'sand'
  | 'metal'
  | 'gold'
  | 'glass'
  | 'dark'
  | 'ember'
  | 'cloth'
  | 'flag'
  | 'fruit'
  | 'cotton'
  | 'coal'
  | 'ore'
  | 'bread';

export interface Part {
  readonly d: string;
  readonly m: Material;
  readonly f: 0 | 1 | 2;
}

export function box(
  m: Material,
  [x, y, z]: readonly [number, number, number],
  [w, d, h]: readonly [number, number, number],
): Part[] {
  const [r, b, t] = [x + w, y + d, z + h];
  return [
    { m, f: 1, d: pathOf([x, b, z], [r, b, z], [r, b, t], [x, b, t]) },
    { m, f: 2, d: pathOf([r, b, z], [r, y, z], [r, y, t], [r, b, t]) },
    { m, f: 0, d: pathOf([x, y, t], [r, y, t], [r, b, t], [x, b, t]) },
  ];
}

/** A flat piece of ground. */
export function flat(m: Material, x: number, y: number, w: number, d: number, z = 0): Part {
  return { m, f: 0, d: pathOf([x, y, z], [x + w, y, z], [x + w, y + d, z], [x, y + d, z]) };
}

const EAVE = 0.07;
const VERGE = 0.07;

/** A roof whose ridge goes along x (`'x'`) or y; the wall under its gable is of `wall`. */
export function gable(
  ridge: 'x' | 'y',
  m: Material,
  wall: Material,
  [x, y, z]: readonly [number, number, number],
  [w, d, h]: readonly [number, number, number],
): Part[] {
  const [r, b, t] = [x + w, y + d, z + h];
  if (ridge === 'x') {
    const middle = y + d / 2;
    const low = z - (EAVE * h) / (d / 2);
    const [left, right, eave, back] = [x - EAVE, r + EAVE, b + EAVE, y - EAVE];
    return [
      {
        m,
        f: 1,
        d: pathOf([left, back, low], [right, back, low], [right, middle, t], [left, middle, t]),
      },
      { m: wall, f: 2, d: pathOf([r, y, z], [r, b, z], [r, middle, t]) },
      {
        m,
        f: 0,
        d: pathOf([left, eave, low], [right, eave, low], [right, middle, t], [left, middle, t]),
      },
      {
        m,
        f: 2,
        d: pathOf(
          [right, eave, low],
          [right, middle, t],
          [right, back, low],
          [right, back, low - VERGE],
          [right, middle, t - VERGE * 1.6],
          [right, eave, low - VERGE],
        ),
      },
    ];
  }
  const middle = x + w / 2;
  const low = z - (EAVE * h) / (w / 2);
  const [back, front, eave, left] = [y - EAVE, b + EAVE, r + EAVE, x - EAVE];
  return [
    {
      m,
      f: 0,
      d: pathOf([left, back, low], [left, front, low], [middle, front, t], [middle, back, t]),
    },
    { m: wall, f: 1, d: pathOf([x, b, z], [r, b, z], [middle, b, t]) },
    {
      m,
      f: 2,
      d: pathOf([eave, back, low], [eave, front, low], [middle, front, t], [middle, back, t]),
    },
    {
      m,
      f: 1,
      d: pathOf(
        [eave, front, low],
        [middle, front, t],
        [left, front, low],
        [left, front, low - VERGE],
        [middle, front, t - VERGE * 1.6],
        [eave, front, low - VERGE],
      ),
    },
  ];
}

/** A roof that rises from all four sides to one point. */
export function hip(
  m: Material,
  [x, y, z]: readonly [number, number, number],
  [w, d, h]: readonly [number, number, number],
): Part[] {
  const [l, r, k, b] = [x - EAVE, x + w + EAVE, y - EAVE, y + d + EAVE];
  const top = [x + w / 2, y + d / 2, z + h] as const;
  return [
    { m, f: 1, d: pathOf([l, b, z], [r, b, z], top) },
    { m, f: 2, d: pathOf([r, b, z], [r, k, z], top) },
  ];
}

/** A circle on the ground is so wide on the picture, for a radius of 1. */
const ROUND = TILE_WIDTH / Math.SQRT2;

export function cylinder(
  m: Material,
  [cx, cy, z]: readonly [number, number, number],
  radius: number,
  h: number,
  lid: Material = m,
): Part[] {
  const { x, y } = project(cx, cy, z);
  const [rx, ry, up] = [round(radius * ROUND), round((radius * ROUND) / 2), round(h * RISE)];
  const [px, py] = [round(x), round(y)];
  return [
    { m, f: 1, d: `M${px - rx} ${py}A${rx} ${ry} 0 0 0 ${px} ${py + ry}V${py - up}H${px - rx}Z` },
    { m, f: 2, d: `M${px + rx} ${py}A${rx} ${ry} 0 0 1 ${px} ${py + ry}V${py - up}H${px + rx}Z` },
    { m: lid, f: 0, d: ellipse(px, py - up, rx, ry) },
  ];
}

export function cone(
  m: Material,
  [cx, cy, z]: readonly [number, number, number],
  radius: number,
  h: number,
): Part[] {
  const { x, y } = project(cx, cy, z);
  const [rx, ry] = [round(radius * ROUND), round((radius * ROUND) / 2)];
  const [px, py, top] = [round(x), round(y), round(y - h * RISE)];
  return [
    { m, f: 1, d: `M${px - rx} ${py}A${rx} ${ry} 0 0 0 ${px} ${py + ry}L${px} ${top}Z` },
    { m, f: 2, d: `M${px + rx} ${py}A${rx} ${ry} 0 0 1 ${px} ${py + ry}L${px} ${top}Z` },
  ];
}

/** Half a ball, with its light and its dark side. */
export function dome(
  m: Material,
  [cx, cy, z]: readonly [number, number, number],
  radius: number,
): Part[] {
  const { x, y } = project(cx, cy, z);
  const [rx, ry] = [round(radius * ROUND), round((radius * ROUND) / 2)];
  const [px, py, rise] = [round(x), round(y), round(radius * ROUND * 0.95)];
  return [
    {
      m,
      f: 1,
      d: `M${px - rx} ${py}A${rx} ${rise} 0 0 1 ${px + rx} ${py}A${rx} ${ry} 0 0 1 ${px - rx} ${py}Z`,
    },
    {
      m,
      f: 2,
      d: `M${round(px + rx * 0.2)} ${py - rise}A${rx} ${rise} 0 0 1 ${px + rx} ${py}A${rx} ${ry} 0 0 1 ${px} ${py + ry}Q${round(px + rx * 0.5)} ${round(py - rise * 0.4)} ${round(px + rx * 0.2)} ${py - rise}Z`,
    },
  ];
}

/** A ball as seen, in units of the picture around a point of the grid: crowns, bales, heaps. */
export function ball(
  m: Material,
  [cx, cy, z]: readonly [number, number, number],
  radius: number,
): Part[] {
  const { x, y } = project(cx, cy, z);
  const r = round(radius * TILE_WIDTH * 0.5);
  const [px, py] = [round(x), round(y)];
  return [
    { m, f: 2, d: ellipse(px, py, r, r) },
    {
      m,
      f: 1,
      d: ellipse(round(px - r * 0.12), round(py - r * 0.12), round(r * 0.86), round(r * 0.86)),
    },
    {
      m,
      f: 0,
      d: ellipse(round(px - r * 0.26), round(py - r * 0.28), round(r * 0.52), round(r * 0.5)),
    },
  ];
}

/** On a wall that faces left, at this y: from x to x + w, from z up. */
export function onLeft(m: Material, y: number, x: number, z: number, w: number, h: number): Part {
  return { m, f: 1, d: pathOf([x, y, z], [x + w, y, z], [x + w, y, z + h], [x, y, z + h]) };
}

/** On a wall that faces right, at this x: from y to y + d, from z up. */
export function onRight(m: Material, x: number, y: number, z: number, d: number, h: number): Part {
  return { m, f: 2, d: pathOf([x, y, z], [x, y + d, z], [x, y + d, z + h], [x, y, z + h]) };
}

/** An awning before a wall that faces left, in stripes. */
export function awning(y: number, x: number, z: number, w: number, out: number): Part[] {
  const stripes = Math.max(3, Math.round(w / 0.16));
  const each = w / stripes;
  return Array.from({ length: stripes }, (_, stripe): Part => {
    const from = x + stripe * each;
    return {
      m: stripe % 2 === 0 ? 'cloth' : 'plaster',
      f: 0,
      d: pathOf(
        [from, y, z],
        [from + each, y, z],
        [from + each, y + out, z - 0.14],
        [from, y + out, z - 0.14],
      ),
    };
  });
}

function ellipse(x: number, y: number, rx: number, ry: number): string {
  return `M${round(x - rx)} ${round(y)}a${rx} ${ry} 0 1 0 ${round(2 * rx)} 0a${rx} ${ry} 0 1 0 ${round(-2 * rx)} 0Z`;
}
