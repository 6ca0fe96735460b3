/**
 * Players who bet one thing at a time, each waiting for its answer, and write down in order what they sent and what they
 * were told: the clients' view of history. `contradictions` holds it against the books.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, type Room } from '@colyseus/sdk';
import type { Database } from '../../src/database/connection.ts';
import type { Bet, CrashState, Wallet } from '../../src/protocol.ts';

const LOOK_MS = 60;
/** A server that was killed answers nothing: after this long the next thing is tried. */
const ANSWER_TIMEOUT_MS = 20_000;
const CASHED_BY_HAND = 0.5;

/** In the order in which the client sent or heard it. */
export type Event =
  | { readonly kind: 'sent'; readonly betId: string; readonly amount: number }
  | { readonly kind: 'placed' | 'cashed' | 'told'; readonly bet: Bet }
  | { readonly kind: 'refused'; readonly betId: string; readonly code: string }
  | { readonly kind: 'wallet'; readonly wallet: Wallet };

export class Witness {
  readonly client: Client;
  readonly userId: number;
  readonly events: Event[] = [];
  readonly #table: string;
  readonly #random: () => number;
  #room: Room<unknown, CrashState> | undefined;
  #playing = true;
  #roundId = '';

  constructor(client: Client, userId: number, table: string, random: () => number) {
    this.client = client;
    this.userId = userId;
    this.#table = table;
    this.#random = random;
  }

  static async enter(url: string, table: string, random: () => number): Promise<Witness> {
    const client = new Client(url);
    const { user } = await client.auth.signInAnonymously<{ id: number }>();
    return new Witness(client, user.id, table, random);
  }

  get joined(): boolean {
    return this.#room !== undefined;
  }

  /** As its table shows it; undefined while the player is not there. */
  get phase(): string | undefined {
    return this.#room?.state?.phase;
  }

  get acknowledged(): number {
    return this.events.filter(({ kind }) => kind === 'placed' || kind === 'cashed').length;
  }

  stop(): void {
    this.#playing = false;
    this.#room?.connection.close();
  }

