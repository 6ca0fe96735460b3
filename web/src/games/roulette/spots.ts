/**
 * The table of roulette as it lies: every spot a chip can be put on, what it means, and where it is. Units are cells of
 * a table that lies on its side: the zero at x 0, the numbers in twelve rows of three from x 1 to 13 (3 6 9 above),
 * the columns at x 13, the dozens below at y 3, the even chances at y 4.
 */
export type Line = 'x' | 'y' | 'xy';

export interface Spot {
  readonly id: string;
  readonly type: string;
  /** As the server knows it. */
  readonly selection: { readonly type: string; readonly numbers?: readonly number[] };
  /** All the numbers with which it wins. */
  readonly covers: readonly number[];
  readonly name: string;
  /** The middle. */
  readonly x: number;
  readonly y: number;
  /** Of a cell; a spot on the lines has none. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** Null: a cell. Which lines it lies on: one across x (between left and right), one across y, or a crossing. */
  readonly line: Line | null;
}

export const WIDTH = 14;
export const HEIGHT = 5;
const ROWS = 12;
const REDS = new Set([1, 3, 5, 7, 9, 12, 14, 16, 18, 19, 21, 23, 25, 27, 30, 32, 34, 36]);
const TITLES: Readonly<Record<string, string>> = {
  split: 'Split',
  street: 'Street',
  trio: 'Trio',
  corner: 'Corner',
  firstFour: 'First four',
  sixLine: 'Six line',
};
const ORDINALS = ['First', 'Second', 'Third'];

export type Colour = 'red' | 'black' | 'green';

export function colourOf(number: number): Colour {
  if (number === 0) return 'green';
  return REDS.has(number) ? 'red' : 'black';
}

const numbers = Array.from({ length: 36 }, (_, index) => index + 1);
const rows = Array.from({ length: ROWS }, (_, row) => row);
const where = (test: (number: number) => boolean) => numbers.filter(test);

/** The middle of a number's cell. */
const xOf = (number: number) => 1.5 + Math.floor((number - 1) / 3);
const yOf = (number: number) => 2.5 - ((number - 1) % 3);
const rowNumbers = (row: number) => [3 * row + 1, 3 * row + 2, 3 * row + 3];

export const SPOTS: readonly Spot[] = [
  cell('straight', [0], '0', { x: 0.5, y: 1.5, height: 3 }),
  ...numbers.map((n) => cell('straight', [n], String(n), { x: xOf(n), y: yOf(n) })),
  ...[1, 2, 3].map((n) => onLine('split', [0, n], { x: 1, y: yOf(n), line: 'x' })),
  ...where((n) => n % 3 !== 0).map((n) =>
    onLine('split', [n, n + 1], { x: xOf(n), y: yOf(n) - 0.5, line: 'y' }),
  ),
  ...where((n) => n <= 33).map((n) =>
    onLine('split', [n, n + 3], { x: xOf(n) + 0.5, y: yOf(n), line: 'x' }),
  ),
  ...rows.map((row) => onLine('street', rowNumbers(row), { x: 1.5 + row, y: 3, line: 'y' })),
  onLine('trio', [0, 1, 2], { x: 1, y: 2, line: 'xy' }),
  onLine('trio', [0, 2, 3], { x: 1, y: 1, line: 'xy' }),
  ...where((n) => n % 3 !== 0 && n <= 32).map((n) =>
    onLine('corner', [n, n + 1, n + 3, n + 4], { x: xOf(n) + 0.5, y: yOf(n) - 0.5, line: 'xy' }),
  ),
  onLine('firstFour', [0, 1, 2, 3], { x: 1, y: 3, line: 'xy' }),
  ...rows.slice(1).map((row) =>
    onLine('sixLine', [...rowNumbers(row - 1), ...rowNumbers(row)], {
      x: 1 + row,
      y: 3,
      line: 'xy',
    }),
  ),
  ...[1, 2, 3].map((column) =>
    named(
      cell(
        'column',
        where((n) => (n - column) % 3 === 0),
        `${ORDINALS[column - 1]} column`,
        { x: 13.5, y: 3.5 - column },
      ),
      column,
    ),
  ),
  ...[1, 2, 3].map((dozen) =>
    named(
      cell(
        'dozen',
        where((n) => Math.ceil(n / 12) === dozen),
        `${ORDINALS[dozen - 1]} dozen`,
        { x: 4 * dozen - 1, y: 3.5, width: 4 },
      ),
      dozen,
    ),
  ),
  ...(
    [
      ['low', 'Low, 1 to 18', (n: number) => n <= 18],
      ['even', 'Even', (n: number) => n % 2 === 0],
      ['red', 'Red', (n: number) => REDS.has(n)],
      ['black', 'Black', (n: number) => !REDS.has(n)],
      ['odd', 'Odd', (n: number) => n % 2 === 1],
      ['high', 'High, 19 to 36', (n: number) => n > 18],
    ] as const
  ).map(([type, name, test], at) =>
    named(cell(type, where(test), name, { x: 2 + 2 * at, y: 4.5, width: 2 }), null),
  ),
];

const byId = new Map(SPOTS.map((spot) => [spot.id, spot]));
/** Some clients name a dozen or red by all of its numbers. */
const byCover = new Map(SPOTS.map((spot) => [nameOf(spot.type, spot.covers), spot]));

export function spotById(id: string): Spot | undefined {
  return byId.get(id);
}

/** The spot that a bet lies on. */
export function spotOf(selection: Readonly<Record<string, unknown>>): Spot | undefined {
  const { type, numbers: named = [] } = selection as { type?: string; numbers?: number[] };
  const name = nameOf(String(type), Array.isArray(named) ? named : []);
  return byId.get(name) ?? byCover.get(name);
}

/** To one, the stake apart: 35 for a number. */
export function paysOf(spot: Spot): number {
  return 36 / spot.covers.length - 1;
}

interface CellPlace {
  readonly x: number;
  readonly y: number;
  readonly width?: number;
  readonly height?: number;
}

function cell(type: string, covers: number[], name: string, place: CellPlace): Spot {
  const { x, y, width = 1, height = 1 } = place;
  const selection = { type, numbers: covers };
  const size = { width, height };
  return { id: nameOf(type, covers), type, selection, covers, name, x, y, size, line: null };
}

function onLine(type: string, covers: number[], place: { x: number; y: number; line: Line }): Spot {
  const selection = { type, numbers: covers };
  const name = `${TITLES[type]} ${covers.length > 4 ? rangeOf(covers) : covers.join(', ')}`;
  return { id: nameOf(type, covers), type, selection, covers, name, size: null, ...place };
}

/** The same spot, named to the server by one figure, or, with null, by its type alone. */
function named(spot: Spot, figure: number | null): Spot {
  const { type } = spot;
  const named = figure === null ? [] : [figure];
  const selection = figure === null ? { type } : { type, numbers: named };
  return { ...spot, id: nameOf(type, named), selection };
}

function rangeOf(covers: readonly number[]): string {
  return `${covers[0]} to ${covers.at(-1)}`;
}

function nameOf(type: string, figures: readonly number[]): string {
  return [type, ...figures].join(' ');
}
