/** Compares what a bot was told of its bets, seats and worlds with its own lists of them, read page by page over REST. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Bet,
  type GameStateEntry,
  type InventoryItem,
  PAGE_LIMIT_MAX,
  type Page,
  type Transaction,
  type Wallet,
} from '../src/protocol.ts';
import type { Compared, Figures } from './figures.ts';
import type { Sent, SentBet, SentSeat, ToldWorld } from './player.ts';
import type { Read } from './seat.ts';

const MAX_PAGES = 200;
const RETRY_MS = 1_000;
/** For all players of this thread together, so that a server that is gone for good does not hold up the end. */
let retriesLeft = 30;
/** A match is paid after its end was shown: so often is looked again, after so long. */
const PAID_ATTEMPTS = 5;
const PAID_RETRY_MS = 200;
/** Refusals after which there certainly is no bet and no seat. After BUSY and INTERNAL the outcome may be unknown. */
const NOT_ENTERED = new Set([
  'BAD_REQUEST',
  'BETTING_CLOSED',
  'ILLEGAL_MOVE',
  'INSUFFICIENT_FUNDS',
  'LIMIT_EXCEEDED',
  'RATE_LIMITED',
]);

export async function compareBooks(read: Read, sent: Sent, figures: Figures): Promise<void> {
  const { bets, seats, world } = sent;
  await compare([...bets.values()].filter(({ told }) => told).length, figures.books, async () =>
    compareBets(await all<Bet>(read, '/api/v1/me/bets'), bets),
  );
  if (world) {
    await compare(world.acknowledged, figures.worlds.books, () => compareWorld(read, world));
  }
  if (seats.length === 0) return;
  await compare(seats.filter(({ taken }) => taken).length, figures.matches.books, async () => {
    for (let attempt = 1; ; attempt++) {
      const found = compareSeats(await all<Transaction>(read, '/api/v1/me/transactions'), seats);
      if (found.unpaid === 0 || attempt === PAID_ATTEMPTS) return found;
      await delay(PAID_RETRY_MS);
    }
  });
}

type Found = Pick<Compared, 'missing' | 'different'>;

async function compare(
  acknowledged: number,
  compared: Compared,
  look: () => Promise<Found>,
): Promise<void> {
  compared.acknowledged += acknowledged;
  try {
    const { missing, different } = await look();
    compared.missing += missing;
    compared.different += different;
  } catch {
    compared.unread += acknowledged;
  }
}

function compareBets(list: readonly Bet[], sent: ReadonlyMap<string, SentBet>): Found {
  const stored = new Map(list.map((bet) => [bet.betId, bet]));
  const acknowledged = [...sent.values()].filter(({ told }) => told);
  const entries = acknowledged.map((bet) => ({ bet, entry: stored.get(bet.betId) }));
  const missing = entries.filter(({ entry }) => !entry).length;
  const otherwise = entries.filter(({ bet, entry }) => entry && !agree(bet, entry)).length;
  const unknown = [...stored.keys()].filter((betId) => {
    const bet = sent.get(betId);
    return !bet || NOT_ENTERED.has(bet.refused ?? '');
  });
  return { missing, different: otherwise + unknown.length };
}

/** What was told last is what stands there; a bet that was told as open may have been resolved since. */
function agree({ stake, told }: SentBet, entry: Bet): boolean {
  if (!told || entry.amount !== stake || entry.roundId !== told.roundId) return false;
  if (told.status === 'accepted') return true;
  const { status, multiplier, payout } = told;
  return entry.status === status && entry.multiplier === multiplier && entry.payout === payout;
}

/**
 * Transactions do not name the seat: the stake is told by the balance after it, what came back by its amount. `unpaid`,
 * which are among the different ones, may be on their way.
 */
function compareSeats(
  list: readonly Transaction[],
  seats: readonly SentSeat[],
): Found & { unpaid: number } {
  const taken = seats.filter((seat) => seat.taken);
  const unsure = seats.filter((seat) => !seat.taken && !NOT_ENTERED.has(seat.refused ?? ''));
  const stakes = list.filter(({ category }) => category === 'stake');
  const staked = pair(
    taken.map((seat) => `${-seat.stake} -> ${seat.taken?.balance}`),
    stakes.map(({ amount, balanceAfter }) => `${amount} -> ${balanceAfter}`),
  );
  const returned = list.filter(({ category }) => category === 'payout' || category === 'refund');
  const paid = pair(
    taken.flatMap(({ due }) => (due ? [`${due.category} ${due.amount}`] : [])),
    returned.map(({ category, amount }) => `${category} ${amount}`),
  );
  // Of these a stake may be in the books, or an end that the bot did not see.
  const unseen = unsure.length + taken.filter(({ due }) => due === undefined).length;
  const more = Math.max(0, staked.more - unsure.length) + Math.max(0, paid.more - unseen);
  return { missing: staked.missing, different: paid.missing + more, unpaid: paid.missing };
}

/** Each thing that is not as it was told last is one that is different; a save that is gone is missing. */
async function compareWorld(read: Read, told: ToldWorld): Promise<Found> {
  if (!told.sure) throw new Error('it is not known of every command what became of it');
  const { balance } = await patiently(() => read<Wallet>('/api/v1/me/wallet', {}));
  const held = await all<InventoryItem>(read, '/api/v1/me/inventory');
  const saves = await all<GameStateEntry>(read, '/api/v1/me/game-states');
  const save = saves.find(({ game, slot }) => game === told.game && slot === 1);
  const stored = new Map(held.map(({ item, quantity }) => [item.name ?? '', quantity]));
  const names = new Set([...stored.keys(), ...told.inventory.keys()]);
  const otherwise = [
    told.balance !== undefined && told.balance !== balance,
    save !== undefined && told.version !== save.version,
    ...[...names].map((name) => (stored.get(name) ?? 0) !== (told.inventory.get(name) ?? 0)),
  ];
  return { missing: save ? 0 : 1, different: otherwise.filter(Boolean).length };
}

/** How many of `expected` are not found, and how many are found that were not expected. */
function pair(
  expected: readonly string[],
  found: readonly string[],
): { missing: number; more: number } {
  const left = [...found];
  let missing = 0;
  for (const one of expected) {
    const at = left.indexOf(one);
    if (at === -1) missing += 1;
    else left.splice(at, 1);
  }
  return { missing, more: left.length };
}

async function all<Item>(read: Read, path: string): Promise<Item[]> {
  const found: Item[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const query: Record<string, string> = { limit: String(PAGE_LIMIT_MAX) };
    if (cursor !== null) query.cursor = cursor;
    const { items, nextCursor } = await patiently(() => read<Page<Item>>(path, query));
    found.push(...items);
    cursor = nextCursor;
    if (cursor === null) return found;
  }
  throw new Error(`more than ${MAX_PAGES} pages of ${path}`);
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
