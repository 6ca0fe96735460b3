/** Where people live, eat and trade. */
import { above, barrel, bush, chimney, house, tree, windowsLeft, windowsRight } from './parts.ts';
import {
  awning,
  ball,
  box,
  cone,
  cylinder,
  dome,
  flat,
  gable,
  hip,
  onLeft,
  onRight,
  type Part,
} from './shapes.ts';
import type { Sprite } from './sprite.ts';

export function cottage(level: number): Sprite {
  const h = level > 2 ? 0.66 : level > 1 ? 0.42 : 0.36;
  const [x, y, w, d] = level > 1 ? [0.14, 0.16, 0.68, 0.62] : [0.18, 0.2, 0.6, 0.56];
  const [right, front] = [x + w, y + d];
  const smoking = [x + 0.12, y + 0.14, h + 0.16] as const;
  return {
    parts: [
      ...(level > 2 ? bush(0.9, 0.16, 0.9) : []),
      ...house({
        at: [x, y, 0],
        size: [w, d, h],
        roof: 0.34,
        ridge: 'x',
        wall: level > 2 ? 'wall' : 'plaster',
        cover: level > 1 ? 'roof' : 'thatch',
      }),
      ...(level > 2
        ? [onLeft('timber', front, x, 0.34, w, 0.04), onRight('timber', right, y, 0.34, d, 0.04)]
        : []),
      onLeft('timber', front, x + w * 0.36, 0, 0.15, 0.25),
      ...windowsLeft(front, x + w * 0.62, 0.13, w * 0.34, 1, 0.11),
      ...(level > 2 ? windowsLeft(front, x + 0.04, 0.45, w - 0.08, 3, 0.11) : []),
      ...windowsRight(right, y + 0.04, level > 2 ? 0.45 : 0.14, d - 0.08, level > 1 ? 2 : 1, 0.12),
      ...(level > 2 ? windowsRight(right, y + 0.04, 0.13, d - 0.08, 2, 0.12) : []),
      ...chimney(smoking, 0.3),
      ...bush(x + 0.04, 0.9, 0.8),
      ...(level > 1 ? bush(0.9, 0.82, 0.9, 'fruit') : []),
    ],
    smoke: [above(smoking, 0.3)],
  };
}

export function villa(level: number): Sprite {
  const h = 0.6 + 0.14 * (level - 1);
  const garden: Part[] =
    level > 2
      ? [flat('sand', 1.2, 1.34, 0.66, 0.5), flat('water', 1.26, 1.4, 0.54, 0.38)]
      : [...bush(1.4, 1.72, 1.1, 'fruit'), ...bush(1.68, 1.6, 1.2)];
  return {
    parts: [
      flat('sand', 0.72, 1.2, 0.3, 0.76),
      ...tree(0.28, 0.3, 1.3),
      ...box('stone', [0.34, 0.34, 0], [1.36, 1.0, 0.06]),
      ...box('plaster', [0.4, 0.4, 0.06], [1.24, 0.86, h]),
      ...windowsLeft(1.26, 0.42, 0.22, 0.3, 1, 0.15),
      ...windowsLeft(1.26, 1.02, 0.22, 0.6, 2, 0.15),
      ...windowsRight(1.64, 0.42, 0.22, 0.82, 3, 0.15),
      ...(level > 1 ? windowsRight(1.64, 0.42, 0.52, 0.82, 3, 0.15) : []),
      ...(level > 1 ? windowsLeft(1.26, 1.02, 0.52, 0.6, 2, 0.15) : []),
      ...hip('slate', [0.4, 0.4, h + 0.06], [1.24, 0.86, 0.6]),
      ...box('plaster', [0.64, 1.0, 0.06], [0.44, 0.42, h + 0.04]),
      onLeft('timber', 1.42, 0.78, 0.06, 0.16, 0.3),
      ...windowsLeft(1.42, 0.68, 0.44, 0.36, level > 1 ? 2 : 1, 0.11),
      ...gable('y', 'slate', 'plaster', [0.64, 1.0, h + 0.1], [0.44, 0.42, 0.3]),
      ...garden,
      ...bush(0.3, 1.6, 1.1),
      ...bush(0.42, 1.8, 0.9, 'fruit'),
      ...(level > 2 ? tree(1.78, 1.18, 1) : []),
    ],
    smoke: [],
  };
}

