/**
 * Derby: eight runners, a live race, bets to win and to place from two pools. The whole course follows from the round's
 * seed. Bets are taken until the leader has run 40% of the distance; what is shown until then tells nothing about the
 * rest of the way.
 */
import type { Draw } from '../fairness/draw.ts';
import { type PlacedBet, payoutOf, type Refusal, type RoundGame, type Stakes } from './contract.ts';
import {
  type Course,
  DISTANCE,
  drawCourse,
  finishOf,
  lastBetsAt,
  progressAt,
  RUNNERS,
} from './derby/course.ts';
import { type PoolStakes, placeDividends, placeOdds, winDividends, winOdds } from './pools.ts';

export interface DerbySelection {
  readonly type: 'win' | 'place';
  /** From 1. */
  readonly runner: number;
}

export interface DerbyOutcome extends Course {
  /** Runners (from 1) by place; a dead heat is a place of several. */
  readonly finish: readonly (readonly number[])[];
}

/** How long the finish stays in sight before the round is over, in ms. */
const FINISH_MS = 500;

const runners = Array.from({ length: RUNNERS }, (_, index) => index);

export const derby = {
  kind: 'round',
  name: 'derby',
  title: 'Derby',
  description: 'Eight runners, a live race, pools to win and to place, bets until 40% of the way.',
  payTableVersion: 1,
  limits: {
    minStake: 1,
    maxStake: 1_000_000,
    maxBetsPerPlayer: 20,
    // Of the pool; the house pays nothing.
    maxPayout: Number.MAX_SAFE_INTEGER,
    maxRoundLoss: 0,
    maxExposure: 0,
  },
  bettingMs: 15_000,
  settledMs: 6_000,

  fields: {},
  lists: {
    runners: {
      length: RUNNERS,
      fields: { progress: 'uint16', winOdds: 'uint32', placeOdds: 'uint32' },
    },
  },
  start: { runners: runners.map(() => ({ progress: 0, winOdds: 0, placeOdds: 0 })) },
  view: (elapsedMs, course) => ({
    runners: runners.map((runner) => ({ progress: progressAt(course, runner, elapsedMs) })),
  }),
  reveal: () => ({ runners: runners.map(() => ({ progress: DISTANCE })) }),
  digest: ({ finish }) => ({ finish }),
  viewEveryMs: 50,

  examples: ['win', 'place'].flatMap((type) =>
    runners.map((runner) => ({ selection: { type, runner: runner + 1 } })),
  ),
  parseSelection,
  draw(source: Draw) {
    const course = drawCourse(source);
    return { ...course, finish: finishOf(course) };
  },
  runningMs: ({ timesMs }) => Math.max(...timesMs) + FINISH_MS,
  bettingUntilMs: lastBetsAt,

  // What is paid was staked by others.
  ends: 0,
  returnAt: () => 0,
  stakeKey: ({ type, runner }) => `${type} ${runner}`,
  odds(stakes) {
    const [win, place] = poolsOf(stakes);
    const [toWin, toPlace] = [winOdds(win), placeOdds(place)];
    return {
      runners: runners.map((runner) => ({
        winOdds: toWin[runner] as number,
        placeOdds: toPlace[runner] as number,
      })),
    };
  },
  resolve(bet, { finish }, stakes) {
    const { type, runner } = bet.selection;
    const [win, place] = poolsOf(stakes);
    const dividends = type === 'win' ? winDividends(win, finish) : placeDividends(place, finish);
    if (dividends === null) return { status: 'refunded', multiplier: 100, payout: bet.amount };
    return resolutionAt(bet, dividends[runner - 1] as number);
  },
} satisfies RoundGame<DerbySelection, DerbyOutcome>;

function resolutionAt(bet: PlacedBet<DerbySelection>, multiplier: number) {
  if (multiplier === 0) return { status: 'lost', multiplier, payout: 0 } as const;
  return { status: 'won', multiplier, payout: payoutOf(bet.amount, multiplier) } as const;
}

/** The stakes of each pool by runner. */
function poolsOf(stakes: Stakes): [win: PoolStakes, place: PoolStakes] {
  const pool = (type: string) => runners.map((runner) => stakes.get(`${type} ${runner + 1}`) ?? 0);
  return [pool('win'), pool('place')];
}

function parseSelection(input: Readonly<Record<string, unknown>>): DerbySelection | Refusal {
  const { selection, ...others } = input;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return { refused: `There is no field "${unknown}" in a bet here.` };
  if (typeof selection !== 'object' || selection === null || Array.isArray(selection)) {
    return { refused: 'A bet on the derby has a selection {type, runner}.' };
  }
  const { type, runner, ...more } = selection as Record<string, unknown>;
  const [strange] = Object.keys(more);
  if (strange !== undefined) return { refused: `There is no field "${strange}" in a selection.` };
  if (type !== 'win' && type !== 'place') return { refused: 'type is "win" or "place".' };
  if (typeof runner !== 'number' || !Number.isInteger(runner) || runner < 1 || runner > RUNNERS) {
    return { refused: `runner is from 1 to ${RUNNERS}.` };
  }
  return { type, runner };
}
