/** The cells of the tables: what is measured, in which books, with which way, and the windows measured so far. */
import { v4 as uuidv4 } from 'uuid';
import type { Options } from '../options.ts';
import { closedLoop, openLoop, type Window } from '../window.ts';
import { betsOf, LOADS, type Load } from './bets.ts';
import type { Books } from './books.ts';
import { bounded } from './bounded.ts';
import { settleInTransactions, settleOurs } from './settlement.ts';
import type { Way } from './way.ts';
import { CLIENTS, others, ours } from './ways.ts';

export type Part = 'closed loop' | 'open loop' | 'settlement';

export interface Shelf {
  readonly books: Books;
  /** How many bets were in these books before the run. */
  readonly stored: number;
}

export interface Cell {
  readonly part: Part;
  readonly load: string;
  readonly way: Way;
  readonly shelf: Shelf;
  /** For --only, and for finding a cell again. */
  readonly name: string;
  readonly windows: Window[];
  measure(): Promise<Window>;
}

const WARM_MS = 400;
const QUICK_WARM_MS = 50;
/** More than any way answers; what is made beforehand and not sent costs nothing in the window. */
const MADE_PER_SECOND = { ours: 40_000, others: 10_000 };
const FULL = {
  clients: CLIENTS,
  inFlight: [64, 256, 1_024],
  rates: [1_000, 3_000, 10_000],
  rounds: [10, 1_000, 100_000],
};
const QUICK = { clients: 8, inFlight: [64], rates: [1_000], rounds: [10, 100] };
/** Rounds that one transaction for each bet can settle in a reasonable time. */
const MAX_ROUND_OF_OTHERS = 1_000;

export function cellsOf(options: Options, shelves: readonly Shelf[]): Cell[] {
  const cells = [
    ...closedLoops(options, shelves),
    ...openLoops(options, shelves),
    ...settlements(options, shelves),
  ];
  return cells.filter(({ name }) => options.only === undefined || options.only.test(name));
}

function closedLoops(options: Options, shelves: readonly Shelf[]): Cell[] {
  const { clients, inFlight } = variants(options);
  const { sequelize, raw, statement } = others(clients);
  const most = Math.max(...inFlight);
  const cells: Cell[] = [];
  const add = (load: Load, way: Way, newId?: () => string) => {
    for (const shelf of shelves) {
      cells.push(
        cell('closed loop', load, way, shelf, async () => {
          const times = timesOf(options);
          const next = betsOf(shelf.books[way.side], load, beforehand(way, times), newId);
          const opened = await way.open(shelf.books);
          try {
            return await closedLoop(opened.place, next, way.inFlight, times);
          } finally {
            await opened.close();
          }
        }),
      );
    }
  };
  // Loads beside each other, and books beside each other: it is these that are compared most closely.
  for (const way of [sequelize, raw, statement, ...inFlight.map((n) => ours(n))]) {
    for (const load of LOADS) add(load, way);
  }
  const many = most.toLocaleString('en');
  add('many rooms', ours(most, `ours, ${many}, ids of version 4`), uuidv4);
  return cells;
}

function openLoops(options: Options, shelves: readonly Shelf[]): Cell[] {
  const { clients, rates } = variants(options);
  const { sequelize, raw, statement } = others(clients);
  return [sequelize, raw, statement, ours(Number.POSITIVE_INFINITY, 'ours')].flatMap((way) =>
    rates.flatMap((rate) =>
      shelves.map((shelf) =>
        cell('open loop', `${rate.toLocaleString('en')} a second`, way, shelf, async () => {
          const times = timesOf(options);
          const count = Math.ceil((rate * (times.ms + times.warmMs)) / 1_000);
          const next = betsOf(shelf.books[way.side], 'many rooms', count);
          const opened = await way.open(shelf.books);
          const door = bounded(opened.place, way.inFlight);
          try {
            return await openLoop(door.send, next, rate, times);
          } finally {
            await door.shut();
            await opened.close();
          }
        }),
      ),
    ),
  );
}

function settlements(options: Options, shelves: readonly Shelf[]): Cell[] {
  const { clients, rounds } = variants(options);
  const { sequelize, raw } = others(clients);
  return rounds.flatMap((bets) =>
    [sequelize, raw, ours(0, 'ours')].flatMap((way) => {
      if (way.side === 'others' && bets > MAX_ROUND_OF_OTHERS) return [];
      const settle = way.side === 'ours' ? settleOurs : settleInTransactions;
      return shelves.map((shelf) =>
        cell('settlement', `round of ${bets.toLocaleString('en')}`, way, shelf, () =>
          settle(shelf.books, way, bets),
        ),
      );
    }),
  );
}

function cell(
  part: Part,
  load: string,
  way: Way,
  shelf: Shelf,
  measure: () => Promise<Window>,
): Cell {
  const name = `${part}, ${load}, ${way.name}, ${shelf.stored.toLocaleString('en')} stored`;
  return { part, load, way, shelf, name, windows: [], measure };
}

function variants({ quick }: Options) {
  return quick ? QUICK : FULL;
}

function timesOf(options: Options) {
  return { warmMs: options.quick ? QUICK_WARM_MS : WARM_MS, ms: options.seconds * 1_000 };
}

function beforehand(way: Way, times: { warmMs: number; ms: number }): number {
  return Math.ceil((MADE_PER_SECOND[way.side] * (times.warmMs + times.ms)) / 1_000);
}
