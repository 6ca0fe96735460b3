/**
 * Production (W3). A building that is ready works in each millisecond at whose start it has all that this millisecond
 * uses up and none of what it makes is full. Both end only by its own work, so how many milliseconds it works can be
 * computed at once: a year costs no more than a second, and comes to the same in one piece or in many (W2).
 */
import type { Amounts, BuildingLevel, WorldCatalogue } from '../world.ts';
import { amountOf, levelOf, MICRO, type Placed, type TownState } from './state.ts';

/** Rows of the catalogue are never changed in place, so what follows from one is computed once. */
const knownRates = new WeakMap<BuildingLevel, ReadonlyMap<string, number>>();

/** Times are whole ms. A clock that went back makes nothing, and loses nothing. */
export function advance(
  state: TownState,
  from: number,
  to: number,
  catalogue: WorldCatalogue,
): TownState {
  const ms = to - from;
  if (!Number.isSafeInteger(ms)) throw new RangeError('a town goes on by whole milliseconds');
  if (ms <= 0) return state;
  return { ...state, buildings: state.buildings.map((placed) => after(placed, ms, catalogue)) };
}

/**
 * What a level makes (above zero) and uses up (below) in an hour: in MICRO, in a millisecond. Of a thing that it both
 * makes and uses up the difference counts.
 */
export function ratesOf(level: BuildingLevel): ReadonlyMap<string, number> {
  const known = knownRates.get(level);
  if (known) return known;
  const rates = new Map(Object.entries(level.produces));
  for (const [thing, rate] of Object.entries(level.consumes)) {
    rates.set(thing, (rates.get(thing) ?? 0) - rate);
  }
  knownRates.set(level, rates);
  return rates;
}

/** What it holds of each thing, in MICRO. */
export function capacityOf(level: BuildingLevel): number {
  return level.storage * MICRO;
}

/** Whole units of a stock in MICRO. */
export function unitsOf(stock: number): number {
  return quotient(stock, MICRO);
}

function after(placed: Placed, ms: number, catalogue: WorldCatalogue): Placed {
  const waited = Math.min(placed.wait, ms);
  const level = levelOf(placed, catalogue);
  const store = level ? worked(placed.store, level, ms - waited) : placed.store;
  if (waited === 0 && store === placed.store) return placed;
  return { ...placed, wait: placed.wait - waited, store };
}

function worked(store: Amounts, level: BuildingLevel, ms: number): Amounts {
  const rates = ratesOf(level);
  const capacity = capacityOf(level);
  let working = ms;
  for (const [thing, rate] of rates) {
    const stock = amountOf(store, thing);
    if (rate < 0) working = Math.min(working, quotient(stock, -rate));
    if (rate > 0) working = Math.min(working, msUntilFull(stock, capacity, rate));
  }
  if (working === 0 || rates.size === 0) return store;
  const stocks = new Map(Object.entries(store));
  for (const [thing, rate] of rates) {
    const stock = (stocks.get(thing) ?? 0) + rate * working;
    // What the last millisecond makes beyond the capacity is lost.
    if (stock === 0) stocks.delete(thing);
    else if (rate !== 0) stocks.set(thing, rate > 0 ? Math.min(capacity, stock) : stock);
  }
  return Object.fromEntries(stocks);
}

/** The last one may be used in part. None where there is more than the capacity, which an admin may have lowered. */
function msUntilFull(stock: number, capacity: number, rate: number): number {
  const free = Math.max(0, capacity - stock);
  return quotient(free, rate) + (free % rate > 0 ? 1 : 0);
}

/** Rounded down; exact for all safe integers, which a rounded quotient is not. */
function quotient(amount: number, by: number): number {
  return (amount - (amount % by)) / by;
}
