/** What the books say: wallets, transactions, bets, rounds and proofs, for REST and for rooms. Reads only. */
import type pg from 'pg';
import { AppError } from '../errors.ts';
import type { Beacon } from '../fairness/beacon.ts';
import type { BetId, RoundId, UserId } from '../ids.ts';
import type {
  Bet,
  Game,
  Page,
  PageQuery,
  Proof,
  Round,
  Transaction,
  TransactionsQuery,
  Wallet,
} from '../protocol.ts';
import { Currencies } from './currencies.ts';
import { persist } from './persist.ts';
import type { BetStatus, ResolvedBy } from './types.ts';

export interface BetsQuery extends PageQuery {
  readonly roundId?: string | undefined;
  readonly status?: BetStatus | undefined;
}

/** A bet with what rooms need beyond the public shape. */
export interface StoredBet extends Bet {
  readonly resolvedBy: ResolvedBy | null;
  readonly requestHash: string;
  readonly userId: UserId;
  /** The wallet right after the stake was taken, and right after the payout, when there was one. */
  readonly balanceAfterStake: number;
  readonly balanceAfterPayout: number | null;
}

const BET = `b.id AS "betId", b.round_id AS "roundId", g.name AS game, b.amount, b.selection, b.status,
  b.multiplier, b.payout, w.currency, w.balance, b.created_at AS "createdAt"`;
const BET_FROM =
  'FROM bets b JOIN games g ON g.id = b.game_id JOIN wallets w ON w.id = b.wallet_id';
const ROUND = `r.id, g.name AS game, r.room_id AS "roomId", l.currency, r.number, r.phase, r.commitment, r.outcome,
  r.bet_count AS "betCount", r.staked, r.paid, r.started_at AS "startedAt", r.locked_at AS "lockedAt",
  r.settled_at AS "settledAt" FROM rounds r JOIN games g ON g.id = r.game_id
  JOIN live_rooms l ON l.room_id = r.room_id`;

export class History {
  readonly #pool: pg.Pool;
  readonly #currencies: Currencies;

  constructor(pool: pg.Pool, currencies = new Currencies()) {
    this.#pool = pool;
    this.#currencies = currencies;
  }

