/**
 * Duel: Connect Four for a stake. Two seats drop discs into seven columns of six; four in a row, in any direction, win.
 * Spectators bet on the winner until either seat has three discs on the board.
 */
import type { Draw } from '../fairness/draw.ts';
import type { Refusal } from './contract.ts';
import type { MatchEnd, MatchGame, Seat } from './match.ts';

const COLUMNS = 7;
const ROWS = 6;
const IN_A_ROW = 4;
const SEATS = 2;
/** Discs of one seat with which the spectators' pool closes. */
const LAST_BETS = 3;
/** Right, up, and the two diagonals: the other four are these from the other end. */
const DIRECTIONS = [
  [1, 0],
  [0, 1],
  [1, 1],
  [1, -1],
] as const;

export interface DuelState {
  readonly first: Seat;
  /** Columns from 0, in the order of the moves. */
  readonly log: readonly number[];
}

export interface DuelMove {
  readonly column: number;
}

export const duel = {
  kind: 'match',
  name: 'duel',
  title: 'Duel',
  description: 'Connect Four for a stake. Spectators bet on the winner.',
  payTableVersion: 1,
  limits: { minStake: 1, maxStake: 1_000_000, minBet: 1, maxBet: 1_000_000, maxBetsPerPlayer: 10 },
  seats: SEATS,
  rakePercent: 2,
  clockMs: 180_000,

  fields: { board: 'string', lastColumn: 'int8' },
  start: { board: '0'.repeat(COLUMNS * ROWS), lastColumn: -1 },
  setup: (draw: Draw): DuelState => ({ first: draw.integer(SEATS), log: [] }),
  turn: seatToMove,
  moves: (state) => (end(state) ? [] : open(boardOf(state)).map((column) => ({ column }))),
  parseMove,
  move(state, { column }) {
    if (end(state)) return { refused: 'The match is over.' };
    if (!open(boardOf(state)).includes(column)) return { refused: `Column ${column} is full.` };
    return { ...state, log: [...state.log, column] };
  },
  end,
  view: (state) => ({
    board: boardOf(state).flat().join(''),
    lastColumn: state.log.at(-1) ?? -1,
  }),
  betsOpen: ({ log }) => Math.ceil(log.length / SEATS) < LAST_BETS,
} satisfies MatchGame<DuelState, DuelMove>;

function seatToMove({ first, log }: DuelState): Seat {
  return (first + log.length) % SEATS;
}

/** Rows from the bottom up, each from the left: 0 is empty, 1 and 2 are discs of the seats 0 and 1. */
function boardOf({ first, log }: DuelState): number[][] {
  const board = Array.from({ length: ROWS }, () => Array.from({ length: COLUMNS }, () => 0));
  log.forEach((column, at) => {
    const row = board.find((cells) => cells[column] === 0) as number[];
    row[column] = ((first + at) % SEATS) + 1;
  });
  return board;
}

function open(board: readonly (readonly number[])[]): number[] {
  return (board[ROWS - 1] as readonly number[]).flatMap((cell, column) =>
    cell === 0 ? [column] : [],
  );
}

/** Only the last disc can have completed a row. */
function end(state: DuelState): MatchEnd | null {
  const column = state.log.at(-1);
  if (column === undefined) return null;
  const board = boardOf(state);
  const row = board.findLastIndex((cells) => cells[column] !== 0);
  const disc = board[row]?.[column] as number;
  const reach = (dx: number, dy: number): number => {
    let length = 0;
    while (board[row + dy * (length + 1)]?.[column + dx * (length + 1)] === disc) length += 1;
    return length;
  };
  if (DIRECTIONS.some(([dx, dy]) => 1 + reach(dx, dy) + reach(-dx, -dy) >= IN_A_ROW)) {
    return { winner: disc - 1 };
  }
  return state.log.length === COLUMNS * ROWS ? { winner: null } : null;
}

function parseMove(input: Readonly<Record<string, unknown>>): DuelMove | Refusal {
  const { column, ...others } = input;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return { refused: `There is no field "${unknown}" in a move.` };
  if (typeof column !== 'number' || !Number.isInteger(column) || column < 0 || column >= COLUMNS) {
    return { refused: `column is from 0 to ${COLUMNS - 1}.` };
  }
  return { column };
}
