/**
 * What an audit looks at, as a list of relations for WITH. The checks are written once, over these relations; the
 * complete audit gives them everything, the incremental one what was committed since a mark and the rows it touches.
 *
 * - posting_line, posting: lines of postings, and the postings, of which all lines are there
 * - stray: lines that came later than the posting that they name
 * - wallet_line, wallet: lines in chains, and the wallets they must lead to; `proven` is the line to go on from
 * - bet, bet_line: bets, and all lines that name one of them
 * - round, escrow_line, room: rounds with all bets and all lines of escrow that they have, and their rooms
 * - inventory_change, inventory: for each user and item either all changes or none
 * - block: sealed blocks; `proven` is the one to go on from
 */
import pg from 'pg';

export interface Mark {
  readonly id: number;
  readonly kind: 'complete' | 'incremental';
  readonly blockId: number;
  readonly blockHash: string;
  /** The last transaction that the block covers. */
  readonly toId: number;
  readonly inventoryChangeId: number;
  /** What the audit saw, as text of type pg_snapshot. */
  readonly snapshot: string;
  readonly at: Date;
}

export interface Scope {
  readonly kind: 'complete' | 'incremental';
  readonly relations: string;
  /**
   * Stands at the end of a look-up by key. Nothing, where a whole table may be read for all of them; OFFSET 0, where
   * each must be on its own, because a whole table would cost more than all that is new.
   */
  readonly apart: string;
}

const APART = 'OFFSET 0';
const LINE = 'id, wallet_id, seq, amount, balance_after, posting_id, bet_id, round_id';

export const everything: Scope = {
  kind: 'complete',
  apart: '',
  relations: `
    posting_line AS NOT MATERIALIZED (SELECT ${LINE} FROM transactions),
    posting AS NOT MATERIALIZED (SELECT * FROM postings),
    stray AS NOT MATERIALIZED (SELECT ${LINE} FROM transactions WHERE false),
    wallet_line AS NOT MATERIALIZED (SELECT ${LINE}, false AS proven FROM transactions),
    wallet AS NOT MATERIALIZED (SELECT * FROM wallets),
    bet AS NOT MATERIALIZED (SELECT * FROM bets),
    bet_line AS NOT MATERIALIZED (SELECT ${LINE} FROM transactions WHERE bet_id IS NOT NULL),
    round AS NOT MATERIALIZED (SELECT * FROM rounds),
    escrow_line AS NOT MATERIALIZED (
      SELECT t.id, t.wallet_id, t.round_id, t.amount, w.account FROM transactions t
      JOIN wallets w ON w.id = t.wallet_id AND w.kind = 'escrow'),
    room AS NOT MATERIALIZED (SELECT * FROM live_rooms),
    inventory_change AS NOT MATERIALIZED (SELECT * FROM inventory_changes),
    inventory AS NOT MATERIALIZED (SELECT * FROM user_inventories),
    block AS NOT MATERIALIZED (SELECT *, false AS proven FROM ledger_blocks)`,
};

/**
 * What was not committed when the mark was made. Exactly that, whatever the order of commits: lines up to the mark's
 * block were over before it was sealed, and the numbers of database transactions tell for postings and rounds. A bet
 * changes only while its round is open, so bets are found by rounds that are open or have changed since, and by the
 * lines that name them.
 */
