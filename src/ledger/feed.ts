/**
 * Who is told of a wallet's new balance, or of how many of an item there are now: the connections of its owner, on this
 * node and, through the database's NOTIFY, on the others. Published only after the commit (M6); what is older than what was told is dropped.
 */
import pg from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../database/connection.ts';
import type { UserId } from '../ids.ts';
import { persist } from './persist.ts';
import type { HoldingChange, WalletChange } from './types.ts';

const CHANNEL = 'roundhouse_wallets';
/** NOTIFY carries less than 8,000 bytes; a change takes at most about 80. */
const CHANGES_PER_NOTIFY = 90;
const RECONNECT_MIN_MS = 200;
const RECONNECT_MAX_MS = 10_000;

/** Of a wallet by its currency, which is in capitals, or of an item by its name, which is not. */
interface Change {
  readonly userId: UserId;
  readonly name: string;
  readonly amount: number;
  readonly seq: number;
}
type Listener = (change: Change) => void;
type Wire = [userId: number, name: string, amount: number, seq: number];
const CURRENCY = /^[A-Z]+$/;

export class WalletFeed {
  readonly #db: Database;
  readonly #origin: string;
  readonly #logger: Logger;
  readonly #listeners = new Map<UserId, Set<Listener>>();
  /** The newest `seq` told, by user and name, for users who listen. */
  readonly #told = new Map<UserId, Map<string, number>>();
  #client: pg.Client | undefined;
  #closed = false;
  #passedOn: Promise<unknown> = Promise.resolve();
  #retryMs = RECONNECT_MIN_MS;
  #retry: NodeJS.Timeout | undefined;

  /** `origin` names this process, so that it does not hear itself. */
  constructor(db: Database, origin: string, logger: Logger) {
    this.#db = db;
    this.#origin = origin;
    this.#logger = logger;
  }

  /** Calls `listener` after each change to this user's wallets, until the returned function is called. */
  subscribe(userId: UserId, listener: (change: WalletChange) => void): () => void {
    return this.#subscribe(userId, ({ name, amount, seq }) => {
      if (CURRENCY.test(name)) listener({ userId, currency: name, balance: amount, seq });
    });
  }

  /** The same of the user's inventory. */
  subscribeInventory(userId: UserId, listener: (change: HoldingChange) => void): () => void {
    return this.#subscribe(userId, ({ name, amount, seq }) => {
      if (!CURRENCY.test(name)) listener({ userId, item: name, quantity: amount, seq });
    });
  }

  #subscribe(userId: UserId, listener: Listener): () => void {
    let set = this.#listeners.get(userId);
    if (!set) {
      set = new Set();
      this.#listeners.set(userId, set);
    }
    set.add(listener);
    return () => {
      set.delete(listener);
      if (set.size > 0 || this.#listeners.get(userId) !== set) return;
      this.#listeners.delete(userId);
      this.#told.delete(userId);
    };
  }

  /** Tells this node's connections and, when `toOthers`, those of the other nodes. */
  publish(changes: readonly (WalletChange | HoldingChange)[], toOthers: boolean): void {
    this.#pass(changes.map(nameOf), toOthers);
  }

  #pass(changes: readonly Change[], toOthers: boolean): void {
    for (const change of changes) this.#tell(change);
    if (toOthers) {
      this.#passedOn = Promise.all([this.#passedOn, this.#notify(changes)]).catch((error) =>
        this.#logger.warn({ err: error }, 'wallet changes not passed on'),
      );
    }
  }

  /** Answers when what was published so far has left this process. */
  async settled(): Promise<void> {
    await this.#passedOn;
  }

  async #notify(changes: readonly Change[]): Promise<void> {
    for (let at = 0; at < changes.length; at += CHANGES_PER_NOTIFY) {
      const wire = changes
        .slice(at, at + CHANGES_PER_NOTIFY)
        .map((c): Wire => [c.userId, c.name, c.amount, c.seq]);
      const payload = JSON.stringify({ origin: this.#origin, wire });
      await persist(() => this.#db.pool.query('SELECT pg_notify($1, $2)', [CHANNEL, payload]));
    }
  }

  /** Hears the other nodes. After a lost connection every listening user is told what there is. */
  async listen(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#db.url,
      application_name: 'roundhouse-feed',
      keepAlive: true,
    });
    client.on('notification', (message) => this.#hear(message.payload ?? ''));
    const lost = () => {
      if (this.#client === client) this.#client = undefined;
      if (this.#closed || this.#retry) return;
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        this.listen().then(() => {
          this.resync().catch((error) =>
            this.#logger.warn({ err: error }, 'wallets not told anew'),
          );
        }, lost);
      }, this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, RECONNECT_MAX_MS);
    };
    // More than one comes when the server ends the connection: it says so, and then the socket closes.
    client.on('error', lost);
    client.once('end', lost);
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
    this.#client = client;
    this.#retryMs = RECONNECT_MIN_MS;
    if (this.#closed) await client.end();
  }

  /** Tells every listening user what there is now, e.g. after another node's rooms were recovered. */
  async resync(): Promise<void> {
    const users = [...this.#listeners.keys()];
    if (users.length === 0) return;
    for (const change of await this.#present(users)) this.#tell(change);
  }

  /** Publishes what a user has now, after a change of which only the books know. @throws AppError BUSY */
  async retell(userId: UserId, toOthers: boolean): Promise<void> {
    this.#pass(await persist(() => this.#present([userId])), toOthers);
  }

  async #present(users: readonly UserId[]): Promise<Change[]> {
    const { rows } = await this.#db.pool.query<Change>(
      `SELECT user_id AS "userId", currency::text AS name, balance AS amount, seq FROM wallets WHERE user_id = ANY ($1)
       UNION ALL
       SELECT h.user_id, i.name, h.quantity, (SELECT max(c.id) FROM inventory_changes c
         WHERE c.user_id = h.user_id AND c.item_id = h.item_id)
       FROM user_inventories h JOIN items i ON i.id = h.item_id WHERE h.user_id = ANY ($1) AND i.name IS NOT NULL`,
      [users],
    );
    return rows;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#client?.end();
  }

  #hear(payload: string): void {
    const { origin, wire } = JSON.parse(payload) as { origin: string; wire: Wire[] };
    if (origin === this.#origin) return;
    for (const [userId, name, amount, seq] of wire) {
      this.#tell({ userId: userId as UserId, name, amount, seq });
    }
  }

  /** Batches of the two lanes and other nodes' news may arrive in another order than they were committed in. */
  #tell(change: Change): void {
    const listeners = this.#listeners.get(change.userId);
    if (!listeners) return;
    const told = this.#told.get(change.userId) ?? new Map<string, number>();
    this.#told.set(change.userId, told);
    if ((told.get(change.name) ?? 0) >= change.seq) return;
    told.set(change.name, change.seq);
    for (const listener of listeners) listener(change);
  }
}

function nameOf(change: WalletChange | HoldingChange): Change {
  const { userId, seq } = change;
  return 'item' in change
    ? { userId, name: change.item, amount: change.quantity, seq }
    : { userId, name: change.currency, amount: change.balance, seq };
}
