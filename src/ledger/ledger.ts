/**
 * The ledger as the rest of the server knows it. Commands of all rooms of this node meet in two lanes, stakes and
 * resolutions, and each lane commits in batches; what a batch changed is published after its commit (M6).
 */

import type { Logger } from 'pino';
import type { Transaction } from 'sequelize';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '../database/connection.ts';
import { AppError } from '../errors.ts';
import type { UserId, WalletId } from '../ids.ts';
import { metrics } from '../metrics.ts';
import { Batcher } from './batcher.ts';
import { WalletFeed } from './feed.ts';
import { persist } from './persist.ts';
import { type PlacedBet, placeBets } from './place.ts';
import { resolveBets } from './resolve.ts';
import { Rounds } from './rounds.ts';
import type { PlaceBet, ResolveBet, ResolvedBet, WalletChange } from './types.ts';

const MAX_BATCH = 1_000;
const MAX_QUEUE = 20_000;
const SETTLE_CHUNK = 5_000;
const CURRENCY = 'COIN';
/** No grant lifts a balance above this, so that every payout after it stays a safe integer (M1). */
const MAX_BALANCE = 1_000_000_000_000_000;

export interface LedgerOptions {
  readonly startBalance: number;
  readonly logger: Logger;
  /** Whether other processes may have connections of the same players. */
  hasNeighbours(): boolean;
}

export class Ledger {
  readonly rounds: Rounds;
  readonly feed: WalletFeed;
  readonly #db: Database;
  readonly #options: LedgerOptions;
  readonly #stakes: Batcher<PlaceBet, PlacedBet | AppError>;
  readonly #resolutions: Batcher<ResolveBet, ResolvedBet | AppError>;

