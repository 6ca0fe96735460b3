import assert from 'node:assert/strict';
import type pg from 'pg';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { placeBets } from '../../src/ledger/place.ts';
import type { PlaceBet } from '../../src/ledger/types.ts';
import { seeded } from '../long/seeded.ts';
import {
  contend,
  crowd,
  noticeDeadlocksAtOnce,
  onError,
  PROCESSES,
  shuffled,
} from './contention.ts';
import { type Books, bet, openBooks, type Player } from './fixture.ts';
import { chosenSeed } from './model/run.ts';

const SEED = chosenSeed();

describe('ledger/locks', () => {
  let books: Books;

  beforeEach(async () => {
    books = await openBooks();
    await noticeDeadlocksAtOnce(books);
  });
  afterEach(() => books.close());

  it(`[M10] [Bug 12] batches over the same wallets in random orders, from several processes, never deadlock (SEED=${SEED})`, async function () {
    this.timeout(30_000);
    const { deadlocks, errors } = await crowd(books, SEED);
    assert.deepEqual(errors, []);
    assert.equal(deadlocks, 0);
    await books.assertSound();
  });

  it('[M10] [Bug 12] the same ids sent by two players in opposite orders do not deadlock on the ids', async () => {
    const table = await books.table();
    const players = (await books.players(3, 100)) as [Player, Player, Player];
    const ids = { x: idOf(1), held: idOf(2), y: idOf(3) };
    const batch = (player: Player, ...names: (keyof typeof ids)[]) =>
      names.map((name) => bet(table, player, 1, {}, ids[name]));
    const place = (ledger: Ledger, bets: PlaceBet[]) =>
      Promise.allSettled(bets.map((b) => ledger.placeBet(b)));

    const { deadlocks } = await contend(books, async (process, { ledger }) => {
      if (process > 0) return;
      const { ledger: other } = books;
      onError(books.db, ({ code }) => assert.notEqual(code, '40P01', 'a deadlock'));
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
    const random = seeded(SEED);
    const tables = await Promise.all(Array.from({ length: PROCESSES }, () => books.table()));
    for (const table of tables) {
      const bets = shuffled(players, random).map((p) =>
        bet(table, p, 10, { autoCashout: 101 + Math.floor(random() * 300) }),
      );
      await Promise.all(bets.map((b) => books.ledger.placeBet(b)));
      await books.lockAndEnd(table.room, table.roundId, 250);
    }
    const { deadlocks, errors } = await contend(books, async (process) => {
      const { room, roundId } = tables[process] as (typeof tables)[number];
      await books.settle(room, roundId, 250);
    });
    assert.deepEqual([deadlocks, errors], [0, []]);
    await books.assertSound();
  });

  it("[Bug 13] batches in flight do not starve the pool: every statement of the ledger is one connection's", async () => {
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
