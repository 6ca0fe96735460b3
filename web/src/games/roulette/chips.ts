/** The chips that lie on the table and are not placed yet. Values are immutable, so that each step can be undone. */
import type { BetWish } from '../../play.ts';
import { spotById } from './spots.ts';

export const CHIP_VALUES = [1, 5, 10, 50, 100, 500] as const;

/** Amounts by the id of the spot, in the order in which the spots were first used. */
export type Stacks = ReadonlyMap<string, number>;

export interface Chips {
  readonly stacks: Stacks;
  /** The states before, the last one last. */
  readonly past: readonly Stacks[];
}

export interface ChipLimits {
  readonly maxStake: number;
  /** What may still be staked in this round. */
  readonly balance: number;
  /** How many bets the player may still make in this round. */
  readonly betsLeft: number;
}

export const NO_CHIPS: Chips = { stacks: new Map(), past: [] };
const UNDO_DEPTH = 100;
/** MAX_BETS_PER_COMMAND of the protocol, whose own value would bring all of its schemas into the page. */
export const MAX_SPOTS = 25;

/** More chips; or, as text, why they may not lie there. Nothing is put down in part. */
export function add(chips: Chips, more: Stacks, limits: ChipLimits): Chips | string {
  const stacks = new Map(chips.stacks);
  for (const [id, amount] of more) stacks.set(id, (stacks.get(id) ?? 0) + amount);
  const { maxStake, balance, betsLeft } = limits;
  if ([...stacks.values()].some((amount) => amount > maxStake)) {
    return `At most ${maxStake} on one spot.`;
  }
  if (totalOf(stacks) > balance) return 'Your balance does not cover more chips.';
  if (stacks.size > betsLeft) return 'No more spots for you in this round.';
  if (stacks.size > MAX_SPOTS) {
    return `At most ${MAX_SPOTS} spots at once: place these first.`;
  }
  return next(chips, stacks);
}

export function double(chips: Chips, limits: ChipLimits): Chips | string {
  return add(chips, chips.stacks, limits);
}

/** Takes the whole stack away. */
export function removeFrom(chips: Chips, id: string): Chips {
  if (!chips.stacks.has(id)) return chips;
  const stacks = new Map(chips.stacks);
  stacks.delete(id);
  return next(chips, stacks);
}

export function clear(chips: Chips): Chips {
  return chips.stacks.size === 0 ? chips : next(chips, new Map());
}

export function undo({ stacks, past }: Chips): Chips {
  return { stacks: past.at(-1) ?? stacks, past: past.slice(0, -1) };
}

export function totalOf(stacks: Stacks): number {
  return [...stacks.values()].reduce((sum, amount) => sum + amount, 0);
}

/** What is sent to the server. */
export function wishesOf(stacks: Stacks): BetWish[] {
  return [...stacks].flatMap(([id, amount]) => {
    const spot = spotById(id);
    return spot ? [{ amount, more: { selection: spot.selection } }] : [];
  });
}

/** For a chip on the table: 950, "1.5k", "20k", "1m"; never more than what lies there. */
export function shortAmount(amount: number): string {
  if (amount < 1000) return String(amount);
  const [unit, letter] = amount < 1_000_000 ? [1000, 'k'] : [1_000_000, 'm'];
  const tenths = Math.floor((10 * amount) / unit);
  return tenths < 100 && tenths % 10 !== 0
    ? `${Math.floor(tenths / 10)}.${tenths % 10}${letter}`
    : `${Math.floor(tenths / 10)}${letter}`;
}

/** The chip that an amount looks like: the greatest one in it. */
export function chipFor(amount: number): number {
  return CHIP_VALUES.findLast((value) => value <= amount) ?? CHIP_VALUES[0];
}

function next({ stacks: before, past }: Chips, stacks: Stacks): Chips {
  return { stacks, past: [...past, before].slice(-UNDO_DEPTH) };
}