  /** Comes in again whenever the server is gone; ends some time after `stop`. */
  async play(): Promise<void> {
    while (this.#playing) {
      try {
        await this.#stay();
      } catch {
        // The server is down, or went down while this player came in.
      }
      this.#room = undefined;
      await delay(LOOK_MS + this.#random() * LOOK_MS);
    }
  }

  async #stay(): Promise<void> {
    const room = (await this.client.joinOrCreate('crash', {
      table: this.#table,
    })) as unknown as Room<unknown, CrashState>;
    room.reconnection.enabled = false;
    const gone = Promise.withResolvers<'gone'>();
    room.onLeave(() => gone.resolve('gone'));
    room.onMessage('wallet', (wallet: Wallet) => this.events.push({ kind: 'wallet', wallet }));
    room.onMessage('bet', (bet: Bet) => this.events.push({ kind: 'told', bet }));
    this.#room = room;
    if (!this.#playing) room.connection.close();
    let here = true;
    void gone.promise.then(() => {
      here = false;
    });
    while (here && this.#playing) {
      const { phase, roundId } = room.state ?? {};
      if (phase === 'betting' && roundId !== this.#roundId) {
        this.#roundId = roundId as string;
        await delay(this.#random() * 500);
        await Promise.race([this.#round(room), gone.promise]);
      }
      await Promise.race([delay(LOOK_MS), gone.promise]);
    }
    await gone.promise;
  }

  /** Some bets, and then some of them cashed out by hand. */
  async #round(room: Room<unknown, CrashState>): Promise<void> {
    const open: Bet[] = [];
    const bets = 1 + Math.floor(this.#random() * 4);
    for (let number = 0; number < bets; number++) {
      const amount = 1 + Math.floor(this.#random() * 20);
      const betId = crypto.randomUUID();
      this.events.push({ kind: 'sent', betId, amount });
      const auto =
        this.#random() < 0.3 ? { autoCashout: 101 + Math.floor(this.#random() * 100) } : {};
      const bet = await this.#ask(room, 'bet', { betId, amount, ...auto });
      if (!bet) continue;
      this.events.push({ kind: 'placed', bet });
      if (!('autoCashout' in auto)) open.push(bet);
    }
    while (this.#room === room && room.state.phase === 'betting') await delay(LOOK_MS);
    for (const { betId } of open) {
      if (this.#random() > CASHED_BY_HAND) continue;
      await delay(this.#random() * 400);
      if (this.#room !== room) return;
      const bet = await this.#ask(room, 'cashout', { betId });
      if (bet) this.events.push({ kind: 'cashed', bet });
    }
  }

  async #ask(
    room: Room<unknown, CrashState>,
    type: string,
    payload: { betId: string; amount?: number; autoCashout?: number },
  ): Promise<Bet | undefined> {
    const answer = room.request(type as never, payload as never) as Promise<Bet>;
    const late = new AbortController();
    try {
      return await Promise.race([
        answer,
        delay(ANSWER_TIMEOUT_MS, undefined, { signal: late.signal }),
      ]);
    } catch (error) {
      const code = (error as { reason?: { code?: string } }).reason?.code;
      if (code) this.events.push({ kind: 'refused', betId: payload.betId, code });
      return undefined;
    } finally {
      late.abort();
    }
  }
}

interface Row {
  readonly user_id: number;
  readonly seq: number;
  readonly amount: number;
  readonly balance_after: number;
  readonly bet_id: string | null;
}

/** With these the server says that it does not know; after all others the bet must not be in the books. */
const UNKNOWN = new Set(['BUSY', 'ROOM_MOVED', 'INTERNAL']);

/**
 * What the clients were told and the books do not say, one line each: an acknowledged effect that is missing, doubled
 * or out of order in its wallet, a balance that never was, a bet that nobody sent.
 */
export async function contradictions(
  books: Database,
  witnesses: readonly { readonly userId: number; readonly events: readonly Event[] }[],
): Promise<string[]> {
  const { rows } = await books.pool.query<Row>(
    `SELECT w.user_id, t.seq, t.amount, t.balance_after, t.bet_id FROM transactions t
     JOIN wallets w ON w.id = t.wallet_id WHERE w.user_id IS NOT NULL ORDER BY w.user_id, t.seq`,
  );
  const found: string[] = [];
  const sent = new Set<string>();
  for (const { userId, events } of witnesses) {
    const own = rows.filter((row) => row.user_id === userId);
    for (const event of events) if (event.kind === 'sent') sent.add(event.betId);
    found.push(...contradictionsOf(own, events).map((line) => `player ${userId}: ${line}`));
  }
  for (const { bet_id: betId } of rows) {
    if (betId !== null && !sent.has(betId)) found.push(`nobody sent the bet ${betId}`);
  }
  return found;
}

function contradictionsOf(rows: readonly Row[], events: readonly Event[]): string[] {
  const found: string[] = [];
  const stakes = Map.groupBy(rows.filter(isStake), (row) => row.bet_id);
  const payouts = Map.groupBy(rows.filter(isPayout), (row) => row.bet_id);
  const amounts = new Map<string, number>();
  const refused = new Set<string>();
  /** The last effect that this client had an answer to before it sent the next command. */
  let lastOwn = 0;
  let lastWallet = 0;

  const effect = (kind: string, bet: Bet, of: readonly Row[] | undefined, amount: number) => {
    const [row] = of ?? [];
    if (of?.length !== 1 || !row)
      found.push(`${kind} ${bet.betId}: ${of?.length ?? 0} in the books`);
    else if (row.amount !== amount)
      found.push(`${kind} ${bet.betId}: ${row.amount}, told ${amount}`);
    return row;
  };
  for (const event of events) {
    switch (event.kind) {
      case 'sent':
        amounts.set(event.betId, event.amount);
        break;
      case 'refused':
        if (!UNKNOWN.has(event.code) && event.code !== 'ALREADY_RESOLVED') refused.add(event.betId);
        break;
      case 'placed':
      case 'cashed': {
        const { bet, kind } = event;
        const stake = amounts.get(bet.betId) as number;
        const row =
          kind === 'placed'
            ? effect(kind, bet, stakes.get(bet.betId), -stake)
            : effect(kind, bet, payouts.get(bet.betId), bet.payout as number);
        if (!row) break;
        if (row.balance_after !== bet.balance) {
          found.push(
            `${kind} ${bet.betId}: balance ${bet.balance}, in the books ${row.balance_after}`,
          );
        }
        // An answer is waited for before the next command is sent, so that each effect comes after the last; an
        // automatic cash-out may have come between the asking and the answer of a cash-out, never a stake.
        if (row.seq <= lastOwn) found.push(`${kind} ${bet.betId}: seq ${row.seq} after ${lastOwn}`);
        lastOwn = Math.max(lastOwn, row.seq);
        break;
      }
      case 'told':
        if ((event.bet.payout ?? 0) > 0) {
          effect('told', event.bet, payouts.get(event.bet.betId), event.bet.payout as number);
        } else if (payouts.has(event.bet.betId)) {
          found.push(`told of the loss of ${event.bet.betId}, which was paid`);
        }
        break;
      case 'wallet': {
        const { seq, balance } = event.wallet;
        const row = rows[seq - 1];
        if (row?.seq !== seq) found.push(`wallet message ${seq} is of no transaction`);
        else if (row.balance_after !== balance) {
          found.push(`wallet message ${seq}: ${balance}, in the books ${row.balance_after}`);
        }
        if (seq <= lastWallet) found.push(`wallet message ${seq} after ${lastWallet}`);
        lastWallet = seq;
        break;
      }
    }
  }
  for (const betId of refused) {
    // A cash-out that is refused leaves its bet as it was; only a stake that was refused must not be there.
    const placed = events.some((event) => event.kind === 'placed' && event.bet.betId === betId);
    if (!placed && stakes.has(betId)) found.push(`refused ${betId}, but in the books`);
  }
  return found;
}

function isStake({ bet_id, amount }: Row): boolean {
  return bet_id !== null && amount < 0;
}

function isPayout({ bet_id, amount }: Row): boolean {
  return bet_id !== null && amount > 0;
}
