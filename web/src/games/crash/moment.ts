/** Where a round stands right now: what the multiplier, the curve and the countdown show. */
import { crashMultiplier } from '../../../../src/fairness/verifier.ts';
import type { CrashState } from '../../../../src/protocol.ts';
import type { ServerClock } from '../../clock.ts';
import { remainingOf } from '../../countdown.ts';
import { elapsedAt } from './curve/scale.ts';

export interface Moment {
  /** Since lock; null while there is nothing to draw. */
  readonly elapsedMs: number | null;
  /** The multiplier in hundredths. */
  readonly hundredths: number;
  /** Until the phase ends; null when that is open. */
  readonly remainingMs: number | null;
}

/** While a round runs the server speaks once a second. Without it the curve stops: nothing is made up. */
const LONGEST_SILENCE_MS = 3000;

export function momentOf(state: CrashState, clock: ServerClock): Moment {
  const now = clock.now();
  const remainingMs = remainingOf(state, now);
  if (state.phase === 'running') {
    const unheard = Math.max(0, clock.silentMs() - LONGEST_SILENCE_MS);
    const elapsedMs = Math.max(0, now - state.phaseStartedAt - unheard);
    return { elapsedMs, hundredths: crashMultiplier(elapsedMs), remainingMs };
  }
  if (state.crashPoint > 0) {
    // A round ends at the greatest multiplier that the table pays, even if its crash point lies beyond.
    return { elapsedMs: elapsedAt(state.multiplier), hundredths: state.crashPoint, remainingMs };
  }
  return { elapsedMs: null, hundredths: 100, remainingMs };
}
