/** What comes out of the ground. */
import { pathOf } from '../iso.ts';
import { barrel, bush, house, pine, tree } from './parts.ts';
import { box, cone, flat, onLeft, onRight, type Part } from './shapes.ts';
import type { Sprite } from './sprite.ts';
import { heap, oreHeap } from './works.ts';

export function quarry(level: number): Sprite {
  return {
    parts: [
      flat('rock', 0.1, 0.1, 1.8, 1.8),
      ...box('rock', [0.12, 0.12, 0], [1.5, 0.5, 0.5]),
      ...box('rock', [0.12, 0.12, 0.5], [0.9, 0.4, 0.26]),
      ...box('rock', [0.12, 0.62, 0], [0.5, 0.9, 0.42]),
      ...(level > 1 ? box('stone', [1.2, 0.5, 0], [0.4, 0.3, 0.3]) : []),
      ...box('rock', [0.62, 0.62, 0], [0.6, 0.4, 0.2]),
      ...crane(1.3, 1.0),
      ...block(0.84, 1.4, 0),
      ...block(1.1, 1.5, 0),
      ...(level > 1 ? block(0.96, 1.46, 0.17) : []),
      ...block(1.62, 1.56, 0),
      ...(level > 2 ? statue(0.36, 1.66) : heap('rock', 0.4, 1.72, 0.9)),
    ],
    smoke: [],
  };
}

export function clayPit(level: number): Sprite {
  return {
    parts: [
      flat('soil', 0.08, 0.1, 1.84, 0.82),
      flat('sand', 0.2, 0.2, 1.1, 0.6),
      flat('water', 0.34, 0.32, 0.6, 0.34),
      ...house({
        at: [1.34, 0.14, 0],
        size: [0.44, 0.42, 0.3],
        roof: 0.24,
        ridge: 'y',
        wall: 'plank',
        cover: level > 1 ? 'roof' : 'thatch',
      }),
      onLeft('dark', 0.56, 1.48, 0, 0.14, 0.2),
      ...mound(1.08, 0.5, 0.24),
      ...(level > 1 ? mound(0.26, 0.76, 0.17) : []),
      ...mound(1.4, 0.76, 0.19),
      ...(level > 2 ? barrel(1.72, 0.76) : []),
      ...box('plank', [0.72, 0.76, 0.05], [0.24, 0.12, 0.08]),
    ],
    smoke: [],
  };
}

export function mine(level: number): Sprite {
  const hill: Part[] = [
    {
      m: 'rock',
      f: 1,
      d: pathOf([0.1, 1.36], [2.2, 1.36], [1.9, 1.1, 0.75], [1.2, 0.9, 1.25], [0.6, 1.0, 0.9]),
    },
    {
      m: 'rock',
      f: 2,
      d: pathOf([2.2, 1.36], [2.3, 0.1], [1.7, 0.4, 0.95], [1.2, 0.9, 1.25], [1.9, 1.1, 0.75]),
    },
    {
      m: 'rock',
      f: 0,
      d: pathOf([0.6, 1.0, 0.9], [1.2, 0.9, 1.25], [1.7, 0.4, 0.95], [0.9, 0.4, 0.8]),
    },
    { m: 'rock', f: 0, d: pathOf([0.1, 1.36], [0.9, 1.36], [1.0, 1.2, 0.5], [0.6, 1.0, 0.9]) },
    { m: 'rock', f: 2, d: pathOf([1.3, 1.36], [2.2, 1.36], [1.9, 1.1, 0.75], [1.5, 1.22, 0.5]) },
    { m: 'rock', f: 1, d: pathOf([2.26, 0.7], [2.3, 0.1], [1.7, 0.4, 0.95], [1.94, 0.7, 0.6]) },
    {
      m: 'leaf',
      f: 0,
      d: pathOf([0.7, 1.0, 0.9], [1.2, 0.92, 1.24], [1.66, 0.44, 0.95], [1.14, 0.7, 1.02]),
    },
  ];
  return {
    parts: [
      flat('soil', 0.3, 1.2, 2.5, 0.72),
      ...pine(0.3, 0.7, 1.3),
      ...hill,
      ...tree(2.5, 0.36, 1),
      // The way in, framed in timber.
      onLeft('timber', 1.37, 0.86, 0, 0.62, 0.56),
      onLeft('dark', 1.375, 0.93, 0, 0.48, 0.47),
      ...(level > 1
        ? [
            onLeft('glass', 1.38, 0.8, 0.36, 0.07, 0.1),
            onLeft('glass', 1.38, 1.47, 0.36, 0.07, 0.1),
          ]
        : []),
      flat('metal', 1.04, 1.38, 0.03, 0.52),
      flat('metal', 1.26, 1.38, 0.03, 0.52),
      ...[1.44, 1.56, 1.68, 1.8].map((y) => flat('timber', 0.98, y, 0.36, 0.05)),
      ...cart(1.0, 1.52),
      ...oreHeap(1.9, 1.62, 1.2),
      ...(level > 1 ? oreHeap(0.54, 1.66, 1) : []),
      ...house({
        at: [2.2, 0.9, 0],
        size: [0.56, 0.5, 0.32],
        roof: 0.26,
        ridge: 'x',
        wall: 'plank',
        cover: level > 2 ? 'slate' : 'thatch',
      }),
      onLeft('dark', 1.4, 2.36, 0, 0.16, 0.22),
      ...(level > 2 ? [...barrel(2.6, 1.66), ...barrel(2.42, 1.72)] : bush(2.7, 1.7, 0.9)),
    ],
    smoke: [],
  };
}

function mound(x: number, y: number, size: number): Part[] {
  return cone('brick', [x, y, 0], size, size * 0.9);
}

function block(x: number, y: number, z: number): Part[] {
  return box('stone', [x, y, z], [0.22, 0.17, 0.16]);
}

function crane(x: number, y: number): Part[] {
  return [
    ...box('timber', [x, y, 0], [0.07, 0.07, 0.86]),
    {
      m: 'timber',
      f: 1,
      d: pathOf(
        [x, y + 0.07, 0.82],
        [x, y + 0.07, 0.9],
        [x - 0.5, y + 0.4, 0.98],
        [x - 0.5, y + 0.4, 0.93],
      ),
    },
    onRight('dark', x - 0.48, y + 0.38, 0.34, 0.015, 0.6),
    ...box('stone', [x - 0.56, y + 0.32, 0.2], [0.16, 0.12, 0.14]),
  ];
}

function cart(x: number, y: number): Part[] {
  return [...box('metal', [x, y, 0.05], [0.32, 0.22, 0.16]), ...oreHeap(x + 0.18, y + 0.13, 0.7)];
}

function statue(x: number, y: number): Part[] {
  return [
    ...box('stone', [x, y - 0.16, 0], [0.26, 0.26, 0.16]),
    ...box('plaster', [x + 0.08, y - 0.08, 0.16], [0.1, 0.1, 0.3]),
    ...box('plaster', [x + 0.05, y - 0.06, 0.36], [0.16, 0.06, 0.06]),
  ];
}
