/**
 * What a match tells the server: seats, turns and an end, for a stake that each seat puts into one pot. Pure like a
 * round's rules: a refused move is a returned value, and the moves replay to the same end. Who watches may bet on the
 * winner; that pool is the same for every game of this kind.
 */
import type { Draw } from '../fairness/draw.ts';
import {
  type BetRules,
  type GameText,
  payoutOf,
  type Refusal,
  type TableFields,
  type View,
} from './contract.ts';
import { winDividends, winOdds } from './pools.ts';

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

/** By the rules (won, drawn), or by the players: a draw agreed, resigned, out of time, gone. */
export type MatchEnding = 'won' | 'drawn' | 'agreed' | 'resigned' | 'time' | 'left';

/** What is stored and published of a finished match: `moves` replay from `setup`. */
export interface MatchOutcome extends MatchEnd {
  readonly setup: object;
  readonly moves: readonly object[];
  readonly ending: MatchEnding;
}

/** `State` and `Move` are plain JSON. */
export interface MatchGame<State extends object = object, Move extends object = object>
  extends GameText,
    TableFields {
  readonly kind: 'match';
  readonly limits: MatchLimits;
  /** Who gives up loses to the other. */
  readonly seats: 2;
  /** What the house keeps of the pot, in per cent, rounded down. */
  readonly rakePercent: number;
  /** What each seat has for all of its moves, in ms. */
  readonly clockMs: number;

  /** What is seen while there is no match. */
  readonly start: View;
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
  /** What everybody may see, or, with a seat, what it may see. */
  view(state: State, seat: Seat | null): View;
  /** Whether spectators may still bet on the winner. */
  betsOpen(state: State): boolean;
}

/** A spectator's bet. */
export interface WinnerSelection {
  readonly type: 'winner';
  readonly seat: Seat;
}

/** The spectators' pool: pari-mutuel on the winner, given back when nobody has won the match or backed its winner. */
export function spectatorBets(game: MatchGame): BetRules<WinnerSelection, MatchOutcome> {
  const seats = Array.from({ length: game.seats }, (_, seat) => seat);
  const key = (seat: Seat) => `winner ${seat}`;
  const poolOf = (stakes: ReadonlyMap<string, number>) =>
    seats.map((seat) => stakes.get(key(seat)) ?? 0);
  const { minBet, maxBet, maxBetsPerPlayer } = game.limits;
  return {
    limits: {
      minStake: minBet,
      maxStake: maxBet,
      maxBetsPerPlayer,
      // Of the pool; the house pays nothing.
      maxPayout: Number.MAX_SAFE_INTEGER,
      maxRoundLoss: 0,
      maxExposure: 0,
    },
    examples: seats.map((seat) => ({ selection: { type: 'winner', seat } })),
    parseSelection: (input) => parseWinner(input, game.seats),
    rakePercent: game.rakePercent,
    ends: 0,
    returnAt: () => 0,
    stakeKey: ({ seat }) => key(seat),
    odds: (stakes) => ({ seats: winOdds(poolOf(stakes)).map((odds) => ({ odds })) }),
    resolve(bet, { winner }, stakes) {
      const dividends = winner === null ? null : winDividends(poolOf(stakes), [[winner + 1]]);
      if (dividends === null) return { status: 'refunded', multiplier: 100, payout: bet.amount };
      const multiplier = dividends[bet.selection.seat] as number;
      if (multiplier === 0) return { status: 'lost', multiplier, payout: 0 };
      return { status: 'won', multiplier, payout: payoutOf(bet.amount, multiplier) };
    },
  };
}

function parseWinner(
  input: Readonly<Record<string, unknown>>,
  seats: number,
): WinnerSelection | Refusal {
  const { selection, ...others } = input;
  const { type, seat, ...more } = (selection ?? {}) as Record<string, unknown>;
  const [unknown] = [...Object.keys(others), ...Object.keys(more)];
  if (unknown !== undefined) return { refused: `There is no field "${unknown}" in a bet here.` };
  if (type !== 'winner') return { refused: 'selection is {type: "winner", seat}.' };
  if (typeof seat !== 'number' || !Number.isInteger(seat) || seat < 0 || seat >= seats) {
    return { refused: `seat is from 0 to ${seats - 1}.` };
  }
  return { type, seat };
}
