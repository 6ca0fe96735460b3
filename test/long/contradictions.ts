/**
 * The history check: what clients sent and were told, in their order, against the rows of the books. Knows nothing of
 * how either was made, so that every test with clients can use it; its own test feeds it doctored histories.
 */
import type { Database } from '../../src/database/connection.ts';
import { inSnapshot } from '../../src/ledger/audit/snapshot.ts';
import type { Bet, Wallet } from '../../src/protocol.ts';

/** What of an answer is held against the books. */
export type ToldBet = Pick<Bet, 'betId' | 'status' | 'payout' | 'balance'>;

/**
 * In the order in which the client sent or heard it. `absent` and `found`: the server said that there is no such bet, or
 * one, when nothing of the client's was under way; `asked` and `granted` are play money from the grant account.
 */
export type Event =
  | { readonly kind: 'sent'; readonly betId: string; readonly amount: number }
  | { readonly kind: 'placed' | 'cashed' | 'told'; readonly bet: ToldBet }
  | { readonly kind: 'refused'; readonly betId: string; readonly code: string }
  | { readonly kind: 'absent' | 'found'; readonly betId: string }
  | { readonly kind: 'asked'; readonly postingId: string; readonly amount: number }
  | { readonly kind: 'granted'; readonly postingId: string; readonly wallet: Wallet }
  | { readonly kind: 'wallet'; readonly wallet: Wallet };

/** Where a wallet stood when its history was last looked at. */
export interface Mark {
  readonly seq: number;
  readonly balance: number;
}

export interface PlayerHistory {
  readonly userId: number;
  readonly events: readonly Event[];
  /** Absent: from the opening of the wallet. */
  readonly since?: Mark;
}

/** A transaction of a player's wallet. */
export interface Entry {
  readonly userId: number;
  readonly seq: number;
  readonly amount: number;
  readonly balanceAfter: number;
  readonly betId: string | null;
  readonly postingId: string;
}

export interface BookedBet {
  readonly userId: number;
  readonly betId: string;
  readonly amount: number;
  readonly status: string;
  readonly payout: number | null;
}

/** Players' entries in order of wallet and seq, and the bets that they are about. */
export interface Pages {
  readonly entries: readonly Entry[];
  readonly bets: readonly BookedBet[];
}

/** Pages begin after these. Bet ids are time-ordered, so that those sent later are greater. */
export interface From {
  readonly transactionId: number;
  readonly betId: string;
}

export const FROM_THE_START: From = {
  transactionId: 0,
  betId: '00000000-0000-0000-0000-000000000000',
};

/** With these the server says that it does not know; after all others the bet must not be in the books. */
const UNKNOWN = new Set(['BUSY', 'ROOM_MOVED', 'INTERNAL']);
const OPENING: Mark = { seq: 0, balance: 0 };

/** Entries and bets of one instant, also beside a running server. */
export function readPages(db: Database, from: From = FROM_THE_START): Promise<Pages> {
  return inSnapshot(
    db.pool,
    {},
    async () => 1,
    async ({ query }) => ({
      entries: await query<Entry>(
        `SELECT w.user_id AS "userId", t.seq, t.amount, t.balance_after AS "balanceAfter",
                t.bet_id AS "betId", t.posting_id AS "postingId"
         FROM transactions t JOIN wallets w ON w.id = t.wallet_id
         WHERE t.id > ${from.transactionId} AND w.user_id IS NOT NULL ORDER BY w.user_id, t.seq`,
      ),
      bets: await query<BookedBet>(
        `SELECT user_id AS "userId", id AS "betId", amount, status, payout
         FROM bets WHERE id > '${from.betId}'`,
      ),
    }),
  );
}

/**
 * What the clients were told and the books do not say, one line each: an acknowledged effect that is missing, doubled
 * or out of order in its wallet, a balance that never was, a bet that nobody sent.
 */
