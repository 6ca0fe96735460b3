/**
 * How postings are made: once per id (M5), alone or together with other writes in one transaction, and their wallets
 * told after the commit (M6).
 */
import type pg from 'pg';
import type { UserId } from '../ids.ts';
import { persist } from './persist.ts';
import type { Posting } from './postings.ts';
import type { WalletChange } from './types.ts';

/** How a posting ended: `first` is false for a repeat, whose wallets are those that the first one answered. */
export interface Posted {
  readonly first: boolean;
  readonly wallets: readonly WalletChange[];
}

export class Postings {
  readonly #pool: pg.Pool;
  readonly #publish: (changes: readonly WalletChange[]) => void;

  constructor(pool: pg.Pool, publish: (changes: readonly WalletChange[]) => void) {
    this.#pool = pool;
    this.#publish = publish;
  }

  /** @throws AppError BET_CONFLICT, INSUFFICIENT_FUNDS, NOT_FOUND, LIMIT_EXCEEDED, BETTING_CLOSED, ROOM_MOVED, BUSY */
  async post(wanted: Posting): Promise<Posted> {
    let sent = 0;
    const posted = await persist(() => {
      sent += 1;
      return send(this.#pool, wanted);
    });
    // A repeat of ours, after a lost answer: nobody was told yet.
    if (posted.first || sent > 1) this.#publish(posted.wallets);
    return posted;
  }

  /** One after the other, each in a transaction of its own. @throws AppError as `post` */
  async postAll(wanted: readonly Posting[]): Promise<Posted[]> {
    const all: Posted[] = [];
    for (const each of wanted) all.push(await this.post(each));
    return all;
  }

  /**
   * Postings and other writes of a caller in one transaction. `work` runs again when the connection is lost or the
   * database asks for it, perhaps after a commit whose answer was lost: where its posting is then a repeat (`first` is
   * false), its own writes are there already. @throws AppError as `post`, and what `work` throws; then nothing is written
   */
  async together<T>(
    work: (client: pg.PoolClient, post: (wanted: Posting) => Promise<Posted>) => Promise<T>,
  ): Promise<T> {
    let sent = 0;
    let changes: WalletChange[] = [];
    const result = await persist(async () => {
      sent += 1;
      changes = [];
      return this.#inTransaction((client) =>
        work(client, async (wanted) => {
          const posted = await send(client, wanted);
          if (posted.first || sent > 1) changes.push(...posted.wallets);
          return posted;
        }),
      );
    });
    this.#publish(changes);
    return result;
  }

  async #inTransaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken = false;
    try {
      await client.query('BEGIN');
      const result = await work(client);
      const { command } = await client.query('COMMIT');
      // PostgreSQL answers so, without an error, when a statement failed and `work` went on.
      if (command !== 'COMMIT') throw new Error('the transaction was rolled back');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {
        broken = true;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }
}

type PostRow = WalletChange & { code: 'OK' | 'REPEAT'; userId: UserId | null };

async function send(runner: Pick<pg.ClientBase, 'query'>, wanted: Posting): Promise<Posted> {
  const { id, hash, category, currency, entries, table, keep, note } = wanted;
  const values = [
    id,
    hash,
    category,
    note.description ?? null,
    note.actorId ?? null,
    note.reason ?? null,
    currency,
    entries.map((entry) => entry.userId),
    entries.map((entry) => entry.account),
    entries.map((entry) => entry.amount),
    table?.room.nodeId ?? null,
    table?.room.roomId ?? null,
    table?.room.fence ?? null,
    table?.roundId ?? null,
    keep,
    note.ip ?? null,
  ];
  const { rows } = await runner.query<PostRow>({
    name: 'post',
    text: `SELECT p.code, p.user_id AS "userId", p.currency, p.balance, p.seq
           FROM post($1, $2, $3, $4, $5, $6, wallets_of($7, $8, $9), $10, $11, $12, $13, $14, $15, $16) p`,
    values,
  });
  const wallets = rows
    .filter((row) => row.userId !== null)
    .map(({ userId, currency: held, balance, seq }) => ({ userId, currency: held, balance, seq }));
  return { first: rows[0]?.code === 'OK', wallets };
}
