/** What the bench does to books that nobody else may: grants to thousands at once, and taking rows out again. */
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';

const APPEND_ONLY = ['bets', 'transactions', 'postings'];

/** Each user's wallet gets `amount`, in one posting (M2). The wallets must be new. */
export async function grantAll(client: pg.Client, amount: number): Promise<void> {
  await client.query(
    `WITH given AS (
       UPDATE wallets SET balance = $2, seq = 1 WHERE kind = 'user' RETURNING id, balance),
     bank AS (
       UPDATE wallets SET balance = -$2 * (SELECT count(*) FROM given), seq = 1
       WHERE id = (SELECT min(id) FROM wallets WHERE kind = 'grant') RETURNING id, balance),
     posting AS (INSERT INTO postings (id, category) VALUES ($1, 'grant'))
     INSERT INTO transactions (wallet_id, seq, amount, category, balance_after, posting_id)
     SELECT id, 1, balance, 'grant', balance, $1 FROM (TABLE given UNION ALL TABLE bank) x ORDER BY id`,
    [uuidv7(), amount],
  );
}

/** Takes out everything but the grants. Open rounds stay open. */
export async function clear(client: pg.Client, amount: number): Promise<void> {
  await unguarded(client, async () => {
    await client.query(`TRUNCATE ${APPEND_ONLY.join(', ')}`);
    await client.query(`DELETE FROM rounds WHERE phase IN ('settled', 'void')`);
    await client.query('UPDATE wallets SET balance = 0, seq = 0');
    await grantAll(client, amount);
  });
  await client.query(`VACUUM ANALYZE wallets, rounds, ${APPEND_ONLY.join(', ')}`);
}

/** Takes out what was written to rounds of these rooms, and sets wallets back to their last remaining row. */
export async function removeRounds(client: pg.Client, roomIds: readonly string[]): Promise<void> {
  const theirs = 'SELECT id FROM rounds WHERE room_id = ANY ($1)';
  await unguarded(client, async () => {
    await client.query('CREATE TEMPORARY TABLE touched (id bigint PRIMARY KEY) ON COMMIT DROP');
    await client.query(
      `WITH gone AS (DELETE FROM transactions WHERE round_id IN (${theirs}) RETURNING wallet_id)
       INSERT INTO touched SELECT DISTINCT wallet_id FROM gone`,
      [roomIds],
    );
    await client.query(`DELETE FROM bets WHERE round_id IN (${theirs})`, [roomIds]);
    await client.query(
      `UPDATE wallets w SET balance = last.balance_after, seq = last.seq
       FROM touched x LEFT JOIN LATERAL (
         SELECT t.balance_after, t.seq FROM transactions t WHERE t.wallet_id = x.id ORDER BY t.seq DESC LIMIT 1
       ) t ON true CROSS JOIN LATERAL (
         SELECT coalesce(t.balance_after, 0) AS balance_after, coalesce(t.seq, 0) AS seq) last
       WHERE w.id = x.id`,
    );
  });
}

/** One transaction without the triggers of the append-only tables. */
async function unguarded(client: pg.Client, work: () => Promise<void>): Promise<void> {
  const triggers = async (verb: 'DISABLE' | 'ENABLE') => {
    for (const table of APPEND_ONLY)
      await client.query(`ALTER TABLE ${table} ${verb} TRIGGER USER`);
  };
  await client.query('BEGIN');
  try {
    await triggers('DISABLE');
    await work();
    await triggers('ENABLE');
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
