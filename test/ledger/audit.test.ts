import assert from 'node:assert/strict';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '../../src/database/connection.ts';
import { type AuditReport, audit } from '../../src/ledger/audit.ts';
import { HashChain } from '../../src/ledger/hash-chain.ts';
import { type Books, bet, cashOut, openBooks, silent, until } from './fixture.ts';

const SETTLED = `(SELECT id FROM rounds WHERE phase = 'settled')`;
const VOID = `(SELECT id FROM rounds WHERE phase = 'void')`;
const OPEN = `(SELECT id FROM rounds WHERE phase = 'betting')`;
const CASHED = `(SELECT id FROM bets WHERE status = 'cashed' AND round_id = ${SETTLED} LIMIT 1)`;
const LOST = `(SELECT id FROM bets WHERE status = 'lost')`;
const ACCEPTED = `(SELECT id FROM bets WHERE status = 'accepted')`;
const PLAYER = `(SELECT min(id) FROM wallets WHERE kind = 'user')`;
const OTHER = `(SELECT max(id) FROM wallets WHERE kind = 'user')`;
const STAKE_OF_CASHED = `(SELECT id FROM transactions WHERE bet_id = ${CASHED} AND amount < 0)`;

/** Each of these is one thing that must never be, and the check that must find it. */
const CORRUPTIONS: { what: string; check: RegExp; by: string[] }[] = [
  {
    what: 'a posting that lost a unit',
    check: /^each posting sums to zero/,
    by: [`UPDATE transactions SET amount = amount - 1 WHERE id = ${STAKE_OF_CASHED}`],
  },
  {
    what: 'a posting with one row of two',
    check: /^each posting sums to zero/,
    by: [`DELETE FROM transactions WHERE wallet_id = ${PLAYER} AND seq = 1`],
  },
  {
    what: 'a transaction without its posting',
    check: /^each transaction has its posting/,
    by: [
      `DELETE FROM postings WHERE id = (SELECT posting_id FROM transactions WHERE id = ${STAKE_OF_CASHED})`,
    ],
  },
  {
    what: 'a posting without transactions',
    check: /^each transaction has its posting/,
    by: [`INSERT INTO postings (id, category) VALUES ('${uuidv7()}', 'win')`],
  },
  {
    what: 'a posting across two currencies',
    check: /^each posting is in one currency/,
    by: [`UPDATE wallets SET currency = 'GOLD' WHERE id = ${PLAYER}`],
  },
  {
    what: 'a balance that was raised',
    check: /^each balance equals/,
    by: [`UPDATE wallets SET balance = balance + 1 WHERE id = ${PLAYER}`],
  },
  {
    what: 'a house that was emptied',
    check: /^each balance equals/,
    by: [`UPDATE wallets SET balance = 0 WHERE kind = 'house'`],
  },
  {
    what: 'a seq that ran ahead',
    check: /^each balance equals/,
    by: [`UPDATE wallets SET seq = seq + 1 WHERE id = ${PLAYER}`],
  },
  {
    what: 'a transaction of a wallet that is not there',
    check: /^each transaction belongs to a wallet/,
    by: [`UPDATE transactions SET wallet_id = 999999 WHERE id = ${STAKE_OF_CASHED}`],
  },
  {
    what: 'a gap in a chain',
    check: /^each chain of balances is gapless/,
    by: [`UPDATE transactions SET seq = seq + 100 WHERE id = ${STAKE_OF_CASHED}`],
  },
  {
    what: 'a balance_after that does not chain',
    check: /^each chain of balances is gapless/,
    by: [`UPDATE transactions SET balance_after = balance_after + 1 WHERE id = ${STAKE_OF_CASHED}`],
  },
  {
    what: 'a first transaction that does not start from zero',
    check: /^each chain of balances is gapless/,
    by: [
      `UPDATE transactions SET balance_after = balance_after + 1 WHERE wallet_id = ${PLAYER} AND seq = 1`,
    ],
  },
  {
    what: 'a player below zero',
    check: /^no player is below zero/,
    by: [
      'ALTER TABLE wallets DROP CONSTRAINT wallets_not_negative',
      `UPDATE wallets SET balance = -1 WHERE id = ${PLAYER}`,
    ],
  },
  {
    what: 'a bet without a stake',
    check: /^each bet has one stake/,
    by: [`UPDATE transactions SET bet_id = NULL WHERE id = ${STAKE_OF_CASHED}`],
  },
  {
    what: 'a bet with two stakes',
    check: /^each bet has one stake/,
    by: [
      'DROP INDEX transactions_one_stake_one_resolution',
      `UPDATE transactions SET bet_id = ${CASHED} WHERE bet_id = ${LOST}`,
    ],
  },
  {
    what: 'a bet of another amount than its stake',
    check: /^each bet has one stake/,
    by: [`UPDATE bets SET amount = amount + 1 WHERE id = ${ACCEPTED}`],
  },
  {
    what: "a stake from another wallet than the bet's",
    check: /^each bet has one stake/,
    by: [`UPDATE bets SET wallet_id = ${OTHER} WHERE id = ${CASHED}`],
  },
  {
    what: 'a payout without a transaction',
    check: /^each bet has at most one resolution/,
    by: [`UPDATE bets SET payout = 500 WHERE id = ${LOST}`],
  },
  {
    what: 'a payout of another amount than its transaction',
    check: /^each bet has at most one resolution/,
    by: [`UPDATE bets SET payout = payout + 1 WHERE id = ${CASHED}`],
  },
  {
    what: 'a bet that was paid and is open',
    check: /^each bet has at most one resolution/,
    by: [
      `UPDATE bets SET status = 'accepted', payout = NULL, resolved_at = NULL, resolved_by = NULL WHERE id = ${CASHED}`,
    ],
  },
  {
    what: 'a bet that was paid twice',
    check: /^each bet has at most one resolution/,
    by: [
      'DROP INDEX transactions_one_stake_one_resolution',
      `INSERT INTO transactions (wallet_id, seq, amount, category, balance_after, posting_id, bet_id, round_id)
       SELECT wallet_id, seq + 100, amount, category, balance_after, posting_id, bet_id, round_id
       FROM transactions WHERE bet_id = ${CASHED} AND amount > 0`,
    ],
  },
  {
    what: 'a lost bet with a payout',
    check: /^the payout of a bet fits its status/,
    by: [`UPDATE bets SET status = 'lost' WHERE id = ${CASHED}`],
  },
  {
    what: 'a refund of less than the stake',
    check: /^the payout of a bet fits its status/,
    by: [`UPDATE bets SET payout = payout - 1 WHERE status = 'refunded'`],
  },
  {
    what: 'a bet that vanished',
    check: /^each stake and each resolution belongs to a bet/,
    by: [`DELETE FROM bets WHERE id = ${LOST}`],
  },
  {
    what: 'a stake that names another round than its bet',
    check: /^each stake and each resolution belongs to a bet/,
    by: [`UPDATE transactions SET round_id = ${OPEN} WHERE id = ${STAKE_OF_CASHED}`],
  },
  {
    what: 'a round that vanished',
    check: /^each bet belongs to a round, a user and/,
    by: [`DELETE FROM rounds WHERE id = ${SETTLED}`],
  },
  {
    what: 'a user who vanished',
    check: /^each bet belongs to a round, a user and/,
    by: [`DELETE FROM users WHERE id = (SELECT user_id FROM wallets WHERE id = ${PLAYER})`],
  },
  {
    what: "a bet whose wallet is another user's",
    check: /^each bet belongs to a round, a user and/,
    by: [
      `UPDATE bets SET user_id = (SELECT user_id FROM wallets WHERE id = ${OTHER}) WHERE wallet_id = ${PLAYER}`,
    ],
  },
  {
    what: 'a settled round with an open bet',
    check: /^a closed round has no open bet/,
    by: [`UPDATE bets SET round_id = ${SETTLED} WHERE id = ${ACCEPTED}`],
  },
  {
    what: 'a closed round whose totals are wrong',
    check: /^a closed round has no open bet/,
    by: [`UPDATE rounds SET staked = staked + 1 WHERE id = ${SETTLED}`],
  },
  {
    what: 'a void round that kept a stake',
    check: /^a void round took nothing/,
    by: [`UPDATE bets SET status = 'lost', payout = 0 WHERE status = 'refunded'`],
  },
  {
    what: 'a settled round whose escrow went elsewhere',
    check: /^the escrow of each closed round is zero/,
    by: [
      `UPDATE transactions SET round_id = ${VOID} WHERE category = 'settle' AND round_id = ${SETTLED}`,
    ],
  },
  {
    what: 'an open round whose escrow is not what its bets put there',
    check: /^the escrow of each open round is/,
    by: [
      `UPDATE transactions SET round_id = ${SETTLED} WHERE round_id = ${OPEN} AND bet_id IS NULL`,
    ],
  },
  {
    what: "a stake in another room's escrow",
    check: /^each escrow holds money of its own room only/,
    by: [
      `UPDATE transactions SET wallet_id = (SELECT max(id) FROM wallets WHERE kind = 'escrow'), seq = 99
       WHERE round_id = ${OPEN} AND bet_id IS NULL`,
    ],
  },
  {
    what: 'a closed room with money in escrow',
    check: /^the escrow of a closed room is zero/,
    by: [
      `UPDATE wallets SET balance = 5
       WHERE account = (SELECT 'escrow:' || room_id FROM live_rooms WHERE closed_at IS NOT NULL)`,
    ],
  },
  {
    what: 'a closed room with an open round',
    check: /^the escrow of a closed room is zero/,
    by: [`UPDATE live_rooms SET closed_at = now() WHERE closed_at IS NULL`],
  },
  {
    what: 'an inventory that has more than its changes gave',
    check: /^inventory equals its changes/,
    by: ['UPDATE user_inventories SET quantity = quantity + 1'],
  },
  {
    what: 'an inventory that lost its row',
    check: /^inventory equals its changes/,
    by: ['DELETE FROM user_inventories'],
  },
  {
    what: 'a sealed row that was changed and made to fit everywhere else',
    check: /^the hash chain over transactions is unbroken/,
    by: [
      `UPDATE transactions SET created_at = created_at + interval '1 hour' WHERE id = ${STAKE_OF_CASHED}`,
    ],
  },
];

