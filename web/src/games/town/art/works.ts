/** Where things are made of others. */
import { project } from '../iso.ts';
import {
  above,
  barrel,
  bush,
  chimney,
  house,
  logs,
  shelter,
  stack,
  tree,
  windowsLeft,
  windowsRight,
} from './parts.ts';
import {
  ball,
  box,
  cone,
  cylinder,
  dome,
  flat,
  type Material,
  onLeft,
  type Part,
} from './shapes.ts';
import type { Sprite } from './sprite.ts';

export function mill(level: number): Sprite {
  const h = 0.95 + 0.14 * (level - 1);
  const body: Material = level > 2 ? 'plaster' : level > 1 ? 'wall' : 'plank';
  return {
    parts: [
      flat('sand', 0.5, 1.1, 0.5, 0.8),
      ...(level > 1
        ? house({
            at: [1.18, 0.3, 0],
            size: [0.56, 0.6, 0.34],
            roof: 0.3,
            ridge: 'x',
            wall: 'plaster',
            cover: 'roof',
          })
        : tree(1.6, 0.5, 1)),
      ...cylinder('stone', [0.86, 0.86, 0], 0.46, 0.16),
      ...cylinder(body, [0.86, 0.86, 0.16], 0.4, h * 0.5),
      ...cylinder(body, [0.86, 0.86, 0.16 + h * 0.5], 0.35, h * 0.5),
      ...cone(
        level > 2 ? 'slate' : level > 1 ? 'roof' : 'thatch',
        [0.86, 0.86, 0.16 + h],
        0.42,
        0.42,
      ),
      onLeft('timber', 1.3, 0.8, 0, 0.16, 0.32),
      onLeft('glass', 1.27, 0.84, 0.55, 0.12, 0.14),
      ...sacks(1.36, 1.42, level),
      ...bush(0.3, 1.5, 1),
      ...bush(1.76, 1.2, 0.9),
    ],
    smoke: [],
    sails: { at: project(0.99, 1.26, 0.12 + h), length: 30 + 3 * level },
  };
}

export function sawmill(level: number): Sprite {
  const h = 0.46 + 0.08 * (level - 1);
  return {
    parts: [
      flat('sand', 0.2, 0.3, 1.6, 1.5),
      ...stack('plank', 0.3, 0.4, [0.36, 0.5], level + 2),
      ...box('plank', [0.86, 0.62, 0], [0.9, 0.3, 0.16]),
      ...blade(1.32, 0.92, 0.16),
      ...shelter(
        level > 2 ? 'roof' : level > 1 ? 'slate' : 'thatch',
        [0.72, 0.4, 0],
        [1.1, 0.72, h],
        0.36,
      ),
      ...logs(0.34, 1.3, 0.8, level > 1 ? 4 : 3),
      ...stack('plank', 1.34, 1.36, [0.42, 0.34], level + 1),
      ...(level > 1 ? barrel(1.2, 1.78) : []),
      ...(level > 2 ? barrel(0.24, 1.2) : []),
      ...bush(1.86, 1.3, 0.8),
    ],
    smoke: [],
  };
}

export function charcoalBurner(level: number): Sprite {
  const size = 0.24 + 0.03 * level;
  return {
    parts: [
      flat('soil', 0.1, 0.1, 0.8, 0.8),
      ...dome('soil', [0.42, 0.4, 0], size),
      ...cylinder('stone', [0.42, 0.4, size * 1.05], 0.06, 0.06, 'dark'),
      ...(level > 1 ? dome('soil', [0.76, 0.3, 0], 0.15) : []),
      ...heap('coal', 0.76, 0.62, 0.9),
      ...(level > 2 ? heap('coal', 0.2, 0.78, 0.8) : []),
      ...logs(0.36, 0.78, 0.34, 2),
    ],
    smoke: [project(0.42, 0.4, size * 1.3)],
  };
}

/** A bottle of bricks: wide below, with a narrow neck. */
export function kiln(level: number): Sprite {
  const neck = 0.5 + 0.1 * level;
  const [x, y] = [0.45, 0.42] as const;
  return {
    parts: [
      flat('sand', 0.1, 0.1, 0.8, 0.8),
      ...cylinder('stone', [x, y, 0], 0.33, 0.08),
      ...cylinder('brick', [x, y, 0.08], 0.29, 0.2),
      ...cone('brick', [x, y, 0.28], 0.29, neck - 0.06),
      ...cylinder('brick', [x, y, neck], 0.11, 0.26, 'dark'),
      ...cylinder('stone', [x, y, neck + 0.2], 0.125, 0.06, 'dark'),
      onLeft('dark', y + 0.3, x - 0.085, 0.02, 0.17, 0.2),
      onLeft('ember', y + 0.305, x - 0.055, 0.02, 0.11, 0.12),
      ...stack('brick', 0.7, 0.68, [0.2, 0.16], level + 1),
      ...(level > 2 ? pot(0.26, 0.84) : []),
      ...(level > 1 ? pot(0.16, 0.7) : []),
    ],
    smoke: [project(x, y, neck + 0.28)],
  };
}

