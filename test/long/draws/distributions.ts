/**
 * What is drawn, and how likely each of its bins is. Probabilities come from the rules of SPEC (F3, F4, F7, F8), not from
 * the code that is under test; the draws come from nothing but that code.
 */
import type { Draw } from '../../../src/fairness/draw.ts';
import { crash } from '../../../src/games/crash.ts';
import { derby } from '../../../src/games/derby.ts';
import { roulette } from '../../../src/games/roulette.ts';

export interface Distribution {
  readonly name: string;
  /** Of each bin; they sum to 1. */
  readonly probabilities: readonly number[];
  /** Integers and numbers of 52 bits that one round draws. */
  readonly drawsPerRound: number;
  /** Counts what one round draws: `hit` takes the bin's index. */
  round(draw: Draw, hit: (bin: number) => void): void;
}

/** Integers that are drawn from one round: six blocks of it. */
const PER_ROUND = 48;
/** Where n is larger, neighbours share a bin. */
const MAX_BINS = 2_001;

const integers = [2, 37, 52, 100, 2_001, 3 * 2 ** 30].map((n) => integersBelow(n));

/** Two draws in a row know nothing of each other. */
const pairs: Distribution = {
  name: 'pairs from [0, 37)',
  probabilities: evenly(37 * 37),
  drawsPerRound: PER_ROUND,
  round(draw, hit) {
    for (let pair = 0; pair < PER_ROUND / 2; pair++) {
      const first = draw.integer(37);
      hit(first * 37 + draw.integer(37));
    }
  },
};

/** The least crash point of each bin, in hundredths. */
const CRASH_POINTS = [
  100, 101, 102, 103, 105, 107, 110, 115, 120, 125, 130, 140, 150, 160, 180, 200, 225, 250, 300,
  350, 400, 500, 600, 800, 1_000, 1_300, 1_600, 2_000, 3_000, 5_000, 8_000, 20_000, 50_000, 100_000,
];

/** F4: of 2^52 numbers, floor(99 * 2^52 / x) crash at x or later, for every x from 101. */
export function crashWith(draw: typeof crash.draw): Distribution {
  const [, ...thresholds] = CRASH_POINTS;
  const later = [1, ...thresholds.map((x) => Number((99n * 2n ** 52n) / BigInt(x)) / 2 ** 52)];
  return {
    name: 'crash points',
    probabilities: later.map((all, bin) => all - (later[bin + 1] ?? 0)),
    drawsPerRound: 1,
    round(source, hit) {
      const { crashPoint } = draw(source);
      hit(CRASH_POINTS.findLastIndex((least) => least <= crashPoint));
    },
  };
}

/** F7. */
export function rouletteWith(draw: typeof roulette.draw): Distribution {
  return {
    name: 'roulette numbers',
    probabilities: evenly(37),
    drawsPerRound: 1,
    round: (source, hit) => hit(draw(source).number),
  };
}

/** F8: four sections of 2.24 to 2.84 s and six of 1.94 to 3.14 s, in hundredths, each as likely as any other. */
const SECTIONS = [...Array(4).fill([224, 61]), ...Array(6).fill([194, 121])] as [number, number][];
const RUNNERS = 8;
const LEAST_TIME = SECTIONS.reduce((sum, [least]) => sum + least, 0);
/** Times of which there would be fewer than a few dozen share a bin with their neighbours. */
const LEAST_PROBABILITY = 1e-4;

const derbyTimes: Distribution = (() => {
  const { bins, probabilities } = merged(
    SECTIONS.reduce((times, [, spread]) => convolved(times, spread), [1]),
  );
  return {
    name: 'derby times',
    probabilities,
    drawsPerRound: RUNNERS * SECTIONS.length,
    round(draw, hit) {
      for (const timeMs of derby.draw(draw).timesMs) {
        hit(bins[timeMs / 10 - LEAST_TIME] as number);
      }
    },
  };
})();

/** And how many of all draws each of them gets, in per cent. A round that draws once costs as much as eight draws. */
const distributions: readonly (readonly [Distribution, number])[] = [
  ...integers.map((each) => [each, 13] as const),
  [pairs, 9],
  [derbyTimes, 9],
  [crashWith(crash.draw), 2],
  [rouletteWith(roulette.draw), 2],
];

/** Draws with a fault, and how many of them are enough to see it. */
const faulty: readonly (readonly [Distribution, number])[] = [
  [{ ...integersBelow(3 * 2 ** 30, biased), name: 'plain modulo by 3 * 2^30' }, 500_000],
  [{ ...integersBelow(2_001, narrow), name: '16 bits modulo 2,001' }, 4_000_000],
  [{ ...rouletteWith(magnetic), name: 'a pocket that is 10% more likely' }, 500_000],
  [{ ...crashWith(greedy), name: 'an edge of 1.5% instead of 1%' }, 200_000],
];

export const SHARES = sharesOf(distributions);
export const FAULTY = sharesOf(faulty);

export function distributionOf(name: string): Distribution {
  for (const [distribution] of [...distributions, ...faulty]) {
    if (distribution.name === name) return distribution;
  }
  throw new Error(`there is no distribution ${name}`);
}

function sharesOf(list: readonly (readonly [Distribution, number])[]): Map<string, number> {
  return new Map(list.map(([{ name }, share]) => [name, share]));
}

function integersBelow(n: number, of = (draw: Draw) => draw.integer(n)): Distribution {
  const bins = Math.min(n, n > MAX_BINS ? 48 : MAX_BINS);
  return {
    name: `integers from [0, ${n})`,
    probabilities: evenly(bins),
    drawsPerRound: PER_ROUND,
    round(draw, hit) {
      for (let drawn = 0; drawn < PER_ROUND; drawn++) hit(Math.floor((of(draw) * bins) / n));
    },
  };
}

function biased(draw: Draw): number {
  return draw.integer(2 ** 32) % (3 * 2 ** 30);
}

function narrow(draw: Draw): number {
  return draw.integer(2 ** 16) % 2_001;
}

/** Once in 370 times a number that is not 17 becomes 17. */
function magnetic(draw: Draw): { number: number } {
  const { number } = roulette.draw(draw);
  return draw.integer(370) === 0 ? { number: 17 } : { number };
}

function greedy(draw: Draw): { crashPoint: number } {
  const left = 2n ** 52n - draw.bits52();
  return { crashPoint: Math.max(100, Number((985n * 2n ** 52n) / (left * 10n))) };
}

function evenly(bins: number): number[] {
  return Array.from({ length: bins }, () => 1 / bins);
}

/** The distribution of a sum, with one more term from [0, n). */
function convolved(before: readonly number[], n: number): number[] {
  const after = Array<number>(before.length + n - 1).fill(0);
  for (const [sum, probability] of before.entries()) {
    for (let term = 0; term < n; term++) {
      after[sum + term] = (after[sum + term] as number) + probability / n;
    }
  }
  return after;
}

/** From both ends to the middle; `bins` says for each value in which bin it is. */
function merged(values: readonly number[]): { bins: number[]; probabilities: number[] } {
  const bins: number[] = [];
  const probabilities: number[] = [];
  let open = 0;
  for (const probability of values) {
    bins.push(probabilities.length);
    open += probability;
    if (open < LEAST_PROBABILITY) continue;
    probabilities.push(open);
    open = 0;
  }
  // What is left at the end is too rare for a bin of its own.
  const last = probabilities.length - 1;
  probabilities[last] = (probabilities[last] as number) + open;
  return { bins: bins.map((bin) => Math.min(bin, last)), probabilities };
}