  constructor(db: Database, options: LedgerOptions) {
    this.#db = db;
    this.#options = options;
    this.rounds = new Rounds(db.pool);
    this.feed = new WalletFeed(db, uuidv7(), options.logger);
    this.#stakes = new Batcher({
      maxBatch: MAX_BATCH,
      maxQueue: MAX_QUEUE,
      key: (bet) => bet.betId,
      run: (bets) => this.#timed('stakes', bets.length, () => placeBets(db.pool, bets)),
    });
    this.#resolutions = new Batcher({
      maxBatch: MAX_BATCH,
      maxQueue: MAX_QUEUE,
      key: (bet) => bet.betId,
      run: (bets) => this.#timed('resolutions', bets.length, () => resolveBets(db.pool, bets)),
    });
  }

  /**
   * Takes the stake and enters the bet, once per id (M5).
   * @throws AppError INSUFFICIENT_FUNDS, BETTING_CLOSED, BET_CONFLICT, ROOM_MOVED, BUSY
   */
  async placeBet(bet: PlaceBet): Promise<PlacedBet> {
    const placed = await this.#stakes.submit(bet);
    if (placed instanceof AppError) throw placed;
    if (placed.first) {
      metrics.betsAccepted.inc();
      this.#publish([walletAfter(placed)]);
    }
    return placed;
  }

  /** Resolves one bet, or answers how it was resolved before (`first` is false). @throws AppError */
  async resolveBet(bet: ResolveBet): Promise<ResolvedBet> {
    const resolved = await this.#resolutions.submit(bet);
    if (resolved instanceof AppError) throw resolved;
    this.#published([resolved]);
    return resolved;
  }

  /** Resolves the bets of a whole round, in chunks. Bets that were resolved before keep their resolution. */
  async resolveAll(
    bets: readonly ResolveBet[],
    onChunk: (resolved: readonly ResolvedBet[]) => void = () => {},
  ): Promise<void> {
    for (let at = 0; at < bets.length; at += SETTLE_CHUNK) {
      const chunk = bets.slice(at, at + SETTLE_CHUNK);
      const resolved = await this.#timed('settlement', chunk.length, () =>
        resolveBets(this.#db.pool, chunk),
      );
      const refused = resolved.find((result) => result instanceof AppError);
      if (refused) throw refused;
      this.#published(resolved as ResolvedBet[]);
      onChunk(resolved as ResolvedBet[]);
    }
  }

  /** Waits until everything handed in so far is answered. */
  async idle(): Promise<void> {
    await Promise.all([this.#stakes.idle(), this.#resolutions.idle()]);
  }

  /** A new user's wallet with the starting grant, in the transaction that makes the user. */
  async openWallet(userId: UserId, transaction: Transaction): Promise<void> {
    await this.#db.sequelize.query('SELECT open_wallet($1, $2, $3)', {
      transaction,
      bind: [userId, this.#options.startBalance, uuidv7()],
    });
  }

  /** @throws AppError NOT_FOUND */
  async walletIdOf(userId: UserId, currency = CURRENCY): Promise<WalletId> {
    const { rows } = await persist(() =>
      this.#db.pool.query<{ id: WalletId }>(
        'SELECT id FROM wallets WHERE user_id = $1 AND currency = $2',
        [userId, currency],
      ),
    );
    if (!rows[0]) throw new AppError('NOT_FOUND', 'This account has no wallet.');
    return rows[0].id;
  }

  /** Grants play money to a user, once per posting id. @throws AppError NOT_FOUND, BET_CONFLICT, LIMIT_EXCEEDED */
  async grant(
    userId: UserId,
    amount: number,
    postingId: string,
    reason: string,
  ): Promise<WalletChange> {
    const walletId = await this.walletIdOf(userId);
    const { rows: held } = await persist(() =>
      this.#db.pool.query<{ balance: number }>('SELECT balance FROM wallets WHERE id = $1', [
        walletId,
      ]),
    );
    if ((held[0]?.balance ?? 0) + amount > MAX_BALANCE) {
      throw new AppError('LIMIT_EXCEEDED', `A balance is at most ${MAX_BALANCE}.`);
    }
    const { rows } = await persist(() =>
      this.#db.pool.query<WalletChange & { code: string }>(
        `SELECT p.code, p.user_id AS "userId", p.currency, p.balance, p.seq
         FROM wallets bank, post($1, encode(sha256(convert_to($2::text, 'UTF8')), 'hex'), 'grant', NULL, NULL, $3,
                                 ARRAY[$4::bigint, bank.id], ARRAY[$5::bigint, -$5::bigint]) p
         WHERE bank.account = 'grant:' || $6::bigint % 16 AND p.user_id IS NOT NULL`,
        [postingId, `${walletId}:${amount}`, reason, walletId, amount, userId],
      ),
    );
    const row = rows[0];
    if (!row || row.code === 'BET_CONFLICT') throw new AppError('BET_CONFLICT');
    const change = {
      userId: row.userId,
      currency: row.currency,
      balance: row.balance,
      seq: row.seq,
    };
    if (row.code === 'OK') this.#publish([change]);
    return change;
  }

  #published(resolved: readonly ResolvedBet[]): void {
    const first = resolved.filter((bet) => bet.first);
    for (const bet of first) metrics.betsResolved.inc({ status: bet.status });
    this.#publish(first.filter((bet) => bet.payout > 0).map(walletAfter));
  }

  #publish(changes: readonly WalletChange[]): void {
    if (changes.length > 0) this.feed.publish(changes, this.#options.hasNeighbours());
  }

  async #timed<T>(lane: string, size: number, work: () => Promise<T>): Promise<T> {
    const done = metrics.batchSeconds.startTimer({ lane });
    metrics.batchSize.observe({ lane }, size);
    try {
      return await work();
    } finally {
      done();
    }
  }
}

function walletAfter(bet: { userId: UserId; balance: number; seq: number }): WalletChange {
  return { userId: bet.userId, currency: CURRENCY, balance: bet.balance, seq: bet.seq };
}
