/** Several processes that fight over the same few wallets, and what the fight costs (M10). */
import type { Database } from '../../src/database/connection.ts';
import { seeded } from '../long/seeded.ts';
import { type Books, bet, cashOut, type Player } from './fixture.ts';

export const PROCESSES = 4;
const ROUNDS = 2;
const BATCHES = 5;
const BETS_PER_BATCH = 8;
const WALLETS = 12;

export interface Fight {
  /** Deadlocks that the processes met. */
  readonly deadlocks: number;
  /** What reached a caller. */
  readonly errors: readonly unknown[];
}

/** A deadlock costs milliseconds then; what counts is whether there is one. For connections that are opened later. */
export async function noticeDeadlocksAtOnce(books: Books): Promise<void> {
  await books.rows(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''10ms''',
    current_database()); END $$`);
}

/** `retried: false`: what the ledger repeats when it meets a deadlock fails then. */
export async function contend(
  books: Books,
  work: (process: number, its: Awaited<ReturnType<Books['another']>>) => Promise<unknown>,
  { retried = true } = {},
): Promise<Fight> {
  const processes = await Promise.all(Array.from({ length: PROCESSES }, () => books.another()));
  let deadlocks = 0;
  for (const { db } of processes) {
    onError(db, (error) => {
      if (error.code !== '40P01') return;
      deadlocks += 1;
      if (!retried) throw new Error('a deadlock, not retried');
    });
  }
  const answers = await Promise.allSettled(processes.map((its, at) => work(at, its)));
  await books.closeOthers();
  const errors = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  return { deadlocks, errors };
}

/** Stakes, cash-outs, grants and settlements over the same few wallets, in random orders, from many processes. */
export async function crowd(books: Books, seed: number, options = {}): Promise<Fight> {
  const players = await books.players(WALLETS, 100_000);
  return contend(
    books,
    async (process, { ledger }) => {
      const random = seeded(seed + process);
      const room = await books.room();
      for (let number = 1; number <= ROUNDS; number++) {
        const table = { room, roundId: await books.round(room, number) };
        for (let batch = 0; batch < BATCHES; batch++) {
          const bets = shuffled(players, random)
            .slice(0, BETS_PER_BATCH)
            .map((player) => bet(table, player, 1 + process));
          await Promise.all(bets.map((b) => ledger.placeBet(b)));
          const paid = shuffled(bets, random).slice(0, BETS_PER_BATCH / 2);
          const one = players[Math.floor(random() * players.length)] as Player;
          await Promise.all([
            ...paid.map((b) => ledger.resolveBet(cashOut(b, 250))),
            ledger.grant(one.userId, 1, crypto.randomUUID(), 'a present'),
            ledger.placeBet(bet(table, one, 1)),
          ]);
        }
        await books.settle(table.room, table.roundId, 150);
      }
    },
    options,
  );
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** Sees each error of a statement before the ledger does, and may throw another. */
export function onError(db: Database, seen: (error: { code?: string }) => void): void {
  const query = db.pool.query.bind(db.pool) as (...given: unknown[]) => Promise<unknown>;
  Object.assign(db.pool, {
    query: (...given: unknown[]) =>
      query(...given).catch((error: { code?: string }) => {
        seen(error);
        throw error;
      }),
  });
}
