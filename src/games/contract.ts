/**
 * What a game tells the server. A rules file is one pure value of these types: no clock, no I/O, no own randomness.
 * Time and draws are passed in, and a refused selection is a returned value.
 */
import type { Draw } from '../fairness/draw.ts';

/** A selection that the rules refuse, with the reason in words for the player. */
export interface Refusal {
  readonly refused: string;
}

export interface BetLimits {
  /** Least and greatest stake of one bet, in minor units. */
  readonly minStake: number;
  readonly maxStake: number;
  /** How many bets one player may have in one round. */
  readonly maxBetsPerPlayer: number;
}

export interface Resolution {
  readonly status: 'won' | 'lost' | 'cashed';
  /** In hundredths: 250 pays two and a half times the stake. */
  readonly multiplier: number;
  /** In minor units, rounded down (M1). */
  readonly payout: number;
}

/** The plain facts of a bet that a rule may look at. */
export interface PlacedBet<Selection> {
  readonly amount: number;
  readonly selection: Selection;
}

export type FieldType = 'uint8' | 'uint16' | 'uint32' | 'number' | 'string' | 'boolean';

/**
 * Everyone bets on one shared round: betting -> running -> settled, again and again.
 * `Selection` is what a bet says beyond its amount, `Outcome` the drawn end (both plain JSON).
 */
export interface RoundGame<
  Selection extends object = object,
  Outcome extends object = object,
  Fields extends Record<string, FieldType> = Record<string, FieldType>,
> {
  readonly kind: 'round';
  /** The room's and the game's name: lower case, stored with every bet. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Rises with every change that alters what a bet returns. */
  readonly payTableVersion: number;
  readonly limits: BetLimits;
  readonly bettingMs: number;
  /** How long a finished round stays on the screen. */
  readonly settledMs: number;

  /** Fields of the room's state beyond those every round room has. */
  readonly fields: Fields;
  /** Their values before the outcome is public; `elapsedMs` counts from lock, null before it. */
  view(elapsedMs: number | null): Record<keyof Fields, number | string | boolean>;
  /** Their values once the outcome is public. */
  reveal(outcome: Outcome): Record<keyof Fields, number | string | boolean>;
  /** At which pace `view` is sent while the round runs, in ms; 0: never (clients compute it from time). */
  readonly viewEveryMs: number;

  /** Reads the bet's own fields (everything in the payload but betId and amount). */
  parseSelection(input: Readonly<Record<string, unknown>>): Selection | Refusal;
  draw(draw: Draw): Outcome;
  /** How long the round runs until its outcome may be shown, in ms. */
  runningMs(outcome: Outcome): number;

  /** Live cash-out: the multiplier in hundredths that a bet is worth at `elapsedMs`; absent: no cash-out. */
  cashOutMultiplier?(elapsedMs: number): number;
  /** When this bet cashes out by itself, in ms after lock; null: never. `autoMultiplier` is what it then pays. */
  autoCashOut?(selection: Selection): { atMs: number; multiplier: number } | null;

  /** What a bet that is still open at the end is worth. */
  resolve(bet: PlacedBet<Selection>, outcome: Outcome): Resolution;
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value;
}

/** M1: stake times hundredths, rounded down. Exact for every stake and multiplier whose product is a safe integer. */
export function payoutOf(amount: number, multiplierHundredths: number): number {
  const product = amount * multiplierHundredths;
  if (!Number.isSafeInteger(product))
    throw new RangeError('a payout must stay a safe integer (M1)');
  return (product - (product % 100)) / 100;
}
