/**
 * What a match tells the server: seats, turns and an end, for a stake that each seat puts into one pot. Pure like a
 * round's rules: a refused move is a returned value, and the log of moves replays to the same end.
 */
import type { Draw } from '../fairness/draw.ts';
import type { FieldType, Refusal, View } from './contract.ts';

/** From 0. */
export type Seat = number;

export interface MatchLimits {
  /** Least and greatest stake of a seat, in minor units. */
  readonly minStake: number;
  readonly maxStake: number;
  /** Of a spectator's bet, and how many of them a spectator may have in one match. */
  readonly minBet: number;
  readonly maxBet: number;
  readonly maxBetsPerPlayer: number;
}

/** How a match ended by the rules: a seat has won, or, with null, nobody has. */
export interface MatchEnd {
  readonly winner: Seat | null;
}

/** `State` and `Move` are plain JSON. */
export interface MatchGame<State extends object = object, Move extends object = object> {
  readonly kind: 'match';
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly payTableVersion: number;
  readonly limits: MatchLimits;
  readonly seats: number;
  /** What the house keeps of the pot, in per cent, rounded down. */
  readonly rakePercent: number;
  /** What each seat has for all of its moves, in ms. */
  readonly clockMs: number;

  /** What the room's state has beyond that of every match room. */
  readonly fields: Readonly<Record<string, FieldType>>;
  /** Who begins is drawn. */
  setup(draw: Draw): State;
  /** Whose turn it is. */
  turn(state: State): Seat;
  /** Every move that the seat whose turn it is may make. */
  moves(state: State): readonly Move[];
  parseMove(input: Readonly<Record<string, unknown>>): Move | Refusal;
  /** The state after the move of the seat whose turn it is; the state before stays as it is. */
  move(state: State, move: Move): State | Refusal;
  end(state: State): MatchEnd | null;
  /** What a seat, or with null a spectator, may see. */
  view(state: State, seat: Seat | null): View;
  /** Whether spectators may still bet on the winner. */
  betsOpen(state: State): boolean;
}
