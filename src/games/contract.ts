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
  /** What one bet may return, in minor units. */
  readonly maxPayout: number;
  /** What the house may lose in one round, in minor units. */
  readonly maxRoundLoss: number;
  /** What the house may lose in all rounds of this game that are open at the same time, in minor units. */
  readonly maxExposure: number;
}

export interface Resolution {
  readonly status: 'won' | 'lost' | 'cashed' | 'refunded';
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

export type FieldType = 'int8' | 'uint8' | 'uint16' | 'uint32' | 'number' | 'string' | 'boolean';
type FieldValue = number | string | boolean;

/** A list in the room's state, always of this length, e.g. one entry for each runner. */
export interface ListOf {
  readonly length: number;
  readonly fields: Readonly<Record<string, FieldType>>;
}

/** Values for fields of the room's state, and for entries of its lists; what is not named stays as it is. */
export type View = Readonly<
  Record<string, FieldValue | readonly Readonly<Record<string, FieldValue>>[]>
>;

/** Of a pool game: what is staked under each key. */
export type Stakes = ReadonlyMap<string, number>;

/**
 * What may be bet on, and what a bet is worth. `Selection` is what a bet says beyond its amount, `Outcome` the end that
 * decides (both plain JSON).
 */
export interface BetRules<Selection extends object = object, Outcome extends object = object> {
  readonly limits: BetLimits;
  /** What bets may say beyond id and amount; bots choose among these. */
  readonly examples: readonly Readonly<Record<string, unknown>>[];
  /** Reads the bet's own fields (everything in the payload but betId and amount). */
  parseSelection(input: Readonly<Record<string, unknown>>): Selection | Refusal;

  /** Live cash-out: the multiplier in hundredths that a bet is worth at `elapsedMs`; absent: no cash-out. */
  cashOutMultiplier?(elapsedMs: number): number;
  /** When this bet cashes out by itself, in ms after the start, and what it then pays, in hundredths; null: never. */
  autoCashOut?(bet: PlacedBet<Selection>): { atMs: number; multiplier: number } | null;

  /**
   * How many ends are told apart when the risk of a round is counted: 37 pockets, or 1 where any bet may return its
   * most, or 0 where the house pays nothing.
   */
  readonly ends: number;
  /** The most that a bet returns when the round comes to this end, from 0 to `ends` - 1, in minor units. */
  returnAt(bet: PlacedBet<Selection>, end: number): number;

  /** Pool games: bets with the same key have the same fate. Such a game has no cash-out. */
  stakeKey?(selection: Selection): string;
  /** Pool games: what is seen of the stakes. */
  odds?(stakes: Stakes): View;

  /** Of a match: what the house keeps of the seats' stakes, in per cent, rounded down. */
  readonly rakePercent?: number;

  /** What a bet that is still open at the end is worth. `stakes` are all of the round's; empty without `stakeKey`. */
  resolve(bet: PlacedBet<Selection>, outcome: Outcome, stakes: Stakes): Resolution;
}

/** What is said of every game. */
export interface GameText {
  /** The room's and the game's name: lower case, stored with every bet. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Rises with every change that alters what a bet returns. */
  readonly payTableVersion: number;
}

export interface TableFields {
  /** What the room's state has beyond that of every room of its kind. */
  readonly fields: Readonly<Record<string, FieldType>>;
  readonly lists?: Readonly<Record<string, ListOf>>;
}

/** Everyone bets on one shared round: betting -> running -> settled, again and again. */
export interface RoundGame<Selection extends object = object, Outcome extends object = object>
  extends GameText,
    TableFields,
    BetRules<Selection, Outcome> {
  readonly kind: 'round';
  readonly bettingMs: number;
  /** How long a finished round stays on the screen. */
  readonly settledMs: number;

  /** What may be seen before anything is drawn. */
  readonly start: View;
  /** What may be seen `elapsedMs` after the start, which the end that is drawn must not be told from. */
  view(elapsedMs: number, outcome: Outcome): View;
  /** What is seen once the outcome is public. */
  reveal(outcome: Outcome): View;
  /** Of an outcome what the history on the screen keeps; absent: all. */
  digest?(outcome: Outcome): object;
  /** At which pace `view` is shown while the round runs, in ms; 0: never (clients compute it from time). */
  readonly viewEveryMs: number;

  draw(draw: Draw): Outcome;
  /** How long the round runs until its outcome may be shown, in ms. */
  runningMs(outcome: Outcome): number;
  /** Until when bets are taken while the round runs, in ms after the start; absent: not at all. */
  bettingUntilMs?(outcome: Outcome): number;
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
