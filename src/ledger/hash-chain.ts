/**
 * M12: a chain of hashes over the committed transactions, built in the background. A block covers the ids after the
 * last block up to a mark, and is sealed only when every database transaction that might still have written below the
 * mark is over; so no late commit is skipped. Changing a sealed row afterwards breaks the chain.
 */
import type { Logger } from 'pino';
import type { Database } from '../database/connection.ts';

const SEAL_EVERY_MS = 5_000;
const MAX_BLOCK_ROWS = 20_000;
/** Any constant that nothing else in the database uses: one process seals at a time. */
const LOCK_KEY = 7_311_904_216;

/**
 * The hash of a block, as text in SQL: over the hash before it and its rows in order of id. Rows as JSON, so that no two
 * different ones have the same text.
 */
export const BLOCK_HASH = `encode(sha256(convert_to(concat(prev.hash, E'\\n', string_agg(json_build_array(
  t.id, t.wallet_id, t.seq, t.amount, t.category, t.description, t.balance_after, t.posting_id, t.bet_id, t.round_id,
  extract(epoch FROM t.created_at))::text, E'\\n' ORDER BY t.id)), 'UTF8')), 'hex')`;

export class HashChain {
  readonly #db: Database;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #mark: { id: number; xmax: string } | undefined;
  #sealing: Promise<void> = Promise.resolve();

  constructor(db: Database, logger: Logger) {
    this.#db = db;
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

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sealing;
  }

  /** Seals what the last mark covers, then sets the next mark. Answers how many blocks were sealed. */
  async seal(): Promise<number> {
    let sealed = 0;
    const mark = this.#mark;
    if (mark && (await this.#isPast(mark.xmax))) {
      while (await this.#sealBlock(mark.id)) sealed += 1;
      this.#mark = undefined;
    }
    this.#mark ??= await this.#setMark();
    return sealed;
  }

  async #setMark(): Promise<{ id: number; xmax: string } | undefined> {
    const drawn = await this.#db.pool.query<{ id: number | null }>(
      `SELECT pg_sequence_last_value(pg_get_serial_sequence('transactions', 'id')::regclass) AS id`,
    );
    const id = drawn.rows[0]?.id;
    if (!id) return undefined;
    // Every writer has its transaction id before it draws a row's id, so who may write up to `id` is below xmax. Asked
    // for in a later statement: a snapshot is older than what its own statement reads from a sequence.
    const { rows } = await this.#db.pool.query<{ xmax: string }>(
      'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS xmax',
    );
    return { id, xmax: rows[0]?.xmax as string };
  }

  async #isPast(xmax: string): Promise<boolean> {
    const { rows } = await this.#db.pool.query<{ past: boolean }>(
      'SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 AS past',
      [xmax],
    );
    return rows[0]?.past === true;
  }

  async #sealBlock(upTo: number): Promise<boolean> {
    const { rowCount } = await this.#db.pool.query(
      `WITH mine AS MATERIALIZED (SELECT pg_try_advisory_xact_lock($3) AS locked),
       prev AS (
         SELECT coalesce(max(to_id), 0) AS to_id, coalesce((array_agg(hash ORDER BY id DESC))[1], '') AS hash
         FROM (SELECT * FROM ledger_blocks ORDER BY id DESC LIMIT 1) last),
       t AS (SELECT * FROM transactions WHERE id > (SELECT to_id FROM prev) AND id <= $1 ORDER BY id LIMIT $2)
       INSERT INTO ledger_blocks (from_id, to_id, row_count, previous_hash, hash)
       SELECT min(t.id), max(t.id), count(*)::integer, prev.hash, ${BLOCK_HASH}
       FROM t, prev, mine WHERE mine.locked GROUP BY prev.hash HAVING count(*) > 0`,
      [upTo, MAX_BLOCK_ROWS, LOCK_KEY],
    );
    return (rowCount ?? 0) > 0;
  }
}
