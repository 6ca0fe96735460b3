/** The island that a town stands on: water around it, a beach, grass with its cells, and what grows at the edges. */
import { memo } from 'react';
import { bush, pine, tree } from './art/parts.ts';
import { ball, box, flat, type Part } from './art/shapes.ts';
import { SIZE } from './grid.ts';
import { groundPath, pathOf } from './iso.ts';

const around = (by: number) => ({ x: -by, y: -by, width: SIZE + 2 * by, height: SIZE + 2 * by });
const cells = Array.from({ length: SIZE }, (_, at) => at);

/** Every other cell, so that places can be told without lines. */
const CHECKS = cells
  .flatMap((x) =>
    cells.filter((y) => (x + y) % 2 === 1).map((y) => groundPath({ x, y, width: 1, height: 1 })),
  )
  .join('');
const LINES = Array.from({ length: SIZE + 1 }, (_, at) => [
  pathOf([at, 0], [at, SIZE]),
  pathOf([0, at], [SIZE, at]),
])
  .flat()
  .join('');

/** Below the edge of the grass towards the beholder. */
const DEPTH = -0.3;
const EDGE = 0.62;
const FAR = SIZE + EDGE;

/** Behind the grid: what stands there hides nothing. */
const GROVE: readonly Part[] = [
  ...tree(-0.3, -0.28, 1.3),
  ...pine(1.6, -0.32, 1.2),
  ...pine(2.3, -0.26, 1),
  ...tree(4.7, -0.3, 1.2),
  ...bush(5.5, -0.3, 1.2),
  ...pine(8.2, -0.3, 1.3),
  ...tree(8.9, -0.28, 1),
  ...pine(12.4, -0.3, 1),
  ...tree(13.1, -0.32, 1.3),
  ...pine(15.3, -0.28, 1.1),
  ...pine(-0.3, 1.4, 1.2),
  ...tree(-0.28, 3.1, 1.1),
  ...pine(-0.3, 3.9, 1),
  ...rock(-0.3, 6.2),
  ...tree(-0.3, 8.4, 1.3),
  ...pine(-0.28, 9.2, 1.1),
  ...tree(-0.3, 12.2, 1.1),
  ...bush(-0.3, 13, 1.2),
  ...pine(-0.3, 15.1, 1.2),
];
/** Before it: low things only. */
const SHORE: readonly Part[] = [
  ...bush(SIZE + 0.3, 3.2, 1, 'fruit'),
  ...rock(SIZE + 0.3, 6.8),
  ...bush(SIZE + 0.3, 11.4, 1.1),
  ...bush(3.4, SIZE + 0.3, 1),
  ...rock(9.1, SIZE + 0.32),
  ...bush(13.8, SIZE + 0.3, 1.1, 'fruit'),
];
/** On the water. */
const JETTY: readonly Part[] = [
  ...[0.3, 0.9, 1.5].flatMap((out) => box('timber', [5.62, FAR + out, -0.42], [0.06, 0.06, 0.3])),
  ...[0.3, 0.9, 1.5].flatMap((out) => box('timber', [6.14, FAR + out, -0.42], [0.06, 0.06, 0.3])),
  ...box('plank', [5.6, FAR - 0.1, -0.14], [0.62, 1.8, 0.05]),
];
const BOAT: readonly Part[] = [
  {
    m: 'timber',
    f: 1,
    d: pathOf([0, 0.42, 0.16], [0.12, 0.34, 0], [0.9, 0.34, 0], [1.1, 0.42, 0.16]),
  },
  {
    m: 'plank',
    f: 0,
    d: pathOf([0, 0.42, 0.16], [0, 0, 0.16], [0.9, 0, 0.16], [1.2, 0.21, 0.18], [1.1, 0.42, 0.16]),
  },
  {
    m: 'timber',
    f: 2,
    d: pathOf(
      [0.12, 0.36, 0.15],
      [0.12, 0.07, 0.15],
      [0.84, 0.07, 0.15],
      [0.98, 0.21, 0.15],
      [0.9, 0.36, 0.15],
    ),
  },
  ...box('timber', [0.44, 0.19, 0.1], [0.04, 0.04, 1.1]),
  { m: 'cotton', f: 0, d: pathOf([0.46, 0.21, 1.15], [0.46, 0.21, 0.34], [1.1, 0.21, 0.36]) },
  { m: 'cotton', f: 2, d: pathOf([0.42, 0.21, 1.0], [0.42, 0.21, 0.36], [0.02, 0.21, 0.38]) },
];

export const Ground = memo(function Ground() {
  return (
    <g className="town-ground">
      <path className="town-shallows" d={groundPath(around(1.9), 1.6)} />
      <path className="town-foam" d={groundPath(around(1.5), 1.3)} />
      <path className="town-beach" d={groundPath(around(1.06), 0.9)} />
      <path
        className="town-cliff"
        d={pathOf(
          [-EDGE, FAR],
          [-EDGE, FAR, DEPTH],
          [FAR, FAR, DEPTH],
          [FAR, -EDGE, DEPTH],
          [FAR, -EDGE],
          [FAR, FAR],
        )}
      />
      <path
        className="town-cliff-dark"
        d={pathOf([FAR, FAR], [FAR, FAR, DEPTH], [FAR, -EDGE, DEPTH], [FAR, -EDGE])}
      />
      <path className="town-meadow" d={groundPath(around(EDGE), 0.3)} />
      <path className="town-grass" d={groundPath(around(0))} />
      <path className="town-checks" d={CHECKS} />
      <path className="town-lines" d={LINES} />
      <Drawn parts={GROVE} />
    </g>
  );
});

/** Beside the island towards the beholder; painted after all buildings. */
export const Shore = memo(function Shore() {
  return (
    <g className="town-shore">
      <Drawn parts={SHORE} />
      <Drawn parts={JETTY} />
      <g transform="translate(-372 436)">
        <g className="town-boat">
          <Drawn parts={BOAT} />
        </g>
      </g>
    </g>
  );
});

function Drawn({ parts }: { parts: readonly Part[] }) {
  return (
    <g className="town-art">
      {parts.map(({ m, f, d }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a drawing does not change, and paints its parts in this order
        <path key={index} data-m={m} data-f={f} d={d} />
      ))}
    </g>
  );
}

function rock(x: number, y: number): Part[] {
  return [
    flat('sand', x - 0.2, y - 0.2, 0.4, 0.4),
    ...ball('rock', [x, y, 0.06], 0.2),
    ...ball('stone', [x + 0.16, y + 0.1, 0.04], 0.13),
  ];
}
