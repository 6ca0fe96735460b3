/** Checks of postings, wallets and their chains (M2, M3, M4). */
import { APART, pass } from './pass.ts';

const SUMS = 'each posting sums to zero and has two rows or more';
const COMPLETE = 'each transaction has its posting, and each posting its transactions';

export const postings = pass(
  `SELECT t.posting_id, t.sum, t.n, t.low, t.high, t.first_id, p.id, p.category, p.actor_user_id, p.reason
   FROM (
     SELECT l.posting_id, sum(l.amount) AS sum, count(*) AS n, min(l.id) AS first_id,
       min(w.currency COLLATE "C") AS low, max(w.currency COLLATE "C") AS high
     FROM posting_line l
     LEFT JOIN LATERAL (SELECT * FROM wallets WHERE id = l.wallet_id ${APART}) w ON true GROUP BY l.posting_id) t
   FULL JOIN posting p ON p.id = t.posting_id
   WHERE t.posting_id IS NULL OR p.id IS NULL OR t.sum <> 0 OR t.n < 2 OR t.low <> t.high
     OR (p.category = 'adjust' AND (p.actor_user_id IS NULL OR coalesce(btrim(p.reason), '') = ''))`,
  [
    {
      check: SUMS,
      when: 'f.sum <> 0 OR f.n < 2',
      table: 'postings',
      key: { id: 'f.posting_id' },
      expected: { sum: `'0'`, rows: `'two or more'` },
      found: { sum: 'f.sum::text', rows: 'f.n' },
    },
    {
      check: COMPLETE,
      when: 'f.id IS NULL',
      table: 'transactions',
      key: { id: 'f.first_id' },
      expected: { posting: 'f.posting_id' },
      found: { posting: 'NULL' },
    },
    {
      check: COMPLETE,
      when: 'f.posting_id IS NULL',
      table: 'postings',
      key: { id: 'f.id' },
      expected: { rows: `'two or more'` },
      found: { rows: '0' },
    },
    {
      check: 'each posting is in one currency',
      when: 'f.low <> f.high',
      table: 'postings',
      key: { id: 'f.posting_id' },
      expected: { currencies: '1' },
      found: { currencies: 'jsonb_build_array(f.low, f.high)' },
    },
    {
      check: 'each adjustment has an actor and a reason',
      when: `f.category = 'adjust' AND (f.actor_user_id IS NULL OR coalesce(btrim(f.reason), '') = '')`,
      table: 'postings',
      key: { id: 'f.id' },
      expected: { actor: `'a user'`, reason: `'a text'` },
      found: { actor: 'f.actor_user_id', reason: 'f.reason' },
    },
  ],
);

/** A posting and its lines are written together; a line that is added afterwards does not belong to it. */
export const strays = pass('SELECT id, posting_id FROM stray', [
  {
    check: COMPLETE,
    when: 'true',
    table: 'transactions',
    key: { id: 'f.id' },
    expected: { posting: `'one that was written with it'` },
    found: { posting: 'f.posting_id' },
  },
]);

export const wallets = pass(
  `SELECT w.id, w.kind, w.balance, w.seq, t.wallet_id, t.first_id, coalesce(t.sum, 0) AS sum, coalesce(t.n, 0) AS n
   FROM (
     SELECT wallet_id, min(id) AS first_id, sum(CASE WHEN proven THEN balance_after ELSE amount END) AS sum,
       sum(CASE WHEN proven THEN seq ELSE 1 END) AS n
     FROM wallet_line GROUP BY wallet_id) t
   FULL JOIN wallet w ON w.id = t.wallet_id
   WHERE w.id IS NULL OR w.balance <> coalesce(t.sum, 0) OR w.seq <> coalesce(t.n, 0)
     OR (w.kind = 'user' AND w.balance < 0)`,
  [
    {
      check: 'each balance equals the sum of its transactions, each seq their number',
      when: 'f.balance <> f.sum OR f.seq <> f.n',
      table: 'wallets',
      key: { id: 'f.id' },
      expected: { balance: 'f.sum::text', seq: 'f.n::text' },
      found: { balance: 'f.balance::text', seq: 'f.seq::text' },
    },
    {
      check: 'each transaction belongs to a wallet',
      when: 'f.id IS NULL',
      table: 'transactions',
      key: { id: 'f.first_id' },
      expected: { wallet: 'f.wallet_id' },
      found: { wallet: 'NULL' },
    },
    {
      check: 'no player is below zero',
      when: `f.kind = 'user' AND f.balance < 0`,
      table: 'wallets',
      key: { id: 'f.id' },
      expected: { balance: `'0 or more'` },
      found: { balance: 'f.balance::text' },
    },
  ],
);

export const chains = pass(
  `SELECT * FROM (
     SELECT id, wallet_id, seq, balance_after, proven, amount,
       lag(seq, 1, 0::bigint) OVER w AS seq_before, lag(balance_after, 1, 0::bigint) OVER w AS balance_before
     FROM wallet_line WINDOW w AS (PARTITION BY wallet_id ORDER BY seq)) c
   WHERE NOT proven AND (seq <> seq_before + 1 OR balance_after <> balance_before + amount)`,
  [
    {
      check: 'each chain of balances is gapless',
      when: 'true',
      table: 'transactions',
      key: { id: 'f.id', walletId: 'f.wallet_id' },
      expected: {
        seq: 'f.seq_before + 1',
        balanceAfter: '(f.balance_before::numeric + f.amount)::text',
      },
      found: { seq: 'f.seq', balanceAfter: 'f.balance_after::text' },
    },
  ],
);
