/** Every kind of posting that is no bet's, each alone: where the money goes, and what is refused. */
import assert from 'node:assert/strict';
import { v7 as uuidv7 } from 'uuid';
import type { UserId } from '../../src/ids.ts';
import { History } from '../../src/ledger/history.ts';
import {
  adjust,
  dividend,
  grant,
  type Posting,
  payout,
  purchase,
  rake,
  refund,
  sale,
  stake,
  type Table,
} from '../../src/ledger/postings.ts';
import type { WalletChange } from '../../src/ledger/types.ts';
import { deal, empty, potOf, share } from './deals.ts';
import { type Fault, faulty } from './faulty.ts';
import { type Books, code, openBooks, type Player } from './fixture.ts';

const currency = 'COIN';

describe('ledger/post', () => {
  let books: Books;
  let operator: Player;

  before(async () => {
    books = await openBooks();
    operator = await books.player();
  });
  after(() => books.close());

  const post = (posting: Posting) => books.ledger.postings.post(posting);
  const adjustment = (player: Player, amount: number, id = uuidv7()) =>
    adjust({ ...deal(player, amount, id), reason: 'a complaint', actorId: operator.userId });

  /** What a posting wrote: kind of account, name without number, category, amount. */
  async function written(id: string) {
    const rows = await books.rows<{ line: string }>(
      `SELECT concat_ws(' ', w.kind, t.category, t.amount) AS line FROM transactions t
       JOIN wallets w ON w.id = t.wallet_id WHERE t.posting_id = $1 ORDER BY w.kind, t.amount`,
      [id],
    );
    return rows.map(({ line }) => line);
  }

  it('[M2] each kind moves money between its own accounts, in one posting', async () => {
    const table = await books.table();
    const [a, b] = await books.pair(1_000);
    const kinds: [(id: string) => Posting, string[]][] = [
      [(id) => grant(deal(a, 70, id)), ['grant grant -70', 'user grant 70']],
      [(id) => purchase(deal(a, 30, id)), ['shop purchase 30', 'user purchase -30']],
      [(id) => sale(deal(a, 20, id)), ['shop sale -20', 'user sale 20']],
      [(id) => adjustment(a, 5, id), ['adjust adjust -5', 'user adjust 5']],
      [(id) => adjustment(a, -7, id), ['adjust adjust 7', 'user adjust -7']],
      [
        (id) => stake(id, table, [share(a, 100), share(b, 200)]),
        ['escrow stake 300', 'user stake -200', 'user stake -100'],
      ],
      [(id) => refund(id, table, [share(b, 50)]), ['escrow refund -50', 'user refund 50']],
      [(id) => payout(id, table, [share(a, 140)]), ['escrow payout -140', 'user payout 140']],
      [(id) => rake(id, table, 10), ['escrow rake -10', 'house rake 10']],
      [
        (id) => dividend(id, table, [share(b, 60), share(a, 40)])[0] as Posting,
        ['escrow dividend -100', 'user dividend 40', 'user dividend 60'],
      ],
    ];
    for (const [make, rows] of kinds) {
      const id = uuidv7();
      assert.equal((await post(make(id))).first, true);
      assert.deepEqual(await written(id), rows);
    }
    assert.equal(await books.balance(a), 1_000 + 70 - 30 + 20 + 5 - 7 - 100 + 140 + 40);
    assert.equal(await books.balance(b), 1_000 - 200 + 50 + 60);
    assert.equal(await potOf(books, table), 0);
    assert.equal((await books.settle(table.room, table.roundId, null)).phase, 'void');
    await books.assertSound();
  });

  it('[M5] each kind is made once: a repeat answers the first, any other request with its id is BET_CONFLICT', async () => {
    const [table, other] = [await books.table(), await books.table()];
    const [a, b] = await books.pair(1_000);
    await post(stake(uuidv7(), table, [share(a, 300), share(b, 300)]));
    await post(stake(uuidv7(), other, [share(a, 100)]));
    const kinds: ((id: string, more: number, who: Player, at: Table) => Posting)[] = [
      (id, more, who) => grant(deal(who, 10 + more, id)),
      (id, more, who) => purchase(deal(who, 10 + more, id)),
      (id, more, who) => sale(deal(who, 10 + more, id)),
      (id, more, who) => adjustment(who, more - 10, id),
      (id, more, who, at) => stake(id, at, [share(who, 10 + more)]),
      (id, more, who, at) => payout(id, at, [share(who, 10 + more)]),
      (id, more, who, at) => refund(id, at, [share(who, 10 + more)]),
      (id, more, _who, at) => rake(id, at, 10 + more),
      (id, more, who, at) => dividend(id, at, [share(who, 10 + more)])[0] as Posting,
    ];
    const ids = kinds.map(() => uuidv7());
    for (const [i, make] of kinds.entries()) {
      const id = ids[i] as string;
      const first = await post(make(id, 0, a, table));
      const after = await books.contents();
      assert.deepEqual(await post(make(id, 0, a, table)), { ...first, first: false });
      await assert.rejects(post(make(id, 1, a, table)), code('BET_CONFLICT'));
      await assert.rejects(post(make(id, 0, b, other)), code('BET_CONFLICT'));
      const otherKind = kinds[(i + 1) % kinds.length] as (typeof kinds)[number];
      await assert.rejects(post(otherKind(id, 0, a, table)), code('BET_CONFLICT'));
      assert.equal(await books.contents(), after);
    }
    const corrected = { ...deal(a, -10, ids[3]), actorId: operator.userId };
    await assert.rejects(post(adjust({ ...corrected, reason: 'another' })), code('BET_CONFLICT'));
    await empty(books, table);
    await empty(books, other);
    await books.assertSound();
  });

  it('[M5] the same id sent by many at once is one posting, and all are answered the same', async () => {
    const player = await books.player(100);
    const { ledger } = await books.another();
    const wanted = purchase(deal(player, 60));
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 ? ledger : books.ledger).postings.post(wanted)),
    );
    assert.equal(answers.filter(({ first }) => first).length, 1);
    assert.equal(new Set(answers.map(({ wallets }) => JSON.stringify(wallets))).size, 1);
    assert.equal(await books.balance(player), 40);
    await books.closeOthers();
  });

  for (const moment of ['before it is sent', 'after its commit'] as const) {
    it(`[M5] [M6] [Bug 3] a posting whose connection is lost ${moment} is made once and told once`, async () => {
      const faults: Fault[] = [moment === 'before it is sent' ? 'before' : 'after'];
      const ledger = books.ledgerOn(faulty(books.db, /post\(/, faults));
      const player = await books.player(100);
      const told: WalletChange[] = [];
      const stop = ledger.feed.subscribe(player.userId, (change) => told.push(change));
      const { wallets } = await ledger.postings.post(purchase(deal(player, 60)));
      stop();
      assert.deepEqual(wallets, [{ userId: player.userId, currency, balance: 40, seq: 2 }]);
      assert.deepEqual(told, wallets);
      assert.equal(await books.balance(player), 40);
    });
  }

  it('[M3] who cannot pay all pays nothing, and nobody of a common stake pays alone', async () => {
    const table = await books.table();
    const [rich, poor] = [await books.player(500), await books.player(99)];
    const before = await books.contents();
    const refused: Posting[] = [
      purchase(deal(poor, 100)),
      adjustment(poor, -100),
      stake(uuidv7(), table, [share(rich, 100), share(poor, 100)]),
      payout(uuidv7(), table, [share(rich, 1)]),
      rake(uuidv7(), table, 1),
    ];
    for (const posting of refused) await assert.rejects(post(posting), code('INSUFFICIENT_FUNDS'));
    const nobody = { userId: 987_654_321 as UserId } as Player;
    await assert.rejects(post(grant(deal(nobody, 5))), code('NOT_FOUND'));
    assert.equal(await books.contents(), before);
  });

  it('[M1] amounts are positive safe integers, and what a player holds is bounded, also for postings at the same time', async () => {
    const player = await books.player(0);
    for (const amount of [0, -5, 1.5, Number.NaN, 2 ** 53]) {
      assert.throws(() => purchase(deal(player, amount)), RangeError);
    }
    assert.throws(() => adjustment(player, 0), RangeError);
    const half = 600_000_000_000_000;
    const answers = await Promise.allSettled([
      post(grant(deal(player, half))),
      post(sale(deal(player, half))),
      post(adjustment(player, half)),
    ]);
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer] : []));
    assert.equal(refused.length, 2);
    for (const { reason } of refused) code('LIMIT_EXCEEDED')(reason);
    assert.equal(await books.balance(player), half);
    await books.assertSound();
  });

  it('[M2] an adjustment leaves its actor and reason in the books and among the audit events, in one transaction', async () => {
    const player = await books.player(100);
    const id = uuidv7();
    const given = { ...deal(player, -40, id), reason: 'paid twice', actorId: operator.userId };
    await post(adjust({ ...given, ip: '192.0.2.7' }));
    const event = await books.row(
      `SELECT actor_user_id, action, entity, before, after, host(ip) AS ip FROM audit_events
       WHERE entity_id = $1::text`,
      [player.walletId],
    );
    assert.deepEqual(event, {
      actor_user_id: operator.userId,
      action: 'wallet.adjust',
      entity: 'wallet',
      before: { balance: 100 },
      after: { balance: 60, reason: 'paid twice', postingId: id },
      ip: '192.0.2.7',
    });
    const { items } = await new History(books.db.pool).transactions(player.userId, { limit: 1 });
    const { amount, category, reason, actorId } = items[0] as (typeof items)[number];
    assert.deepEqual(
      { amount, category, reason, actorId },
      { amount: -40, category: 'adjust', reason: 'paid twice', actorId: operator.userId },
    );
    await post(adjust({ ...given, ip: '192.0.2.8' }));
    await assert.rejects(post(adjustment(player, -61)), code('INSUFFICIENT_FUNDS'));
    assert.equal(await books.count('audit_events', 'entity_id = $1::text', [player.walletId]), 1);

    assert.throws(() => adjust({ ...given, reason: '' }), code('BAD_REQUEST'));
    const call = (actor: number | null, said: string | null) =>
      books.rows(
        `SELECT post($1, $2, 'adjust', NULL, $3, $4, wallets_of('COIN', ARRAY[$5, $5]::bigint[], ARRAY[NULL, 'adjust']),
                     ARRAY[1::bigint, -1])`,
        [uuidv7(), 'a'.repeat(64), actor, said, player.userId],
      );
    await assert.rejects(call(null, 'nobody did it'), { code: 'RH002' });
    await assert.rejects(call(operator.userId, null), { code: 'RH002' });
    await assert.rejects(call(987_654_321, 'who?'));
    assert.equal(await books.balance(player), 60);
  });

  it("[M10] accounts across the counter are sixteen by user: a posting held up does not hold up another player's", async () => {
    const players = await books.players(2);
    const [one, two] = players as [Player, Player];
    assert.notEqual(one.userId % 16, two.userId % 16);
    for (const player of players) await post(purchase(deal(player, 1)));
    await books.inTransaction(async (client) => {
      await client.query(
        `SELECT 1 FROM wallets WHERE account IN ('shop:' || $1 % 16, 'adjust:' || $1 % 16) FOR UPDATE`,
        [one.userId],
      );
      await post(purchase(deal(two, 1)));
      await post(sale(deal(two, 1)));
    });
    assert.equal((await books.count('wallets', `kind = 'shop' AND currency = 'COIN'`)) <= 16, true);
  });
});
