/**
 * `npm run bench -- ledger`: our way to place and settle bets beside the usual ones, in one database, in windows that
 * take turns, with none and with many bets in the books; and at the end the proof that our books are sound.
 */
import type { Bench, Surroundings } from '../bench.ts';
import { Books, type Size } from './books.ts';
import { type Cell, cellsOf, type Shelf } from './cells.ts';
import { addHistory } from './history.ts';
import { figuresOf, textOf } from './report.ts';

const FULL: Size = { players: 10_000, rooms: 100 };
const QUICK: Size = { players: 200, rooms: 10 };
/** Books that count as empty are emptied when they have more bets than this. */
const EMPTY_ENOUGH = 200_000;

export const ledger: Bench = async (surroundings) => {
  const { options, log } = surroundings;
  const store = await surroundings.store();
  const size = options.quick ? QUICK : FULL;
  const opened: Books[] = [];
  const shelves: Shelf[] = [];
  const unsound: string[] = [];
  const prove = async ({ books, stored }: Shelf) => {
    const found = await books.unsound();
    unsound.push(...found.map((line) => `${stored} stored: ${line}`));
  };
  try {
    log(`${size.players} players and ${size.rooms} rooms for our way, and as many for the others.`);
    const add = async (kind: string, bets: number) => {
      const books = await Books.open(store.url, `roundhouse_bench_${process.pid}_${kind}`, size);
      opened.push(books);
      shelves.push({ books, stored: bets > 0 ? await fill(books, bets, surroundings) : 0 });
    };
    await add('none', 0);
    if (options.stored > 0) await add('many', options.stored);
    const cells = cellsOf(options, shelves);
    log(`${cells.length} figures, each the median of ${options.repeats} windows.`);
    await measureAll(surroundings, cells, prove);
    log('Proving the books ...');
    for (const shelf of shelves) await prove(shelf);
    return {
      ok: unsound.length === 0,
      text: textOf(cells, unsound, options.quick),
      figures: { ...size, unsound, ...figuresOf(cells) },
    };
  } finally {
    for (const books of opened) await books.close();
  }
};

async function fill(books: Books, bets: number, { log, signal }: Surroundings): Promise<number> {
  log(`Storing ${bets} bets ...`);
  const started = performance.now();
  const stored = await addHistory(books, bets, log, signal);
  log(`${stored} bets are stored, after ${Math.round((performance.now() - started) / 1_000)} s.`);
  return stored;
}

/** All cells once, then all again: what slows the machine down for a while meets all of them. */
async function measureAll(
  { options, signal, log }: Surroundings,
  cells: readonly Cell[],
  prove: (shelf: Shelf) => Promise<void>,
): Promise<void> {
  for (let repeat = 1; repeat <= options.repeats; repeat++) {
    for (const cell of repeat % 2 === 1 ? cells : cells.toReversed()) {
      signal.throwIfAborted();
      const { shelf } = cell;
      if (shelf.stored === 0 && (await shelf.books.count()) > EMPTY_ENOUGH) {
        await prove(shelf);
        await shelf.books.clear();
      }
      const window = await cell.measure();
      cell.windows.push(window);
      log(`  ${repeat}/${options.repeats}  ${cell.name}: ${Math.round(window.rate)} a second`);
    }
  }
}
