/**
 * The race: when each runner finishes, and where it is until then. Everything follows from the draw. The way is ten
 * sections, and the time for each of them is drawn apart from all others: where the runners are tells nothing about the
 * sections that they have not begun.
 */
import type { Draw } from '../../fairness/draw.ts';

export const RUNNERS = 8;
/** Progress is counted in ten-thousandths of the distance. */
export const DISTANCE = 10_000;

const SECTIONS = 10;
const SECTION = DISTANCE / SECTIONS;
/** Bets are taken until the leader has run these: 40% of the distance. */
const SECTIONS_WITH_BETS = 4;
/** In hundredths of a second: 2.24 to 2.84 s while bets are taken, then 1.94 to 3.14 s. What is to come decides more. */
const WITH_BETS = { least: 224, spread: 61 };
const AFTER_BETS = { least: 194, spread: 121 };
const MS_PER_HUNDREDTH = 10;

/** By runner, the first one at index 0. */
export interface Course {
  readonly timesMs: readonly number[];
  readonly sectionsMs: readonly (readonly number[])[];
}

/** For each runner in turn the hundredths of a second above the least that it takes for each of its sections. */
export function drawCourse(draw: Draw): Course {
  const sectionsMs = Array.from({ length: RUNNERS }, () =>
    Array.from({ length: SECTIONS }, (_, section) => {
      const { least, spread } = section < SECTIONS_WITH_BETS ? WITH_BETS : AFTER_BETS;
      return (least + draw.integer(spread)) * MS_PER_HUNDREDTH;
    }),
  );
  return { timesMs: sectionsMs.map(sum), sectionsMs };
}

/** How far a runner (from 0) is `elapsedMs` after the start: never less than before, DISTANCE at its time. */
export function progressAt(course: Course, runner: number, elapsedMs: number): number {
  let withinMs = Math.max(0, elapsedMs);
  for (const [section, sectionMs] of (course.sectionsMs[runner] as readonly number[]).entries()) {
    if (withinMs < sectionMs) {
      return section * SECTION + Math.floor((withinMs * SECTION) / sectionMs);
    }
    withinMs -= sectionMs;
  }
  return DISTANCE;
}

/** When the leader comes to the end of the sections with bets, in ms after the start. */
export function lastBetsAt({ sectionsMs }: Course): number {
  return Math.min(...sectionsMs.map((sections) => sum(sections.slice(0, SECTIONS_WITH_BETS))));
}

/** Runners (from 1) in the order of their times; who finishes in the same hundredth of a second shares a place. */
export function finishOf({ timesMs }: Course): number[][] {
  const times = [...new Set(timesMs)].sort((a, b) => a - b);
  return times.map((time) =>
    timesMs.flatMap((timeMs, runner) => (timeMs === time ? [runner + 1] : [])),
  );
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
