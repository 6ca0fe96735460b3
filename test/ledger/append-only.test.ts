import assert from 'node:assert/strict';
import { v7 as uuidv7 } from 'uuid';
import type { PlaceBet } from '../../src/ledger/types.ts';
import { type Books, bet, cashOut, openBooks, type Player } from './fixture.ts';

const REFUSED = { code: '23001' };

describe('ledger/append-only', () => {
  let books: Books;
  let player: Player;
  let resolved: PlaceBet;
  let open: PlaceBet;

  before(async () => {
    books = await openBooks();
    const table = await books.table();
    player = await books.player(1_000);
    resolved = bet(table, player, 100);
    open = bet(table, player, 50);
    await Promise.all([books.ledger.placeBet(resolved), books.ledger.placeBet(open)]);
    await books.ledger.resolveBet(cashOut(resolved, 150));
    const { rows } = await books.db.pool.query(
      "INSERT INTO items (name, title) VALUES ('crown', 'Crown') RETURNING id",
    );
    await books.rows(
      `INSERT INTO inventory_changes (user_id, item_id, delta, quantity_after, command_id, reason)
       VALUES ($1, $2, 1, 1, $3, 'found')`,
      [player.userId, rows[0].id, uuidv7()],
    );
    await books.rows(
      `INSERT INTO ledger_blocks (id, from_id, to_id, row_count, total_count, previous_hash, hash)
       VALUES (1, 1, 1, 1, 1, $1, $1)`,
      ['a'.repeat(64)],
    );
    await books.rows(
      `INSERT INTO audit_marks (kind, block_id, block_hash, snapshot, inventory_change_id, system_identifier)
       VALUES ('complete', 1, $1, '1:1:', 0, '1')`,
      ['a'.repeat(64)],
    );
  });
  after(() => books.close());

  const tables = ['transactions', 'postings', 'inventory_changes', 'ledger_blocks', 'audit_marks'];
  for (const table of tables) {
    it(`[M4] no row of ${table} is ever changed, deleted or truncated`, async () => {
      const before = await books.rows(`SELECT * FROM ${table}`);
      assert.ok(before.length > 0);
      await assert.rejects(books.rows(`UPDATE ${table} SET created_at = now()`), REFUSED);
      await assert.rejects(books.rows(`DELETE FROM ${table}`), REFUSED);
      await assert.rejects(books.rows(`TRUNCATE ${table}`), REFUSED);
      await assert.rejects(books.rows(`TRUNCATE ${table} CASCADE`), REFUSED);
      assert.deepEqual(await books.rows(`SELECT * FROM ${table}`), before);
    });
  }

  it('[M4] a bet is never deleted or truncated', async () => {
    await assert.rejects(books.rows('DELETE FROM bets'), REFUSED);
    await assert.rejects(books.rows('DELETE FROM bets WHERE id = $1', [open.betId]), REFUSED);
    await assert.rejects(books.rows('TRUNCATE bets'), REFUSED);
    assert.equal(await books.count('bets'), 2);
  });

  it('[M4] a trigger refuses any change of a resolved bet, also back to accepted', async () => {
    const set = (assignments: string) =>
      books.rows(`UPDATE bets SET ${assignments} WHERE id = $1`, [resolved.betId]);
    await assert.rejects(set('payout = payout + 1'), REFUSED);
    await assert.rejects(set("status = 'lost', payout = 0"), REFUSED);
    await assert.rejects(
      set("status = 'accepted', payout = NULL, resolved_at = NULL, resolved_by = NULL"),
      REFUSED,
    );
    await assert.rejects(set('updated_at = now()'), REFUSED);
  });

  it('[M4] a bet that is not resolved has no payout, and a resolved one has one', async () => {
    const set = (assignments: string) =>
      books.rows(`UPDATE bets SET ${assignments} WHERE id = $1`, [open.betId]);
    await assert.rejects(set('payout = 5'), { constraint: 'bets_resolved' });
    await assert.rejects(set("status = 'won'"), { constraint: 'bets_resolved' });
  });

  it('[M4] a unique index allows one stake and one resolution per bet', async () => {
    const insert = (amount: number) =>
      books.rows(
        `INSERT INTO transactions (wallet_id, seq, amount, category, balance_after, posting_id, bet_id)
         VALUES ($1, 900, $2, 'win', 0, $3, $4)`,
        [player.walletId, amount, uuidv7(), resolved.betId],
      );
    const twice = { code: '23505', constraint: 'transactions_one_stake_one_resolution' };
    await assert.rejects(insert(150), twice);
    await assert.rejects(insert(-100), twice);
  });

  it('[M4] seq is unique in a wallet, gapless, and balance_after chains', async () => {
    await assert.rejects(
      books.rows(
        `INSERT INTO transactions (wallet_id, seq, amount, category, balance_after, posting_id)
         VALUES ($1, 1, 5, 'adjust', 5, $2)`,
        [player.walletId, uuidv7()],
      ),
      { code: '23505', constraint: 'transactions_chain' },
    );
    const rows = await books.rows<{ seq: number; amount: number; balance_after: number }>(
      'SELECT seq, amount, balance_after FROM transactions WHERE wallet_id = $1 ORDER BY seq',
      [player.walletId],
    );
    let balance = 0;
    rows.forEach(({ seq, amount, balance_after }, index) => {
      balance += amount;
      assert.equal(seq, index + 1);
      assert.equal(balance_after, balance);
    });
    assert.equal(rows.length, 4);
    assert.equal(balance, await books.balance(player));
  });

  it('[M4] [Bug 19] a user who owns a wallet cannot be deleted from the database, so no ledger goes along', async () => {
    await assert.rejects(books.rows('DELETE FROM users WHERE id = $1', [player.userId]), {
      code: /^23(001|503)$/,
    });
    assert.equal(await books.count('transactions', 'wallet_id = $1', [player.walletId]), 4);
  });
});