export function tavern(level: number): Sprite {
  const h = 0.7 + 0.16 * (level - 1);
  const smoking = [0.55, 0.5, h + 0.3] as const;
  const beams: Part[] = [0.3, 0.72, 1.14, 1.5].map((x) =>
    onLeft('timber', 1.3, x, 0.36, 0.05, h - 0.36),
  );
  return {
    parts: [
      flat('sand', 0.3, 1.3, 1.4, 0.6),
      ...house({
        at: [0.3, 0.35, 0],
        size: [1.3, 0.95, h],
        roof: 0.52,
        ridge: 'x',
        wall: 'plaster',
        cover: level > 2 ? 'slate' : 'roof',
      }),
      onLeft('stone', 1.3, 0.3, 0, 1.3, 0.12),
      onRight('stone', 1.6, 0.35, 0, 0.95, 0.12),
      onLeft('timber', 1.3, 0.3, 0.36, 1.3, 0.05),
      onRight('timber', 1.6, 0.35, 0.36, 0.95, 0.05),
      ...beams,
      ...windowsLeft(1.3, 0.36, 0.48, 1.2, 3, 0.16),
      ...windowsRight(1.6, 0.4, 0.48, 0.85, 2, 0.16),
      ...windowsRight(1.6, 0.4, 0.14, 0.85, 2, 0.16),
      onLeft('timber', 1.3, 0.82, 0, 0.22, 0.3),
      ...windowsLeft(1.3, 0.34, 0.15, 0.42, 1, 0.16),
      ...chimney(smoking, 0.36, 'stone', 0.15),
      // The sign, with a mug of ale.
      ...box('timber', [1.28, 1.3, 0.44], [0.03, 0.26, 0.03]),
      onRight('cloth', 1.3, 1.36, 0.24, 0.18, 0.2),
      onRight('gold', 1.3, 1.41, 0.28, 0.08, 0.11),
      ...barrel(1.46, 1.42),
      ...(level > 1 ? barrel(1.64, 1.46) : []),
      ...(level > 1 ? barrel(1.54, 1.5, 0.17) : []),
      ...cylinder('plank', [0.52, 1.64, 0], 0.14, 0.14),
      ...cylinder('timber', [0.3, 1.66, 0], 0.05, 0.09),
      ...cylinder('timber', [0.6, 1.86, 0], 0.05, 0.09),
      ...(level > 2 ? cylinder('plank', [1.1, 1.72, 0], 0.14, 0.14) : []),
      ...bush(1.76, 0.5, 1.1),
    ],
    smoke: [above(smoking, 0.36, 0.15)],
  };
}

export function bakery(level: number): Sprite {
  const h = 0.46 + 0.1 * (level - 1);
  const smoking = [1.5, 0.26, 0.2] as const;
  return {
    parts: [
      ...cylinder('stone', [1.56, 0.46, 0], 0.27, 0.08),
      ...chimney(smoking, 0.5 + 0.1 * level, 'brick', 0.16),
      ...dome('plaster', [1.56, 0.46, 0.08], 0.26),
      onLeft('dark', 0.71, 1.44, 0.06, 0.2, 0.17),
      onLeft('ember', 0.715, 1.48, 0.06, 0.12, 0.1),
      ...house({
        at: [0.16, 0.18, 0],
        size: [1.1, 0.62, h],
        roof: 0.36,
        ridge: 'x',
        wall: 'wall',
        cover: 'roof',
      }),
      ...windowsRight(1.26, 0.22, 0.18, 0.54, 1, 0.16),
      onLeft('timber', 0.8, 0.9, 0, 0.17, 0.28),
      onLeft('glass', 0.8, 0.26, 0.12, 0.5, 0.18),
      ...awning(0.8, 0.2, 0.38, 0.62, 0.15),
      ...(level > 1 ? windowsLeft(0.8, 0.86, 0.36, 0.34, 1, 0.12) : []),
      ...(level > 2 ? awning(0.8, 0.84, 0.38, 0.34, 0.15) : []),
      ...stack('timber', 1.5, 0.82),
    ],
    smoke: [above(smoking, 0.5 + 0.1 * level, 0.16)],
  };
}

