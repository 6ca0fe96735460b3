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
import { Commands } from './commands.ts';
import { Currencies } from './currencies.ts';
import { WalletFeed } from './feed.ts';
import { persist } from './persist.ts';
import { type PlacedBet, placeBets } from './place.ts';
import { Postings } from './post.ts';
import { adjust, type Deal, grant } from './postings.ts';
import { Pots } from './pots.ts';
import { resolveBets } from './resolve.ts';
import { Rounds } from './rounds.ts';
import type { HoldingChange, PlaceBet, ResolveBet, ResolvedBet, WalletChange } from './types.ts';

const MAX_BATCH = 512;
/** While one batch of stakes commits another one is made ready: of other wallets, when this many wait. */
const STAKES_IN_FLIGHT = 2;
const MIN_BESIDE = 4;
const MAX_QUEUE = 20_000;
const SETTLE_CHUNK = 5_000;

export interface LedgerOptions {
  readonly startBalance: number;
  /** What is played in, the usual one first; COIN when there is no word of it. */
  readonly currencies?: readonly string[];
  readonly logger: Logger;
  /** Whether other processes may have connections of the same players. */
  hasNeighbours(): boolean;
}

export class Ledger {
  readonly currencies: Currencies;
  readonly rounds: Rounds;
  readonly postings: Postings;
  readonly pots: Pots;
  readonly commands: Commands;
  readonly feed: WalletFeed;
  readonly #db: Database;
  readonly #options: LedgerOptions;
  /** Each command is one bet, or several that are taken all or none. */
  readonly #stakes: Batcher<readonly PlaceBet[], readonly (PlacedBet | AppError)[]>;
  readonly #resolutions: Batcher<ResolveBet, ResolvedBet | AppError>;

