/**
 * Bugs that such systems have had, each under its number: those that no other test names in its title, and the proof
 * that each number is named by some title (`grep -rn "\[Bug 12\]" test`).
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import { openDatabase } from '../../src/database/connection.ts';
import { audit } from '../../src/ledger/audit.ts';
import { grant, purchase, sale } from '../../src/ledger/postings.ts';
import { type Books, bet, cashOut, code, openBooks, type Player, silent } from './fixture.ts';

type Outcome = PromiseSettledResult<unknown>;

const BUGS = 19;
const RACES = 8;
const MAX_BALANCE = 1_000_000_000_000_000;
const TESTS = fileURLToPath(new URL('..', import.meta.url));

describe('ledger/bugs', () => {
  let books: Books;

  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());
  afterEach(async () => {
    await books.closeOthers();
    await books.assertSound();
  });

  /** Coins across the counter. */
  const deal = ({ userId }: Player, amount: number, id = uuidv7()) => ({
    id,
    userId,
    currency: 'COIN',
    amount,
  });

  it('[Bug 6] a live variable used after an await: a bet that waited in its lane while its round ended is refused, and not entered in the next', async () => {
    const { room, roundId } = await books.table();
    const other = await books.table();
    const [held, late] = await books.pair(100);
    const { ledger } = await books.another();
    const { answers, next } = await books.inTransaction(async (client) => {
      await client.query('SELECT 1 FROM wallets WHERE id = $1 FOR UPDATE', [held.walletId]);
      // The first is in flight and waits; the second waits for it in the lane, with its round in its hand.
      const first = books.ledger.placeBet(bet(other, held, 10));
      await books.waiting();
      const second = books.ledger.placeBet(bet({ room, roundId }, late, 10));
      second.catch(() => {});
      await ledger.rounds.lock(room, roundId);
      await ledger.rounds.end(room, roundId, { crashPoint: 150 }, '5e'.repeat(32));
      await ledger.rounds.close(room, roundId);
      const opened = { ...(await books.roundToOpen(room)), number: 2 };
      await ledger.rounds.open(room, opened);
      return { answers: [first, second] as const, next: opened.id };
    });
    assert.equal((await answers[0]).balance, 90);
    await assert.rejects(answers[1], code('BETTING_CLOSED'));
    assert.equal(await books.count('bets', 'round_id = ANY ($1)', [[roundId, next]]), 0);
    assert.equal(await books.balance(late), 100);
  });

  it('[Bug 10] a non-unique idempotency index: what names a bet, a posting, a stake and a resolution is unique', async () => {
    const unique = await books.rows<{ definition: string }>(
      `SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index
       WHERE indisunique AND indisvalid AND indrelid = ANY ($1::text[]::regclass[])`,
      [['bets', 'postings', 'transactions']],
    );
    const definitions = unique.map(({ definition }) => definition).join('\n');
    assert.match(definitions, /ON public\.bets USING btree \(id\)/);
    assert.match(definitions, /ON public\.postings USING btree \(id\)/);
    assert.match(definitions, /\(bet_id, \(\(amount > 0\)\)\) WHERE \(bet_id IS NOT NULL\)/);
    assert.match(definitions, /\(wallet_id, seq\)/);
  });

  it('[Bug 13] a query outside its transaction, the pool starved: with one connection alone everything still works', async () => {
    const db = await openDatabase(books.db.url, { poolSize: 1, logger: silent });
    try {
      const ledger = books.ledgerOn(db);
      const { room, roundId } = await books.table();
      const player = await books.player(100);
      const placing = bet({ room, roundId }, player, 10);
      await Promise.all([
        ledger.placeBet(placing),
        ledger.placeBet(bet({ room, roundId }, player, 10)),
        ledger.grant(player.userId, 5, uuidv7(), 'a present'),
        ledger.postings.post(purchase(deal(player, 5))),
      ]);
      // More than one statement in a transaction, each on the connection that it was given.
      await ledger.postings.together(async (client, post) => {
        await post(purchase(deal(player, 1)));
        await client.query('SELECT 1');
        await post(sale(deal(player, 1)));
      });
      await db.transact(async (transaction) => {
        const [rows] = await db.sequelize.query(
          "INSERT INTO users (username) VALUES ('pool-of-one') RETURNING id",
          { transaction },
        );
        const [user] = rows as { id: Player['userId'] }[];
        assert.ok(user);
        await ledger.openWallet(user.id, transaction);
      });
      await ledger.resolveBet(cashOut(placing, 200));
      assert.deepEqual((await audit(db)).findings, []);
      assert.equal(db.pool.waitingCount, 0);
    } finally {
      await db.close();
    }
  });

  it('[Bug 16] limits passed by parallel requests: a balance at its greatest is lifted by one of many grants and sales at once', async () => {
    const ledgers = [books.ledger, (await books.another()).ledger];
    const player = await books.player(0);
    await books.ledger.grant(player.userId, MAX_BALANCE - 10, uuidv7(), 'all but ten');
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => {
        const { postings } = ledgers[i % 2] as Books['ledger'];
        return postings.post(i < 4 ? grant(deal(player, 7)) : sale(deal(player, 7)));
      }),
    );
    const refused = answers.flatMap((a) => (a.status === 'rejected' ? [a.reason] : []));
    assert.equal(refused.length, 7);
    for (const reason of refused) code('LIMIT_EXCEEDED')(reason);
    assert.equal(await books.balance(player), MAX_BALANCE - 3);
  });

  it('[Bug 16] bet, then spend the same coin in town: the last coin goes to the bet or to the purchase, never to both', async () => {
    const { ledger } = await books.another();
    const table = await books.table();
    const outcomes = new Set<string>();
    for (let race = 0; race < RACES; race++) {
      const player = await books.player(50);
      const place = () => books.ledger.placeBet(bet(table, player, 50));
      const buy = () => ledger.postings.post(purchase(deal(player, 50)));
      // Both wait for the wallet when it becomes free, in turns the one and the other in front.
      const { sent } = await books.inTransaction(async (client) => {
        await client.query('SELECT 1 FROM wallets WHERE id = $1 FOR UPDATE', [player.walletId]);
        const [one, two] = race % 2 ? [place, buy] : [buy, place];
        const first = Promise.allSettled([one()]);
        await books.waiting(1);
        const second = Promise.allSettled([two()]);
        await books.waiting(2);
        return { sent: race % 2 ? [first, second] : [second, first] };
      });
      const [[placed], [bought]] = (await Promise.all(sent)) as [[Outcome], [Outcome]];
      assert.notEqual(placed.status, bought.status);
      for (const answer of [placed, bought]) {
        if (answer.status === 'rejected') code('INSUFFICIENT_FUNDS')(answer.reason);
      }
      assert.equal(await books.balance(player), 0);
      outcomes.add(placed.status);
    }
    assert.deepEqual([...outcomes].sort(), ['fulfilled', 'rejected']);
  });

  it('[Bug 16] bet, then spend the same coin in town: in this order, in the other, and with the payout in between', async () => {
    const table = await books.table();
    const player = await books.player(50);
    const placing = bet(table, player, 50);
    const spend = () => books.ledger.postings.post(purchase(deal(player, 50)));
    await books.ledger.placeBet(placing);
    await assert.rejects(spend(), code('INSUFFICIENT_FUNDS'));
    await books.ledger.resolveBet(cashOut(placing, 100));
    await spend();
    const again = books.ledger.placeBet(bet(table, player, 1));
    await assert.rejects(again, code('INSUFFICIENT_FUNDS'));
    assert.equal(await books.balance(player), 0);
  });

  it('each of the bugs, 1 to 19, is named by the title of a test', () => {
    const titles = testFiles(TESTS).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\b(?:it|describe)\(\s*(['"`])([^\n]*)/g)].map(
        ([, , title]) => title as string,
      ),
    );
    const named = new Set(
      titles.flatMap((title) => [...title.matchAll(/\[Bug (\d+)\]/g)].map(([, n]) => Number(n))),
    );
    const numbers = Array.from({ length: BUGS }, (_, i) => i + 1);
    assert.deepEqual(
      [...named].sort((a, b) => a - b),
      numbers,
    );
    for (const part of PARTS_OF_16) {
      assert.ok(
        titles.some((title) => title.includes('[Bug 16]') && part.test(title)),
        `no title of bug 16 says ${part}`,
      );
    }
  });
});

const PARTS_OF_16 = [
  /bet after lock/,
  /double cash-out/,
  /cash-outs? that races? the (settlement of the )?crash/,
  /refund that races a payout/,
  /limits (are not )?passed by parallel/,
  /bet, then spend the same coin in town/,
];

function testFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name));
}
