/** Cash-outs, outcomes and refunds become one call of `resolve_bets` (one transaction) per batch. */
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { AppError, type Code } from '../errors.ts';
import type { BetId, UserId } from '../ids.ts';
import { persist } from './persist.ts';
import { groupByRound } from './place.ts';
import type { ResolveBet, ResolvedBet, ResolvedBy } from './types.ts';

interface ResolveRow {
  code: 'OK' | Code;
  status: ResolvedBet['status'];
  resolved_by: ResolvedBy;
  multiplier: number;
  payout: number;
  user_id: UserId;
  balance: number;
  seq: number;
}

/** How each bet stands afterwards; a bet that was resolved before answers with its first resolution. */
export async function resolveBets(
  pool: pg.Pool,
  bets: readonly ResolveBet[],
): Promise<(ResolvedBet | AppError)[]> {
  const groups = groupByRound(bets);
  const postings = groups.rooms.map(() => uuidv7());
  const values = [
    bets[0]?.room.nodeId,
    groups.rooms.map((g) => g.room.roomId),
    groups.rooms.map((g) => g.room.fence),
    groups.rooms.map((g) => g.roundId),
    postings,
    groups.escrowIds,
    groups.escrowAt,
    bets.map((bet) => bet.betId),
    groups.at,
    bets.map((bet) => bet.status),
    bets.map((bet) => bet.by),
    bets.map((bet) => bet.multiplier),
    bets.map((bet) => bet.payout),
  ];
  let sent = 0;
  const { rows } = await persist(() => {
    sent += 1;
    return pool.query<ResolveRow>({
      name: 'resolve_bets',
      text: 'SELECT * FROM resolve_bets($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)',
      values,
    });
  });
  const resolved = bets.filter((_, index) => rows[index]?.code === 'ALREADY_RESOLVED');
  const ours = sent > 1 ? await resolvedBy(pool, postings, resolved) : new Map<BetId, After>();
  return bets.map((bet, index) => {
    const row = rows[index] as ResolveRow;
    if (row.code !== 'OK' && row.code !== 'ALREADY_RESOLVED') return new AppError(row.code);
    const own = sameAsAsked(bet, row) ? ours.get(bet.betId) : undefined;
    return {
      betId: bet.betId,
      userId: row.user_id,
      first: row.code === 'OK' || own !== undefined,
      status: row.status,
      by: row.resolved_by,
      multiplier: row.multiplier,
      payout: row.payout,
      balance: own?.balance ?? row.balance,
      seq: own?.seq ?? row.seq,
    };
  });
}

/** The wallet right after a payout; empty when nothing was paid. */
interface After {
  readonly balance: number | null;
  readonly seq: number | null;
}

/**
 * M5: after a lost answer, which of these bets the sending that was lost has resolved: those paid by its postings, and
 * those that nobody was paid for. With the wallet as it was then: others of its bets may have been paid since.
 */
async function resolvedBy(
  pool: pg.Pool,
  postings: string[],
  bets: readonly ResolveBet[],
): Promise<Map<BetId, After>> {
  const { rows } = await persist(() =>
    pool.query<After & { betId: BetId }>(
      `SELECT b.id AS "betId", t.balance_after AS balance, t.seq FROM bets b LEFT JOIN transactions t ON t.bet_id = b.id AND t.amount > 0
       WHERE b.id = ANY ($1::uuid[]) AND (t.id IS NULL OR t.posting_id = ANY ($2::uuid[]))`,
      [bets.map((bet) => bet.betId), postings],
    ),
  );
  return new Map(rows.map((row) => [row.betId, row]));
}

function sameAsAsked(bet: ResolveBet, row: ResolveRow): boolean {
  return (
    bet.status === row.status &&
    bet.by === row.resolved_by &&
    bet.multiplier === row.multiplier &&
    bet.payout === row.payout
  );
}
