/** Where the player stands at a duel table: what there is to be done depends on nothing else. */
import type { DuelState, MatchSeat } from '../../../../src/protocol.ts';

export type Situation =
  /** Not joined yet, or the books cannot be reached. */
  | { kind: 'idle' }
  /** Seats are free; `opponent` waits for somebody. */
  | { kind: 'open'; opponent: MatchSeat | null }
  /** The player has one of the seats, and the other is free. */
  | { kind: 'waiting'; me: number; stake: number }
  | { kind: 'playing'; me: number }
  | { kind: 'watching' }
  /** `me` is null for spectators. */
  | { kind: 'over'; me: number | null };

export const SEATS = 2;

export function situationOf(state: DuelState | null, username: string): Situation {
  if (state === null) return { kind: 'idle' };
  const me = seatOf(state, username);
  switch (state.phase) {
    case 'betting': {
      if (me !== null) return { kind: 'waiting', me, stake: state.seats[me]?.stake ?? 0 };
      return { kind: 'open', opponent: state.seats.find(({ player }) => player !== '') ?? null };
    }
    case 'running':
      return me === null ? { kind: 'watching' } : { kind: 'playing', me };
    case 'settled':
      // A table that nobody has played at yet is between matches too.
      if (state.seats.every(({ player }) => player === '')) return { kind: 'open', opponent: null };
      return { kind: 'over', me };
    default:
      return { kind: 'idle' };
  }
}

export function seatOf({ seats }: Pick<DuelState, 'seats'>, username: string): number | null {
  const seat = seats.findIndex(({ player }) => player === username);
  return seat === -1 ? null : seat;
}

/** What the winner gets: both stakes less the rake, rounded down for the house (as the books do it). */
export function prizeOf(stake: number, rakePercent: number): number {
  const pot = stake * SEATS;
  return pot - Math.floor((pot * rakePercent) / 100);
}
