/** What grows and grazes. */
import { bush, fence, hen, house, logs, pine, sheep, tree, windowsLeft } from './parts.ts';
import { box, cone, cylinder, flat, onLeft, onRight, type Part } from './shapes.ts';
import type { Sprite } from './sprite.ts';

export function farm(level: number): Sprite {
  const rows = Array.from({ length: 6 }, (_, row) => 0.98 + row * 0.15);
  const barn = level > 1 ? 0.44 : 0.34;
  return {
    parts: [
      flat('soil', 0.1, 0.9, 1.8, 1.0),
      flat('soil', 1.02, 0.12, 0.88, 0.78),
      ...[0.2, 0.35, 0.5, 0.65, 0.8].flatMap((y) => box('crop', [1.1, y, 0], [0.72, 0.07, 0.1])),
      ...(level > 2
        ? [
            ...cylinder('plaster', [0.28, 0.24, 0], 0.15, 0.8),
            ...cone('metal', [0.28, 0.24, 0.8], 0.17, 0.16),
          ]
        : []),
      ...house({
        at: [0.3, 0.26, 0],
        size: [0.62, 0.56, barn],
        roof: 0.34,
        ridge: 'y',
        wall: 'roof',
        cover: level > 1 ? 'slate' : 'thatch',
      }),
      onLeft('plank', 0.82, 0.48, 0, 0.26, 0.28),
      onLeft('glass', 0.82, 0.56, barn - 0.03, 0.1, 0.11),
      ...rows.flatMap((y) => box('crop', [0.18, y, 0], [1.64, 0.075, level > 1 ? 0.14 : 0.1])),
      ...(level > 1 ? bale(1.02, 0.66) : []),
      ...(level > 2 ? bale(0.16, 0.8) : []),
    ],
    smoke: [],
  };
}

export function pasture(level: number): Sprite {
  const round = fence(0.14, 0.14, 2.72, 2.72);
  const flock: Part[] = [
    ...sheep(1.3, 0.62),
    ...(level > 1 ? sheep(2.3, 0.7) : []),
    ...sheep(1.9, 1.2),
    ...(level > 2 ? sheep(0.8, 1.5) : []),
    ...sheep(1.3, 1.9),
    ...(level > 1 ? sheep(2.4, 2.1) : []),
    ...(level > 2 ? sheep(0.62, 2.4) : []),
    ...sheep(1.9, 2.46),
  ];
  return {
    parts: [
      flat('sprout', 0.14, 0.14, 2.72, 2.72),
      ...round.back,
      ...house({
        at: [0.34, 0.34, 0],
        size: [0.66, 0.76, 0.32],
        roof: 0.34,
        ridge: 'y',
        wall: 'plank',
        cover: level > 2 ? 'roof' : 'thatch',
      }),
      onLeft('dark', 1.1, 0.54, 0, 0.26, 0.24),
      ...box('timber', [2.0, 0.36, 0], [0.5, 0.16, 0.1]),
      flat('water', 2.03, 0.39, 0.44, 0.1, 0.1),
      ...flock,
      ...tree(2.62, 1.5, 1),
      ...round.front,
    ],
    smoke: [],
  };
}

export function henhouse(level: number): Sprite {
  const round = fence(0.1, 0.1, 0.8, 0.8);
  return {
    parts: [
      flat('sand', 0.1, 0.1, 0.8, 0.8),
      ...round.back,
      ...box('timber', [0.22, 0.22, 0], [0.05, 0.05, 0.14]),
      ...box('timber', [0.56, 0.5, 0], [0.05, 0.05, 0.14]),
      ...house({
        at: [0.2, 0.2, 0.12],
        size: [0.42, 0.34, 0.22],
        roof: 0.22,
        ridge: 'x',
        wall: 'plank',
        cover: level > 1 ? 'roof' : 'thatch',
      }),
      onLeft('dark', 0.54, 0.34, 0.12, 0.12, 0.16),
      ...(level > 2 ? windowsLeft(0.54, 0.48, 0.18, 0.12, 1, 0.07) : []),
      ...hen(0.3, 0.74),
      ...(level > 1 ? hen(0.74, 0.4, 'crop') : []),
      ...hen(0.62, 0.7, 'crop'),
      ...(level > 2 ? hen(0.48, 0.8) : []),
      ...round.front,
    ],
    smoke: [],
  };
}

export function lumberCamp(level: number): Sprite {
  return {
    parts: [
      ...pine(0.36, 0.3, 1.5),
      ...pine(0.86, 0.22, 1.3),
      ...pine(1.4, 0.3, 1.55),
      ...pine(0.24, 0.82, 1.3),
      ...pine(1.72, 0.66, 1.25),
      ...house({
        at: [0.66, 0.66, 0],
        size: [0.6, 0.5, 0.3],
        roof: 0.3,
        ridge: 'y',
        wall: 'timber',
        cover: level > 1 ? 'slate' : 'thatch',
      }),
      onLeft('dark', 1.16, 0.88, 0, 0.16, 0.22),
      ...(level > 1 ? [onRight('glass', 1.26, 0.84, 0.12, 0.14, 0.13)] : []),
      ...(level > 2 ? pine(1.76, 1.16, 1.1) : stump(1.66, 1.2)),
      ...logs(0.3, 1.42, 0.74, level > 1 ? 3 : 2),
      ...stump(1.24, 1.44),
      ...(level > 2 ? logs(1.2, 1.62, 0.5, 2) : stump(1.5, 1.72)),
      ...pine(0.2, 1.26, 0.7),
      ...bush(1.8, 1.84, 0.9),
    ],
    smoke: [],
  };
}

function bale(x: number, y: number): Part[] {
  return [...box('crop', [x, y, 0], [0.2, 0.16, 0.14])];
}

function stump(x: number, y: number): Part[] {
  return cylinder('timber', [x, y, 0], 0.07, 0.08, 'plank');
}