  constructor(db: Database, options: LedgerOptions) {
    this.#db = db;
    this.#options = options;
    this.currencies = new Currencies(options.currencies);
    this.rounds = new Rounds(db.pool);
    this.postings = new Postings(db.pool, (changes) => this.#publish(changes));
    this.pots = new Pots(db.pool, this.postings);
    this.commands = new Commands(
      db.pool,
      (changes) => this.#publish(changes),
      (userId) => this.feed.retell(userId, this.#options.hasNeighbours()),
    );
    this.feed = new WalletFeed(db, uuidv7(), options.logger);
    this.#stakes = new Batcher({
      maxBatch: MAX_BATCH,
      maxQueue: MAX_QUEUE,
      maxInFlight: STAKES_IN_FLIGHT,
      minBeside: MIN_BESIDE,
      keys: (bets) => bets.map((bet) => bet.betId),
      weight: (bets) => bets.length,
      line: ([bet]) => (bet as PlaceBet).walletId,
      run: (commands) => this.#place(commands),
    });
    this.#resolutions = new Batcher({
      maxBatch: MAX_BATCH,
      maxQueue: MAX_QUEUE,
      keys: (bet) => [bet.betId],
      run: (bets) => this.#timed('resolutions', bets.length, () => resolveBets(db.pool, bets)),
    });
  }

  /**
   * Takes the stake and enters the bet, once per id (M5).
   * @throws AppError INSUFFICIENT_FUNDS, BETTING_CLOSED, BET_CONFLICT, ROOM_MOVED, BUSY
   */
  async placeBet(bet: PlaceBet): Promise<PlacedBet> {
    return (await this.placeAll([bet]))[0] as PlacedBet;
  }

  /**
   * Bets of one player in one round, all or none: when one of them is refused, so are the others.
   * @throws AppError as `placeBet`, of the first that is refused
   */
  async placeAll(bets: readonly PlaceBet[]): Promise<readonly PlacedBet[]> {
    const answers = await this.#stakes.submit(bets);
    const placed: PlacedBet[] = [];
    for (const answer of answers) {
      if (answer instanceof AppError) throw answer;
      placed.push(answer);
    }
    const taken = placed.filter(({ first }) => first);
    const { currency } = (bets[0] as PlaceBet).room;
    metrics.betsAccepted.inc(taken.length);
    this.#publish(taken.slice(-1).map((last) => walletAfter(last, currency)));
    return placed;
  }

  async #place(
    commands: readonly (readonly PlaceBet[])[],
  ): Promise<readonly (readonly (PlacedBet | AppError)[])[]> {
    const bets = commands.flat();
    const leads = commands.flatMap((command, at) => command.map(() => at));
    const placed = await this.#timed('stakes', bets.length, () =>
      placeBets(this.#db.pool, bets, leads),
    );
    const answers = placed.values();
    return commands.map((command) =>
      command.map(() => answers.next().value as PlacedBet | AppError),
    );
  }

  /** Resolves one bet, or answers how it was resolved before (`first` is false). @throws AppError */
  async resolveBet(bet: ResolveBet): Promise<ResolvedBet> {
    const resolved = await this.#resolutions.submit(bet);
    if (resolved instanceof AppError) throw resolved;
    this.#published([resolved], [bet]);
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
      this.#published(resolved as ResolvedBet[], chunk);
      onChunk(resolved as ResolvedBet[]);
    }
  }

  /** Waits until everything handed in so far is answered. */
  async idle(): Promise<void> {
    await Promise.all([this.#stakes.idle(), this.#resolutions.idle()]);
  }

  /** A new user's wallet in the usual currency with the starting grant, in the transaction that makes the user. */
  async openWallet(userId: UserId, transaction: Transaction): Promise<void> {
    await this.#db.sequelize.query('SELECT open_wallet($1, $2, $3, $4)', {
      transaction,
      bind: [userId, this.#options.startBalance, uuidv7(), this.currencies.usual],
    });
  }

  /** The user's wallet, opened when there is none in this currency. @throws AppError NOT_FOUND, BAD_REQUEST */
  async walletIdOf(userId: UserId, currency?: string): Promise<WalletId> {
    const { rows } = await persist(() =>
      this.#db.pool.query<{ id: WalletId }>(
        'SELECT (wallets_of($1, ARRAY[$2::bigint], ARRAY[NULL::text]))[1] AS id',
        [this.currencies.chosen(currency), userId],
      ),
    );
    return (rows[0] as { id: WalletId }).id;
  }

  /** Grants play money to a user, once per posting id. @throws AppError as `Postings.post`; BAD_REQUEST */
  async grant(
    userId: UserId,
    amount: number,
    postingId: string,
    reason: string,
    currency?: string,
  ): Promise<WalletChange> {
    const chosen = this.currencies.chosen(currency);
    const posted = await this.postings.post(
      grant({ id: postingId, userId, currency: chosen, amount, reason }),
    );
    return posted.wallets[0] as WalletChange;
  }

  /** An operator's correction of a player's wallet. @throws AppError as `Postings.post` */
  async adjust({
    walletId,
    ...adjustment
  }: Omit<Parameters<typeof adjust>[0], 'userId' | 'currency'> & {
    walletId: number;
  }): Promise<WalletChange & { id: number }> {
    const { rows } = await persist(() =>
      this.#db.pool.query<Pick<Deal, 'userId' | 'currency'>>(
        `SELECT user_id AS "userId", currency FROM wallets WHERE id = $1 AND user_id IS NOT NULL`,
        [walletId],
      ),
    );
    if (!rows[0]) throw new AppError('NOT_FOUND', 'There is no such wallet.');
    const posted = await this.postings.post(adjust({ ...adjustment, ...rows[0] }));
    return { id: walletId, ...(posted.wallets[0] as WalletChange) };
  }

  /** `asked` are the commands that were answered, in the same order. */
  #published(resolved: readonly ResolvedBet[], asked: readonly ResolveBet[]): void {
    const changes: WalletChange[] = [];
    resolved.forEach((bet, index) => {
      if (!bet.first) return;
      metrics.betsResolved.inc({ status: bet.status });
      const { room } = asked[index] as ResolveBet;
      if (bet.payout > 0) changes.push(walletAfter(bet, room.currency));
    });
    this.#publish(changes);
  }

  #publish(changes: readonly (WalletChange | HoldingChange)[]): void {
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

function walletAfter(
  { userId, balance, seq }: { userId: UserId; balance: number; seq: number },
  currency: string,
): WalletChange {
  return { userId, currency, balance, seq };
}
