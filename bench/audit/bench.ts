/**
 * `npm run bench -- audit`: how long it takes to seal and to prove books of many bets, completely and from a mark on,
 * and how much memory this process and the database's own take for it. Two bets make three transactions.
 */

import { lastMark, proveBooks } from '../../src/ledger/audit/prove.ts';
import { audit } from '../../src/ledger/audit.ts';
import { sealWithin } from '../../src/ledger/hash-chain.ts';
import type { Bench, Report, Surroundings } from '../bench.ts';
import { betsOf } from '../ledger/bets.ts';
import { Books, type Size } from '../ledger/books.ts';
import { addHistory } from '../ledger/history.ts';
import { median } from '../statistics.ts';
import { short, tableOf, whole } from '../table.ts';
import { type Peak, peakOf } from './memory.ts';

const FULL: Size = { players: 10_000, rooms: 100 };
const QUICK: Size = { players: 200, rooms: 10 };
/** Bets that are placed between a mark and the audit that goes on from it. */
const NEW_BETS = 10_000;
const NEW_BETS_QUICK = 500;
/** A complete audit of great books takes a while: no more than this many. */
const MAX_REPEATS = 3;
const SEAL_WITHIN_MS = 60_000;

interface Row extends Peak {
  readonly what: string;
  readonly transactions: number;
  readonly seconds: number;
}

export const auditing: Bench = async (surroundings): Promise<Report> => {
  const { options } = surroundings;
  const store = await surroundings.store();
  const size = options.quick ? QUICK : FULL;
  const books = await Books.open(store.url, `roundhouse_bench_${process.pid}_audit`, size);
  try {
    const { rows, unsound } = await measure(books, surroundings);
    const head = ['what', 'transactions', 'seconds', 'a second', 'Node MB', 'database MB'];
    const cells = rows.map((row) => [
      row.what,
      whole(row.transactions),
      short(row.seconds),
      whole(row.transactions / row.seconds),
      whole(row.nodeMb),
      row.databaseMb === null ? '-' : whole(row.databaseMb),
    ]);
    const verdict = unsound.length === 0 ? 'Everything was sound.' : unsound.join('\n');
    const text = `${tableOf(head, cells, 1)}\n\nMemory: the greatest at any time; the database's is that of its two
processes together, without shared buffers.\n${verdict}`;
    return { ok: unsound.length === 0, text, figures: { rows, unsound } };
  } finally {
    await books.close();
  }
};

async function measure(books: Books, { options, log, signal }: Surroundings) {
  const rows: Row[] = [];
  const unsound: string[] = [];
  const prove = async (what: string, mark?: Awaited<ReturnType<typeof lastMark>>) => {
    signal.throwIfAborted();
    const { result, ...peak } = await peakOf(books.db, () =>
      audit(books.db, {
        mark,
        onProgress: ({ seconds, checks }) => log(`  ${seconds} s: ${checks}`),
      }),
    );
    unsound.push(...result.findings.map(({ check }) => `${what}: ${check}`));
    rows.push({
      what,
      transactions: result.counted.transactions ?? 0,
      seconds: result.seconds,
      ...peak,
    });
    return result.seconds;
  };

  log(`Storing ${options.stored} bets ...`);
  await addHistory(books, options.stored, log, signal);
  log('Sealing ...');
  const started = performance.now();
  const { result: sealed, ...peak } = await peakOf(books.db, () =>
    sealWithin(books.db.pool, SEAL_WITHIN_MS),
  );
  const seconds = (performance.now() - started) / 1_000;
  rows.push({ what: 'sealing', transactions: sealed?.transactionId ?? 0, seconds, ...peak });

  const repeats = Math.min(options.repeats, MAX_REPEATS);
  const times: number[] = [];
  while (times.length < repeats) times.push(await prove(`complete, ${times.length + 1}`));
  log(`Median of complete audits: ${short(median(times))} s.`);

  await proveBooks(books.db, log);
  const mark = await lastMark(books.db.pool);
  const count = options.quick ? NEW_BETS_QUICK : NEW_BETS;
  const next = betsOf(books.ours, 'many rooms', count);
  await Promise.all(Array.from({ length: count }, () => books.ledger.placeBet(next())));
  await prove('incremental', mark);
  return { rows, unsound };
}
