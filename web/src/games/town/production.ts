/**
 * What a building has in it and does at a moment, computed as the server computes it (W3): in MICRO, 3,600,000 to one, so
 * that a rate of r per hour moves r of them each millisecond. It works while it has all that it consumes and no product
 * is full.
 */
import type { TownStore } from '../../../../src/protocol.ts';
import type { Amounts, Level } from './catalogue.ts';

/** Milliseconds of an hour, and parts of a unit. */
export const MICRO = 3_600_000;

/** Why a building stands still, or will: a product is full, or something to consume is out. */
export interface Stop {
  readonly why: 'full' | 'out';
  readonly thing: string;
}

export interface Works {
  /** Until it is built or upgraded, in ms; 0: it is. */
  readonly readyIn: number;
  /** In MICRO, by thing. */
  readonly store: Amounts;
  /** What ends its work, or has ended it; null: nothing does. */
  readonly stop: Stop | null;
  /** In ms of work; 0: it stands still. */
  readonly stopIn: number;
}

/** At the server's time `now`, of a building that is ready at `readyAt` (0: it is). */
export function worksAt(
  level: Level,
  { since, store }: TownStore,
  readyAt: number,
  now: number,
): Works {
  const elapsed = Math.max(0, Math.floor(now - since));
  const wait = Math.max(0, readyAt - since);
  const limit = nextStop(level, store);
  const worked = Math.min(Math.max(0, elapsed - wait), limit.inMs);
  return {
    readyIn: Math.max(0, wait - elapsed),
    store: moved(level, store, worked),
    stop: limit.stop,
    stopIn: limit.inMs - worked,
  };
}

/** Whether something of it moves as time goes on. */
export function isMoving({ readyIn, stopIn }: Works, level: Level): boolean {
  return readyIn > 0 || (stopIn > 0 && ratesOf(level).size > 0);
}

/** What it makes (above zero) and uses up (below) in an hour: in MICRO, in a millisecond. */
export function ratesOf({ produces, consumes }: Level): ReadonlyMap<string, number> {
  const rates = new Map(Object.entries(produces));
  for (const [thing, rate] of Object.entries(consumes)) {
    rates.set(thing, (rates.get(thing) ?? 0) - rate);
  }
  return rates;
}

/** Whole units of a thing that are in it. */
export function unitsOf(store: Amounts, thing: string): number {
  return quotient(store[thing] ?? 0, MICRO);
}

/** What can be taken out of it: whole units of all that it does not use up. */
export function collectable(level: Level | null, store: Amounts): [thing: string, units: number][] {
  const rates = level === null ? new Map<string, number>() : ratesOf(level);
  return Object.keys(store)
    .filter((thing) => (rates.get(thing) ?? 0) >= 0)
    .map((thing): [string, number] => [thing, unitsOf(store, thing)])
    .filter(([, units]) => units > 0);
}

/** From `store` on, after how many ms of work it stops, and what stops it. */
function nextStop(level: Level, store: Amounts): { inMs: number; stop: Stop | null } {
  let next: { inMs: number; stop: Stop | null } = { inMs: Number.POSITIVE_INFINITY, stop: null };
  const capacity = level.storage * MICRO;
  for (const [thing, rate] of ratesOf(level)) {
    const stock = store[thing] ?? 0;
    if (rate < 0) {
      const inMs = quotient(stock, -rate);
      if (inMs < next.inMs) next = { inMs, stop: { why: 'out', thing } };
    } else if (rate > 0) {
      // The millisecond in which it gets full may be used in part.
      const inMs = quotient(Math.max(0, capacity - stock) + rate - 1, rate);
      if (inMs < next.inMs) next = { inMs, stop: { why: 'full', thing } };
    }
  }
  return next;
}

function moved(level: Level, store: Amounts, ms: number): Amounts {
  if (ms === 0) return store;
  const capacity = level.storage * MICRO;
  const after: Record<string, number> = { ...store };
  for (const [thing, rate] of ratesOf(level)) {
    const stock = (store[thing] ?? 0) + rate * ms;
    if (rate !== 0) after[thing] = rate > 0 ? Math.min(capacity, stock) : stock;
  }
  return after;
}

/** Rounded down; exact for all safe integers, which a rounded quotient is not. */
const quotient = (amount: number, by: number) => (amount - (amount % by)) / by;
