/** What is left to each seat for all of its moves. */
import type { DuelState } from '../../../../src/protocol.ts';

type Clocked = Pick<DuelState, 'phase' | 'turn' | 'turnStartedAt'> & {
  readonly seats: readonly { readonly clockMs: number }[];
};

/** From here on tenths are shown, and in the colour of danger. */
export const SHORT_MS = 20_000;

/** In ms at the server's time `now`. Only the clock of the seat whose turn it is runs, and only while it is played. */
export function clocksAt(state: Clocked, now: number): number[] {
  return state.seats.map(({ clockMs }, seat) => {
    if (state.phase !== 'running' || seat !== state.turn) return clockMs;
    return Math.max(0, clockMs - Math.max(0, now - state.turnStartedAt));
  });
}

/** 65_000 -> "1:05", 9_840 -> "9.8" */
export function clockText(ms: number): string {
  if (ms < SHORT_MS) return (Math.floor(ms / 100) / 10).toFixed(1);
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
