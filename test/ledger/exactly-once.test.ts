import assert from 'node:assert/strict';
import { v7 as uuidv7 } from 'uuid';
import { type Books, bet, cashOut, code, openBooks } from './fixture.ts';

describe('ledger/exactly once', () => {
  let books: Books;

  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());
  afterEach(async () => {
    await books.closeOthers();
    await books.assertSound();
  });

  it('[M5] a repeated bet id answers the first answer and takes nothing', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const placing = bet(table, player, 30, { autoCashout: 150 });
    const first = await books.ledger.placeBet(placing);
    await books.ledger.placeBet(bet(table, player, 20));
    const again = await books.ledger.placeBet(placing);
    assert.deepEqual(again, { ...first, first: false });
    assert.deepEqual([again.balance, again.seq], [70, 2]);
    assert.equal(await books.balance(player), 50);
  });

  it('[M5] the order in which a client writes the fields of a selection changes nothing', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const one = bet(table, player, 30, {
      type: 'corner',
      numbers: [1, 2],
      deep: { a: 1, b: null },
    });
    const two = { ...one, selection: { deep: { b: null, a: 1 }, numbers: [1, 2], type: 'corner' } };
    const first = await books.ledger.placeBet(one);
    assert.deepEqual(await books.ledger.placeBet(two), { ...first, first: false });
    const swapped = { ...one, selection: { ...one.selection, numbers: [2, 1] } };
    await assert.rejects(books.ledger.placeBet(swapped), code('BET_CONFLICT'));
  });

  it('[M5] a repeat of a resolved bet still answers the first answer, and how it stands now', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const placing = bet(table, player, 30);
    const first = await books.ledger.placeBet(placing);
    await books.ledger.resolveBet(cashOut(placing, 200));
    const again = await books.ledger.placeBet(placing);
    assert.deepEqual(again, { ...first, first: false, status: 'cashed' });
    await books.settle(table.room, table.roundId, 300);
    assert.deepEqual(await books.ledger.placeBet(placing), again);
    assert.equal(await books.balance(player), 130);
  });

  it('[M5] a repeat after the round is closed, with an empty wallet, is still the first answer', async () => {
    const table = await books.table();
    const player = await books.player(30);
    const placing = bet(table, player, 30);
    const first = await books.ledger.placeBet(placing);
    await books.settle(table.room, table.roundId, 100);
    assert.deepEqual(await books.ledger.placeBet(placing), {
      ...first,
      first: false,
      status: 'lost',
    });
  });

  it('[M5] another amount, selection, player or game with the same id is BET_CONFLICT and changes nothing', async () => {
    const table = await books.table();
    const [player, other] = await books.pair(100);
    const placing = bet(table, player, 30, { autoCashout: 150 });
    await books.ledger.placeBet(placing);
    const before = await books.contents();
    const otherGame = { ...table.room, gameName: 'roulette' };
    for (const change of [
      { amount: 31 },
      { selection: {} },
      { selection: { autoCashout: 151 } },
      { userId: other.userId, walletId: other.walletId },
      { room: otherGame },
    ]) {
      const conflicting = books.ledger.placeBet({ ...placing, ...change });
      await assert.rejects(conflicting, code('BET_CONFLICT'), JSON.stringify(change));
    }
    assert.equal(await books.contents(), before);
  });

  it('[M5] repeats and conflicts in a batch with new bets disturb nobody', async () => {
    const table = await books.table();
    const players = await books.players(5, 100);
    const placed = players.map((p) => bet(table, p, 30));
    await Promise.all(placed.map((b) => books.ledger.placeBet(b)));
    const answers = await Promise.allSettled(
      placed.flatMap((old, i) => [
        books.ledger.placeBet(bet(table, players[i] as (typeof players)[number], 50)),
        books.ledger.placeBet(i % 2 === 0 ? old : { ...old, amount: 99 }),
      ]),
    );
    const outcome = answers.map((answer) =>
      answer.status === 'rejected'
        ? answer.reason.code
        : [answer.value.balance, answer.value.first],
    );
    const [fresh, repeated, conflict] = [[20, true], [70, false], 'BET_CONFLICT'];
    assert.deepEqual(outcome, [
      ...[fresh, repeated],
      ...[fresh, conflict],
      ...[fresh, repeated],
      ...[fresh, conflict],
      ...[fresh, repeated],
    ]);
  });

  it('[M5] the same id twice in one turn is one bet; with another amount the first to arrive stands', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const placing = bet(table, player, 30);
    const [a, b, c] = await Promise.allSettled([
      books.ledger.placeBet(placing),
      books.ledger.placeBet(placing),
      books.ledger.placeBet({ ...placing, amount: 40 }),
    ]);
    assert.ok(a.status === 'fulfilled' && b.status === 'fulfilled' && c.status === 'rejected');
    assert.deepEqual([a.value.first, b.value.first], [true, false]);
    code('BET_CONFLICT')(c.reason);
    assert.equal(await books.balance(player), 70);
  });

  it('[M5] a refused bet was never entered: its id is free', async () => {
    const table = await books.table();
    const player = await books.player(20);
    const placing = bet(table, player, 30);
    await assert.rejects(books.ledger.placeBet(placing), code('INSUFFICIENT_FUNDS'));
    const smaller = await books.ledger.placeBet({ ...placing, amount: 10 });
    assert.deepEqual([smaller.first, smaller.balance], [true, 10]);
  });

  it('[M5] [Bug 10] the same id sent at once through several processes is one bet', async () => {
    const table = await books.table();
    const player = await books.player(1_000);
    const ledgers = [books.ledger, (await books.another()).ledger, (await books.another()).ledger];
    for (let i = 0; i < 15; i++) {
      const placing = bet(table, player, 10);
      const answers = await Promise.all(ledgers.map((ledger) => ledger.placeBet(placing)));
      assert.equal(answers.filter(({ first }) => first).length, 1);
      assert.equal(new Set(answers.map(({ balance, seq }) => `${balance} ${seq}`)).size, 1);
    }
    assert.equal(await books.balance(player), 850);
  });

  it('[M5] [Bug 10] the same id sent at once by two players through two processes is one bet and one BET_CONFLICT', async () => {
    const table = await books.table();
    const [one, two] = await books.pair(100);
    const { ledger } = await books.another();
    for (let i = 0; i < 10; i++) {
      const betId = uuidv7();
      const answers = await Promise.allSettled([
        books.ledger.placeBet(bet(table, one, 5, {}, betId)),
        ledger.placeBet(bet(table, two, 5, {}, betId)),
      ]);
      const refused = answers.filter((answer) => answer.status === 'rejected');
      assert.equal(refused.length, 1);
      code('BET_CONFLICT')(refused[0]?.reason);
    }
    assert.equal((await books.balance(one)) + (await books.balance(two)), 150);
  });

  it('[M5] [Bug 16] a double cash-out pays once, and both are told the one that stands', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const placing = bet(table, player, 50);
    await books.ledger.placeBet(placing);
    const { ledger } = await books.another();
    const answers = await Promise.all([
      books.ledger.resolveBet(cashOut(placing, 150)),
      books.ledger.resolveBet(cashOut(placing, 160)),
      ledger.resolveBet(cashOut(placing, 170)),
    ]);
    assert.equal(answers.filter(({ first }) => first).length, 1);
    assert.equal(
      new Set(answers.map(({ multiplier, payout }) => `${multiplier} ${payout}`)).size,
      1,
    );
    assert.equal(await books.balance(player), 50 + (answers[0]?.payout as number));
  });

  it('[M5] [Bug 7] [Bug 16] a refund that races a payout: one of them stands', async () => {
    for (let i = 0; i < 10; i++) {
      const table = await books.table();
      const player = await books.player(100);
      const placing = bet(table, player, 50);
      await books.ledger.placeBet(placing);
      const [paid] = await Promise.all([
        books.ledger.resolveBet(cashOut(placing, 300)),
        books.settle(table.room, table.roundId, null),
      ]);
      const expected = paid.first
        ? { status: 'cashed', payout: 150 }
        : { status: 'refunded', payout: 50 };
      assert.deepEqual({ status: paid.status, payout: paid.payout }, expected);
      assert.equal(await books.balance(player), 50 + paid.payout);
    }
  });

  it('[M7] [Bug 16] a cash-out that races the settlement of the crash has one answer, in the books and in the reply', async () => {
    const { ledger } = await books.another();
    for (let i = 0; i < 10; i++) {
      const table = await books.table();
      const player = await books.player(100);
      const placing = bet(table, player, 50, { autoCashout: 300 });
      await books.ledger.placeBet(placing);
      await books.lockAndEnd(table.room, table.roundId, 250);
      const [answer] = await Promise.all([
        ledger.resolveBet(cashOut(placing, 200)),
        books.settle(table.room, table.roundId, 250),
      ]);
      const stored = await books.row<{ status: string; payout: number }>(
        'SELECT status, payout FROM bets WHERE id = $1',
        [placing.betId],
      );
      assert.deepEqual({ status: answer.status, payout: answer.payout }, stored);
      assert.deepEqual(
        stored,
        answer.first ? { status: 'cashed', payout: 100 } : { status: 'lost', payout: 0 },
      );
      assert.equal(await books.balance(player), 50 + stored.payout);
    }
  });

  it('[M4] [Bug 7] the status of a bet and its payout are one write: neither is there without the other', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const placing = bet(table, player, 50);
    await books.ledger.placeBet(placing);
    await books.db.pool.query(`
      CREATE FUNCTION refuse_wins() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON transactions FOR EACH ROW
        WHEN (NEW.category = 'cashout') EXECUTE FUNCTION refuse_wins()`);
    try {
      await assert.rejects(books.ledger.resolveBet(cashOut(placing, 200)), { code: '53100' });
    } finally {
      await books.db.pool.query('DROP TRIGGER refuse ON transactions; DROP FUNCTION refuse_wins()');
    }
    assert.equal(await books.count('bets', "id = $1 AND status = 'accepted'", [placing.betId]), 1);
    assert.equal((await books.ledger.resolveBet(cashOut(placing, 200))).first, true);
  });

  it('[M5] a resolution of a bet that is not in the books, or in another round, is NOT_FOUND', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const placing = bet(table, player, 50);
    await assert.rejects(books.ledger.resolveBet(cashOut(placing, 200)), code('NOT_FOUND'));
    await books.ledger.placeBet(placing);
    const other = await books.table();
    await assert.rejects(
      books.ledger.resolveBet({ ...cashOut(placing, 200), ...other }),
      code('NOT_FOUND'),
    );
    assert.equal(await books.balance(player), 50);
  });

  it('[M5] a posting repeated with its id is one; with another amount it is BET_CONFLICT', async () => {
    const player = await books.player(100);
    const id = uuidv7();
    const { ledger } = await books.another();
    const both = await Promise.all([
      books.ledger.grant(player.userId, 40, id, 'a present'),
      ledger.grant(player.userId, 40, id, 'a present'),
    ]);
    assert.deepEqual(both[0], both[1]);
    await books.ledger.grant(player.userId, 1, uuidv7(), 'another');
    assert.deepEqual(await books.ledger.grant(player.userId, 40, id, 'a present'), both[0]);
    await assert.rejects(
      books.ledger.grant(player.userId, 41, id, 'a present'),
      code('BET_CONFLICT'),
    );
    assert.equal(await books.balance(player), 141);
  });

  it("[M5] an id of a stake's posting is none for a grant", async () => {
    const table = await books.table();
    const player = await books.player(100);
    await books.ledger.placeBet(bet(table, player, 10));
    const { id } = await books.row<{ id: string }>(
      'SELECT posting_id AS id FROM transactions WHERE wallet_id = $1 AND seq = 2',
      [player.walletId],
    );
    await assert.rejects(
      books.ledger.grant(player.userId, 10, id, 'guessed'),
      code('BET_CONFLICT'),
    );
    assert.equal(await books.balance(player), 90);
  });

  it('[Bug 2] many bets of one wallet in one batch are each taken, in order, and refused when it is empty', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const amounts = [40, 70, 30, 40, 20, 10, 1];
    const answers = await Promise.allSettled(
      amounts.map((amount) => books.ledger.placeBet(bet(table, player, amount))),
    );
    const balances = answers.map((a) =>
      a.status === 'fulfilled' ? a.value.balance : a.reason.code,
    );
    const short = 'INSUFFICIENT_FUNDS';
    assert.deepEqual(balances, [60, short, 30, short, 10, 0, short]);
    assert.equal(await books.balance(player), 0);
  });

  it('[Bug 2] many payouts to one wallet in one batch are each paid', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const bets = Array.from({ length: 10 }, (_, i) => bet(table, player, i + 1));
    await Promise.all(bets.map((b) => books.ledger.placeBet(b)));
    const resolved = await Promise.all(bets.map((b) => books.ledger.resolveBet(cashOut(b, 300))));
    const balances = resolved.map(({ balance }) => balance);
    assert.deepEqual(
      balances,
      bets.map((_, i) => 45 + (3 * (i + 1) * (i + 2)) / 2),
    );
    assert.equal(await books.balance(player), 210);
  });

  it('[Bug 6] a bet belongs to the round that it was sent to, whatever round is open when it commits', async () => {
    const table = await books.table();
    const player = await books.player(100);
    await books.settle(table.room, table.roundId, 150);
    const next = { room: table.room, roundId: await books.round(table.room, 2) };
    await assert.rejects(books.ledger.placeBet(bet(table, player, 10)), code('BETTING_CLOSED'));
    assert.equal((await books.ledger.placeBet(bet(next, player, 10))).roundId, next.roundId);
  });

  it('[M8] two holders of one round in a batch are judged each by their own fence', async () => {
    const table = await books.table();
    const [one, two] = await books.pair(100);
    const stale = { ...table, room: { ...table.room, fence: 99 } };
    for (const order of [
      [stale, table],
      [table, stale],
    ] as const) {
      const answers = await Promise.allSettled(
        order.map((t, i) => books.ledger.placeBet(bet(t, i === 0 ? one : two, 10))),
      );
      const outcome = answers.map((a) => (a.status === 'fulfilled' ? 'OK' : a.reason.code));
      assert.deepEqual(
        outcome,
        order.map((t) => (t === stale ? 'ROOM_MOVED' : 'OK')),
      );
    }
  });
});