export function contradictions(pages: Pages, players: readonly PlayerHistory[]): string[] {
  const entries = Map.groupBy(pages.entries, ({ userId }) => userId);
  const bets = Map.groupBy(pages.bets, ({ userId }) => userId);
  const found: string[] = [];
  for (const player of players) {
    const { userId } = player;
    const lines = contradictionsOf(player, entries.get(userId) ?? [], bets.get(userId) ?? []);
    found.push(...lines.map((line) => `player ${userId}: ${line}`));
    entries.delete(userId);
    bets.delete(userId);
  }
  for (const userId of new Set([...entries.keys(), ...bets.keys()])) {
    found.push(`player ${userId} is in the books and is none of the clients`);
  }
  return found;
}

function contradictionsOf(
  { events, since = OPENING }: PlayerHistory,
  entries: readonly Entry[],
  bets: readonly BookedBet[],
): string[] {
  const found = brokenChain(entries, since);
  const book = new Book(entries, bets, found);
  const sent = new Map<string, number>();
  const asked = new Map<string, number>();
  const denied = new Map<string, string>();
  const placed = new Set<string>();
  /** The last effect that this client had an answer to before it sent the next command. */
  let lastOwn = since.seq;
  let lastWallet = since.seq;

  // An answer is waited for before the next command is sent, so that each effect comes after the last; what the
  // server does by itself (automatic cash-outs, refunds) may come between.
  const own = (what: string, entry: Entry | undefined, balance: number) => {
    if (!entry) return;
    if (entry.balanceAfter !== balance) {
      found.push(`${what}: balance ${balance}, in the books ${entry.balanceAfter}`);
    }
    if (entry.seq <= lastOwn) found.push(`${what}: seq ${entry.seq} after ${lastOwn}`);
    lastOwn = Math.max(lastOwn, entry.seq);
  };
  for (const event of events) {
    switch (event.kind) {
      case 'sent':
        sent.set(event.betId, event.amount);
        break;
      case 'asked':
        asked.set(event.postingId, event.amount);
        break;
      case 'refused':
        if (!UNKNOWN.has(event.code) && event.code !== 'ALREADY_RESOLVED') {
          denied.set(event.betId, `refused (${event.code})`);
        }
        break;
      case 'absent':
        denied.set(event.betId, 'said to be absent');
        break;
      case 'found':
        if (!book.holds(event.betId)) found.push(`found ${event.betId}, and not in the books`);
        break;
      case 'placed': {
        const { betId, balance } = event.bet;
        placed.add(betId);
        const amount = -(sent.get(betId) ?? Number.NaN);
        own(`placed ${betId}`, book.one('placed', book.stakes, betId, amount), balance);
        break;
      }
      case 'cashed': {
        const { betId, balance, payout } = event.bet;
        own(`cashed ${betId}`, book.one('cashed', book.payouts, betId, payout), balance);
        book.hasStatus(event.bet);
        break;
      }
      case 'told':
        book.paid(event.bet);
        book.hasStatus(event.bet);
        break;
      case 'granted': {
        const { postingId, wallet } = event;
        const amount = asked.get(postingId) ?? Number.NaN;
        const entry = book.one('granted', book.postings, postingId, amount);
        own(`granted ${postingId}`, entry, wallet.balance);
        break;
      }
      case 'wallet': {
        const { seq, balance } = event.wallet;
        const row = seq === since.seq ? since : entries[seq - since.seq - 1];
        if (row?.seq !== seq) found.push(`wallet message ${seq} is of no transaction`);
        else if (('balance' in row ? row.balance : row.balanceAfter) !== balance) {
          found.push(`wallet message ${seq}: balance ${balance} is not that of the books`);
        }
        if (seq < lastWallet) found.push(`wallet message ${seq} after ${lastWallet}`);
        lastWallet = seq;
        break;
      }
    }
  }
  for (const [betId, how] of denied) {
    // A cash-out that is refused leaves its bet as it was; only a stake that was refused must not be there.
    if (!placed.has(betId) && book.holds(betId)) found.push(`${how} ${betId}, but in the books`);
  }
  book.nothingElse(sent, asked);
  return found;
}

/** Seq without a gap, each balance the one before it and the amount. */
function brokenChain(entries: readonly Entry[], since: Mark): string[] {
  const found: string[] = [];
  let { seq, balance } = since;
  for (const entry of entries) {
    if (entry.seq !== seq + 1) found.push(`seq ${entry.seq} follows ${seq}`);
    if (entry.balanceAfter !== balance + entry.amount) {
      found.push(`seq ${entry.seq}: ${balance} and ${entry.amount} make ${entry.balanceAfter}`);
    }
    seq = entry.seq;
    balance = entry.balanceAfter;
  }
  return found;
}