export function smelter(level: number): Sprite {
  const smoking = [0.5, 0.44, 0.7] as const;
  const second = [1.0, 0.36, 0.56] as const;
  const rise = 0.5 + 0.12 * level;
  return {
    parts: [
      flat('soil', 0.14, 0.14, 1.72, 1.72),
      ...(level > 1
        ? [
            ...box('stone', [0.86, 0.3, 0], [0.42, 0.42, 0.56]),
            ...chimney(second, rise * 0.9, 'brick', 0.2),
          ]
        : []),
      ...box('stone', [0.3, 0.3, 0], [0.72, 0.8, 0.46]),
      ...box('rock', [0.38, 0.38, 0.46], [0.5, 0.5, 0.24]),
      ...chimney(smoking, rise, 'brick', 0.24),
      onLeft('dark', 1.1, 0.5, 0, 0.32, 0.3),
      onLeft('ember', 1.1, 0.55, 0, 0.22, 0.22),
      ...shelter('slate', [1.14, 0.66, 0], [0.6, 0.56, 0.36], 0.26, 'y'),
      ...oreHeap(1.44, 1.5, 1.3),
      ...heap('coal', 0.5, 1.6, 1.1),
      ...(level > 2 ? ingots(0.94, 1.5) : ingots(0.98, 1.6)),
      ...(level > 2 ? barrel(1.76, 1.34) : []),
    ],
    smoke:
      level > 1
        ? [above(second, rise * 0.9, 0.2), above(smoking, rise, 0.24)]
        : [above(smoking, rise, 0.24)],
  };
}

export function smithy(level: number): Sprite {
  const h = 0.46 + 0.1 * (level - 1);
  const smoking = [0.34, 0.3, h + 0.1] as const;
  return {
    parts: [
      flat('sand', 0.9, 0.2, 0.96, 0.66),
      ...house({
        at: [0.14, 0.16, 0],
        size: [0.92, 0.62, h],
        roof: 0.36,
        ridge: 'x',
        wall: 'stone',
        cover: 'slate',
      }),
      ...chimney(smoking, 0.44, 'brick', 0.17),
      onLeft('dark', 0.78, 0.28, 0, 0.36, 0.32),
      onLeft('ember', 0.78, 0.36, 0.06, 0.2, 0.13),
      ...windowsLeft(0.78, 0.74, 0.18, 0.24, 1, 0.13),
      ...windowsRight(1.06, 0.2, 0.2, 0.54, level > 1 ? 2 : 1, 0.13),
      ...shelter('plank', [1.12, 0.24, 0], [0.62, 0.5, 0.32], 0.16),
      // The anvil on its block, and what the smith is at.
      ...cylinder('timber', [1.3, 0.86, 0], 0.08, 0.12),
      ...box('metal', [1.2, 0.82, 0.12], [0.2, 0.08, 0.07]),
      ...(level > 1 ? barrel(1.62, 0.84) : []),
      ...(level > 2
        ? [...ball('gold', [1.82, 0.7, 0.1], 0.17), ...cylinder('gold', [1.82, 0.7, 0], 0.11, 0.05)]
        : []),
    ],
    smoke: [above(smoking, 0.44, 0.17)],
  };
}

/** Rocks with ore in them. */
export function oreHeap(x: number, y: number, size: number): Part[] {
  return [
    ...heap('rock', x, y, size),
    ...ball('ore', [x - 0.1 * size, y, 0.12 * size], 0.06 * size),
    ...ball('ore', [x + 0.1 * size, y + 0.02 * size, 0.1 * size], 0.07 * size),
    ...ball('ore', [x + 0.02 * size, y + 0.12 * size, 0.08 * size], 0.06 * size),
  ];
}

export function heap(m: Material, x: number, y: number, size: number): Part[] {
  return [
    ...ball(m, [x - 0.1 * size, y - 0.06 * size, 0.05 * size], 0.17 * size),
    ...ball(m, [x + 0.08 * size, y - 0.04 * size, 0.05 * size], 0.15 * size),
    ...ball(m, [x, y + 0.05 * size, 0.06 * size], 0.17 * size),
  ];
}

function sacks(x: number, y: number, count: number): Part[] {
  const places = [
    [0, 0],
    [0.18, 0.06],
    [0.02, 0.2],
  ] as const;
  return places
    .slice(0, count)
    .flatMap(([dx, dy]) => [
      ...cylinder('cotton', [x + dx, y + dy, 0], 0.08, 0.14),
      ...ball('cotton', [x + dx, y + dy, 0.17], 0.1),
    ]);
}

function blade(x: number, y: number, z: number): Part[] {
  return [
    onLeft('metal', y, x - 0.11, z, 0.22, 0.1),
    onLeft('metal', y, x - 0.07, z + 0.1, 0.14, 0.05),
  ];
}

function ingots(x: number, y: number): Part[] {
  return [
    ...box('metal', [x, y, 0], [0.2, 0.08, 0.06]),
    ...box('metal', [x, y + 0.11, 0], [0.2, 0.08, 0.06]),
    ...box('metal', [x, y + 0.055, 0.06], [0.2, 0.08, 0.06]),
  ];
}

function pot(x: number, y: number): Part[] {
  return [...cylinder('brick', [x, y, 0], 0.06, 0.1, 'dark')];
}
