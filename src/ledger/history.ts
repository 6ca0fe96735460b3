/** What the books say: wallets, transactions, bets, rounds and proofs, for REST and for rooms. Reads only. */
import type pg from 'pg';
import { AppError } from '../errors.ts';
import type { BetId, RoundId, UserId } from '../ids.ts';
import type { Bet, Game, Page, PageQuery, Proof, Round, Transaction, Wallet } from '../protocol.ts';
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
  b.multiplier, b.payout, w.balance, b.created_at AS "createdAt"`;
const BET_FROM =
  'FROM bets b JOIN games g ON g.id = b.game_id JOIN wallets w ON w.id = b.wallet_id';
const ROUND = `r.id, g.name AS game, r.room_id AS "roomId", r.number, r.phase, r.commitment, r.outcome,
  r.bet_count AS "betCount", r.staked, r.paid, r.started_at AS "startedAt", r.locked_at AS "lockedAt",
  r.settled_at AS "settledAt" FROM rounds r JOIN games g ON g.id = r.game_id`;

export class History {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async wallet(userId: UserId): Promise<Wallet> {
    return this.#one<Wallet>(
      'SELECT currency, balance, seq FROM wallets WHERE user_id = $1 ORDER BY id LIMIT 1',
      [userId],
    );
  }

  /** Newest first; the cursor is the `seq` of the last one seen. */
  async transactions(userId: UserId, query: PageQuery): Promise<Page<Transaction>> {
    const before = cursorNumber(query.cursor);
    const rows = await this.#rows<Transaction>(
      `SELECT t.id, t.seq, t.amount, t.type, t.category, t.description, t.balance_after AS "balanceAfter",
              t.posting_id AS "postingId", t.bet_id AS "betId", t.created_at AS "createdAt"
       FROM transactions t
       WHERE t.wallet_id = (SELECT id FROM wallets WHERE user_id = $1 ORDER BY id LIMIT 1)
         AND ($2::bigint IS NULL OR t.seq < $2)
       ORDER BY t.seq DESC LIMIT $3`,
      [userId, before, query.limit + 1],
    );
    return page(rows, query.limit, (row) => String(row.seq));
  }

  /** Newest first; the cursor is time and id of the last one seen. */
  async bets(userId: UserId, query: BetsQuery): Promise<Page<Bet>> {
    const [at, id] = cursorPair(query.cursor);
    const rows = await this.#rows<Bet & { at: string }>(
      `SELECT ${BET}, b.created_at::text AS at ${BET_FROM}
       WHERE b.user_id = $1 AND ($2::timestamptz IS NULL OR (b.created_at, b.id) < ($2, $3::uuid))
         AND ($4::uuid IS NULL OR b.round_id = $4) AND ($5::text IS NULL OR b.status = $5)
       ORDER BY b.created_at DESC, b.id DESC LIMIT $6`,
      [userId, at, id, query.roundId ?? null, query.status ?? null, query.limit + 1],
    );
    const result = page(rows, query.limit, (row) => `${row.at}~${row.betId}`);
    return { ...result, items: result.items.map(({ at: _at, ...bet }) => bet) };
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
    const { chainId, chainCommitment, salt, length, ...proof } = await this.#one<
      Omit<Proof, 'chain'> & {
        chainId: string;
        chainCommitment: string;
        salt: string;
        length: number;
      }
    >(
      `SELECT r.id AS "roundId", g.name AS game, r.pay_table_version AS "payTableVersion", c.id AS "chainId",
              c.commitment AS "chainCommitment", c.salt, c.length, r.chain_index AS "index", r.commitment, r.seed,
              NULL AS beacon, r.outcome
       FROM rounds r JOIN games g ON g.id = r.game_id JOIN fairness_chains c ON c.id = r.chain_id WHERE r.id = $1`,
      [id],
    );
    return { ...proof, chain: { id: chainId, commitment: chainCommitment, salt, length } };
  }

  /** Outcomes of a table, newest first, whichever room it lived in. */
  async outcomes(
    game: string,
    table: string,
    limit: number,
  ): Promise<{ roundId: RoundId; outcome: object }[]> {
    return this.#rows(
      `SELECT r.id AS "roundId", r.outcome FROM rounds r JOIN live_rooms l ON l.room_id = r.room_id
       WHERE l.name = $1 AND l.table_name = $2 AND r.phase = 'settled' ORDER BY r.id DESC LIMIT $3`,
      [game, table, limit],
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

/** Times leave as ISO 8601 UTC. */
function plainTimes<Row extends object>(row: Row): Row {
  const entries = Object.entries(row).map(([key, value]) => [
    key,
    value instanceof Date ? value.toISOString() : value,
  ]);
  return Object.fromEntries(entries) as Row;
}

function page<Row>(rows: Row[], limit: number, cursorOf: (row: Row) => string): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items[items.length - 1];
  return { items, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}

function badCursor(): AppError {
  return new AppError('BAD_REQUEST', 'cursor: not one that this list gave out');
}

function cursorNumber(cursor: string | undefined): number | null {
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

function cursorPair(cursor: string | undefined): [string, string] | [null, null] {
  if (cursor === undefined) return [null, null];
  const [at = '', id = ''] = cursor.split('~');
  if (Number.isNaN(Date.parse(at.replace(' ', 'T'))) || !UUID.test(id)) throw badCursor();
  return [at, id];
}
