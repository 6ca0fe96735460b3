/**
 * The exact return of a row, without chance: what each end of a round returns, times how likely it is. The ends come from
 * the game's own draw, which is called with every way the numbers can fall; where those are too many to call, from a
 * formula.
 */
import type { Draw } from '../../src/fairness/draw.ts';
import type { RoundGame } from '../../src/games/contract.ts';
import { type End, FORMULAS } from './formulas.ts';
import { equal, type Fraction, fraction, plus, times, toNumber, ZERO } from './fraction.ts';
import { paidTo, type Row, type Wager } from './rows.ts';

export interface Exact {
  /** The mean of the wagers' returns, as part of what is staked. */
  readonly return: Fraction;
  /** Whether every wager of the row has that return. */
  readonly same: boolean;
  /** Of one wager in one round, where all of the row's are as likely. */
  readonly deviation: number;
  /** In words. */
  readonly how: string;
}

/** Draws of a round that are called one by one. */
const MAX_WAYS = 100_000;
/** Steps of a return that are looked for. */
const MAX_STEPS = 1_000;
const TWO_52 = 2n ** 52n;

/** Null where nothing here can tell. @throws when a formula and the game's own draws disagree */
export function exactOf(game: RoundGame, row: Row): Exact | null {
  const every = everyEnd(game);
  const walked = combined(row, (wager) => every ?? steps(game, wager));
  const formula = FORMULAS[game.name];
  const said = formula ? combined(row, formula) : null;
  if (walked && said && !equal(walked.return, said.return)) {
    throw new Error(`${row.game} ${row.bet}: the draws do not return what the formula says`);
  }
  const both = walked ?? said;
  if (!both) return null;
  const { outcomes, ...exact } = both;
  const way = every ? `all ${outcomes} draws` : 'steps in 2^52';
  return { ...exact, how: [walked && way, said && 'formula'].filter(Boolean).join(', ') };

  function combined({ wagers }: Row, endsOf: (wager: Wager) => readonly End[] | null) {
    let sum = ZERO;
    let squares = 0;
    let first: Fraction | undefined;
    let same = true;
    let outcomes = 0;
    for (const wager of wagers) {
      const ends = endsOf(wager);
      if (!ends) return null;
      outcomes = ends.length;
      let mean = ZERO;
      for (const { outcome, probability } of ends) {
        const returned = fraction(paidTo(game, wager, outcome), wager.staked);
        mean = plus(mean, times(probability, returned));
        squares += toNumber(probability) * toNumber(returned) ** 2;
      }
      first ??= mean;
      same &&= equal(first, mean);
      sum = plus(sum, mean);
    }
    const mean = times(sum, fraction(1, wagers.length));
    const variance = squares / wagers.length - toNumber(mean) ** 2;
    return { return: mean, same, deviation: Math.sqrt(Math.max(0, variance)), outcomes };
  }
}

/** Every end of a game whose draw can be called with every way its integers fall; null when there are too many. */
function everyEnd(game: RoundGame): End[] | null {
  const ends: End[] = [];
  const path: number[] = [];
  let sizes: number[] = [];
  try {
    do {
      sizes = [];
      const outcome = game.draw(drawThat({ integer: chosen, bits52: notEvery }));
      const ways = sizes.reduce((product, size) => product * size, 1);
      ends.push({ outcome, probability: fraction(1, ways) });
      if (ways > MAX_WAYS || ends.length > MAX_WAYS) return null;
    } while (next());
  } catch (error) {
    if (error instanceof NotEvery) return null;
    throw error;
  }
  return ends;

  function chosen(n: number): number {
    const at = sizes.push(n) - 1;
    path[at] ??= 0;
    return path[at];
  }

  /** The next path in order: the last number goes on, and those that cannot begin anew. */
  function next(): boolean {
    path.length = sizes.length;
    while (path.length > 0 && (path.at(-1) as number) + 1 === sizes[path.length - 1]) path.pop();
    if (path.length === 0) return false;
    path.push((path.pop() as number) + 1);
    return true;
  }
}

/**
 * The ends of a draw that is one number of 52 bits, as this wager tells them apart: between two numbers with the same
 * return there is no other, for what such a draw returns rises or falls with the number.
 */
function steps(game: RoundGame, wager: Wager): End[] | null {
  const outcomeOf = (bits: bigint) => {
    let drawn = 0;
    const draw = { integer: notEvery, bits52: () => (drawn++ === 0 ? bits : notEvery()) };
    return game.draw(drawThat(draw));
  };
  const paid = (bits: bigint) => paidTo(game, wager, outcomeOf(bits));
  const ends: End[] = [];
  const last = TWO_52 - 1n;
  try {
    let from = 0n;
    for (const atLast = paid(last); paid(from) !== atLast; ) {
      if (ends.length === MAX_STEPS) return null;
      let same = from;
      let other = last;
      while (other - same > 1n) {
        const middle = (same + other) / 2n;
        if (paid(middle) === paid(from)) same = middle;
        else other = middle;
      }
      ends.push({ outcome: outcomeOf(from), probability: fraction(other - from, TWO_52) });
      from = other;
    }
    ends.push({ outcome: outcomeOf(from), probability: fraction(TWO_52 - from, TWO_52) });
  } catch (error) {
    if (error instanceof NotEvery) return null;
    throw error;
  }
  return ends;
}

class NotEvery extends Error {}

function notEvery(): never {
  throw new NotEvery();
}

/** Orders are too many to call. */
function drawThat({ integer, bits52 }: Pick<Draw, 'integer' | 'bits52'>): Draw {
  return { integer, bits52, shuffle: notEvery };
}
