/** Things that stand in and around many buildings: houses, trees, fences, barrels, heaps. */
import { project } from '../iso.ts';
import {
  ball,
  box,
  cone,
  cylinder,
  flat,
  gable,
  type Material,
  onLeft,
  onRight,
  type Part,
} from './shapes.ts';

type At = readonly [x: number, y: number, z: number];

export interface House {
  readonly at: At;
  readonly size: readonly [width: number, depth: number, height: number];
  readonly roof: number;
  readonly ridge: 'x' | 'y';
  readonly wall: Material;
  readonly cover: Material;
}

export function house({ at: [x, y, z], size: [w, d, h], roof, ridge, wall, cover }: House): Part[] {
  return [
    ...box(wall, [x, y, z], [w, d, h]),
    ...gable(ridge, cover, wall, [x, y, z + h], [w, d, roof]),
  ];
}

/** Windows in a row on the wall that faces left. */
export function windowsLeft(
  y: number,
  x: number,
  z: number,
  w: number,
  count: number,
  size = 0.13,
): Part[] {
  const step = w / count;
  return Array.from({ length: count }, (_, i) =>
    onLeft('glass', y, x + (i + 0.5) * step - size / 2, z, size, size * 1.15),
  );
}

export function windowsRight(
  x: number,
  y: number,
  z: number,
  d: number,
  count: number,
  size = 0.13,
): Part[] {
  const step = d / count;
  return Array.from({ length: count }, (_, i) =>
    onRight('glass', x, y + (i + 0.5) * step - size / 2, z, size, size * 1.15),
  );
}

export function chimney([x, y, z]: At, h: number, m: Material = 'brick', w = 0.12): Part[] {
  return [
    ...box(m, [x, y, z], [w, w, h]),
    flat('dark', x + w * 0.25, y + w * 0.25, w * 0.5, w * 0.5, z + h),
  ];
}

/** Where the smoke of a chimney begins. */
export function above([x, y, z]: At, h: number, w = 0.12) {
  return project(x + w / 2, y + w / 2, z + h);
}

export function tree(x: number, y: number, size = 1): Part[] {
  return [
    ...box('timber', [x - 0.03, y - 0.03, 0], [0.06, 0.06, 0.24 * size]),
    ...ball('leaf', [x, y, 0.42 * size], 0.34 * size),
  ];
}

export function pine(x: number, y: number, size = 1): Part[] {
  return [
    ...box('timber', [x - 0.03, y - 0.03, 0], [0.06, 0.06, 0.14 * size]),
    ...cone('pine', [x, y, 0.12 * size], 0.2 * size, 0.42 * size),
    ...cone('pine', [x, y, 0.36 * size], 0.15 * size, 0.4 * size),
  ];
}

export function bush(x: number, y: number, size = 1, m: Material = 'leaf'): Part[] {
  return ball(m, [x, y, 0.08 * size], 0.17 * size);
}

export function barrel(x: number, y: number, z = 0): Part[] {
  return [
    ...cylinder('timber', [x, y, z], 0.075, 0.08, 'plank'),
    ...cylinder('metal', [x, y, z + 0.08], 0.078, 0.025),
    ...cylinder('timber', [x, y, z + 0.105], 0.075, 0.07, 'plank'),
  ];
}

/** Trunks that lie along x, so many beside each other, with a last one on top. */
export function logs(x: number, y: number, length: number, count: number): Part[] {
  const one = (at: number, z: number): Part[] => [
    ...box('timber', [x, y + at, z], [length, 0.1, 0.1]),
    onRight('plank', x + length, y + at + 0.02, z + 0.02, 0.06, 0.06),
  ];
  return [
    ...Array.from({ length: count }, (_, i) => one(i * 0.115, 0)).flat(),
    ...(count > 1
      ? Array.from({ length: count - 1 }, (_, i) => one(i * 0.115 + 0.06, 0.1)).flat()
      : []),
  ];
}

export function stack(
  m: Material,
  x: number,
  y: number,
  size: readonly [number, number],
  rows: number,
): Part[] {
  const [w, d] = size;
  return Array.from({ length: rows }, (_, row) =>
    box(m, [x + (row % 2) * 0.015, y, row * 0.062], [w - (row % 2) * 0.03, d, 0.055]),
  ).flat();
}

/** Around a rectangle: `back` is drawn before what is in it, `front` after. */
export function fence(x: number, y: number, w: number, d: number): { back: Part[]; front: Part[] } {
  const posts = (count: number, at: (part: number) => readonly [number, number]) =>
    Array.from({ length: count + 1 }, (_, i) => at(i / count)).flatMap(([px, py]) =>
      box('plank', [px - 0.02, py - 0.02, 0], [0.04, 0.04, 0.2]),
    );
  const [right, bottom] = [x + w, y + d];
  const rails = (part: (z: number) => Part) => [part(0.06), part(0.13)];
  const [alongX, alongY] = [Math.round(w * 3), Math.round(d * 3)];
  return {
    back: [
      ...rails((z) => onLeft('plank', y, x, z, w, 0.035)),
      ...posts(alongX, (part) => [x + part * w, y]),
      ...rails((z) => onRight('plank', x, y, z, d, 0.035)),
      ...posts(alongY, (part) => [x, y + part * d]),
    ],
    front: [
      ...posts(alongX, (part) => [x + part * w, bottom]),
      ...rails((z) => onLeft('plank', bottom, x, z, w, 0.035)),
      ...posts(alongY, (part) => [right, y + part * d]),
      ...rails((z) => onRight('plank', right, y, z, d, 0.035)),
    ],
  };
}

/** A table-like roof on four posts. */
export function shelter(
  cover: Material,
  [x, y, z]: At,
  [w, d, h]: readonly [number, number, number],
  roof: number,
  ridge: 'x' | 'y' = 'x',
): Part[] {
  const post = (px: number, py: number) => box('timber', [px, py, z], [0.06, 0.06, h]);
  return [
    ...post(x, y),
    ...post(x + w - 0.06, y),
    ...post(x, y + d - 0.06),
    ...post(x + w - 0.06, y + d - 0.06),
    ...gable(ridge, cover, 'plank', [x, y, z + h], [w, d, roof]),
  ];
}

export function sheep(x: number, y: number): Part[] {
  const leg = (dx: number, dy: number) => box('dark', [x + dx, y + dy, 0], [0.025, 0.025, 0.08]);
  return [
    ...leg(-0.09, -0.02),
    ...leg(0.06, -0.02),
    ...leg(-0.09, 0.05),
    ...leg(0.06, 0.05),
    ...ball('cotton', [x - 0.06, y, 0.15], 0.15),
    ...ball('cotton', [x + 0.06, y + 0.01, 0.15], 0.15),
    ...box('dark', [x + 0.13, y - 0.01, 0.13], [0.08, 0.06, 0.07]),
    ...ball('cotton', [x + 0.15, y + 0.02, 0.22], 0.06),
  ];
}

export function hen(x: number, y: number, m: Material = 'cotton'): Part[] {
  return [
    ...ball(m, [x, y, 0.06], 0.1),
    ...ball(m, [x + 0.05, y + 0.02, 0.13], 0.05),
    ...ball('ember', [x + 0.06, y + 0.03, 0.18], 0.025),
  ];
}
