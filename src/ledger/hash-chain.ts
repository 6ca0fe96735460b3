/**
 * M12: a chain of hashes over the committed transactions, built in the background. A block covers the ids after the
 * last block up to a mark, and is sealed only when every database transaction that might still have written below the
 * mark is over; so no late commit is skipped. Changing a sealed row afterwards breaks the chain.
 *
 * A block's hash is SHA-256, in lower case hex, over these bytes, one after the other. Integers are big-endian and of 8
 * bytes, times are integers: microseconds since 2000-01-01 00:00 UTC.
 * - the hash of the block before it, its 64 characters; of the first block, 64 zeros;
 * - the number of the block (`id`) and the time of its sealing (`created_at`);
 * - each transaction with an id after the last block's `to_id` and up to this block's, in order of id: id, wallet_id,
 *   seq, amount, balance_after, created_at; posting_id (16 bytes), bet_id and round_id (a byte 1 and 16 bytes, or a byte
 *   0 for NULL); category and description (length in 4 bytes and UTF-8, or the length ffffffff for NULL); and, of its
 *   posting: a byte 1, created_at, round_id, category, request_hash and reason as above, and actor_user_id (a byte 1
 *   and 8 bytes, or a byte 0); or a single byte 0 when there is no such posting.
 *
 * Two different rows never have the same bytes. PostgreSQL's own send functions make them in half the time of JSON.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../database/connection.ts';
import type { LedgerHead } from '../protocol.ts';

const SEAL_EVERY_MS = 5_000;
const MAX_BLOCK_ROWS = 20_000;
/** Any constant that nothing else in the database uses: one process seals at a time. */
const LOCK_KEY = 7_311_904_216;
/** At a stop, for what is being committed elsewhere; whoever runs next seals what is left. */
const STOP_WITHIN_MS = 500;
const POLL_MS = 20;

/** What the first block names as the hash before it. */
export const NO_HASH = '0'.repeat(64);

const optional = (column: string, bytes: string) =>
  `CASE WHEN ${column} IS NULL THEN '\\x00'::bytea ELSE '\\x01'::bytea || ${bytes} END`;
const uuid = (column: string) => optional(column, `uuid_send(${column})`);
const text = (column: string) => `int4send(octet_length(${column})) || textsend(${column})`;
const optionalText = (column: string) =>
  `CASE WHEN ${column} IS NULL THEN '\\xffffffff'::bytea ELSE ${text(column)} END`;

const LINE_BYTES = `int8send(t.id) || int8send(t.wallet_id) || int8send(t.seq) || int8send(t.amount)
  || int8send(t.balance_after) || timestamptz_send(t.created_at) || uuid_send(t.posting_id)
  || ${uuid('t.bet_id')} || ${uuid('t.round_id')} || ${text('t.category')} || ${optionalText('t.description')}`;

const POSTING_BYTES = `'\\x01'::bytea || timestamptz_send(created_at) || ${uuid('round_id')} || ${text('category')}
  || ${optionalText('request_hash::text')} || ${optionalText('reason')}
  || ${optional('actor_user_id', 'int8send(actor_user_id)')}`;

/** In SQL, an aggregate: of block `k` (previous_hash, id, created_at) with what WITH_POSTINGS joins. */
export const BLOCK_HASH = `encode(sha256(textsend(k.previous_hash::text) || int8send(k.id) || timestamptz_send(k.created_at)
  || string_agg(${LINE_BYTES} || coalesce(p.bytes, '\\x00'::bytea), '' ORDER BY t.id)), 'hex')`;

/**
 * One look-up a posting, remembered for all its lines. OFFSET keeps it apart: a plan that read all postings for each
 * block would never end with great books.
 */
export const WITH_POSTINGS = `t LEFT JOIN LATERAL (
    SELECT ${POSTING_BYTES} AS bytes FROM postings WHERE id = t.posting_id OFFSET 0) p ON true`;

/**
 * In SQL: the newest block, or no row. Whoever keeps it can have proven later that nothing up to it was changed. The
 * time is told with microseconds, as it was hashed.
 */
export const HEAD = `SELECT id AS block, total_count AS transactions, hash,
    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
  FROM ledger_blocks ORDER BY id DESC LIMIT 1`;

/** A place in the ledger's sequences, and the database transactions that may still write before it. */
interface Watermark {
  readonly transactionId: number;
  readonly inventoryChangeId: number;
  /** It is past when every database transaction below this number is over. */
  readonly xact: string;
}

