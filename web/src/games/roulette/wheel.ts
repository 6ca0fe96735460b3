/** The European wheel: the order of its pockets, and how wheel and ball come to rest. Angles in degrees, clockwise. */
export const ORDER = [
  0, 32, 15, 19, 4, 21, 2, 25, 17, 34, 6, 27, 13, 36, 11, 30, 8, 23, 10, 5, 24, 16, 33, 1, 20, 14,
  31, 9, 22, 18, 29, 7, 28, 12, 35, 3, 26,
] as const;

export const POCKET_DEGREES = 360 / ORDER.length;
/** Per second, while nobody knows the number: the wheel one way, the ball the other. */
const WHEEL_SPEED = 42;
const BALL_SPEED = -330;
/** From the moment the number is known until the ball lies in its pocket. */
export const LANDING_MS = 1_700;

export interface Pose {
  readonly wheel: number;
  /** Where the ball is seen, not where it is on the wheel. */
  readonly ball: number;
  /** 1: on the outer track; 0: in a pocket. */
  readonly height: number;
}

/** Where the pocket of a number is on a wheel that is not turned. */
export function pocketAngle(number: number): number {
  return ORDER.indexOf(number as (typeof ORDER)[number]) * POCKET_DEGREES;
}

/** At rest with the ball in the pocket of `number`. */
export function restPose(number: number, wheel = 0): Pose {
  return { wheel, ball: wheel + pocketAngle(number), height: 0 };
}

/** Spinning for `elapsedMs`, from a pose on. */
export function spinPose(from: Pose, elapsedMs: number): Pose {
  const seconds = elapsedMs / 1000;
  const height = Math.min(1, from.height + seconds * 4);
  return {
    wheel: from.wheel + WHEEL_SPEED * seconds,
    ball: from.ball + BALL_SPEED * seconds,
    height,
  };
}

/** Slowing down into the pocket of `number`, `elapsedMs` after it became known. */
export function landingPose(from: Pose, number: number, elapsedMs: number): Pose {
  const left = (1 - Math.min(1, elapsedMs / LANDING_MS)) ** 3;
  // A cube that starts at speed v covers v/3 of what it would have covered.
  const coast = LANDING_MS / 1000 / 3;
  const wheelEnd = from.wheel + WHEEL_SPEED * coast;
  const target = wheelEnd + pocketAngle(number);
  const wanted = from.ball + BALL_SPEED * coast;
  const ballEnd = target + 360 * Math.round((wanted - target) / 360);
  return {
    wheel: wheelEnd - (wheelEnd - from.wheel) * left,
    ball: ballEnd - (ballEnd - from.ball) * left,
    height: from.height * left,
  };
}
