/** Books in which a bit of everything happened, and what an audit must find when one thing in them is made wrong. */
import assert from 'node:assert/strict';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '../../src/database/connection.ts';
import { type AuditOptions, type AuditReport, audit } from '../../src/ledger/audit.ts';
import { sealWithin } from '../../src/ledger/hash-chain.ts';
import { type Books, bet, cashOut, type Player } from './fixture.ts';

const SEAL_WITHIN_MS = 60_000;

const SETTLED = `(SELECT id FROM rounds WHERE phase = 'settled')`;
const VOID = `(SELECT id FROM rounds WHERE phase = 'void')`;
const OPEN = `(SELECT id FROM rounds WHERE phase = 'betting')`;
const CASHED = `(SELECT id FROM bets WHERE status = 'cashed' AND round_id = ${SETTLED} LIMIT 1)`;
const LOST = `(SELECT id FROM bets WHERE status = 'lost')`;
const ACCEPTED = `(SELECT id FROM bets WHERE status = 'accepted')`;
const PLAYER = '(SELECT min(wallet_id) FROM bets)';
export const OTHER = '(SELECT max(wallet_id) FROM bets)';
const STAKE_OF_CASHED = `(SELECT id FROM transactions WHERE bet_id = ${CASHED} AND amount < 0)`;

/** Each of these is one thing that must never be, and the check that must find it. */
export const CORRUPTIONS: readonly { what: string; check: RegExp; by: readonly string[] }[] = [
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
    what: 'an adjustment without an actor',
    check: /^each adjustment has an actor and a reason/,
    by: [`UPDATE postings SET actor_user_id = NULL WHERE category = 'adjust'`],
  },
  {
    what: 'an adjustment without a reason',
    check: /^each adjustment has an actor and a reason/,
    by: [`UPDATE postings SET reason = ' ' WHERE category = 'adjust'`],
  },
  {
    what: 'a line that was added to a posting later',
    check: /^each posting sums to zero/,
    by: [
      `INSERT INTO transactions (wallet_id, seq, amount, category, balance_after, posting_id)
       SELECT id, seq + 1, 5, 'adjust', balance + 5, (SELECT id FROM postings WHERE category = 'adjust')
       FROM wallets WHERE id = ${OTHER}`,
      `UPDATE wallets SET seq = seq + 1, balance = balance + 5 WHERE id = ${OTHER}`,
    ],
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
    what: 'a change of an inventory that does not follow from the one before',
    check: /^each chain of an inventory is gapless/,
    by: [
      'UPDATE inventory_changes SET quantity_after = quantity_after + 1 WHERE id = (SELECT max(id) FROM inventory_changes)',
    ],
  },
  {
    what: 'a change of an inventory without its command',
    check: /^each change of an inventory is a command's/,
    by: ['DELETE FROM commands'],
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
  {
    what: 'a closed round with a pot that nobody got',
    check: /^a closed round has no open bet/,
    by: [`UPDATE rounds SET pot = 5 WHERE id = ${SETTLED}`],
  },
  {
    what: 'an open round whose pot is not in escrow',
    check: /^the escrow of each open round is/,
    by: [`UPDATE rounds SET pot = 5 WHERE id = ${OPEN}`],
  },
  {
    what: 'a chain whose end was cut off after an audit',
    check: /^each block that an audit has reached/,
    by: [
      `INSERT INTO audit_marks (kind, block_id, block_hash, snapshot, inventory_change_id, system_identifier)
       SELECT 'complete', id, hash, pg_current_snapshot()::text, 0, '' FROM ledger_blocks ORDER BY id DESC LIMIT 1`,
      'DELETE FROM ledger_blocks WHERE id = (SELECT max(id) FROM ledger_blocks)',
    ],
  },
];

/** Rounds that were settled, that are void and that are open, a closed room, items, an adjustment; sealed but for the end. */
export async function play(books: Books): Promise<{ one: Player; two: Player }> {
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
    "INSERT INTO items (name, title) VALUES ('crown-' || $1, 'Crown') RETURNING id",
    [one.userId],
  );
  await changeItem(books, one, item.id, 3, 3);
  await changeItem(books, one, item.id, -1, 2);
  const held = 'INSERT INTO user_inventories (user_id, item_id, quantity) VALUES ($1, $2, 2)';
  await books.rows(held, [one.userId, item.id]);
  await books.rows(
    `SELECT post($1, $2, 'adjust', 'A gift', $3, 'because', w, ARRAY[7::bigint, -7::bigint])
     FROM (SELECT wallets_of('COIN', ARRAY[$3::bigint, $3::bigint], ARRAY[NULL, 'adjust']) AS w) x`,
    [uuidv7(), 'a'.repeat(64), two.userId],
  );
  await sealAll(books);
  await ledger.grant(one.userId, 5, uuidv7(), 'not sealed yet');
  return { one, two };
}

export async function changeItem(
  books: Books,
  player: Player,
  itemId: number,
  delta: number,
  after: number,
): Promise<void> {
  await books.rows(
    `WITH command AS (
       INSERT INTO commands (user_id, id, request_hash, answer) VALUES ($1, $5, repeat('0', 64), '{}') RETURNING id)
     INSERT INTO inventory_changes (user_id, item_id, delta, quantity_after, command_id, reason)
     SELECT $1, $2, $3, $4, id, 'trade' FROM command`,
    [player.userId, itemId, delta, after, uuidv7()],
  );
}

/** Waits for every transaction of the server that is open, those of other databases included: other tests have some. */
export async function sealAll(books: Books): Promise<void> {
  assert.ok(await sealWithin(books.db.pool, SEAL_WITHIN_MS), 'waited in vain');
}

/** The report on books in which `statements` were done with triggers off; they are undone afterwards. */
export async function auditAfter(
  books: Books,
  statements: readonly string[],
  options: AuditOptions = {},
): Promise<AuditReport> {
  const client = await books.db.pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SET LOCAL session_replication_role = replica');
    for (const statement of statements) {
      const { rowCount } = await client.query(statement);
      assert.ok(rowCount === null || rowCount > 0, `changed nothing: ${statement}`);
    }
    // The audit's own transaction is this one.
    const query = (sql: string | { text: string }) =>
      /^(BEGIN|ROLLBACK|SET TRANSACTION)/.test(typeof sql === 'string' ? sql : sql.text)
        ? Promise.resolve({ rows: [] })
        : client.query(sql);
    const connect = async () => ({ query, release: () => {} });
    return await audit({ pool: { connect } } as unknown as Database, options);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}
