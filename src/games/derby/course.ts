/**
 * The race: when each runner finishes, and where it is until then. Everything follows from the draw. A runner's way is
 * not even: who is ahead in the middle may still lose.
 */
import type { Draw } from '../../fairness/draw.ts';

export const RUNNERS = 8;
/** Progress is counted in ten-thousandths of the distance. */
export const DISTANCE = 10_000;

/** In hundredths of a second; three draws above the least make the bell from 24.00 to 26.97 s. */
const LEAST_TIME = 2_400;
const TIME_DRAWS = 3;
const TIME_SPREAD = 100;
const MS_PER_TIME = 10;
/** A bend is drawn from -1,000 to 1,000 thousandths of the greatest. */
const BEND = 1_000;
/** The greatest bends as parts of the distance: early against late, and the ends against the middle. */
const EARLY = 0.1;
const ENDS = 0.05;
/** u(1-u) is at most 1/4, u(1-u)(1-2u) at most 1/(6 sqrt 3). */
const TO_ONE = 4;
const TO_ONE_ODD = 6 * Math.sqrt(3);

/** By runner, the first one at index 0. Times at the finish in ms, bends in thousandths. */
export interface Course {
  readonly timesMs: readonly number[];
  readonly bends: readonly (readonly [early: number, ends: number])[];
}

/** For each runner in turn three draws from [0, 100) for its time and two from [0, 2001) for its bends. */
export function drawCourse(draw: Draw): Course {
  const timesMs: number[] = [];
  const bends: [number, number][] = [];
  for (let runner = 0; runner < RUNNERS; runner++) {
    let time = LEAST_TIME;
    for (let part = 0; part < TIME_DRAWS; part++) time += draw.integer(TIME_SPREAD);
    timesMs.push(time * MS_PER_TIME);
    bends.push([draw.integer(2 * BEND + 1) - BEND, draw.integer(2 * BEND + 1) - BEND]);
  }
  return { timesMs, bends };
}

/** How far a runner (from 0) is `elapsedMs` after the start: never less than before, DISTANCE at its time. */
export function progressAt(course: Course, runner: number, elapsedMs: number): number {
  const timeMs = course.timesMs[runner] as number;
  if (elapsedMs >= timeMs) return DISTANCE;
  const part = Math.max(0, elapsedMs) / timeMs;
  const [early, ends] = course.bends[runner] as readonly [number, number];
  const swing = part * (1 - part);
  const bent =
    (early / BEND) * EARLY * TO_ONE * swing +
    (ends / BEND) * ENDS * TO_ONE_ODD * swing * (1 - 2 * part);
  return Math.floor(DISTANCE * (part + bent));
}

/** The first whole millisecond at which some runner has come `distance` far. */
export function leaderAt(course: Course, distance: number): number {
  const times = course.timesMs.map((timeMs, runner) => {
    let before = -1;
    let there = timeMs;
    while (there - before > 1) {
      const middle = Math.floor((before + there) / 2);
      if (progressAt(course, runner, middle) >= distance) there = middle;
      else before = middle;
    }
    return there;
  });
  return Math.min(...times);
}

/** Runners (from 1) in the order of their times; who finishes in the same hundredth of a second shares a place. */
export function finishOf({ timesMs }: Course): number[][] {
  const times = [...new Set(timesMs)].sort((a, b) => a - b);
  return times.map((time) =>
    timesMs.flatMap((timeMs, runner) => (timeMs === time ? [runner + 1] : [])),
  );
}
