/** The ends of a round and their probabilities, where the rules say them in closed form (F4, F8). */
import { type Fraction, fraction, ZERO } from './fraction.ts';
import type { Wager } from './rows.ts';

/** A possible end of a round. */
export interface End {
  readonly outcome: object;
  readonly probability: Fraction;
}

/** By game. The ends are those that a wager can tell apart; they need hold no more than `resolve` reads. */
export const FORMULAS: Readonly<Record<string, (wager: Wager) => End[]>> = { crash, derby };

const TWO_52 = 2n ** 52n;
const RETURN_PERCENT = 99n;

/**
 * F4: the crash point is at least x hundredths for floor(99 * 2^52 / x) of the 2^52 numbers, which is 0.99/x to 15
 * digits.
 */
function crash({ bets }: Wager): End[] {
  const [x] = bets.map(({ selection }) => (selection as { autoCashout: number }).autoCashout) as [
    number,
  ];
  const there = (RETURN_PERCENT * TWO_52) / BigInt(x);
  return [
    { outcome: { crashPoint: x }, probability: fraction(there, TWO_52) },
    { outcome: { crashPoint: x - 1 }, probability: fraction(TWO_52 - there, TWO_52) },
  ];
}

const RUNNERS = 8;
const PLACES = 3;
const runners = Array.from({ length: RUNNERS }, (_, index) => index + 1);
const subsets = Array.from({ length: 2 ** RUNNERS - 1 }, (_, mask) =>
  runners.filter((_, bit) => ((mask + 1) >> bit) & 1),
);

/** F8: a time is the sum of four integers from [0, 61) and six from [0, 121); in how many ways it is each sum. */
const waysOfTime = sumsOf([61, 61, 61, 61, 121, 121, 121, 121, 121, 121]);
const waysInAll = sum(waysOfTime);
const fasterThan = running(waysOfTime);
const slowerThan = waysOfTime.map((same, time) => waysInAll - (fasterThan[time] as bigint) - same);
/** By how many they are. */
const sharing = [0, ...runners].map(shareFirst);
const placing = [0, ...runners].map(arePlaced);

/** A bet to win asks who shares the first place, a bet to place who is placed; eight runners are alike. */
function derby({ bets }: Wager): End[] {
  const toWin = bets.every(({ selection }) => (selection as { type: string }).type === 'win');
  const probabilities = toWin ? sharing : placing;
  return subsets.flatMap((first) => {
    const probability = probabilities[first.length] as Fraction;
    const others = runners.filter((runner) => !first.includes(runner));
    const outcome = { finish: others.length > 0 ? [first, others] : [first] };
    return probability === ZERO ? [] : [{ outcome, probability }];
  });
}

/** That these `count` runners have the same time and all others a longer one. */
function shareFirst(count: number): Fraction {
  if (count === 0) return ZERO;
  const ways = waysOfTime.map(
    (same, time) => same ** BigInt(count) * (slowerThan[time] as bigint) ** BigInt(RUNNERS - count),
  );
  return fraction(sum(ways), waysInAll ** BigInt(RUNNERS));
}

/**
 * That these `count` runners are the placed ones: some of them share the last place that counts, and before it there are
 * fewer than three.
 */
function arePlaced(count: number): Fraction {
  if (count < PLACES) return ZERO;
  let ways = 0n;
  for (let faster = 0; faster < PLACES; faster++) {
    const choices = binomial(count, faster);
    for (const [time, same] of waysOfTime.entries()) {
      ways +=
        choices *
        (fasterThan[time] as bigint) ** BigInt(faster) *
        same ** BigInt(count - faster) *
        (slowerThan[time] as bigint) ** BigInt(RUNNERS - count);
    }
  }
  return fraction(ways, waysInAll ** BigInt(RUNNERS));
}

/** In how many ways integers from [0, n), one for each n, have each sum. */
function sumsOf(sizes: readonly number[]): bigint[] {
  return sizes.reduce<bigint[]>(
    (ways, n) => {
      const more = Array<bigint>(ways.length + n - 1).fill(0n);
      for (const [total, before] of ways.entries()) {
        for (let value = 0; value < n; value++) {
          more[total + value] = (more[total + value] as bigint) + before;
        }
      }
      return more;
    },
    [1n],
  );
}

/** Of all before each. */
function running(values: readonly bigint[]): bigint[] {
  let before = 0n;
  return values.map((value) => {
    before += value;
    return before - value;
  });
}

function binomial(n: number, k: number): bigint {
  let ways = 1n;
  for (let chosen = 1; chosen <= k; chosen++) {
    ways = (ways * BigInt(n - k + chosen)) / BigInt(chosen);
  }
  return ways;
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