export class HashChain {
  readonly #pool: pg.Pool;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #mark: Watermark | undefined;
  #sealing: Promise<void> = Promise.resolve();

  constructor(db: Database, logger: Logger) {
    this.#pool = db.pool;
    this.#logger = logger;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#sealing = this.seal().then(
        () => {},
        (error) => this.#logger.warn({ err: error }, 'hash chain not extended; tried again later'),
      );
    }, SEAL_EVERY_MS);
  }

  /** Seals what there is, as far as nobody else is writing. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sealing;
    await sealWithin(this.#pool, STOP_WITHIN_MS).catch((error) =>
      this.#logger.warn({ err: error }, 'hash chain not extended; the next process will do it'),
    );
  }

  /** Seals what the last mark covers, then sets the next mark. Answers how many blocks were sealed. */
  async seal(): Promise<number> {
    let sealed = 0;
    const mark = this.#mark;
    if (mark && (await isPast(this.#pool, mark))) {
      sealed = await sealUpTo(this.#pool, mark);
      this.#mark = undefined;
    }
    this.#mark ??= await setMark(this.#pool);
    return sealed;
  }
}

/**
 * Seals all that is committed by now, when every transaction that is open now is over within `ms`. Answers the mark
 * that is past then; undefined when one of them took longer, and nothing was done.
 */
export async function sealWithin(pool: pg.Pool, ms: number): Promise<Watermark | undefined> {
  const deadline = performance.now() + ms;
  const mark = await setMark(pool);
  while (!(await isPast(pool, mark))) {
    if (performance.now() > deadline) return undefined;
    await delay(POLL_MS);
  }
  await sealUpTo(pool, mark);
  return mark;
}

async function setMark(pool: pg.Pool): Promise<Watermark> {
  const drawn = await pool.query<Omit<Watermark, 'xact'>>(
    `SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('transactions', 'id')::regclass), 0)
         AS "transactionId",
       coalesce(pg_sequence_last_value(pg_get_serial_sequence('inventory_changes', 'id')::regclass), 0)
         AS "inventoryChangeId"`,
  );
  // Every writer has its transaction number before it draws a row's id, so who may write up to it has a number below
  // one that is drawn in a later statement. (The xmax of a snapshot would not do: it is only above what is over.)
  const { rows } = await pool.query<{ xact: string }>('SELECT pg_current_xact_id()::text AS xact');
  return { ...(drawn.rows[0] as Omit<Watermark, 'xact'>), xact: rows[0]?.xact as string };
}

async function isPast(pool: pg.Pool, { xact }: Watermark): Promise<boolean> {
  const { rows } = await pool.query<{ past: boolean }>(
    'SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 AS past',
    [xact],
  );
  return rows[0]?.past === true;
}

async function sealUpTo(pool: pg.Pool, mark: Watermark): Promise<number> {
  let sealed = 0;
  while (await sealBlock(pool, mark.transactionId)) sealed += 1;
  return sealed;
}

async function sealBlock(pool: pg.Pool, upTo: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    `WITH mine AS MATERIALIZED (SELECT pg_try_advisory_xact_lock($3) AS locked),
     k AS MATERIALIZED (
       SELECT coalesce(max(id), 0) + 1 AS id, coalesce(max(to_id), 0) AS after_id,
         coalesce(max(total_count), 0) AS count_before, coalesce(max(hash), '${NO_HASH}') AS previous_hash,
         now() AS created_at
       FROM (SELECT * FROM ledger_blocks ORDER BY id DESC LIMIT 1) last),
     t AS (SELECT * FROM transactions WHERE id > (SELECT after_id FROM k) AND id <= $1 ORDER BY id LIMIT $2)
     INSERT INTO ledger_blocks
       (id, from_id, to_id, row_count, total_count, previous_hash, hash, created_at, updated_at)
     SELECT k.id, min(t.id), max(t.id), count(*)::integer, k.count_before + count(*), k.previous_hash,
       ${BLOCK_HASH}, k.created_at, k.created_at
     FROM mine CROSS JOIN k CROSS JOIN ${WITH_POSTINGS} WHERE mine.locked
     GROUP BY k.id, k.count_before, k.previous_hash, k.created_at`,
    [upTo, MAX_BLOCK_ROWS, LOCK_KEY],
  );
  return (rowCount ?? 0) > 0;
}

/** Null while nothing is sealed. */
export async function ledgerHead(pool: pg.Pool): Promise<LedgerHead | null> {
  return (await pool.query<LedgerHead>(HEAD)).rows[0] ?? null;
}