export function weavery(level: number): Sprite {
  const h = 0.5 + 0.12 * (level - 1);
  const colours = ['cloth', 'gold', 'water', 'fruit'] as const;
  return {
    parts: [
      ...house({
        at: [0.14, 0.14, 0],
        size: [1.06, 0.6, h],
        roof: 0.38,
        ridge: 'x',
        wall: 'plank',
        cover: level > 2 ? 'slate' : 'thatch',
      }),
      onLeft('timber', 0.74, 0.9, 0, 0.17, 0.28),
      ...windowsLeft(0.74, 0.2, 0.2, 0.64, 2, 0.2),
      ...windowsRight(1.2, 0.18, 0.2, 0.52, 1, 0.2),
      // Cloth that dries between two posts.
      ...box('timber', [1.36, 0.2, 0], [0.05, 0.05, 0.5]),
      ...colours
        .slice(0, 1 + level)
        .map((m, i) => onRight(m, 1.38, 0.26 + i * 0.145, 0.14, 0.125, 0.3)),
      onRight('timber', 1.38, 0.22, 0.44, 0.6, 0.02),
      ...box('timber', [1.36, 0.8, 0], [0.05, 0.05, 0.5]),
      ...(level > 1
        ? [...ball('cotton', [1.66, 0.46, 0.1], 0.22), ...ball('cotton', [1.74, 0.66, 0.08], 0.18)]
        : []),
      ...ball('cotton', [1.62, 0.72, 0.08], 0.2),
    ],
    smoke: [],
  };
}

export function market(level: number): Sprite {
  const stall = (x: number, y: number): Part[] => [
    ...box('plank', [x, y + 0.12, 0], [0.72, 0.3, 0.2]),
    ...[0.1, 0.27, 0.44, 0.6].flatMap((at, i) =>
      ball(
        (['fruit', 'crop', 'leaf', 'gold'] as const)[i] ?? 'fruit',
        [x + at, y + 0.28, 0.24],
        0.11,
      ),
    ),
    ...box('timber', [x, y + 0.02, 0], [0.04, 0.04, 0.56]),
    ...box('timber', [x + 0.68, y + 0.02, 0], [0.04, 0.04, 0.56]),
    ...awning(y, x - 0.04, 0.62, 0.8, 0.5),
  ];
  const tower: Part[] =
    level > 2
      ? [
          ...box('stone', [1.24, 1.18, 0], [0.5, 0.5, 1.1]),
          onLeft('gold', 1.68, 1.38, 0.72, 0.22, 0.22),
          onRight('gold', 1.74, 1.32, 0.72, 0.22, 0.22),
          onLeft('dark', 1.68, 1.4, 0, 0.18, 0.32),
          ...hip('slate', [1.24, 1.18, 1.1], [0.5, 0.5, 0.5]),
          ...flagAt(1.49, 1.43, 1.58),
        ]
      : [
          ...cylinder('stone', [1.5, 1.44, 0], 0.34, 0.12, 'water'),
          ...cylinder('stone', [1.5, 1.44, 0.12], 0.07, 0.22, 'stone'),
          ...cylinder('stone', [1.5, 1.44, 0.34], 0.16, 0.05, 'water'),
        ];
  return {
    parts: [
      flat('sand', 0.12, 0.12, 2.76, 2.76),
      flat('stone', 0.5, 0.5, 2, 2),
      ...stall(0.34, 0.3),
      ...stall(1.3, 0.3),
      ...(level > 1 ? stall(2.16, 0.3) : tree(2.6, 0.4, 1.2)),
      ...stall(0.3, 1.26),
      ...tower,
      ...(level > 1 ? stall(2.12, 1.26) : []),
      ...stall(0.34, 2.2),
      ...stall(1.3, 2.2),
      ...barrel(2.3, 2.36),
      ...barrel(2.5, 2.44),
      ...(level > 2 ? stall(2.12, 2.2) : bush(2.7, 2.7, 1.1)),
    ],
    smoke: [],
  };
}

/** For kinds that this page has never heard of. */
export function workshop(level: number): Sprite {
  const h = 0.44 + 0.12 * (level - 1);
  const smoking = [0.26, 0.3, h + 0.16] as const;
  return {
    parts: [
      ...house({
        at: [0.14, 0.16, 0],
        size: [0.7, 0.62, h],
        roof: 0.34,
        ridge: 'y',
        wall: 'plank',
        cover: 'slate',
      }),
      onLeft('timber', 0.78, 0.36, 0, 0.26, 0.28),
      ...windowsRight(0.84, 0.2, 0.16, 0.54, 2, 0.14),
      ...chimney(smoking, 0.3, 'stone'),
      ...barrel(0.24, 0.9),
    ],
    smoke: [above(smoking, 0.3)],
  };
}

function stack(m: 'timber', x: number, y: number): Part[] {
  return [0, 0.07].flatMap((z) => box(m, [x, y, z], [0.34, 0.1, 0.06]));
}

function flagAt(x: number, y: number, z: number): Part[] {
  return [
    ...box('timber', [x, y, z], [0.025, 0.025, 0.36]),
    onRight('flag', x, y + 0.02, z + 0.2, 0.24, 0.14),
    ...cone('gold', [x, y, z + 0.36], 0.03, 0.05),
  ];
}
