import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import type pg from 'pg';
import type { Database } from '../../src/database/connection.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { placeBets } from '../../src/ledger/place.ts';
import type { PlaceBet } from '../../src/ledger/types.ts';
import { type Books, bet, cashOut, openBooks, type Player } from './fixture.ts';
import { weaken } from './weaken.ts';

const PROCESSES = 4;
const ROUNDS = 2;
const BATCHES = 5;
const BETS_PER_BATCH = 8;

describe('ledger/locks', () => {
  let books: Books;

  beforeEach(async () => {
    books = await openBooks();
    // So that a deadlock costs milliseconds; what counts is whether there is one.
    await books.rows(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''10ms''',
      current_database()); END $$`);
  });
  afterEach(() => books.close());

  /** Deadlocks that the processes met, and the errors that reached a caller. */
  async function contend(
    work: (process: number, books: Awaited<ReturnType<Books['another']>>) => Promise<unknown>,
  ) {
    const processes = await Promise.all(Array.from({ length: PROCESSES }, () => books.another()));
    let deadlocks = 0;
    for (const { db } of processes) countErrors(db, '40P01', () => (deadlocks += 1));
    const answers = await Promise.allSettled(processes.map((p, i) => work(i, p)));
    await books.closeOthers();
    const errors = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason] : [],
    );
    return { deadlocks, errors };
  }

  const shuffled = <T>(items: readonly T[]): T[] =>
    items
      .map((item) => ({ item, at: randomInt(2 ** 32) }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);

  /** Stakes, cash-outs, grants and settlements over the same few wallets, in random orders, from many processes. */
  async function battery() {
    const players = await books.players(12, 100_000);
    return contend(async (process, { ledger }) => {
      const room = await books.room();
      for (let number = 1; number <= ROUNDS; number++) {
        const table = { room, roundId: await books.round(room, number) };
        for (let batch = 0; batch < BATCHES; batch++) {
          const bets = shuffled(players)
            .slice(0, BETS_PER_BATCH)
            .map((p) => bet(table, p, 1 + process));
          await Promise.all(bets.map((b) => ledger.placeBet(b)));
          const paid = shuffled(bets).slice(0, BETS_PER_BATCH / 2);
          const one = players[randomInt(players.length)] as Player;
          await Promise.all([
            ...paid.map((b) => ledger.resolveBet(cashOut(b, 250))),
            ledger.grant(one.userId, 1, crypto.randomUUID(), 'a present'),
            ledger.placeBet(bet(table, one, 1)),
          ]);
        }
        await books.settle(table.room, table.roundId, 150);
      }
    });
  }

  it('[M10] (bug 12) batches over the same wallets in random orders, from several processes, never deadlock', async function () {
    this.timeout(30_000);
    const { deadlocks, errors } = await battery();
    assert.deepEqual(errors, []);
    assert.equal(deadlocks, 0);
    await books.assertSound();
  });

  it('[M10] (bug 12) the battery has teeth: with wallets locked in any order it meets deadlocks', async function () {
    this.timeout(30_000);
    // The same wallets, locked in the order of arrival before they are locked in theirs.
    const ordered = 'SELECT array_agg(l.id), array_agg(l.balance), array_agg(l.seq) INTO';
    await weaken(books, 'place_bets', [
      ordered,
      `FOR i IN 1..n LOOP
         PERFORM 1 FROM wallets x WHERE x.id = p_wallet_ids[p_wallet_at[i]] FOR NO KEY UPDATE;
       END LOOP;
       ${ordered}`,
    ]);
    const { deadlocks } = await battery();
    assert.ok(deadlocks > 0);
    // Retried, they have cost time and nothing else.
    await books.assertSound();
  });

  it('[M10] (bug 12) the same ids sent by two players in opposite orders do not deadlock on the ids', async () => {
    const table = await books.table();
    const players = (await books.players(3, 100)) as [Player, Player, Player];
    const ids = { x: idOf(1), held: idOf(2), y: idOf(3) };
    const batch = (player: Player, ...names: (keyof typeof ids)[]) =>
      names.map((name) => bet(table, player, 1, {}, ids[name]));
    const place = (ledger: Ledger, bets: PlaceBet[]) =>
      Promise.allSettled(bets.map((b) => ledger.placeBet(b)));

    const { deadlocks } = await contend(async (process, { ledger }) => {
      if (process > 0) return;
      const { ledger: other } = books;
      countErrors(books.db, '40P01', () => assert.fail('a deadlock'));
      // The first waits for an id in its middle, the second for the first; then the first goes on to its last.
      let waiting: Promise<unknown>[] = [];
      const rolledBack = books.inTransaction(async (client) => {
        await placeBets(client as unknown as pg.Pool, batch(players[2], 'held'));
        waiting = [place(ledger, batch(players[0], 'x', 'held', 'y'))];
        await books.waiting(1);
        waiting.push(place(other, batch(players[1], 'y', 'x')));
        await books.waiting(2);
        throw new Error('rolled back');
      });
      await assert.rejects(rolledBack, /rolled back/);
      await Promise.all(waiting);
    });
    assert.equal(deadlocks, 0);
    const entered = await books.rows('SELECT wallet_id FROM bets ORDER BY id');
    assert.deepEqual(entered, Array(3).fill({ wallet_id: players[0].walletId }));
    await books.assertSound();
  });

  it('[M10] settlements of several rooms with the same players, at once from several processes, never deadlock', async () => {
    const players = await books.players(30, 100_000);
    const tables = await Promise.all(Array.from({ length: PROCESSES }, () => books.table()));
    for (const table of tables) {
      const bets = shuffled(players).map((p) =>
        bet(table, p, 10, { autoCashout: 101 + randomInt(300) }),
      );
      await Promise.all(bets.map((b) => books.ledger.placeBet(b)));
      await books.lockAndEnd(table.room, table.roundId, 250);
    }
    const { deadlocks, errors } = await contend(async (process) => {
      const { room, roundId } = tables[process] as (typeof tables)[number];
      await books.settle(room, roundId, 250);
    });
    assert.deepEqual([deadlocks, errors], [0, []]);
    await books.assertSound();
  });

  it("(bug 13) batches in flight do not starve the pool: every statement of the ledger is one connection's", async () => {
    const tables = await Promise.all(Array.from({ length: 12 }, () => books.table()));
    const players = await books.players(12, 1_000);
    // More at once than the pool has connections; each is one statement and waits for none while it holds another.
    const all = tables.flatMap((table, i) => {
      const player = players[i] as Player;
      return [
        books.ledger.placeBet(bet(table, player, 10)),
        books.ledger.grant(player.userId, 1, crypto.randomUUID(), 'a present'),
        books.ledger.rounds
          .lock(table.room, table.roundId)
          .then(() =>
            books.ledger.rounds.end(
              table.room,
              table.roundId,
              { crashPoint: 100 },
              '5e'.repeat(32),
            ),
          ),
        books.ledger.walletIdOf(player.userId),
      ];
    });
    await Promise.allSettled(all);
    for (const { room, roundId } of tables) await books.settle(room, roundId, 100);
    assert.equal(books.db.pool.waitingCount, 0);
    await books.assertSound();
  });
});

function idOf(i: number): string {
  return `01890a5d-ac96-774b-bcce-${`${i}`.padStart(12, '0')}`;
}

function countErrors(db: Database, state: string, count: () => void): void {
  const query = db.pool.query.bind(db.pool) as (...given: unknown[]) => Promise<unknown>;
  Object.assign(db.pool, {
    query: (...given: unknown[]) =>
      query(...given).catch((error: { code?: string }) => {
        if (error.code === state) count();
        throw error;
      }),
  });
}
