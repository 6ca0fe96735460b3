/**
 * M12: proves the books, also beside a running server: all checks read one snapshot. Each check names what must hold
 * and selects the rows that break it.
 */
import { type Database, unhurried } from '../database/connection.ts';
import { BLOCK_HASH } from './hash-chain.ts';

const MAX_ROWS_SHOWN = 20;

export interface Finding {
  readonly check: string;
  readonly rows: object[];
}

export interface AuditReport {
  readonly ok: boolean;
  readonly checks: number;
  /** What was looked at. */
  readonly counted: Record<string, number>;
  readonly findings: Finding[];
}

const CHECKS: Record<string, string> = {
  'each posting sums to zero and has two rows or more': `
    SELECT posting_id, sum(amount)::text AS sum, count(*) AS rows FROM transactions
    GROUP BY posting_id HAVING sum(amount) <> 0 OR count(*) < 2`,
  'each transaction has its posting, and each posting its transactions': `
    SELECT posting_id, p.id AS posting FROM (SELECT DISTINCT posting_id FROM transactions) t
    FULL JOIN postings p ON p.id = t.posting_id WHERE p.id IS NULL OR t.posting_id IS NULL`,
  'each posting is in one currency': `
    SELECT t.posting_id, array_agg(DISTINCT w.currency) AS currencies FROM transactions t
    JOIN wallets w ON w.id = t.wallet_id GROUP BY t.posting_id HAVING count(DISTINCT w.currency) > 1`,
  'each balance equals the sum of its transactions, each seq their number': `
    SELECT w.id, w.balance, w.seq, coalesce(t.sum, 0)::text AS sum, coalesce(t.n, 0) AS n FROM wallets w
    LEFT JOIN (SELECT wallet_id, sum(amount) AS sum, count(*) AS n FROM transactions GROUP BY wallet_id) t
      ON t.wallet_id = w.id
    WHERE w.balance <> coalesce(t.sum, 0) OR w.seq <> coalesce(t.n, 0)`,
  'each transaction belongs to a wallet': `
    SELECT t.id, t.wallet_id FROM transactions t LEFT JOIN wallets w ON w.id = t.wallet_id WHERE w.id IS NULL`,
  'each chain of balances is gapless': `
    SELECT id, wallet_id, seq FROM (
      SELECT id, wallet_id, seq, amount, balance_after,
             lag(seq, 1, 0::bigint) OVER w AS before_seq, lag(balance_after, 1, 0::bigint) OVER w AS before_balance
      FROM transactions WINDOW w AS (PARTITION BY wallet_id ORDER BY seq)) c
    WHERE seq <> before_seq + 1 OR balance_after <> before_balance + amount`,
  'no player is below zero': `SELECT id, balance FROM wallets WHERE kind = 'user' AND balance < 0`,
  'each bet has one stake of its amount from its wallet': `
    SELECT b.id, b.amount, count(t.id) AS stakes FROM bets b
    LEFT JOIN transactions t ON t.bet_id = b.id AND t.amount < 0
    GROUP BY b.id HAVING count(t.id) <> 1 OR min(t.amount) <> -b.amount OR min(t.wallet_id) <> b.wallet_id`,
  'each bet has at most one resolution, of its payout, to its wallet': `
    SELECT b.id, b.status, b.payout, count(t.id) AS payouts FROM bets b
    LEFT JOIN transactions t ON t.bet_id = b.id AND t.amount > 0
    GROUP BY b.id HAVING count(t.id) <> (CASE WHEN coalesce(b.payout, 0) > 0 THEN 1 ELSE 0 END)
      OR coalesce(sum(t.amount), 0) <> coalesce(b.payout, 0) OR min(t.wallet_id) <> b.wallet_id`,
  'the payout of a bet fits its status': `
    SELECT id, status, amount, payout FROM bets
    WHERE (status = 'lost' AND payout <> 0) OR (status = 'refunded' AND payout <> amount)`,
  'each stake and each resolution belongs to a bet': `
    SELECT t.id, t.bet_id FROM transactions t LEFT JOIN bets b ON b.id = t.bet_id
    WHERE t.bet_id IS NOT NULL AND (b.id IS NULL OR b.round_id IS DISTINCT FROM t.round_id)`,
  "each bet belongs to a round, a user and the user's wallet": `
    SELECT b.id FROM bets b LEFT JOIN rounds r ON r.id = b.round_id LEFT JOIN users u ON u.id = b.user_id
    LEFT JOIN wallets w ON w.id = b.wallet_id
    WHERE r.id IS NULL OR u.id IS NULL OR r.game_id <> b.game_id OR w.user_id IS DISTINCT FROM b.user_id`,
  'a closed round has no open bet, and its totals are those of its bets': `
    SELECT r.id, r.phase FROM rounds r LEFT JOIN bets b ON b.round_id = r.id
    WHERE r.phase IN ('settled', 'void') GROUP BY r.id
    HAVING count(b.id) FILTER (WHERE b.status = 'accepted') > 0 OR count(b.id) <> r.bet_count
      OR coalesce(sum(b.amount), 0) <> r.staked OR coalesce(sum(b.payout), 0) <> r.paid`,
  'a void round took nothing: every bet is refunded or was cashed out before': `
    SELECT b.id, b.status FROM bets b JOIN rounds r ON r.id = b.round_id
    WHERE r.phase = 'void' AND NOT (b.status = 'cashed' OR (b.status = 'refunded' AND b.payout = b.amount))`,
  'the escrow of each closed round is zero': `
    SELECT t.round_id, sum(t.amount)::text AS left_over FROM transactions t
    JOIN wallets w ON w.id = t.wallet_id AND w.kind = 'escrow' JOIN rounds r ON r.id = t.round_id
    WHERE r.phase IN ('settled', 'void') GROUP BY t.round_id HAVING sum(t.amount) <> 0`,
  'the escrow of each open round is its stakes less its payouts': `
    SELECT r.id, e.sum::text AS escrow, b.sum::text AS bets FROM rounds r
    LEFT JOIN (SELECT t.round_id, sum(t.amount) AS sum FROM transactions t
      JOIN wallets w ON w.id = t.wallet_id AND w.kind = 'escrow' GROUP BY t.round_id) e ON e.round_id = r.id
    LEFT JOIN (SELECT round_id, sum(amount - coalesce(payout, 0)) AS sum FROM bets GROUP BY round_id) b
      ON b.round_id = r.id
    WHERE r.phase IN ('betting', 'running') AND coalesce(e.sum, 0) <> coalesce(b.sum, 0)`,
  'each escrow holds money of its own room only': `
    SELECT t.id, w.account, t.round_id FROM transactions t JOIN wallets w ON w.id = t.wallet_id AND w.kind = 'escrow'
    LEFT JOIN rounds r ON r.id = t.round_id WHERE w.account IS DISTINCT FROM 'escrow:' || r.room_id`,
  'the escrow of a closed room is zero and it has no open round': `
    SELECT l.room_id, w.balance FROM live_rooms l JOIN wallets w ON w.account = 'escrow:' || l.room_id
    WHERE l.closed_at IS NOT NULL AND (w.balance <> 0 OR EXISTS (
      SELECT 1 FROM rounds r WHERE r.room_id = l.room_id AND r.phase IN ('betting', 'running')))`,
  'inventory equals its changes': `
    SELECT coalesce(i.user_id, c.user_id) AS user_id, coalesce(i.item_id, c.item_id) AS item_id, i.quantity, c.sum
    FROM user_inventories i
    FULL JOIN (SELECT user_id, item_id, sum(delta)::bigint AS sum FROM inventory_changes GROUP BY 1, 2) c
      ON c.user_id = i.user_id AND c.item_id = i.item_id
    WHERE coalesce(i.quantity, 0) <> coalesce(c.sum, 0)`,
  'the hash chain over transactions is unbroken': `
    SELECT k.id, k.from_id, k.to_id FROM (
      SELECT b.*, lag(b.hash, 1, '') OVER (ORDER BY b.id) AS before_hash,
             lag(b.to_id, 1, 0::bigint) OVER (ORDER BY b.id) AS before_to FROM ledger_blocks b) k
    CROSS JOIN LATERAL (
      SELECT ${BLOCK_HASH} AS hash, count(t.id) AS n, min(t.id) AS from_id FROM (SELECT k.before_hash AS hash) prev
      LEFT JOIN transactions t ON t.id > k.before_to AND t.id <= k.to_id GROUP BY prev.hash) again
    WHERE again.hash <> k.hash OR again.n <> k.row_count OR again.from_id <> k.from_id OR k.previous_hash <> k.before_hash`,
};

