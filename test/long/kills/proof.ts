/**
 * Holds what the players were told against the books, part by part: when all rests, what was written since the last time
 * is checked and forgotten, and its digest kept. At the end the digest of everything must still be the sum of the parts,
 * so memory does not grow with the number of bets.
 */
import assert from 'node:assert/strict';
import type { Database } from '../../../src/database/connection.ts';
import { unhurried } from '../../../src/database/connection.ts';
import { audit } from '../../../src/ledger/audit.ts';
import { persist } from '../../../src/ledger/persist.ts';
import { until } from '../../support/server.ts';
import { contradictions, FROM_THE_START, type From, readPages } from '../contradictions.ts';
import type { Player } from './player.ts';

const RECOVERED_TIMEOUT_MS = 30_000;

interface Digest {
  readonly rows: bigint;
  readonly sum: bigint;
}

type Digests = Readonly<Record<'transactions' | 'bets', Digest>>;

const NOTHING: Digest = { rows: 0n, sum: 0n };

export class Proof {
  readonly #db: Database;
  #from: From = FROM_THE_START;
  #digests: Digests = { transactions: NOTHING, bets: NOTHING };
  /** What the players were told and the books confirmed. */
  readonly confirmed = { bets: 0, cashOuts: 0, grants: 0, resolutions: 0, balances: 0 };
  audits = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  /** At once after a kill: everything acknowledged since the last one is in the books. */
  async lookUp(players: readonly Player[]): Promise<void> {
    const placed = players.flatMap(({ fresh }) => fresh.placed);
    const cashed = players.flatMap(({ fresh }) => fresh.cashed);
    for (const player of players) player.fresh = { placed: [], cashed: [] };
    const { rows } = await persist(() =>
      this.#db.pool.query<{ id: string }>(
        `SELECT id FROM unnest($1::uuid[]) id WHERE NOT EXISTS (SELECT 1 FROM bets b WHERE b.id = id.id)
         UNION ALL
         SELECT id FROM unnest($2::uuid[]) id
         WHERE NOT EXISTS (SELECT 1 FROM bets b WHERE b.id = id.id AND b.status = 'cashed')`,
        [placed, cashed],
      ),
    );
    assert.deepEqual(rows, [], 'acknowledged, and not in the books after a kill');
  }

  /** All rest: nothing is under way, and every round is over. */
  async prove(players: readonly Player[]): Promise<void> {
    await until(() => this.#allOver(), 'every round to be over', RECOVERED_TIMEOUT_MS);
    const pages = await readPages(this.#db, this.#from);
    const histories = players.map(({ userId, events, mark }) => ({ userId, events, since: mark }));
    assert.deepEqual(contradictions(pages, histories), []);
    const { transactionId } = await this.#row<{ transactionId: number }>(
      'SELECT coalesce(max(id), 0) AS "transactionId" FROM transactions',
    );
    const digests = await this.#digest(this.#from);
    this.#digests = {
      transactions: sum(this.#digests.transactions, digests.transactions),
      bets: sum(this.#digests.bets, digests.bets),
    };
    const byId = new Map(players.map((player) => [player.userId, player]));
    for (const { userId, seq, balanceAfter } of pages.entries) {
      (byId.get(userId) as Player).mark = { seq, balance: balanceAfter };
    }
    // The same in text as in the database: hex digits in lower case.
    const betIds = pages.bets.map(({ betId }) => betId).sort();
    this.#from = { transactionId, betId: betIds.at(-1) ?? this.#from.betId };
    for (const player of players) {
      this.#count(player);
      player.events = [];
    }
  }

  /** After the last part: nothing that was confirmed has changed or gone since, and the wallets are where they were. */
  async proveAll(players: readonly Player[]): Promise<Digests> {
    assert.deepEqual(await this.#digest(FROM_THE_START), this.#digests);
    const { rows } = await this.#db.pool.query<{ userId: number; seq: number; balance: number }>(
      `SELECT user_id AS "userId", seq, balance FROM wallets WHERE user_id IS NOT NULL ORDER BY 1`,
    );
    const wallets = players
      .map(({ userId, mark }) => ({ userId, ...mark }))
      .sort((a, b) => a.userId - b.userId);
    assert.deepEqual(rows, wallets);
    await this.audit();
    return this.#digests;
  }

  async audit(): Promise<void> {
    assert.deepEqual((await audit(this.#db)).findings, []);
    this.audits += 1;
  }

  async #allOver(): Promise<boolean> {
    const { n } = await this.#row<{ n: number }>(
      "SELECT count(*) AS n FROM rounds WHERE phase IN ('betting', 'running')",
    );
    return n === 0;
  }

  async #digest(from: From): Promise<Digests> {
    const [transactions, bets] = await Promise.all([
      this.#digestOf('transactions', from.transactionId),
      this.#digestOf('bets', from.betId),
    ]);
    return { transactions, bets };
  }

  async #digestOf(table: string, after: number | string): Promise<Digest> {
    const { rows, sum } = await this.#row<{ rows: string; sum: string }>(
      `SELECT count(*)::text AS rows, coalesce(sum(hashtextextended(x::text, 0)), 0)::text AS sum
       FROM ${table} x WHERE id > $1`,
      [after],
    );
    return { rows: BigInt(rows), sum: BigInt(sum) };
  }

  async #row<Row extends object>(sql: string, values: unknown[] = []): Promise<Row> {
    const client = await this.#db.pool.connect();
    try {
      // The last one reads everything.
      await client.query('BEGIN');
      await client.query(
        `SELECT set_config(name, '0', true) FROM pg_settings
         WHERE name IN ('statement_timeout', 'transaction_timeout')`,
      );
      const { rows } = await client.query<Row>(unhurried(sql), values);
      return rows[0] as Row;
    } finally {
      await client.query('ROLLBACK').catch(() => {});
      client.release();
    }
  }

  #count({ events }: Player): void {
    for (const { kind } of events) {
      if (kind === 'placed') this.confirmed.bets += 1;
      else if (kind === 'cashed') this.confirmed.cashOuts += 1;
      else if (kind === 'granted') this.confirmed.grants += 1;
      else if (kind === 'told') this.confirmed.resolutions += 1;
      else if (kind === 'wallet') this.confirmed.balances += 1;
    }
  }
}

function sum(a: Digest, b: Digest): Digest {
  return { rows: a.rows + b.rows, sum: a.sum + b.sum };
}