  /** One that was never opened is empty. @throws AppError BAD_REQUEST */
  async wallet(userId: UserId, wish?: string): Promise<Wallet> {
    const currency = this.#currencies.chosen(wish);
    const [wallet] = await this.#rows<Wallet>(
      'SELECT currency, balance, seq FROM wallets WHERE user_id = $1 AND currency = $2',
      [userId, currency],
    );
    return wallet ?? { currency, balance: 0, seq: 0 };
  }

  /** Those that were opened, the usual currency's first. */
  async wallets(userId: UserId): Promise<(Wallet & { id: number })[]> {
    return this.#rows(
      `SELECT id, currency, balance, seq FROM wallets WHERE user_id = $1
       ORDER BY currency <> $2, currency`,
      [userId, this.#currencies.usual],
    );
  }

  /** Of one wallet, newest first; the cursor is the `seq` of the last one seen. @throws AppError BAD_REQUEST */
  async transactions(userId: UserId, query: TransactionsQuery): Promise<Page<Transaction>> {
    const before = cursorNumber(query.cursor);
    const rows = await this.#rows<Transaction>(
      `SELECT t.id, t.seq, t.amount, t.type, t.category, t.description, t.balance_after AS "balanceAfter",
              t.posting_id AS "postingId", t.bet_id AS "betId", p.reason, p.actor_user_id AS "actorId",
              t.created_at AS "createdAt"
       FROM transactions t LEFT JOIN postings p ON p.id = t.posting_id
       WHERE t.wallet_id = (SELECT id FROM wallets WHERE user_id = $1 AND currency = $4)
         AND ($2::bigint IS NULL OR t.seq < $2)
       ORDER BY t.seq DESC LIMIT $3`,
      [userId, before, query.limit + 1, this.#currencies.chosen(query.currency)],
    );
    return page(rows, query.limit, (row) => String(row.seq));
  }

  /**
   * Newest first; the cursor is the stake's transaction of the last one seen. A player's bets are found by the stakes in
   * the wallets' chains: an index of bets by player would cost every bet more than it gives here.
   */
  async bets(userId: UserId, query: BetsQuery): Promise<Page<Bet>> {
    const { roundId = null, status = null } = query;
    const found = `SELECT s.id AS stake, b.* FROM transactions s JOIN bets b ON b.id = s.bet_id
      WHERE s.amount < 0 AND ($2::bigint IS NULL OR s.id < $2) AND ($3::text IS NULL OR b.status = $3)`;
    const ofRound = `${found} AND b.round_id = $5 AND b.user_id = $1`;
    const ofWallets = `SELECT f.* FROM wallets o CROSS JOIN LATERAL (
        ${found} AND s.wallet_id = o.id ORDER BY s.seq DESC LIMIT $4) f WHERE o.user_id = $1`;
    const rows = await this.#rows<Bet & { stake: number }>(
      `SELECT ${BET}, b.stake FROM (${roundId ? ofRound : ofWallets}) b
       JOIN games g ON g.id = b.game_id JOIN wallets w ON w.id = b.wallet_id ORDER BY b.stake DESC LIMIT $4`,
      [userId, cursorNumber(query.cursor), status, query.limit + 1, ...(roundId ? [roundId] : [])],
    );
    const result = page(rows, query.limit, (row) => String(row.stake));
    return { ...result, items: result.items.map(({ stake: _stake, ...bet }) => bet) };
  }

  /** @throws AppError NOT_FOUND, also for another player's bet */
  async bet(userId: UserId, betId: string): Promise<Bet> {
    return this.#one<Bet>(`SELECT ${BET} ${BET_FROM} WHERE b.id = $1 AND b.user_id = $2`, [
      betId,
      userId,
    ]);
  }

  /** A bet by id, whoever owns it; null when the books do not hold it. */
  async storedBet(betId: BetId): Promise<StoredBet | null> {
    const rows = await this.#rows<StoredBet>(
      `SELECT ${BET}, b.resolved_by AS "resolvedBy", b.request_hash AS "requestHash", b.user_id AS "userId",
              s.balance_after AS "balanceAfterStake", p.balance_after AS "balanceAfterPayout"
       ${BET_FROM} JOIN transactions s ON s.bet_id = b.id AND s.amount < 0
       LEFT JOIN transactions p ON p.bet_id = b.id AND p.amount > 0 WHERE b.id = $1`,
      [betId],
    );
    return rows[0] ?? null;
  }

  /** @throws AppError NOT_FOUND */
  async round(id: string): Promise<Round> {
    return this.#one<Round>(`SELECT ${ROUND} WHERE r.id = $1`, [id]);
  }

  /** Newest first. @throws AppError NOT_FOUND when there is no such game */
  async rounds(game: string, query: PageQuery): Promise<Page<Round>> {
    await this.#one('SELECT 1 FROM games WHERE name = $1', [game]);
    const rows = await this.#rows<Round>(
      `SELECT ${ROUND} WHERE g.name = $1 AND ($2::uuid IS NULL OR r.id < $2) ORDER BY r.id DESC LIMIT $3`,
      [game, cursorUuid(query.cursor), query.limit + 1],
    );
    return page(rows, query.limit, (row) => row.id);
  }

  /** F6. The seed is there once the round is over, not before. @throws AppError NOT_FOUND */
  async proof(id: string): Promise<Proof> {
    const { chainId, chainCommitment, salt, length, stored, ...proof } = await this.#one<
      Omit<Proof, 'chain' | 'beacon' | 'beaconMissing'> & {
        chainId: string;
        chainCommitment: string;
        salt: string;
        length: number;
        stored: Beacon | null;
      }
    >(
      `SELECT r.id AS "roundId", g.name AS game, r.pay_table_version AS "payTableVersion", c.id AS "chainId",
              c.commitment AS "chainCommitment", c.salt, c.length, r.chain_index AS "index", r.commitment, r.seed,
              r.beacon AS stored, r.outcome
       FROM rounds r JOIN games g ON g.id = r.game_id JOIN fairness_chains c ON c.id = r.chain_id WHERE r.id = $1`,
      [id],
    );
    const chain = { id: chainId, commitment: chainCommitment, salt, length };
    return { ...proof, chain, ...provenBeacon(stored) };
  }

  /** Outcomes of a table, newest first, whichever room it lived in. */
  async outcomes(
    game: string,
    table: string,
    currency: string,
    limit: number,
  ): Promise<{ roundId: RoundId; outcome: object }[]> {
    return this.#rows(
      `SELECT r.id AS "roundId", r.outcome FROM rounds r JOIN live_rooms l ON l.room_id = r.room_id
       WHERE l.name = $1 AND l.table_name = $2 AND l.currency = $3 AND r.phase = 'settled'
       ORDER BY r.id DESC LIMIT $4`,
      [game, table, currency, limit],
    );
  }

  async games(): Promise<Game[]> {
    return this.#rows(
      `SELECT name, title, description, kind, pay_table_version AS "payTableVersion", is_enabled AS "isEnabled",
              parameters FROM games ORDER BY id`,
      [],
    );
  }

  async #rows<Row extends object>(text: string, values: unknown[]): Promise<Row[]> {
    const { rows } = await persist(() => this.#pool.query<Row>(text, values));
    return rows.map(plainTimes);
  }

  async #one<Row extends object>(text: string, values: unknown[]): Promise<Row> {
    const [row] = await this.#rows<Row>(text, values);
    if (!row) throw new AppError('NOT_FOUND');
    return row;
  }
}

/** F6: a beacon that was missing says so, and is none. */
function provenBeacon(stored: Beacon | null): Pick<Proof, 'beacon' | 'beaconMissing'> {
  if (!stored) return { beacon: null, beaconMissing: null };
  if (!('missing' in stored)) return { beacon: stored, beaconMissing: null };
  const { chain, round, missing: reason } = stored;
  return { beacon: null, beaconMissing: { chain, round, reason } };
}

/** Times leave as ISO 8601 UTC. */
export function plainTimes<Row extends object>(row: Row): Row {
  const entries = Object.entries(row).map(([key, value]) => [
    key,
    value instanceof Date ? value.toISOString() : value,
  ]);
  return Object.fromEntries(entries) as Row;
}

export function page<Row>(rows: Row[], limit: number, cursorOf: (row: Row) => string): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items[items.length - 1];
  return { items, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}

function badCursor(): AppError {
  return new AppError('BAD_REQUEST', 'cursor: not one that this list gave out');
}

export function cursorNumber(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  const value = Number(cursor);
  if (!Number.isSafeInteger(value)) throw badCursor();
  return value;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function cursorUuid(cursor: string | undefined): string | null {
  if (cursor !== undefined && !UUID.test(cursor)) throw badCursor();
  return cursor ?? null;
}
