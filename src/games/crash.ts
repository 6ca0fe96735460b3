/**
 * Crash: a multiplier grows from 1.00 until it crashes; a bet pays what the multiplier was when it cashed out.
 * F4: P(crash point >= x) = 0.99/x for every x of the hundredths grid from 1.01, so every strategy returns at most 99%.
 */
import type { Draw } from '../fairness/draw.ts';
import { type PlacedBet, payoutOf, type Refusal, type RoundGame } from './contract.ts';

/** The multiplier is e^(GROWTH_PER_MS * t), t in ms. */
const GROWTH_PER_MS = 0.00006;
const TWO_52 = 2n ** 52n;
/** 100 minus the edge of 1%, in hundredths. */
const RETURN_PERCENT = 99n;
const MIN_CASH_OUT = 101;
/** 10,000.00: every bet still open there is cashed out, so that a round and a payout have an upper bound. */
export const MAX_MULTIPLIER = 1_000_000;

/** Of one bet; a bet is cashed out at the last multiplier that stays within it. */
const MAX_PAYOUT = 1_000_000_000;

/** Automatic cash-outs from 1.01 to 4.01. */
const EXAMPLES = Array.from({ length: 31 }, (_, step) => ({
  autoCashout: MIN_CASH_OUT + 10 * step,
}));

export interface CrashSelection {
  readonly autoCashout?: number;
}

export interface CrashOutcome {
  /** In hundredths. */
  readonly crashPoint: number;
}

export const crash = {
  kind: 'round',
  name: 'crash',
  title: 'Crash',
  description: 'The multiplier grows until it crashes. Cash out before it does.',
  payTableVersion: 1,
  limits: {
    minStake: 1,
    maxStake: 1_000_000,
    maxBetsPerPlayer: 10,
    maxPayout: MAX_PAYOUT,
    maxRoundLoss: 5_000_000_000,
    maxExposure: 50_000_000_000,
  },
  bettingMs: 6_000,
  settledMs: 3_000,

  fields: { multiplier: 'uint32', crashPoint: 'number' },
  start: { multiplier: 100, crashPoint: 0 },
  view: (elapsedMs) => ({ multiplier: multiplierAt(elapsedMs) }),
  reveal: ({ crashPoint }) => ({ multiplier: Math.min(crashPoint, MAX_MULTIPLIER), crashPoint }),
  viewEveryMs: 1_000,

  examples: EXAMPLES,
  parseSelection,
  draw,
  runningMs: ({ crashPoint }) => msUntil(Math.min(crashPoint, MAX_MULTIPLIER)),
  cashOutMultiplier: multiplierAt,
  autoCashOut(bet) {
    const multiplier = targetOf(bet);
    return { atMs: msUntil(multiplier), multiplier };
  },
  ends: 1,
  returnAt: (bet) => payoutOf(bet.amount, targetOf(bet)),
  resolve(bet, { crashPoint }) {
    const target = targetOf(bet);
    if (target > crashPoint) return { status: 'lost', multiplier: 0, payout: 0 };
    return { status: 'cashed', multiplier: target, payout: payoutOf(bet.amount, target) };
  },
} satisfies RoundGame<CrashSelection, CrashOutcome>;

/** The multiplier at which a bet is cashed out, if the round gets there: its own, or the last that may be paid. */
function targetOf({ amount, selection }: PlacedBet<CrashSelection>): number {
  const last = Math.floor((MAX_PAYOUT * 100) / amount);
  return selection.autoCashout ?? Math.min(last, MAX_MULTIPLIER);
}

function parseSelection(input: Readonly<Record<string, unknown>>): CrashSelection | Refusal {
  const { autoCashout, ...others } = input;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    return { refused: `There is no field "${unknown}" in a bet on crash.` };
  if (autoCashout === undefined || autoCashout === null) return {};
  if (
    typeof autoCashout !== 'number' ||
    !Number.isInteger(autoCashout) ||
    autoCashout < MIN_CASH_OUT ||
    autoCashout > MAX_MULTIPLIER
  ) {
    return { refused: `autoCashout is in hundredths, from ${MIN_CASH_OUT} to ${MAX_MULTIPLIER}.` };
  }
  return { autoCashout };
}

/** F4, exact: max(100, floor(99 * 2^52 / (2^52 - r))). At most 99 * 2^52, and then beyond 2^53: shown capped there. */
function draw(source: Draw): CrashOutcome {
  const hundredths = (RETURN_PERCENT * TWO_52) / (TWO_52 - source.bits52());
  const safe =
    hundredths > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(hundredths);
  return { crashPoint: Math.max(100, safe) };
}

/**
 * Hundredths at `elapsedMs` after lock, rounded down, never above the maximum. Time counts in whole milliseconds, as the
 * crash does: within its last one, the multiplier could otherwise pass the crash point before the round is over.
 */
export function multiplierAt(elapsedMs: number): number {
  const ms = Math.max(0, Math.floor(elapsedMs));
  return Math.min(MAX_MULTIPLIER, Math.floor(100 * Math.exp(GROWTH_PER_MS * ms)));
}

/** The first whole millisecond at which `multiplierAt` reaches `hundredths`. */
export function msUntil(hundredths: number): number {
  let ms = Math.max(0, Math.ceil(Math.log(hundredths / 100) / GROWTH_PER_MS));
  // Logarithm and exponential may round apart by one step; the definition decides.
  while (ms > 0 && multiplierAt(ms - 1) >= hundredths) ms -= 1;
  while (multiplierAt(ms) < hundredths) ms += 1;
  return ms;
}
