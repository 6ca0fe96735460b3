/** Who came in where: as the books have it once the round is over, dead heats included. */
import type { DerbyState } from '../../../../src/protocol.ts';

/** Runners (from 1) by place; a dead heat is a place of several. */
export type Finish = readonly (readonly number[])[];

/** Who backs a runner to place is paid up to this place. */
const PLACES = 3;
const ENDINGS = ['th', 'st', 'nd', 'rd'];

/** The outcome of the round on stage; null before it is over, and when it was void. */
export function officialFinish(
  state: Pick<DerbyState, 'phase' | 'roundId' | 'history'>,
): string | null {
  const entry = state.history.at(-1);
  return state.phase === 'settled' && entry?.roundId === state.roundId ? entry.outcome : null;
}

/** The finish in an outcome as the history has it. */
export function finishIn(outcome: string): Finish | null {
  try {
    const { finish } = JSON.parse(outcome) as { finish?: unknown };
    return Array.isArray(finish) && finish.every(Array.isArray) ? (finish as number[][]) : null;
  } catch {
    return null;
  }
}

/** From 1; after two firsts comes a third. Null for a runner that is not in. */
export function placeOf(finish: Finish, runner: number): number | null {
  let place = 1;
  for (const runners of finish) {
    if (runners.includes(runner)) return place;
    place += runners.length;
  }
  return null;
}

export interface Standing {
  readonly runner: number;
  readonly place: number;
  readonly deadHeat: boolean;
}

/** Those who are paid, at least to place. */
export function standings(finish: Finish): Standing[] {
  return finish.flatMap((runners) => {
    const place = placeOf(finish, runners[0] as number) as number;
    if (place > PLACES) return [];
    return runners.map((runner) => ({ runner, place, deadHeat: runners.length > 1 }));
  });
}

/** 1 -> "1st", 11 -> "11th" */
export function ordinal(place: number): string {
  const teen = place % 100 >= 11 && place % 100 <= 13;
  return `${place}${(teen ? undefined : ENDINGS[place % 10]) ?? 'th'}`;
}
