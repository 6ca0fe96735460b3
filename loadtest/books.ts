/** Compares what a bot was told of its bets with its own list of bets, read page by page over REST. */
import type { Client } from '@colyseus/sdk';
import { type Bet, PAGE_LIMIT_MAX, type Page } from '../src/protocol.ts';
import type { SentBet } from './bot.ts';
import type { Figures } from './figures.ts';

const MAX_PAGES = 200;
/** Refusals after which there certainly is no bet. After BUSY and INTERNAL the outcome may be unknown. */
const NOT_ENTERED = new Set([
  'BAD_REQUEST',
  'BETTING_CLOSED',
  'INSUFFICIENT_FUNDS',
  'LIMIT_EXCEEDED',
  'RATE_LIMITED',
]);

export async function compareBooks(
  client: Client,
  sent: ReadonlyMap<string, SentBet>,
  { books }: Figures,
): Promise<void> {
  const acknowledged = [...sent.values()].filter((bet) => bet.told !== undefined);
  books.acknowledged += acknowledged.length;
  let stored: Map<string, Bet>;
  try {
    stored = await readBets(client);
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

async function readBets(client: Client): Promise<Map<string, Bet>> {
  const bets = new Map<string, Bet>();
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const query: Record<string, string> = { limit: String(PAGE_LIMIT_MAX) };
    if (cursor !== null) query.cursor = cursor;
    const { data } = await client.http.get('/api/v1/me/bets', { query });
    const { items, nextCursor } = data as Page<Bet>;
    for (const bet of items) bets.set(bet.betId, bet);
    cursor = nextCursor;
    if (cursor === null) return bets;
  }
  throw new Error(`more than ${MAX_PAGES} pages of bets`);
}

/** What was told last is what stands there; a bet that was told as open may have been resolved since. */
function agree({ stake, told }: SentBet, entry: Bet): boolean {
  if (!told || entry.amount !== stake || entry.roundId !== told.roundId) return false;
  if (told.status === 'accepted') return true;
  const { status, multiplier, payout } = told;
  return entry.status === status && entry.multiplier === multiplier && entry.payout === payout;
}