type ById = ReadonlyMap<string | null, readonly Entry[]>;

/** One player's part of the books, by what its entries are about. */
class Book {
  readonly stakes: ById;
  readonly payouts: ById;
  readonly postings: ById;
  readonly #bets: ReadonlyMap<string, BookedBet>;
  readonly #found: string[];

  constructor(entries: readonly Entry[], bets: readonly BookedBet[], found: string[]) {
    const ofBets = entries.filter(({ betId }) => betId !== null);
    this.stakes = Map.groupBy(
      ofBets.filter(({ amount }) => amount < 0),
      ({ betId }) => betId,
    );
    this.payouts = Map.groupBy(
      ofBets.filter(({ amount }) => amount > 0),
      ({ betId }) => betId,
    );
    this.postings = Map.groupBy(
      // The first entry is the starting balance, which nobody asked for.
      entries.filter(({ betId, seq }) => betId === null && seq > 1),
      ({ postingId }) => postingId,
    );
    this.#bets = new Map(bets.map((bet) => [bet.betId, bet]));
    this.#found = found;
  }

  holds(betId: string): boolean {
    return this.stakes.has(betId) || this.#bets.has(betId);
  }

  /** The one entry of an acknowledged effect. */
  one(kind: string, entries: ById, id: string, amount: number | null): Entry | undefined {
    const of = entries.get(id) ?? [];
    const [entry] = of;
    if (of.length !== 1 || !entry) this.#found.push(`${kind} ${id}: ${of.length} in the books`);
    else if (entry.amount !== amount) {
      this.#found.push(`${kind} ${id}: told ${amount}, in the books ${entry.amount}`);
    }
    return entry;
  }

  paid({ betId, payout }: ToldBet): void {
    if ((payout ?? 0) > 0) this.one('told', this.payouts, betId, payout);
    else if (this.payouts.has(betId)) {
      this.#found.push(`told of the loss of ${betId}, which was paid`);
    }
  }

  hasStatus({ betId, status }: ToldBet): void {
    const booked = this.#bets.get(betId)?.status;
    if (booked !== status) {
      this.#found.push(`told that ${betId} is ${status}, in the books ${booked ?? 'it is not'}`);
    }
  }

  /** Also what nobody has an answer to happened once, and only what was asked for happened. */
  nothingElse(sent: ReadonlyMap<string, number>, asked: ReadonlyMap<string, number>): void {
    const found = this.#found;
    for (const [betId, stakes] of this.stakes as ReadonlyMap<string, readonly Entry[]>) {
      if (!sent.has(betId)) found.push(`nobody sent the bet ${betId}`);
      if (stakes.length > 1) found.push(`${stakes.length} stakes of ${betId}`);
      if (!this.#bets.has(betId)) found.push(`a stake of ${betId}, which is no bet`);
    }
    for (const [betId, payouts] of this.payouts as ReadonlyMap<string, readonly Entry[]>) {
      if (payouts.length > 1) found.push(`${payouts.length} payouts of ${betId}`);
      if (!this.stakes.has(betId)) found.push(`a payout of ${betId}, which has no stake`);
    }
    for (const { betId, amount, payout } of this.#bets.values()) {
      const [stake] = this.stakes.get(betId) ?? [];
      if (stake?.amount !== -amount) found.push(`the bet ${betId} has no stake of ${amount}`);
      const [paid] = this.payouts.get(betId) ?? [];
      if ((paid?.amount ?? 0) !== (payout ?? 0)) {
        found.push(`the bet ${betId} pays ${payout}, its wallet got ${paid?.amount ?? 0}`);
      }
    }
    for (const [postingId, entries] of this.postings as ReadonlyMap<string, readonly Entry[]>) {
      if (!asked.has(postingId)) found.push(`nobody asked for the posting ${postingId}`);
      if (entries.length > 1) found.push(`${entries.length} entries of the posting ${postingId}`);
    }
  }
}