export function since(mark: Mark): Scope {
  const snapshot = `${pg.escapeLiteral(mark.snapshot)}::pg_snapshot`;
  const oldest = `(pg_snapshot_xmin(${snapshot})::text::bigint)`;
  const wasSeen = (xact: string) => `pg_visible_in_snapshot(${xact}::text::xid8, ${snapshot})`;
  return {
    kind: 'incremental',
    apart: APART,
    relations: `
    new_line AS MATERIALIZED (
      SELECT ${LINE}, xmin AS written_by FROM transactions WHERE id > ${mark.toId}),
    posting_line AS (
      SELECT l.* FROM new_line l
      LEFT JOIN LATERAL (SELECT xact_id FROM postings WHERE id = l.posting_id ${APART}) p ON true
      WHERE p.xact_id IS NULL OR NOT ${wasSeen('p.xact_id')}),
    posting AS (SELECT * FROM postings WHERE xact_id >= ${oldest} AND NOT ${wasSeen('xact_id')}),
    stray AS (
      SELECT l.* FROM new_line l
      CROSS JOIN LATERAL (SELECT xact_id, xmin AS written_by FROM postings WHERE id = l.posting_id ${APART}) p
      WHERE ${wasSeen('p.xact_id')} AND p.written_by <> l.written_by),
    touched_wallet AS MATERIALIZED (
      SELECT wallet_id AS id, min(seq) AS first_seq FROM new_line GROUP BY wallet_id),
    wallet_line AS (
      SELECT ${LINE}, false AS proven FROM new_line
      UNION ALL SELECT t.*, true FROM touched_wallet x CROSS JOIN LATERAL (
        SELECT ${LINE} FROM transactions WHERE wallet_id = x.id AND seq = x.first_seq - 1 ${APART}) t),
    wallet AS (
      SELECT w.* FROM touched_wallet x CROSS JOIN LATERAL (SELECT * FROM wallets WHERE id = x.id ${APART}) w),
    named_bet AS MATERIALIZED (SELECT DISTINCT bet_id AS id FROM new_line WHERE bet_id IS NOT NULL),
    changed_round AS MATERIALIZED (
      SELECT round_id AS id FROM new_line WHERE round_id IS NOT NULL
      UNION SELECT b.round_id FROM named_bet n
      CROSS JOIN LATERAL (SELECT round_id FROM bets WHERE id = n.id ${APART}) b
      UNION SELECT id FROM rounds WHERE xact_id >= ${oldest}
      UNION SELECT id FROM rounds WHERE phase IN ('betting', 'running')),
    -- With all later rounds of the same room: their lines are the last ones of the room's escrow.
    touched_round AS MATERIALIZED (
      SELECT id FROM changed_round
      UNION SELECT d.id FROM (
        SELECT r.room_id, min(r.number) AS number FROM changed_round c
        CROSS JOIN LATERAL (SELECT room_id, number FROM rounds WHERE id = c.id ${APART}) r GROUP BY r.room_id) x
      CROSS JOIN LATERAL (SELECT id FROM rounds WHERE room_id = x.room_id AND number >= x.number ${APART}) d),
    round AS MATERIALIZED (
      SELECT d.* FROM touched_round x CROSS JOIN LATERAL (SELECT * FROM rounds WHERE id = x.id ${APART}) d),
    bet AS MATERIALIZED (
      SELECT b.* FROM touched_round x CROSS JOIN LATERAL (SELECT * FROM bets WHERE round_id = x.id ${APART}) b),
    bet_line AS (
      SELECT t.* FROM (SELECT id FROM bet UNION SELECT id FROM named_bet) x
      CROSS JOIN LATERAL (SELECT ${LINE} FROM transactions WHERE bet_id = x.id AND bet_id IS NOT NULL ${APART}) t),
    touched_escrow AS MATERIALIZED (
      SELECT w.id, w.account FROM (SELECT DISTINCT room_id FROM round) r CROSS JOIN LATERAL (
        SELECT id, account FROM wallets WHERE account = 'escrow:' || r.room_id AND account IS NOT NULL ${APART}) w
      UNION SELECT id, account FROM wallet WHERE kind = 'escrow'),
    escrow_line AS (
      SELECT t.id, t.wallet_id, t.round_id, t.amount, e.account FROM touched_escrow e
      CROSS JOIN LATERAL (SELECT coalesce((
        SELECT u.seq FROM transactions u
        WHERE u.wallet_id = e.id AND u.round_id NOT IN (SELECT id FROM touched_round)
        ORDER BY u.seq DESC LIMIT 1), 0) AS seq) earlier
      CROSS JOIN LATERAL (SELECT * FROM transactions WHERE wallet_id = e.id AND seq > earlier.seq ${APART}) t),
    room AS (
      SELECT l.* FROM (
        SELECT room_id FROM round UNION SELECT substr(account, length('escrow:') + 1) FROM touched_escrow) x
      CROSS JOIN LATERAL (SELECT * FROM live_rooms WHERE room_id = x.room_id ${APART}) l),
    touched_item AS MATERIALIZED (
      SELECT DISTINCT user_id, item_id FROM inventory_changes WHERE id > ${mark.inventoryChangeId}),
    inventory_change AS (
      SELECT c.* FROM touched_item x CROSS JOIN LATERAL (
        SELECT * FROM inventory_changes WHERE user_id = x.user_id AND item_id = x.item_id ${APART}) c),
    inventory AS (
      SELECT i.* FROM touched_item x CROSS JOIN LATERAL (
        SELECT * FROM user_inventories WHERE user_id = x.user_id AND item_id = x.item_id ${APART}) i),
    block AS (SELECT *, id <= ${mark.blockId} AS proven FROM ledger_blocks WHERE id >= ${mark.blockId})`,
  };
}
