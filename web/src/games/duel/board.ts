/** The board as it comes over the wire, and what can be read from it. */

export const COLUMNS = 7;
export const ROWS = 6;
const IN_A_ROW = 4;
/** Right, up, and the two diagonals: the other four are these from the other end. */
const DIRECTIONS = [
  [1, 0],
  [0, 1],
  [1, 1],
  [1, -1],
] as const;

export interface Cell {
  /** From the left and from the bottom, from 0. */
  readonly column: number;
  readonly row: number;
}

/** The seat (from 0) whose disc lies there; null: nobody's. */
export function discAt(board: string, { column, row }: Cell): number | null {
  if (column < 0 || column >= COLUMNS || row < 0 || row >= ROWS) return null;
  const disc = Number(board[row * COLUMNS + column] ?? 0);
  return disc === 0 ? null : disc - 1;
}

/** Every cell with a disc. */
export function discsOf(board: string): (Cell & { seat: number })[] {
  return cells().flatMap((cell) => {
    const seat = discAt(board, cell);
    return seat === null ? [] : [{ ...cell, seat }];
  });
}

/** Where a disc would come to lie; null when the column is full. */
export function landing(board: string, column: number): Cell | null {
  for (let row = 0; row < ROWS; row += 1) {
    if (discAt(board, { column, row }) === null) return { column, row };
  }
  return null;
}

/** Where the last disc lies. */
export function lastDisc(board: string, lastColumn: number): Cell | null {
  if (lastColumn < 0) return null;
  const above = landing(board, lastColumn)?.row ?? ROWS;
  return above === 0 ? null : { column: lastColumn, row: above - 1 };
}

/** All cells of rows of four or more; one disc may complete several. Empty while nobody has one. */
export function winningCells(board: string): Cell[] {
  const winning = new Map<string, Cell>();
  for (const cell of cells()) {
    const seat = discAt(board, cell);
    if (seat === null) continue;
    for (const [dx, dy] of DIRECTIONS) {
      const row = Array.from({ length: IN_A_ROW }, (_, step) => ({
        column: cell.column + dx * step,
        row: cell.row + dy * step,
      }));
      if (!row.every((each) => discAt(board, each) === seat)) continue;
      for (const each of row) winning.set(nameOf(each), each);
    }
  }
  return [...winning.values()];
}

export function nameOf({ column, row }: Cell): string {
  return `${column} ${row}`;
}

function cells(): Cell[] {
  return Array.from({ length: COLUMNS * ROWS }, (_, index) => ({
    column: index % COLUMNS,
    row: Math.floor(index / COLUMNS),
  }));
}
