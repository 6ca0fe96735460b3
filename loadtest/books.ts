/** Compares what a bot was told of its bets with its own list of bets, read page by page over REST. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Bet, PAGE_LIMIT_MAX, type Page } from '../src/protocol.ts';
import type { SentBet } from './bot.ts';
import type { Figures } from './figures.ts';
import type { Read } from './seat.ts';

const MAX_PAGES = 200;
const RETRY_MS = 1_000;
/** For all players of this thread together, so that a server that is gone for good does not hold up the end. */
let retriesLeft = 30;
/** Refusals after which there certainly is no bet. After BUSY and INTERNAL the outcome may be unknown. */
const NOT_ENTERED = new Set([
  'BAD_REQUEST',
  'BETTING_CLOSED',
  'INSUFFICIENT_FUNDS',
  'LIMIT_EXCEEDED',
  'RATE_LIMITED',
]);

export async function compareBooks(
  read: Read,
  sent: ReadonlyMap<string, SentBet>,
  { books }: Figures,
): Promise<void> {
  const acknowledged = [...sent.values()].filter((bet) => bet.told !== undefined);
  books.acknowledged += acknowledged.length;
  let stored: Map<string, Bet>;
  try {
    stored = await readBets(read);
  } catch {
    books.unread += acknowledged.length;
    return;
  }
  for (const bet of acknowledged) {
    const entry = stored.get(bet.betId);
    if (!entry) books.missing += 1;
    else if (!agree(bet, entry)) books.different += 1;
  }
  for (const { betId } of stored.values()) {
    const bet = sent.get(betId);
    if (!bet || NOT_ENTERED.has(bet.refused ?? '')) books.different += 1;
  }
}

async function readBets(read: Read): Promise<Map<string, Bet>> {
  const bets = new Map<string, Bet>();
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const query: Record<string, string> = { limit: String(PAGE_LIMIT_MAX) };
    if (cursor !== null) query.cursor = cursor;
    const { items, nextCursor } = await patiently(() => read<Page<Bet>>('/api/v1/me/bets', query));
    for (const bet of items) bets.set(bet.betId, bet);
    cursor = nextCursor;
    if (cursor === null) return bets;
  }
  throw new Error(`more than ${MAX_PAGES} pages of bets`);
}

/** A server that is down may come back. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (retriesLeft === 0) throw error;
      retriesLeft -= 1;
      await delay(RETRY_MS);
    }
  }
}

/** What was told last is what stands there; a bet that was told as open may have been resolved since. */
function agree({ stake, told }: SentBet, entry: Bet): boolean {
  if (!told || entry.amount !== stake || entry.roundId !== told.roundId) return false;
  if (told.status === 'accepted') return true;
  const { status, multiplier, payout } = told;
  return entry.status === status && entry.multiplier === multiplier && entry.payout === payout;
}
