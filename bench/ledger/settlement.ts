/** The end of a round: how long it takes from its outcome until every bet is resolved and paid. */
import { roundByName } from '../../src/games/registry.ts';
import { settle } from '../../src/ledger/settlement.ts';
import type { OpenBet, PlaceBet } from '../../src/ledger/types.ts';
import { latencyOf } from '../statistics.ts';
import type { Window } from '../window.ts';
import { betOn } from './bets.ts';
import { type Books, GAME, type Table } from './books.ts';
import type { Way } from './way.ts';
import { others } from './ways.ts';

/** Small rounds are over too soon to be measured alone. */
const BETS_AT_LEAST = 100;
const PLACED_AT_ONCE = 2_000;
/** Half of the bets have asked for less, and are paid. */
const OUTCOME = { crashPoint: 150 };
const PAID = { autoCashout: 150 };
const LOST = { autoCashout: 151 };

/** As a room does it: the open bets are at hand, the round is closed at the end. */
export async function settleOurs(books: Books, _way: Way, size: number): Promise<Window> {
  const { ledger } = books;
  const game = roundByName(GAME);
  return await rounds(size, async () => {
    const table = await books.table();
    const bets = betsOn(table, books, 'ours', size);
    await inTurns(bets, (bet) => ledger.placeBet(bet));
    await ledger.rounds.lock(table.room, table.roundId);
    await ledger.rounds.end(table.room, table.roundId, OUTCOME, '5e'.repeat(32));
    const open: OpenBet[] = bets.map(({ betId, userId, amount, selection }) => ({
      betId,
      userId,
      amount,
      selection,
    }));
    return async () => {
      await settle(ledger, game, table.room, table.roundId, OUTCOME, open);
    };
  });
}

/** A transaction for each bet, as many at a time as the way has connections. The round itself is not closed. */
export async function settleInTransactions(books: Books, way: Way, size: number): Promise<Window> {
  const placing = await others(way.inFlight).statement.open(books);
  const opened = await way.open(books);
  const { resolve } = opened;
  if (!resolve) throw new Error(`${way.name} does not resolve bets`);
  try {
    return await rounds(size, async () => {
      const table = books.others.tables[0] as Table;
      const bets = betsOn(table, books, 'others', size);
      await inTurns(bets, placing.place);
      return async () => {
        let next = 0;
        const client = async () => {
          for (let at = next++; at < bets.length; at = next++) {
            const bet = bets[at] as PlaceBet;
            const payout = bet.selection === PAID ? Math.floor(bet.amount * 1.5) : 0;
            await resolve({ bet, payout });
          }
        };
        await Promise.all(Array.from({ length: way.inFlight }, client));
      };
    });
  } finally {
    await opened.close();
    await placing.close();
  }
}

/** Prepares a round and times what it answers, one after another. */
async function rounds(size: number, prepare: () => Promise<() => Promise<void>>): Promise<Window> {
  const times: number[] = [];
  let cpu = 0;
  do {
    const work = await prepare();
    const before = process.cpuUsage();
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
    const { user, system } = process.cpuUsage(before);
    cpu += user + system;
  } while (times.length * size < BETS_AT_LEAST);
  const seconds = times.reduce((sum, ms) => sum + ms, 0) / 1_000;
  return {
    rate: (times.length * size) / seconds,
    refusedRate: 0,
    answered: 1,
    latency: latencyOf(times),
    cpu: cpu / 1e6 / seconds,
  };
}

function betsOn(table: Table, books: Books, side: 'ours' | 'others', size: number): PlaceBet[] {
  return Array.from({ length: size }, (_, n) => ({
    ...betOn(table, books[side]),
    selection: n % 2 === 0 ? PAID : LOST,
  }));
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < items.length; at += PLACED_AT_ONCE) {
    await Promise.all(items.slice(at, at + PLACED_AT_ONCE).map(work));
  }
}
