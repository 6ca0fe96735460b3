/** Whether players, `sit` and the books tell one story of the seats in matches: each stake comes back once, or the pot. */
import assert from 'node:assert/strict';
import type { Database } from '../../src/database/connection.ts';
import { duel } from '../../src/games/duel.ts';
import type { Account, SeatRecord } from './orders.ts';

/** A seat whose stake is in the books. */
interface SeatRow {
  readonly roundId: string;
  readonly userId: number;
  readonly seat: number;
  readonly stake: number;
  readonly phase: string;
  readonly outcome: { readonly winner: number | null; readonly ending: string } | null;
  /** What left the player's wallet for it, what came back, and in how many rows. */
  readonly staked: number;
  readonly stakings: number;
  readonly refunded: number;
  readonly refunds: number;
}

interface Paid {
  readonly roundId: string;
  readonly userId: number | null;
  readonly category: 'payout' | 'rake';
  readonly amount: number;
}

/** What the seats brought each player, less the stakes; after the account of each player was compared with the books. */
export async function assertSeats(
  books: Database,
  accounts: readonly Account[],
  noAnswer: ReadonlySet<string>,
): Promise<Map<number, number>> {
  const rows = await seatsOf(books);
  const gains = new Map<number, number>();
  const gain = (userId: number, amount: number) =>
    gains.set(userId, (gains.get(userId) ?? 0) + amount);
  const paid = Map.groupBy(await paymentsOf(books), ({ roundId }) => roundId);
  for (const [roundId, seats] of Map.groupBy(rows, (row) => row.roundId)) {
    assertPot(seats, paid.get(roundId) ?? []);
    for (const { userId, staked, refunded } of seats) gain(userId, staked + refunded);
    for (const { userId, amount } of paid.get(roundId) ?? []) if (userId) gain(userId, amount);
    paid.delete(roundId);
  }
  assert.deepEqual([...paid.keys()], [], 'a pot was paid that nobody staked');
  const byUser = Map.groupBy(rows, ({ userId }) => userId);
  for (const { userId, seats } of accounts) {
    assertAccount(seats, byUser.get(userId) ?? [], noAnswer);
    byUser.delete(userId);
  }
  assert.deepEqual([...byUser.keys()], [], 'a seat that nobody asked for');
  return gains;
}

/** The stakes of one match are refunded, each once, or went to the winner less the rake, once. */
function assertPot(seats: readonly SeatRow[], paid: readonly Paid[]): void {
  const [{ roundId, phase, outcome }] = seats as [SeatRow];
  for (const { stake, staked, stakings } of seats) {
    assert.deepEqual([staked, stakings], [-stake, 1], `one stake posting in ${roundId}`);
  }
  assert.equal(phase, outcome ? 'settled' : 'void', `round ${roundId} is over`);
  const winner = outcome?.winner ?? null;
  const isRefunded = winner === null;
  for (const { stake, refunded, refunds } of seats) {
    const expected = isRefunded ? [stake, 1] : [0, 0];
    assert.deepEqual([refunded, refunds], expected, `refunds in ${roundId}`);
  }
  const pot = seats.reduce((sum, { stake }) => sum + stake, 0);
  const kept = Math.floor((pot * duel.rakePercent) / 100);
  const userId = seats.find(({ seat }) => seat === winner)?.userId;
  const expected = [
    { roundId, userId, category: 'payout', amount: pot - kept },
    { roundId, userId: null, category: 'rake', amount: kept },
  ].filter(({ amount }) => !isRefunded && amount > 0);
  const inOrder = [...paid].sort((a, b) => a.category.localeCompare(b.category));
  assert.deepEqual(inOrder, expected, `the pot of ${roundId}`);
  if (outcome) assert.equal(seats.length, duel.seats);
}

/** What a player was told of the own seats is what the books hold, and they hold nothing else. */
function assertAccount(
  records: readonly SeatRecord[],
  rows: readonly SeatRow[],
  noAnswer: ReadonlySet<string>,
): void {
  const left = new Map(rows.map((row) => [row.roundId, row]));
  assert.equal(left.size, rows.length, 'a player has one seat in a match');
  for (const { matchId, stake, taken, shown, endAcknowledged, answers } of records) {
    if (!taken) continue;
    const row = left.get(taken.roundId);
    assert.ok(row, `an acknowledged seat is missing: ${matchId}`);
    left.delete(taken.roundId);
    assert.deepEqual([row.seat, row.stake, taken.stake], [taken.seat, stake, stake]);
    // M5: whatever became of it, the same sit answers what the first one answered.
    assert.deepEqual(answers, [taken, taken]);
    if (endAcknowledged) assert.equal(row.phase, 'settled', 'M6: an acknowledged end is settled');
    if (shown) {
      const { winner, ending } = row.outcome ?? assert.fail('M7: an end was shown and is lost');
      assert.deepEqual(shown, { winner: winner ?? -1, ending });
    }
  }
  const unanswered = records.filter(
    ({ taken, refused }) => !taken && (refused === undefined || noAnswer.has(refused)),
  );
  assert.ok(left.size <= unanswered.length, `${left.size} stakes that nobody sent`);
}

async function seatsOf(books: Database): Promise<SeatRow[]> {
  const { rows } = await books.pool.query<SeatRow>(
    `SELECT s.round_id AS "roundId", s.user_id AS "userId", s.seat, s.stake, r.phase, r.outcome,
       i.amount AS staked, i.rows AS stakings, o.amount AS refunded, o.rows AS refunds
     FROM match_seats s JOIN rounds r ON r.id = s.round_id
     CROSS JOIN LATERAL (${ofPlayer('s.id')}) i CROSS JOIN LATERAL (${ofPlayer('s.refund_id')}) o`,
  );
  return rows;
}

function ofPlayer(posting: string): string {
  return `SELECT coalesce(sum(t.amount), 0)::bigint AS amount, count(*) AS rows
    FROM transactions t JOIN wallets w ON w.id = t.wallet_id
    WHERE t.posting_id = ${posting} AND w.user_id = s.user_id`;
}

async function paymentsOf(books: Database): Promise<Paid[]> {
  const { rows } = await books.pool.query<Paid>(
    `SELECT t.round_id AS "roundId", w.user_id AS "userId", t.category, t.amount
     FROM transactions t JOIN wallets w ON w.id = t.wallet_id
     WHERE t.category IN ('payout', 'rake') AND t.amount > 0`,
  );
  return rows;
}
