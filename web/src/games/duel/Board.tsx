/** The board: discs fall behind its face; seven columns that a click, a tap or the keyboard chooses from. */
import { type KeyboardEvent, useEffect, useEffectEvent, useId, useRef, useState } from 'react';
import {
  type Cell,
  COLUMNS,
  discAt,
  discsOf,
  landing,
  lastDisc,
  nameOf,
  ROWS,
  winningCells,
} from './board.ts';
import { Disc } from './Disc.tsx';
import { DISCS } from './words.ts';

interface BoardProps {
  board: string;
  lastColumn: number;
  /** The seat whose disc the player may drop now; null: none. */
  dropping: number | null;
  /** A move that was sent and is not yet answered. */
  sent: number | null;
  onDrop(column: number): void;
}

const CELL = 100;
const EDGE = 20;
const HOLE = 40;
const WIDTH = COLUMNS * CELL + 2 * EDGE;
const HEIGHT = ROWS * CELL + 2 * EDGE;
const columns = Array.from({ length: COLUMNS }, (_, column) => column);
const rows = Array.from({ length: ROWS }, (_, row) => row);
const x = (column: number) => EDGE + (column + 0.5) * CELL;
const y = (row: number) => HEIGHT - EDGE - (row + 0.5) * CELL;

export function Board({ board, lastColumn, dropping, sent, onDrop }: BoardProps) {
  const [aimed, setAimed] = useState<number | null>(null);
  const face = useId();
  const last = lastDisc(board, lastColumn);
  const winning = new Set(winningCells(board).map(nameOf));
  const aim = sent ?? (dropping === null ? null : aimed);
  const ghost = aim === null ? null : landing(board, aim);

  useColumnKeys(dropping !== null, (column) => {
    if (landing(board, column) !== null) onDrop(column);
  });

  return (
    <div className="duel-board" data-testid="duel-board" data-board={board}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={boardInWords(board)}>
        <mask id={face}>
          <rect width={WIDTH} height={HEIGHT} fill="#fff" />
          {rows.flatMap((row) =>
            columns.map((column) => (
              <circle key={nameOf({ column, row })} cx={x(column)} cy={y(row)} r={HOLE} />
            )),
          )}
        </mask>
        <rect className="duel-back" width={WIDTH} height={HEIGHT} rx="34" />
        {discsOf(board).map((cell) => (
          <Placed
            key={nameOf(cell)}
            cell={cell}
            seat={cell.seat}
            falls={last !== null && nameOf(last) === nameOf(cell)}
            dimmed={winning.size > 0 && !winning.has(nameOf(cell))}
          />
        ))}
        {ghost !== null && (
          <g
            className={sent === null ? 'duel-ghost' : 'duel-ghost duel-sent'}
            transform={`translate(${x(ghost.column)} ${y(ghost.row)})`}
          >
            <Disc seat={dropping ?? 0} />
          </g>
        )}
        <rect className="duel-face" width={WIDTH} height={HEIGHT} rx="34" mask={`url(#${face})`} />
        {aim !== null && (
          <rect
            className="duel-aim"
            x={EDGE + aim * CELL + 3}
            y={EDGE / 2}
            width={CELL - 6}
            height={HEIGHT - EDGE}
            rx="20"
          />
        )}
        {last !== null && winning.size === 0 && <Ring cell={last} name="duel-last" />}
        {winningCells(board).map((cell) => (
          <Ring key={nameOf(cell)} cell={cell} name="duel-four" />
        ))}
      </svg>
      <Columns board={board} dropping={dropping} onAim={setAimed} onDrop={onDrop} />
    </div>
  );
}

interface PlacedProps {
  cell: Cell;
  seat: number;
  falls: boolean;
  dimmed: boolean;
}

function Placed({ cell, seat, falls, dimmed }: PlacedProps) {
  return (
    <g transform={`translate(${x(cell.column)} ${y(cell.row)})`} opacity={dimmed ? 0.45 : 1}>
      <g className={falls ? 'duel-falls' : undefined} data-height={ROWS - cell.row}>
        <Disc seat={seat} />
      </g>
    </g>
  );
}

function Ring({ cell, name }: { cell: Cell; name: string }) {
  return <circle className={name} cx={x(cell.column)} cy={y(cell.row)} r={HOLE + 5} />;
}

interface ColumnsProps {
  board: string;
  dropping: number | null;
  onAim(column: number | null): void;
  onDrop(column: number): void;
}

/** One button a column; the arrows go from one to the next. */
function Columns({ board, dropping, onAim, onDrop }: ColumnsProps) {
  const [at, setAt] = useState(Math.floor(COLUMNS / 2));
  const list = useRef<HTMLDivElement>(null);

  function onKey(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (at + step + COLUMNS) % COLUMNS;
    setAt(next);
    (list.current?.children[next] as HTMLElement | undefined)?.focus();
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the buttons in it have the keys
    <div className="duel-columns" ref={list} onKeyDown={onKey} onPointerLeave={() => onAim(null)}>
      {columns.map((column) => {
        const free = landing(board, column) !== null;
        return (
          <button
            key={column}
            type="button"
            data-testid={`duel-column-${column + 1}`}
            tabIndex={column === at ? 0 : -1}
            aria-disabled={dropping === null || !free}
            aria-label={`Column ${column + 1}: ${columnInWords(board, column)}`}
            onPointerEnter={(event) => event.pointerType !== 'touch' && onAim(column)}
            onFocus={(event) => {
              setAt(column);
              if (event.currentTarget.matches(':focus-visible')) onAim(column);
            }}
            onBlur={() => onAim(null)}
            onClick={() => dropping !== null && free && onDrop(column)}
          />
        );
      })}
    </div>
  );
}

/** 1 to 7 drop a disc from anywhere on the page where digits have no other use. */
function useColumnKeys(active: boolean, drop: (column: number) => void): void {
  const onKey = useEffectEvent((event: globalThis.KeyboardEvent) => {
    const column = Number(event.key) - 1;
    if (!active || !columns.includes(column) || event.repeat) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { target } = event;
    if (target instanceof Element && target.closest('input, select, textarea')) return;
    if (document.querySelector('dialog[open]')) return;
    drop(column);
  });
  useEffect(() => {
    const listener = (event: globalThis.KeyboardEvent) => onKey(event);
    addEventListener('keydown', listener);
    return () => removeEventListener('keydown', listener);
  }, []);
}

/** From the bottom up. */
function columnInWords(board: string, column: number): string {
  const discs = rows.flatMap((row) => DISCS[discAt(board, { column, row }) ?? -1] ?? []);
  if (discs.length === 0) return 'empty';
  return `${discs.join(', ')}${discs.length === ROWS ? ', full' : ''}`;
}

function boardInWords(board: string): string {
  const filled = columns.filter((column) => discAt(board, { column, row: 0 }) !== null);
  if (filled.length === 0) return 'The board is empty.';
  const words = filled.map((column) => `column ${column + 1}: ${columnInWords(board, column)}`);
  return `From the bottom up, ${words.join('; ')}.`;
}
