/**
 * The table of roulette with a single zero: which bets there are and which numbers they cover. 1 to 36 lie in twelve
 * rows of three, 1 2 3 first; the zero lies before the first row and touches all of its numbers.
 */
export const POCKETS = 37;
const ROWS = 12;
const RED = [1, 3, 5, 7, 9, 12, 14, 16, 18, 19, 21, 23, 25, 27, 30, 32, 34, 36];

const from1to36 = (test: (number: number) => boolean) =>
  Array.from({ length: 36 }, (_, index) => index + 1).filter(test);
const rows = Array.from({ length: ROWS }, (_, row) => [3 * row + 1, 3 * row + 2, 3 * row + 3]);
const columns = [1, 2, 3].map((column) => from1to36((number) => (number - column) % 3 === 0));
const dozens = [1, 2, 3].map((dozen) => from1to36((number) => Math.ceil(number / 12) === dozen));

/** The numbers of every bet of each type, in ascending order. */
export const BETS = {
  straight: Array.from({ length: POCKETS }, (_, number) => [number]),
  split: [
    ...[1, 2, 3].map((number) => [0, number]),
    ...from1to36((number) => number % 3 !== 0).map((number) => [number, number + 1]),
    ...from1to36((number) => number <= 33).map((number) => [number, number + 3]),
  ],
  street: rows,
  trio: [
    [0, 1, 2],
    [0, 2, 3],
  ],
  corner: from1to36((number) => number % 3 !== 0 && number <= 32).map((number) => [
    number,
    number + 1,
    number + 3,
    number + 4,
  ]),
  firstFour: [[0, 1, 2, 3]],
  sixLine: rows.slice(1).map((row, above) => [...(rows[above] as number[]), ...row]),
  column: columns,
  dozen: dozens,
  red: [RED],
  black: [from1to36((number) => !RED.includes(number))],
  odd: [from1to36((number) => number % 2 === 1)],
  even: [from1to36((number) => number % 2 === 0)],
  low: [from1to36((number) => number <= 18)],
  high: [from1to36((number) => number > 18)],
} satisfies Record<string, number[][]>;

export type BetType = keyof typeof BETS;

export function isBetType(type: unknown): type is BetType {
  return typeof type === 'string' && Object.hasOwn(BETS, type);
}

/** By type and the numbers that name the bet: all that it covers, or 1 to 3 for a column or a dozen, or nothing. */
const covered = new Map<string, readonly number[]>();
for (const [type, bets] of Object.entries(BETS)) {
  for (const [at, numbers] of bets.entries()) {
    covered.set(nameOf(type, numbers), numbers);
    if (type === 'column' || type === 'dozen') covered.set(nameOf(type, [at + 1]), numbers);
    if (bets.length === 1) covered.set(nameOf(type, []), numbers);
  }
}

/** The numbers that a bet covers; undefined when there is no such bet. `numbers` in ascending order. */
export function coveredBy(
  type: BetType,
  numbers: readonly number[],
): readonly number[] | undefined {
  return covered.get(nameOf(type, numbers));
}

function nameOf(type: string, numbers: readonly number[]): string {
  return `${type} ${numbers.join(' ')}`;
}
