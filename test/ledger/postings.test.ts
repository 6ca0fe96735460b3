import assert from 'node:assert/strict';
import { v7 as uuidv7 } from 'uuid';
import { type Books, bet, cashOut, code, openBooks } from './fixture.ts';

describe('ledger/postings', () => {
  let books: Books;

  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());

  it('[M2] every posting of a round sums to zero, and escrow is zero when it is closed', async () => {
    const table = await books.table();
    const players = await books.players(6, 1_000);
    const bets = players.map((player, i) =>
      bet(table, player, 33 + i, { autoCashout: 120 + 30 * i }),
    );
    await Promise.all(bets.map((b) => books.ledger.placeBet(b)));
    assert.equal(await books.balance(table.room.escrowId), 33 + 34 + 35 + 36 + 37 + 38);
    await books.ledger.resolveBet(cashOut(bets[5] as (typeof bets)[number], 111));
    await books.settle(table.room, table.roundId, 199);
    assert.equal(await books.balance(table.room.escrowId), 0);
    const unbalanced = await books.rows(
      'SELECT posting_id FROM transactions GROUP BY posting_id HAVING sum(amount) <> 0 OR count(*) < 2',
    );
    assert.deepEqual(unbalanced, []);
    await books.assertSound();
  });

  it('[M2] a batch of bets on one round writes one escrow row, and its settlement one more and one house row', async () => {
    const table = await books.table();
    const players = await books.players(40);
    await Promise.all(
      players.map((p) => books.ledger.placeBet(bet(table, p, 10, { autoCashout: 150 }))),
    );
    await books.settle(table.room, table.roundId, 200);
    const { escrowId, houseId } = table.room;
    const rows = await books.rows<{ wallet_id: number; category: string; amount: number }>(
      'SELECT wallet_id, category, amount FROM transactions WHERE round_id = $1 AND bet_id IS NULL ORDER BY id',
      [table.roundId],
    );
    assert.deepEqual(rows, [
      { wallet_id: escrowId, category: 'bet', amount: 400 },
      { wallet_id: escrowId, category: 'resolve', amount: -600 },
      { wallet_id: houseId, category: 'settle', amount: -200 },
      { wallet_id: escrowId, category: 'settle', amount: 200 },
    ]);
    await books.assertSound();
  });

  it("[M2] bets of several rooms travel in one batch and each room's escrow gets its own sum", async () => {
    const node = await books.node();
    const tables: Awaited<ReturnType<Books['table']>>[] = [];
    for (let i = 0; i < 3; i++) {
      const room = await books.room(node);
      tables.push({ room, roundId: await books.round(room) });
    }
    const players = await books.players(9);
    await Promise.all(
      players.map((p, i) =>
        books.ledger.placeBet(bet(tables[i % 3] as (typeof tables)[number], p, i + 1)),
      ),
    );
    const sums = await Promise.all(tables.map(({ room }) => books.balance(room.escrowId)));
    assert.deepEqual(sums, [1 + 4 + 7, 2 + 5 + 8, 3 + 6 + 9]);
    for (const { room, roundId } of tables) await books.settle(room, roundId, 100);
    await books.assertSound();
  });

  it('[M1] [M2] what rounding down leaves stays in escrow and goes to the house at the close', async () => {
    const table = await books.table();
    const player = await books.player(100);
    await books.ledger.placeBet(bet(table, player, 1, { autoCashout: 199 }));
    const house = await books.balance(table.room.houseId);
    await books.settle(table.room, table.roundId, 300);
    // 1 * 1.99 = 1.99, of which 1 is paid: the house neither wins nor loses, and nothing is left anywhere.
    assert.equal(await books.balance(player), 100);
    assert.equal(await books.balance(table.room.houseId), house);
    await books.assertSound();
  });

  it('[M2] a starting balance comes from the grant account', async () => {
    const granted = async () => {
      const { sum } = await books.row<{ sum: string }>(
        "SELECT sum(balance)::text AS sum FROM wallets WHERE kind = 'grant'",
      );
      return Number(sum);
    };
    const before = await granted();
    const player = await books.player(500);
    assert.equal(await granted(), before - 500);
    assert.equal(await books.balance(player), 500);
  });

  it('[M2] [Bug 17] a posting that does not sum to zero, names a wallet twice or has one entry is refused', async () => {
    const [a, b] = await books.pair();
    const post = (wallets: (number | undefined)[], amounts: number[]) =>
      books.rows(`SELECT * FROM post($1, $2, 'purchase', NULL, NULL, NULL, $3, $4)`, [
        uuidv7(),
        'a'.repeat(64),
        wallets,
        amounts,
      ]);
    const { shop } = await books.row<{ shop: number }>(
      "SELECT (wallets_of('COIN', ARRAY[NULL::bigint], ARRAY['shop:0']))[1] AS shop",
    );
    const before = await books.contents();
    await assert.rejects(post([a.walletId, b.walletId], [5, -4]), { code: 'RH002' });
    await assert.rejects(post([a.walletId, a.walletId], [5, -5]), { code: 'RH002' });
    await assert.rejects(post([a.walletId, b.walletId], [0, 0]), { code: 'RH002' });
    await assert.rejects(post([a.walletId], [0]), { code: 'RH002' });
    await assert.rejects(post([a.walletId, 987_654_321], [-5, 5]), { code: 'RH003' });
    await assert.rejects(post([a.walletId, shop], [-501, 501]), { code: 'RH004' });
    // Money between players is no purchase.
    await assert.rejects(post([a.walletId, b.walletId], [-5, 5]), { code: 'RH002' });
    assert.equal(await books.contents(), before);
  });

  it('[M3] the database itself refuses a player below zero', async () => {
    const player = await books.player(10);
    const update = 'UPDATE wallets SET balance = -1 WHERE id = $1';
    await assert.rejects(books.rows(update, [player.walletId]), {
      constraint: 'wallets_not_negative',
    });
    assert.equal(await books.balance(player), 10);
  });

  it('[M3] [Bug 1] parallel bets of one player never spend more than there is', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const others = await Promise.all([books.another(), books.another(), books.another()]);
    const ledgers = [books.ledger, ...others.map(({ ledger }) => ledger)];
    const answers = await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) =>
        (ledgers[i % 4] as (typeof ledgers)[number]).placeBet(bet(table, player, 30)),
      ),
    );
    const refused = answers.filter((answer) => answer.status === 'rejected');
    assert.equal(answers.length - refused.length, 3);
    for (const { reason } of refused) code('INSUFFICIENT_FUNDS')(reason);
    assert.equal(await books.balance(player), 10);
    await books.closeOthers();
    await books.assertSound();
  });

  it('[M3] two tabs that spend the same last coin: one wins, the other gets INSUFFICIENT_FUNDS', async () => {
    const tables = [await books.table(), await books.table()];
    const player = await books.player(50);
    const { ledger } = await books.another();
    const [first, second] = await Promise.allSettled([
      books.ledger.placeBet(bet(tables[0] as (typeof tables)[number], player, 50)),
      ledger.placeBet(bet(tables[1] as (typeof tables)[number], player, 50)),
    ]);
    const lost = [first, second].find((answer) => answer.status === 'rejected');
    assert.notEqual(first.status, second.status);
    code('INSUFFICIENT_FUNDS')(lost?.reason);
    assert.equal(await books.balance(player), 0);
    await books.closeOthers();
  });

  it('[M1] [Bug 11] an int8 beyond 2^53 is an error, never a rounded number', async () => {
    const { n } = await books.row<{ n: number }>('SELECT 9007199254740991::bigint AS n');
    assert.equal(n, Number.MAX_SAFE_INTEGER);
    for (const beyond of ['9007199254740992', '9007199254740993', '-9223372036854775808']) {
      await assert.rejects(books.rows(`SELECT '${beyond}'::bigint AS n`), /not a safe integer/);
    }
    // The connection is as good as before.
    assert.deepEqual(await books.rows('SELECT 1::bigint AS n'), [{ n: 1 }]);
  });

  it('[M1] a balance beyond 2^53 is refused by a constraint', async () => {
    const player = await books.player(10);
    await assert.rejects(
      books.rows('UPDATE wallets SET balance = 9007199254740992 WHERE id = $1', [player.walletId]),
      { constraint: 'wallets_safe_integer' },
    );
    const most = Number.MAX_SAFE_INTEGER;
    const tooMuch = books.ledger.grant(player.userId, most, uuidv7(), 'too much');
    await assert.rejects(tooMuch, code('LIMIT_EXCEEDED'));
    assert.equal(await books.balance(player), 10);
    await books.assertSound();
  });

  it('[M1] an amount that is no integer is refused by the database and leaves nothing', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const before = await books.contents();
    for (const amount of [1.5, 0, -5, Number.NaN, 2 ** 63]) {
      await assert.rejects(books.ledger.placeBet(bet(table, player, amount)), `${amount}`);
    }
    assert.equal(await books.contents(), before);
  });
});
