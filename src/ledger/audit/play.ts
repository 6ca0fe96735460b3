/** Checks of bets, rounds, escrow and inventories (M2, M4, M12). */
import { APART, pass } from './pass.ts';

export const stakes = pass(
  `SELECT b.id, b.amount, b.wallet_id, b.round_id, b.status, coalesce(b.payout, 0) AS payout,
     t.bet_id, t.first_id, t.wallet_id AS line_wallet_id, t.round_id AS line_round_id,
     coalesce(t.stakes, 0) AS stakes, coalesce(t.staked, 0) AS staked,
     coalesce(t.payouts, 0) AS payouts, coalesce(t.paid, 0) AS paid
   FROM bet b
   FULL JOIN (
     SELECT bet_id, round_id, wallet_id, min(id) AS first_id,
       count(*) FILTER (WHERE amount < 0) AS stakes, sum(amount) FILTER (WHERE amount < 0) AS staked,
       count(*) FILTER (WHERE amount > 0) AS payouts, sum(amount) FILTER (WHERE amount > 0) AS paid
     FROM bet_line GROUP BY bet_id, round_id, wallet_id) t ON t.bet_id = b.id
   WHERE b.id IS NULL OR t.bet_id IS NULL OR t.stakes <> 1 OR t.staked <> -b.amount OR t.wallet_id <> b.wallet_id
     OR t.round_id IS DISTINCT FROM b.round_id OR coalesce(t.paid, 0) <> coalesce(b.payout, 0)
     OR t.payouts <> CASE WHEN coalesce(b.payout, 0) > 0 THEN 1 ELSE 0 END`,
  [
    {
      check: 'each bet has one stake of its amount from its wallet',
      when: `f.id IS NOT NULL AND (f.stakes <> 1 OR f.staked <> -f.amount OR f.line_wallet_id <> f.wallet_id)`,
      table: 'bets',
      key: { id: 'f.id' },
      expected: { stakes: '1', sum: '(-f.amount)::text', wallet: 'f.wallet_id' },
      found: { stakes: 'f.stakes', sum: 'f.staked::text', wallet: 'f.line_wallet_id' },
    },
    {
      check: 'each bet has at most one resolution, of its payout, to its wallet',
      when: `f.id IS NOT NULL AND (f.paid <> f.payout OR f.payouts <> CASE WHEN f.payout > 0 THEN 1 ELSE 0 END
        OR (f.payouts > 0 AND f.line_wallet_id <> f.wallet_id))`,
      table: 'bets',
      key: { id: 'f.id' },
      expected: {
        payouts: 'CASE WHEN f.payout > 0 THEN 1 ELSE 0 END',
        sum: 'f.payout::text',
        wallet: 'f.wallet_id',
      },
      found: { payouts: 'f.payouts', sum: 'f.paid::text', wallet: 'f.line_wallet_id' },
    },
    {
      check: 'each stake and each resolution belongs to a bet',
      when: 'f.bet_id IS NOT NULL AND (f.id IS NULL OR f.line_round_id IS DISTINCT FROM f.round_id)',
      table: 'transactions',
      key: { id: 'f.first_id' },
      expected: { bet: 'f.bet_id', round: 'f.round_id' },
      found: { bet: 'f.id', round: 'f.line_round_id' },
    },
  ],
);

