/** The grid seen along its diagonal: x goes down to the right, y down to the left, z up. In units of the picture. */
import type { Spot } from './grid.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A cell on the picture. */
export const TILE_WIDTH = 64;
export const TILE_HEIGHT = 32;
/** What a height of one cell's side comes to. */
export const RISE = 36;

export function project(x: number, y: number, z = 0): Point {
  return { x: ((x - y) * TILE_WIDTH) / 2, y: ((x + y) * TILE_HEIGHT) / 2 - z * RISE };
}

/** Where on the ground a point of the picture lies. */
export function unproject({ x, y }: Point): Spot {
  const across = x / TILE_WIDTH;
  const down = y / TILE_HEIGHT;
  return { x: down + across, y: down - across };
}

/** A closed path through points of the grid. */
export function pathOf(
  ...points: readonly (readonly [x: number, y: number, z?: number])[]
): string {
  const text = points.map(([x, y, z]) => {
    const point = project(x, y, z);
    return `${round(point.x)} ${round(point.y)}`;
  });
  return `M${text.join('L')}Z`;
}

/** The outline of a rectangle on the ground, its corners rounded off by `corner` cells. */
export function groundPath(
  { x, y, width, height }: Spot & { width: number; height: number },
  corner = 0,
): string {
  const [right, bottom] = [x + width, y + height];
  if (corner === 0) return pathOf([x, y], [right, y], [right, bottom], [x, bottom]);
  const at = (px: number, py: number) => {
    const point = project(px, py);
    return `${round(point.x)} ${round(point.y)}`;
  };
  return [
    `M${at(x + corner, y)}L${at(right - corner, y)}`,
    `Q${at(right, y)} ${at(right, y + corner)}L${at(right, bottom - corner)}`,
    `Q${at(right, bottom)} ${at(right - corner, bottom)}L${at(x + corner, bottom)}`,
    `Q${at(x, bottom)} ${at(x, bottom - corner)}L${at(x, y + corner)}`,
    `Q${at(x, y)} ${at(x + corner, y)}Z`,
  ].join('');
}

export const round = (value: number) => Math.round(value * 100) / 100;
