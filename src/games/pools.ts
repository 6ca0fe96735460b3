/**
 * Pari-mutuel: the bets of a pool, less the takeout, are divided among its winners. Whatever is staked and whoever wins,
 * no more is paid than was staked, to the unit; what rounding leaves (breakage) goes to the house with the takeout.
 */

/** What the house keeps of a pool, in per cent, rounded down. */
const TAKEOUT_PERCENT = 5;
/** With eight runners three are placed; a dead heat for the last of them makes more. */
const PLACES = 3;

/** By runner, the first one at index 0, in minor units. */
export type PoolStakes = readonly number[];

/** By runner, in hundredths; null when nobody has won the pool and every bet of it is given back. */
export type Dividends = readonly number[] | null;

/** What is divided. */
export function netOf(stakes: PoolStakes): number {
  const pool = sum(stakes);
  return pool - Math.floor((pool * TAKEOUT_PERCENT) / 100);
}

/** Who shares the first place shares the pool in equal parts. `finish` are the places' runners, from 1. */
export function winDividends(
  stakes: PoolStakes,
  finish: readonly (readonly number[])[],
): Dividends {
  const backed = backedOf(stakes, finish[0] ?? []);
  if (backed.length === 0) return null;
  const share = Math.floor(netOf(stakes) / backed.length);
  return stakes.map((stake, runner) => (backed.includes(runner) ? hundredths(share, stake) : 0));
}

/**
 * Who is placed gets the stake back and an equal part of what others lost; where that is nothing, the pool is divided
 * in proportion to the stakes.
 */
export function placeDividends(
  stakes: PoolStakes,
  finish: readonly (readonly number[])[],
): Dividends {
  const backed = backedOf(stakes, placed(finish));
  if (backed.length === 0) return null;
  const net = netOf(stakes);
  const returned = sum(backed.map((runner) => stakes[runner] as number));
  const share = Math.floor((net - returned) / backed.length);
  return stakes.map((stake, runner) => {
    if (!backed.includes(runner)) return 0;
    return share < 0 ? hundredths(net, returned) : hundredths(stake + share, stake);
  });
}

/** What a bet to win would pay now, by runner in hundredths; 0 for a runner that nobody has backed. */
export function winOdds(stakes: PoolStakes): number[] {
  const net = netOf(stakes);
  return stakes.map((stake) => (stake === 0 ? 0 : hundredths(net, stake)));
}

/** What a bet to place would pay at least: beside the two others that are backed most. */
export function placeOdds(stakes: PoolStakes): number[] {
  return stakes.map((stake, runner) => {
    if (stake === 0) return 0;
    const others = stakes.map((_, other) => other).filter((other) => other !== runner);
    others.sort((a, b) => (stakes[b] as number) - (stakes[a] as number));
    const finish = [runner, ...others.slice(0, PLACES - 1)].map((each) => [each + 1]);
    return placeDividends(stakes, finish)?.[runner] ?? 0;
  });
}

/** The runners of the first places, from 1, with all that share the last of them. */
export function placed(finish: readonly (readonly number[])[]): number[] {
  const runners: number[] = [];
  for (const place of finish) {
    if (runners.length >= PLACES) break;
    runners.push(...place);
  }
  return runners;
}

/** Of these runners (from 1) those that somebody has bet on, as indexes. */
function backedOf(stakes: PoolStakes, runners: readonly number[]): number[] {
  return runners.map((runner) => runner - 1).filter((runner) => (stakes[runner] as number) > 0);
}

function hundredths(part: number, of: number): number {
  return Math.floor((part * 100) / of);
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