export const bets = pass(
  `SELECT b.id, b.status, b.amount, b.payout, b.user_id, b.wallet_id, b.round_id, b.game_id,
     r.id AS found_round, r.phase, r.game_id AS found_game, u.id AS found_user, w.user_id AS wallet_user
   FROM bet b LEFT JOIN LATERAL (SELECT * FROM rounds WHERE id = b.round_id ${APART}) r ON true
   LEFT JOIN LATERAL (SELECT * FROM users WHERE id = b.user_id ${APART}) u ON true
   LEFT JOIN LATERAL (SELECT * FROM wallets WHERE id = b.wallet_id ${APART}) w ON true
   WHERE r.id IS NULL OR u.id IS NULL OR r.game_id <> b.game_id OR w.user_id IS DISTINCT FROM b.user_id
     OR (b.status = 'lost' AND b.payout <> 0) OR (b.status = 'refunded' AND b.payout <> b.amount)
     OR (r.phase = 'void' AND b.status NOT IN ('cashed', 'refunded'))`,
  [
    {
      check: 'the payout of a bet fits its status',
      when: `(f.status = 'lost' AND f.payout <> 0) OR (f.status = 'refunded' AND f.payout <> f.amount)`,
      table: 'bets',
      key: { id: 'f.id' },
      expected: {
        status: 'f.status',
        payout: `CASE WHEN f.status = 'lost' THEN '0' ELSE f.amount::text END`,
      },
      found: { status: 'f.status', payout: 'f.payout::text' },
    },
    {
      check: "each bet belongs to a round, a user and the user's wallet",
      when: `f.found_round IS NULL OR f.found_user IS NULL OR f.found_game <> f.game_id
        OR f.wallet_user IS DISTINCT FROM f.user_id`,
      table: 'bets',
      key: { id: 'f.id' },
      expected: {
        round: 'f.round_id',
        game: 'f.game_id',
        user: 'f.user_id',
        walletOf: 'f.user_id',
      },
      found: {
        round: 'f.found_round',
        game: 'f.found_game',
        user: 'f.found_user',
        walletOf: 'f.wallet_user',
      },
    },
    {
      check: 'a void round took nothing: every bet is refunded or was cashed out before',
      when: `f.phase = 'void' AND NOT (f.status = 'cashed' OR (f.status = 'refunded' AND f.payout = f.amount))`,
      table: 'bets',
      key: { id: 'f.id', round: 'f.round_id' },
      expected: { status: `'refunded or cashed'`, payout: 'f.amount::text' },
      found: { status: 'f.status', payout: 'f.payout::text' },
    },
  ],
);

export const rounds = pass(
  `SELECT r.id, r.phase, r.bet_count, r.staked, r.paid, r.pot, b.n, b.open, b.amounts, b.payouts, e.sum AS escrow
   FROM round r
   LEFT JOIN (
     SELECT round_id, count(*) AS n, count(*) FILTER (WHERE status = 'accepted') AS open,
       sum(amount) AS amounts, sum(coalesce(payout, 0)) AS payouts
     FROM bet GROUP BY round_id) b ON b.round_id = r.id
   LEFT JOIN (SELECT round_id, sum(amount) AS sum FROM escrow_line GROUP BY round_id) e ON e.round_id = r.id
   WHERE CASE WHEN r.phase IN ('settled', 'void')
     THEN coalesce(b.open, 0) > 0 OR coalesce(b.n, 0) <> r.bet_count OR coalesce(b.amounts, 0) <> r.staked
       OR coalesce(b.payouts, 0) <> r.paid OR r.pot <> 0 OR coalesce(e.sum, 0) <> 0
     ELSE coalesce(e.sum, 0) <> coalesce(b.amounts, 0) - coalesce(b.payouts, 0) + r.pot END`,
  [
    {
      check: 'a closed round has no open bet, and its totals are those of its bets',
      when: `f.phase IN ('settled', 'void') AND (coalesce(f.open, 0) > 0 OR coalesce(f.n, 0) <> f.bet_count
        OR coalesce(f.amounts, 0) <> f.staked OR coalesce(f.payouts, 0) <> f.paid OR f.pot <> 0)`,
      table: 'rounds',
      key: { id: 'f.id', phase: 'f.phase' },
      expected: {
        bets: 'coalesce(f.n, 0)',
        open: '0',
        staked: 'coalesce(f.amounts, 0)::text',
        paid: 'coalesce(f.payouts, 0)::text',
        pot: `'0'`,
      },
      found: {
        bets: 'f.bet_count',
        open: 'coalesce(f.open, 0)',
        staked: 'f.staked::text',
        paid: 'f.paid::text',
        pot: 'f.pot::text',
      },
    },
    {
      check: 'the escrow of each closed round is zero',
      when: `f.phase IN ('settled', 'void') AND coalesce(f.escrow, 0) <> 0`,
      table: 'rounds',
      key: { id: 'f.id', phase: 'f.phase' },
      expected: { escrow: `'0'` },
      found: { escrow: 'f.escrow::text' },
    },
    {
      check: 'the escrow of each open round is its stakes less its payouts, and its pot',
      when: `f.phase NOT IN ('settled', 'void')`,
      table: 'rounds',
      key: { id: 'f.id', phase: 'f.phase' },
      expected: { escrow: '(coalesce(f.amounts, 0) - coalesce(f.payouts, 0) + f.pot)::text' },
      found: { escrow: 'coalesce(f.escrow, 0)::text' },
    },
  ],
);

