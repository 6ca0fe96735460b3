/** How long the phase of a round goes on. */
import type { RoundState } from '../../src/protocol.ts';

/** In ms, by the server's clock; null when the end is open. */
export function remainingOf(state: RoundState, now: number): number | null {
  return state.phaseEndsAt === 0 ? null : Math.max(0, state.phaseEndsAt - now);
}