const COUNTED = {
  wallets: 'SELECT count(*) AS n FROM wallets',
  transactions: 'SELECT count(*) AS n FROM transactions',
  bets: 'SELECT count(*) AS n FROM bets',
  rounds: 'SELECT count(*) AS n FROM rounds',
  blocks: 'SELECT count(*) AS n FROM ledger_blocks',
};

export async function audit(db: Database): Promise<AuditReport> {
  const client = await db.pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // The second is unknown to servers before 17.
    await client.query(
      `SELECT set_config(name, '0', true) FROM pg_settings
       WHERE name IN ('statement_timeout', 'transaction_timeout')`,
    );
    const findings: Finding[] = [];
    for (const [check, sql] of Object.entries(CHECKS)) {
      const { rows } = await client.query<object>(
        unhurried(`SELECT * FROM (${sql}) found LIMIT ${MAX_ROWS_SHOWN}`),
      );
      if (rows.length > 0) findings.push({ check, rows });
    }
    const counted: Record<string, number> = {};
    for (const [name, sql] of Object.entries(COUNTED)) {
      const { rows } = await client.query<{ n: number }>(unhurried(sql));
      counted[name] = rows[0]?.n ?? 0;
    }
    return { ok: findings.length === 0, checks: Object.keys(CHECKS).length, counted, findings };
  } finally {
    await client.query('ROLLBACK').catch(() => {});
    client.release();
  }
}