describe('ledger/audit', () => {
  let books: Books;

  before(async () => {
    books = await openBooks();
    const { ledger } = books;
    const [one, two] = await books.pair(1_000);
    const table = await books.table();
    const early = bet(table, one, 100);
    const [auto, lost] = [bet(table, two, 50, { autoCashout: 150 }), bet(table, two, 70)];
    await Promise.all([early, auto, lost].map((b) => ledger.placeBet(b)));
    await ledger.resolveBet(cashOut(early, 120));
    await books.settle(table.room, table.roundId, 160);
    const open = { room: table.room, roundId: await books.round(table.room, 2) };
    await ledger.placeBet(bet(open, one, 30));

    const closing = await books.table();
    const cashed = bet(closing, one, 10);
    await Promise.all([cashed, bet(closing, two, 20)].map((b) => ledger.placeBet(b)));
    await ledger.resolveBet(cashOut(cashed, 300));
    await books.settle(closing.room, closing.roundId, null);
    await ledger.rounds.closeRoom(closing.room);

    const item = await books.row<{ id: number }>(
      "INSERT INTO items (name, title) VALUES ('crown', 'Crown') RETURNING id",
    );
    const change = `INSERT INTO inventory_changes (user_id, item_id, delta, quantity_after, command_id, reason)
      VALUES ($1, $2, $3, $4, $5, 'trade')`;
    await books.rows(change, [one.userId, item.id, 3, 3, uuidv7()]);
    await books.rows(change, [one.userId, item.id, -1, 2, uuidv7()]);
    const held = 'INSERT INTO user_inventories (user_id, item_id, quantity) VALUES ($1, $2, 2)';
    await books.rows(held, [one.userId, item.id]);

    const chain = new HashChain(books.db, silent);
    await until(async () => (await chain.seal()) === 1);
    await ledger.grant(one.userId, 5, uuidv7(), 'not sealed yet');
  });
  after(() => books.close());

  /** The report on books in which `statements` were done with triggers off; they are undone afterwards. */
  async function auditAfter(statements: string[]): Promise<AuditReport> {
    const client = await books.db.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('SET LOCAL session_replication_role = replica');
      for (const statement of statements) {
        const { rowCount } = await client.query(statement);
        assert.ok(rowCount === null || rowCount > 0, `changed nothing: ${statement}`);
      }
      // The audit's own transaction is this one.
      const query = (sql: string) =>
        /^(BEGIN|ROLLBACK)/.test(sql) ? Promise.resolve() : client.query(sql);
      const connect = async () => ({ query, release: () => {} });
      return await audit({ pool: { connect } } as unknown as Database);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  }

  it('[M12] good books are sound, and the report says what was looked at', async () => {
    const report = await audit(books.db);
    assert.deepEqual(report.findings, []);
    assert.equal(report.ok, true);
    assert.deepEqual(report.counted, {
      wallets: 21,
      transactions: 27,
      bets: 6,
      rounds: 3,
      blocks: 1,
    });
  });

  it('[M12] books with nothing in them are sound', async () => {
    const empty = await openBooks();
    try {
      assert.equal((await audit(empty.db)).ok, true);
    } finally {
      await empty.close();
    }
  });

  const found = new Set<string>();
  for (const { what, check, by } of CORRUPTIONS) {
    it(`[M12] finds ${what}`, async () => {
      const { ok, findings } = await auditAfter(by);
      assert.equal(ok, false);
      const finding = findings.find((candidate) => check.test(candidate.check));
      assert.ok(finding, `found only: ${findings.map((f) => f.check).join('; ')}`);
      assert.ok(finding.rows.length > 0);
      found.add(finding.check);
    });
  }

  it('[M12] each check has found something here: none is there for show', async () => {
    assert.equal(found.size, (await audit(books.db)).checks);
  });

  it('[M12] a posting that is taken out of every table is found by the hash chain', async () => {
    const grant = `(SELECT posting_id FROM transactions WHERE wallet_id = ${OTHER} AND seq = 1)`;
    const sealed = `(SELECT array_agg(id) FROM transactions WHERE posting_id = ${grant})`;
    const { findings } = await auditAfter([
      `CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT unnest(${sealed}) AS id`,
      'DELETE FROM transactions WHERE id IN (SELECT id FROM gone)',
    ]);
    assert.ok(findings.some(({ check }) => /hash chain/.test(check)));
  });

  it('[M12] rows that break a rule are shown, up to a bound', async () => {
    const { findings } = await auditAfter([
      `INSERT INTO postings (id, category) SELECT gen_random_uuid(), 'win' FROM generate_series(1, 50)`,
    ]);
    assert.deepEqual(
      findings.map(({ rows }) => rows.length),
      [20],
    );
  });

  it('[M12] is sound at any time beside a running server: it reads one snapshot', async () => {
    const table = await books.table();
    const players = await books.players(5, 10_000);
    let playing = true;
    const play = (async () => {
      while (playing) {
        const bets = players.map((p) => bet(table, p, 3));
        await Promise.all(bets.map((b) => books.ledger.placeBet(b)));
        await Promise.all(bets.map((b) => books.ledger.resolveBet(cashOut(b, 150))));
      }
    })();
    for (let i = 0; i < 10; i++) assert.deepEqual((await audit(books.db)).findings, []);
    playing = false;
    await play;
    await books.settle(table.room, table.roundId, 100);
    await books.assertSound();
  });
});
