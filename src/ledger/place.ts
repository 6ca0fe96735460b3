/** A batch of bets becomes one call of `place_bets` (one transaction), and its rows become answers. */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { AppError, type Code } from '../errors.ts';
import type { BetId, RoundId, UserId } from '../ids.ts';
import { persist } from './persist.ts';
import type { BetStatus, OwnedRoom, PlaceBet } from './types.ts';

/**
 * The first answer to a bet. `first` is false for a repeat, and `status` is then how the bet stands now (M5). A bet whose
 * answer was lost and that was sent again by us, not by the client, is no repeat.
 */
export interface PlacedBet {
  readonly betId: BetId;
  readonly roundId: RoundId;
  readonly userId: UserId;
  readonly amount: number;
  readonly selection: object;
  readonly createdAt: Date;
  /** The wallet right after the stake was taken. */
  readonly balance: number;
  readonly seq: number;
  readonly first: boolean;
  readonly status: BetStatus;
}

interface PlaceRow {
  code: 'OK' | 'REPEAT' | Code;
  balance: number | null;
  seq: number | null;
  at: Date;
}

/** M5: what makes two requests with one bet id the same request. */
export function requestHash(bet: PlaceBet): string {
  const { userId, room, amount, selection } = bet;
  const parts = [userId, room.gameName, room.currency, amount, canonical(selection)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * `commands` tells for each bet the command that it belongs to, in ascending order; each is one by itself unless given.
 * Bets of one command are of one player and one round, and are taken all or none.
 */
export async function placeBets(
  pool: pg.Pool,
  bets: readonly PlaceBet[],
  commands: readonly number[] = bets.map((_, at) => at),
): Promise<(PlacedBet | AppError)[]> {
  const groups = groupByRound(bets);
  const bundles = bundlesOf(bets, commands);
  const wallets = places(bets.map((bet) => bet.walletId));
  const values = (postings: string[]) => [
    bets[0]?.room.nodeId,
    groups.rooms.map((g) => g.room.roomId),
    groups.rooms.map((g) => g.room.fence),
    groups.rooms.map((g) => g.roundId),
    groups.rooms.map((g) => g.room.gameId),
    postings,
    groups.escrowIds,
    groups.escrowAt,
    wallets.ids,
    bets.map((bet) => bet.betId),
    groups.at,
    wallets.at,
    bets.map((bet) => bet.userId),
    bets.map((bet) => bet.sessionId),
    bets.map((bet) => bet.amount),
    bundles.leads,
    bundles.needs,
    bets.map((bet) => JSON.stringify(bet.selection)),
    bets.map(requestHash),
  ];
  const sent: string[] = [];
  const { rows } = await persist(() => {
    // New ids at each sending: one that is sent again may accept what was refused before, in a posting of its own.
    const postings = groups.rooms.map(() => uuidv7());
    sent.push(...postings);
    return pool.query<PlaceRow>({
      name: 'place_bets',
      text: `SELECT * FROM place_bets($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19)`,
      values: values(postings),
    });
  });
  const repeats = bets.filter((_, index) => rows[index]?.code === 'REPEAT').map((bet) => bet.betId);
  const stored =
    repeats.length > 0 ? await firstAnswers(pool, repeats, sent) : new Map<BetId, PlacedBet>();
  return bets.map((bet, index) => {
    const row = rows[index] as PlaceRow;
    if (row.code === 'OK') {
      return {
        betId: bet.betId,
        roundId: bet.roundId,
        userId: bet.userId,
        amount: bet.amount,
        selection: bet.selection,
        createdAt: row.at,
        balance: row.balance as number,
        seq: row.seq as number,
        first: true,
        status: 'accepted',
      };
    }
    if (row.code === 'REPEAT') return stored.get(bet.betId) as PlacedBet;
    return new AppError(row.code);
  });
}

async function firstAnswers(
  pool: pg.Pool,
  betIds: BetId[],
  sentPostings: string[],
): Promise<Map<BetId, PlacedBet>> {
  const { rows } = await persist(() =>
    pool.query<PlacedBet>(
      `SELECT b.id AS "betId", b.round_id AS "roundId", b.user_id AS "userId", b.amount, b.selection,
              b.created_at AS "createdAt", t.balance_after AS balance, t.seq, b.status,
              t.posting_id = ANY ($2::uuid[]) AS first
       FROM bets b JOIN transactions t ON t.bet_id = b.id AND t.amount < 0 WHERE b.id = ANY ($1::uuid[])`,
      [betIds, sentPostings],
    ),
  );
  return new Map(rows.map((row) => [row.betId, row]));
}

/**
 * Each distinct round of a batch once, and for each command its 1-based place among them; the rooms' escrows likewise.
 * Who names the same round with another fence is judged apart (M8).
 */
export function groupByRound(commands: readonly { room: OwnedRoom; roundId: RoundId }[]): {
  rooms: { room: OwnedRoom; roundId: RoundId }[];
  at: number[];
  escrowIds: number[];
  escrowAt: number[];
} {
  const known = new Map<string, number>();
  const rooms: { room: OwnedRoom; roundId: RoundId }[] = [];
  const at = commands.map(({ room, roundId }) => {
    const key = `${roundId} ${room.fence} ${room.roomId}`;
    let place = known.get(key);
    if (place === undefined) {
      place = rooms.push({ room, roundId });
      known.set(key, place);
    }
    return place;
  });
  const escrows = places(rooms.map(({ room }) => room.escrowId));
  return { rooms, at, escrowIds: escrows.ids, escrowAt: escrows.at };
}

/** For each bet the 1-based place of its command's first bet, and what the command takes from there on in all. */
function bundlesOf(
  bets: readonly PlaceBet[],
  commands: readonly number[],
): { leads: number[]; needs: number[] } {
  const leads: number[] = [];
  const needs: number[] = bets.map(({ amount }) => amount);
  commands.forEach((command, at) => {
    leads.push(at > 0 && command === commands[at - 1] ? (leads[at - 1] as number) : at + 1);
  });
  for (let at = bets.length - 1; at > 0; at--) {
    if (leads[at] !== at + 1) needs[at - 1] = (needs[at - 1] as number) + (needs[at] as number);
  }
  return { leads, needs };
}

/** Wallets once each, in the order in which they are locked (M10), and the 1-based place of each one given. */
function places(ids: readonly number[]): { ids: number[]; at: number[] } {
  const sorted = [...new Set(ids)].sort((a, b) => a - b);
  const place = new Map(sorted.map((id, index) => [id, index + 1]));
  return { ids: sorted, at: ids.map((id) => place.get(id) as number) };
}

/** JSON with sorted keys, so that the order in which a client wrote its fields changes nothing. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, inner]) => [key, canonical(inner)]);
}
