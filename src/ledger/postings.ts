/**
 * Every movement of money that is no bet's, as a value: whose wallet, which account, how much. `Postings` (post.ts)
 * makes them; the SQL function `post` knows which category moves money between which kinds of account.
 */
import { createHash } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import { AppError } from '../errors.ts';
import type { RoundId, UserId } from '../ids.ts';
import type { OwnedRoom } from './types.ts';

/** Players of one posting of a dividend: its locks are held for some ten milliseconds, not for seconds. */
const DIVIDEND_CHUNK = 1_000;
const MAX_REASON_LENGTH = 500;

/** A player's own wallet, a system account by its name, or (both) the one of sixteen accounts that is the user's. */
interface Entry {
  readonly userId: UserId | null;
  readonly account: string | null;
  readonly amount: number;
}

type Category =
  | 'grant'
  | 'purchase'
  | 'sale'
  | 'adjust'
  | 'stake'
  | 'payout'
  | 'refund'
  | 'dividend'
  | 'rake';

/** What is to be moved; made by the functions below. */
export interface Posting {
  readonly id: string;
  readonly hash: string;
  readonly category: Category;
  readonly currency: string;
  readonly entries: readonly Entry[];
  readonly table: Table | null;
  /** What must be left in the round's pot for the postings that follow. */
  readonly keep: number;
  readonly note: Note;
}

/** A movement between one player and an account across the counter. */
export interface Deal {
  readonly id: string;
  readonly userId: UserId;
  readonly currency: string;
  /** Always above zero; an adjustment's may be below. */
  readonly amount: number;
  readonly reason?: string;
  readonly description?: string;
}

/** The round of a room, whose owner asks: checked inside the posting (M8). */
export interface Table {
  readonly room: OwnedRoom;
  readonly roundId: RoundId;
}

/** A player's part of a posting with several; parts of one player are added up. */
export interface Share {
  readonly userId: UserId;
  readonly amount: number;
}

interface Note {
  readonly reason?: string;
  readonly description?: string;
  readonly actorId?: UserId;
  readonly ip?: string | null;
}

/** Play money, from the grant account. */
export function grant(deal: Deal): Posting {
  return acrossTheCounter('grant', 'grant', deal, positive(deal.amount));
}

/** A player pays the shop. */
export function purchase(deal: Deal): Posting {
  return acrossTheCounter('purchase', 'shop', deal, -positive(deal.amount));
}

/** The shop pays a player. */
export function sale(deal: Deal): Posting {
  return acrossTheCounter('sale', 'shop', deal, positive(deal.amount));
}

/** An operator's correction, either way; it leaves a row in `audit_events` in the same transaction. */
export function adjust(
  deal: Deal & { readonly reason: string; readonly actorId: UserId; readonly ip?: string | null },
): Posting {
  positive(Math.abs(deal.amount));
  return acrossTheCounter('adjust', 'adjust', deal, deal.amount);
}

/** Stakes of a match, of one player or several at once, into the pot of its round: all of them or none. */
export function stake(id: string, table: Table, shares: readonly Share[]): Posting {
  return ofPot('stake', id, table, shares, -1);
}

/** Winnings of a match, out of the pot. */
export function payout(id: string, table: Table, shares: readonly Share[]): Posting {
  return ofPot('payout', id, table, shares, 1);
}

/** Stakes given back, out of the pot. */
export function refund(id: string, table: Table, shares: readonly Share[]): Posting {
  return ofPot('refund', id, table, shares, 1);
}

/** What the house keeps of a pot. */
export function rake(id: string, table: Table, amount: number): Posting {
  const house = { userId: null, account: `house:${table.room.gameName}`, amount: positive(amount) };
  return posting('rake', id, table.room.currency, [house, escrow(table, -amount)], { table });
}

/**
 * A pool paid out to many, in postings of a bounded size, to be posted in this order. The first is made only when the
 * pot covers all of them; sent again, with the same id and shares, they go on where they ended.
 */
export function dividend(id: string, table: Table, shares: readonly Share[]): Posting[] {
  const whole = ofPot('dividend', id, table, shares, 1);
  const paid = whole.entries.slice(0, -1);
  let keep = total(paid);
  const chunks: Posting[] = [];
  for (let at = 0; at < paid.length; at += DIVIDEND_CHUNK) {
    const entries = paid.slice(at, at + DIVIDEND_CHUNK);
    const sum = total(entries);
    keep -= sum;
    chunks.push({
      ...whole,
      id: at === 0 ? id : uuidv5(`${at}`, id),
      // Of the whole: with other shares even the first chunk is another request.
      hash: sha256(`${whole.hash} ${at}`),
      entries: [...entries, escrow(table, -sum)],
      keep,
    });
  }
  return chunks;
}

function acrossTheCounter(category: Category, bank: string, deal: Deal, amount: number): Posting {
  const { id, userId, currency, ...note } = deal;
  const entries = [
    { userId, account: null, amount },
    { userId, account: bank, amount: -amount },
  ];
  return posting(category, id, currency, entries, { note });
}

/** Entries of players, by id, and the escrow's as the last one. */
function ofPot(
  category: Category,
  id: string,
  table: Table,
  shares: readonly Share[],
  sign: 1 | -1,
): Posting {
  const sums = new Map<UserId, number>();
  for (const { userId, amount } of shares) {
    sums.set(userId, (sums.get(userId) ?? 0) + positive(amount));
  }
  const players = [...sums]
    .sort(([a], [b]) => a - b)
    .map(([userId, amount]): Entry => ({ userId, account: null, amount: sign * amount }));
  const entries = [...players, escrow(table, -total(players))];
  return posting(category, id, table.room.currency, entries, { table });
}

function escrow(table: Table, amount: number): Entry {
  return { userId: null, account: `escrow:${table.room.roomId}`, amount };
}

/** M5: whatever makes it another request is in the hash. Not the fence: a new owner may repeat what the old one sent. */
function posting(
  category: Category,
  id: string,
  currency: string,
  entries: readonly Entry[],
  { table = null, note = {} }: { table?: Table | null; note?: Note & { amount?: number } },
): Posting {
  const { reason, description, actorId } = note;
  if (reason !== undefined && (reason === '' || reason.length > MAX_REASON_LENGTH)) {
    throw new AppError('BAD_REQUEST', `reason: 1 to ${MAX_REASON_LENGTH} characters`);
  }
  const moved = entries.map(({ userId, account, amount }) => [userId, account, amount]);
  const said = [reason ?? null, description ?? null, actorId ?? null];
  const hash = sha256(JSON.stringify([category, currency, table?.roundId ?? null, moved, said]));
  return { id, hash, category, currency, entries, table, keep: 0, note };
}

function total(entries: readonly Entry[]): number {
  const sum = entries.reduce((so, { amount }) => so + amount, 0);
  return sum < 0 ? -positive(-sum) : positive(sum);
}

/** M1 */
function positive(amount: number): number {
  if (!Number.isSafeInteger(amount) || amount <= 0) {
    throw new RangeError(`${amount} is no amount of minor units`);
  }
  return amount;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
