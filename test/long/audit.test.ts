import assert from 'node:assert/strict';
import { lastMark, proveBooks } from '../../src/ledger/audit/prove.ts';
import { HashChain, ledgerHead } from '../../src/ledger/hash-chain.ts';
import { sealAll } from '../ledger/corruptions.ts';
import { type Books, bet, cashOut, openBooks, silent } from '../ledger/fixture.ts';

const PLAY_MS = 60_000;
const PLAYERS = 60;
const TABLES = 6;
const BETS_OF_A_ROUND = 25;

describe('long: audits beside running play', function () {
  this.timeout(PLAY_MS * 4);
  let books: Books;

  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());

  it('[M12] every audit is sound, complete or incremental, and the head of any time stays in the chain', async () => {
    const players = await books.players(PLAYERS, 100_000);
    const node = await books.node();
    const chain = new HashChain(books.db, silent);
    chain.start();
    let playing = true;
    const done = { bets: 0, rounds: 0 };

    async function play(first: number): Promise<void> {
      const room = await books.room(node);
      for (let number = 1; playing; number++) {
        const table = { room, roundId: await books.round(room, number) };
        const bets = Array.from({ length: BETS_OF_A_ROUND }, (_, n) => {
          const player = players[(first + n) % PLAYERS];
          assert.ok(player);
          return bet(table, player, 1 + (n % 9), n % 3 === 0 ? { autoCashout: 150 } : {});
        });
        await Promise.all(bets.map((b) => books.ledger.placeBet(b)));
        const early = bets.filter((_, n) => n % 4 === 0);
        await Promise.all(early.map((b) => books.ledger.resolveBet(cashOut(b, 120))));
        await books.settle(room, table.roundId, number % 5 === 0 ? null : 100 + (number % 100));
        done.bets += bets.length;
        done.rounds += 1;
      }
    }
    const tables = Promise.allSettled(Array.from({ length: TABLES }, (_, n) => play(n * 10)));

    const audits = { complete: 0, incremental: 0 };
    const heads: { block: number; hash: string }[] = [];
    const started = performance.now();
    try {
      while (performance.now() - started < PLAY_MS) {
        const incremental = audits.incremental < 4 * (audits.complete || 1) && audits.complete > 0;
        const published = heads[Math.floor(heads.length / 2)];
        const report = await proveBooks(books.db, () => {}, { incremental, head: published });
        assert.deepEqual(report.findings, []);
        audits[report.kind] += 1;
        const head = await ledgerHead(books.db.pool);
        if (head) heads.push(head);
      }
    } finally {
      playing = false;
      await tables;
      await chain.stop();
    }
    for (const end of await tables) if (end.status === 'rejected') throw end.reason;
    await sealAll(books);
    for (const incremental of [true, false]) {
      const report = await proveBooks(books.db, () => {}, { incremental, head: heads[0] });
      assert.deepEqual(report.findings, []);
    }
    const head = await ledgerHead(books.db.pool);
    assert.equal((await lastMark(books.db.pool))?.blockId, head?.block);
    assert.equal(head?.transactions, await books.count('transactions'));
    console.log(
      `      ${done.rounds} rounds, ${done.bets} bets, ${head?.transactions} transactions in ${head?.block} blocks; ` +
        `${audits.complete} complete and ${audits.incremental} incremental audits meanwhile`,
    );
  });
});
