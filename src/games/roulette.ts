/**
 * Roulette with a single zero. A bet on k numbers returns 36/k times its stake when one of them is drawn, so that each
 * of the bets of the table returns 36/37 of what is staked on it in the long run.
 */
import type { Draw } from '../fairness/draw.ts';
import { type PlacedBet, payoutOf, type Refusal, type RoundGame } from './contract.ts';
import { BETS, type BetType, coveredBy, isBetType, POCKETS } from './roulette/layout.ts';

export interface RouletteSelection {
  readonly type: BetType;
  /** As the player gave them, in ascending order; absent where the type alone says it. */
  readonly numbers?: readonly number[];
}

export interface RouletteOutcome {
  readonly number: number;
}

/** Every bet of the table. */
const EXAMPLES = Object.entries(BETS).flatMap(([type, bets]) =>
  bets.map((numbers) => ({ selection: { type, numbers } })),
);
/** Until a number is drawn. */
const NONE = -1;

export const roulette = {
  kind: 'round',
  name: 'roulette',
  title: 'Roulette',
  description: 'Single zero: straight, split, street, corner, and all other bets of the table.',
  payTableVersion: 1,
  limits: {
    minStake: 1,
    maxStake: 1_000_000,
    maxBetsPerPlayer: 60,
    maxPayout: 3_600_000,
    maxRoundLoss: 500_000_000,
    maxExposure: 5_000_000_000,
  },
  bettingMs: 15_000,
  settledMs: 5_000,

  fields: { number: 'int8' },
  start: { number: NONE },
  view: () => ({}),
  reveal: ({ number }) => ({ number }),
  viewEveryMs: 0,

  examples: EXAMPLES,
  parseSelection,
  draw: (source: Draw) => ({ number: source.integer(POCKETS) }),
  /** The ball rolls. */
  runningMs: () => 6_000,
  ends: POCKETS,
  returnAt: (bet, end) => (covers(bet.selection).includes(end) ? returnOf(bet) : 0),
  resolve(bet, { number }) {
    if (!covers(bet.selection).includes(number)) {
      return { status: 'lost', multiplier: 0, payout: 0 };
    }
    return { status: 'won', multiplier: multiplierOf(bet.selection), payout: returnOf(bet) };
  },
} satisfies RoundGame<RouletteSelection, RouletteOutcome>;

function covers({ type, numbers }: RouletteSelection): readonly number[] {
  return coveredBy(type, numbers ?? []) as readonly number[];
}

/** In hundredths, the stake included: 3600 for a straight bet, 200 for red. */
function multiplierOf(selection: RouletteSelection): number {
  return 3_600 / covers(selection).length;
}

function returnOf({ amount, selection }: PlacedBet<RouletteSelection>): number {
  return payoutOf(amount, multiplierOf(selection));
}

function parseSelection(input: Readonly<Record<string, unknown>>): RouletteSelection | Refusal {
  const { selection, ...others } = input;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return { refused: `There is no field "${unknown}" in a bet here.` };
  if (typeof selection !== 'object' || selection === null || Array.isArray(selection)) {
    return { refused: 'A bet on roulette has a selection {type, numbers}.' };
  }
  const { type, numbers, ...more } = selection as Record<string, unknown>;
  const [strange] = Object.keys(more);
  if (strange !== undefined) return { refused: `There is no field "${strange}" in a selection.` };
  if (!isBetType(type)) return { refused: 'There is no bet of this type.' };
  if (numbers === undefined || numbers === null) {
    if (coveredBy(type, []) === undefined) return { refused: `A ${type} needs its numbers.` };
    return { type };
  }
  if (!Array.isArray(numbers) || numbers.length > POCKETS || !numbers.every(Number.isInteger)) {
    return { refused: 'numbers is a list of numbers of the wheel.' };
  }
  const sorted: number[] = numbers.toSorted((a, b) => a - b);
  if (coveredBy(type, sorted) === undefined) {
    return { refused: `There is no ${type} of ${sorted.join(', ') || 'no numbers'} on the table.` };
  }
  return { type, numbers: sorted };
}