export const escrows = pass(
  `SELECT e.id, e.account, e.round_id, r.room_id FROM escrow_line e
   LEFT JOIN LATERAL (SELECT * FROM rounds WHERE id = e.round_id ${APART}) r ON true
   WHERE e.account IS DISTINCT FROM 'escrow:' || r.room_id`,
  [
    {
      check: 'each escrow holds money of its own room only',
      when: 'true',
      table: 'transactions',
      key: { id: 'f.id' },
      expected: { account: `'escrow:' || f.room_id` },
      found: { account: 'f.account', round: 'f.round_id' },
    },
  ],
);

export const rooms = pass(
  `SELECT l.room_id, w.balance, o.id AS round_id FROM room l
   LEFT JOIN LATERAL (
     SELECT * FROM wallets WHERE account = 'escrow:' || l.room_id AND account IS NOT NULL AND balance <> 0 ${APART}) w
     ON true
   LEFT JOIN LATERAL (
     SELECT * FROM rounds WHERE room_id = l.room_id AND phase IN ('betting', 'running') ${APART}) o ON true
   WHERE l.closed_at IS NOT NULL AND (w.id IS NOT NULL OR o.id IS NOT NULL)`,
  [
    {
      check: 'the escrow of a closed room is zero and it has no open round',
      when: 'true',
      table: 'live_rooms',
      key: { roomId: 'f.room_id' },
      expected: { escrow: `'0'`, openRound: 'NULL' },
      found: { escrow: 'coalesce(f.balance, 0)::text', openRound: 'f.round_id' },
    },
  ],
);

export const changes = pass(
  `SELECT h.*, k.id AS command FROM (
     SELECT id, user_id, item_id, command_id, delta, quantity_after,
       lag(quantity_after, 1, 0::bigint) OVER (PARTITION BY user_id, item_id ORDER BY id) AS quantity_before
     FROM inventory_change) h
   LEFT JOIN LATERAL (SELECT * FROM commands WHERE user_id = h.user_id AND id = h.command_id ${APART}) k ON true
   WHERE h.quantity_after <> h.quantity_before + h.delta OR k.id IS NULL`,
  [
    {
      check: 'each chain of an inventory is gapless',
      when: 'f.quantity_after <> f.quantity_before + f.delta',
      table: 'inventory_changes',
      key: { id: 'f.id', userId: 'f.user_id', itemId: 'f.item_id' },
      expected: { quantityAfter: '(f.quantity_before + f.delta)::text' },
      found: { quantityAfter: 'f.quantity_after::text' },
    },
    {
      check: "each change of an inventory is a command's",
      when: 'f.command IS NULL',
      table: 'inventory_changes',
      key: { id: 'f.id', userId: 'f.user_id' },
      expected: { command: 'f.command_id' },
      found: { command: 'NULL' },
    },
  ],
);

export const inventories = pass(
  `SELECT coalesce(i.user_id, c.user_id) AS user_id, coalesce(i.item_id, c.item_id) AS item_id, i.quantity, c.sum
   FROM inventory i
   FULL JOIN (SELECT user_id, item_id, sum(delta) AS sum FROM inventory_change GROUP BY user_id, item_id) c
     ON c.user_id = i.user_id AND c.item_id = i.item_id
   WHERE coalesce(i.quantity, 0) <> coalesce(c.sum, 0)`,
  [
    {
      check: 'inventory equals its changes',
      when: 'true',
      table: 'user_inventories',
      key: { userId: 'f.user_id', itemId: 'f.item_id' },
      expected: { quantity: 'coalesce(f.sum, 0)::text' },
      found: { quantity: 'f.quantity::text' },
    },
  ],
);
