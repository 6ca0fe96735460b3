/** Which part of the course is in the picture. Pure: the same progress gives the same picture. */
import { DISTANCE } from './race.ts';

export interface Camera {
  /** Where a point of the course is on the canvas, in CSS pixels. */
  x(progress: number): number;
  /** Pixels of one ten-thousandth of the distance. */
  readonly scale: number;
}

/** How much of the course is seen, in ten-thousandths: enough for the whole field, within these bounds. */
const LEAST_SEEN = 2_200;
const MOST_SEEN = 5_200;
const ROOM_FOR_FIELD = 1.7;
/** Where the leader is in the picture: at the start, and once it runs. */
const LEADER_AT_START = 0.36;
const LEADER_AT = 0.74;
/** Until where the leader moves from the one place to the other. */
const RUN_IN = 1_600;
/** Where the finish comes to stand. */
const FINISH_AT = 0.7;

/** Follows the leader. `left` are the pixels at the edge that belong to the numbers of the lanes. */
export function followingCamera(progress: readonly number[], width: number, left: number): Camera {
  const leader = Math.max(0, ...progress);
  const last = Math.min(leader, ...progress);
  const seen = Math.min(MOST_SEEN, Math.max(LEAST_SEEN, (leader - last) * ROOM_FOR_FIELD));
  const room = width - left;
  const scale = room / seen;
  const leaderAt = LEADER_AT_START + (LEADER_AT - LEADER_AT_START) * smooth(leader / RUN_IN);
  const from = Math.min(leader - leaderAt * seen, DISTANCE - FINISH_AT * seen);
  return { scale, x: (point) => left + (point - from) * scale };
}

/** The whole course at once, and nothing moves but the runners. */
export function fixedCamera(width: number, left: number, right: number): Camera {
  const scale = (width - left - right) / DISTANCE;
  return { scale, x: (point) => left + point * scale };
}

function smooth(part: number): number {
  const t = Math.min(1, Math.max(0, part));
  return t * t * (3 - 2 * t);
}
