/** docs/RETENTION.md is true: its SQL is run as it stands there, and the ledger goes on over what it makes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';
import { proveBooks } from '../../src/ledger/audit/prove.ts';
import { History } from '../../src/ledger/history.ts';
import type { OwnedRoom, PlaceBet } from '../../src/ledger/types.ts';
import { type Books, bet, cashOut, code, openBooks, type Player } from '../ledger/fixture.ts';

const REFUSED = { code: '23001' };
const DAY_MS = 86_400_000;
const RANGE = 1_000_000;
const TABLES = ['bets', 'transactions'] as const;

/** The SQL blocks of the page by their names. */
const BLOCKS = new Map(
  [
    ...readFileSync(new URL('../../docs/RETENTION.md', import.meta.url), 'utf8').matchAll(
      /^```sql (.+)\n((?:.*\n)*?)```$/gm,
    ),
  ].map(([, name, sql]) => [name, sql as string]),
);

interface Shape {
  readonly columns: string[];
  readonly constraints: string[];
  readonly indexes: string[];
  readonly triggers: string[];
  readonly options: string[];
}

describe('database/partitions', () => {
  let books: Books;
  let admin: pg.Client;
  let player: Player;
  let other: Player;
  let table: { room: OwnedRoom; roundId: PlaceBet['roundId'] };
  /** Placed before: resolved, open to the end, of a random id, and of an id that lies in the range to come. */
  let old: PlaceBet;
  let open: PlaceBet;
  let random: PlaceBet;
  let early: PlaceBet;
  let rowsBefore: string;
  let plain: Record<string, Shape>;
  let drawn: number;
  let from: number;

  /** As psql does it: -v name=value. */
  async function run(name: string, variables: Record<string, string | number> = {}) {
    const sql = BLOCKS.get(name);
    assert.ok(sql, `docs/RETENTION.md has no block ${name}`);
    const filled = sql.replaceAll(/(?<!:):(['"]?)([a-z]+)\1/g, (_, quote, variable) => {
      const value = String(variables[variable]);
      if (quote === '"') return pg.escapeIdentifier(value);
      return quote === "'" ? pg.escapeLiteral(value) : value;
    });
    return admin.query(filled);
  }

  before(async () => {
    books = await openBooks();
    admin = new pg.Client({ connectionString: books.db.url });
    await admin.connect();
    [player, other] = await books.pair(10_000);
    table = await books.table();
    old = bet(table, player, 100);
    open = bet(table, player, 50);
    random = bet(table, other, 70, {}, uuidv4());
    early = bet(table, other, 30, {}, uuidv7({ msecs: Date.now() + DAY_MS / 2 }));
    for (const placing of [old, open, random, early]) await books.ledger.placeBet(placing);
    await books.ledger.resolveBet(cashOut(old, 150));
    assert.ok((await proveBooks(books.db, assert.fail)).ok);
    plain = { bets: await shape('bets'), transactions: await shape('transactions') };
    rowsBefore = await books.contents();
    // As a transaction that was rolled back had drawn it.
    const next = `SELECT nextval(pg_get_serial_sequence('transactions', 'id')) AS id`;
    drawn = (await books.row<{ id: number }>(next)).id;

    await run('convert');
    const now = Date.now();
    const [today, tomorrow] = [now, now + DAY_MS].map((at) => new Date(at).toISOString());
    await run('range of bets', { name: 'bets_2', from: `${today}`, to: `${tomorrow}` });
    from = (await books.row<{ id: number }>('SELECT max(id) + 1 AS id FROM transactions')).id;
    await run('range of transactions', { name: 'transactions_2', from, to: from + RANGE });
  });
  after(async () => {
    await admin.end();
    await books.close();
  });
  afterEach(() => books.assertSound());

  /** Without the names of tables, indexes and triggers, which differ. */
  async function shape(name: string): Promise<Shape> {
    const lines = async (sql: string) =>
      (await books.rows<{ line: string }>(sql, [name])).map(({ line }) => line).sort();
    return {
      columns: await lines(
        `SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, attgenerated,
           pg_get_expr(d.adbin, d.adrelid)) AS line
         FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE attrelid = $1::regclass AND attnum > 0`,
      ),
      constraints: await lines(
        `SELECT pg_get_constraintdef(oid) AS line FROM pg_constraint
         WHERE conrelid = $1::regclass AND contype IN ('c', 'p', 'u', 'f')`,
      ),
      indexes: await lines(
        `SELECT (CASE WHEN indisunique THEN 'unique ' ELSE '' END)
           || regexp_replace(pg_get_indexdef(indexrelid), '^.* USING ', '') AS line
         FROM pg_index WHERE indrelid = $1::regclass AND indisvalid`,
      ),
      triggers: await lines(
        `SELECT regexp_replace(pg_get_triggerdef(oid), '^CREATE TRIGGER \\w+|ON \\S+', '', 'g') AS line
         FROM pg_trigger WHERE tgrelid = $1::regclass AND tgenabled = 'O'`,
      ),
      options: await lines(
        'SELECT unnest(reloptions) AS line FROM pg_class WHERE oid = $1::regclass',
      ),
    };
  }

  async function partitionOf(name: (typeof TABLES)[number], where: string, values: unknown[]) {
    const found = await books.rows<{ name: string }>(
      `SELECT tableoid::regclass::text AS name FROM ${name} WHERE ${where}`,
      values,
    );
    return found.map((row) => row.name);
  }

  it('[D4] dividing the tables changes no row', async () => {
    assert.equal(await books.contents(), rowsBefore);
    const homes = [old, random, early].map(({ betId }) => partitionOf('bets', 'id = $1', [betId]));
    assert.deepEqual((await Promise.all(homes)).flat(), ['bets_rest', 'bets_rest', 'bets_2']);
  });

  it('[D4] a partition has every column, constraint, index and trigger of the plain table', async () => {
    for (const name of TABLES) {
      for (const part of ['rest', '2']) {
        assert.deepEqual(await shape(`${name}_${part}`), plain[name], `${name}_${part}`);
      }
    }
  });

  it('[D4] [M5] repeats and conflicts are seen in whichever partition the bet is', async () => {
    const fresh = bet(table, player, 20);
    assert.equal((await books.ledger.placeBet(fresh)).first, true);
    assert.deepEqual(await partitionOf('bets', 'id = $1', [fresh.betId]), ['bets_2']);
    assert.equal(await books.count('transactions_2', 'id <= $1', [drawn]), 0);
    for (const placing of [old, open, random, early, fresh]) {
      assert.equal((await books.ledger.placeBet(placing)).first, false);
      const conflict = { ...placing, amount: placing.amount + 1 };
      await assert.rejects(books.ledger.placeBet(conflict), code('BET_CONFLICT'));
    }
  });

  it('[D4] [M4] a bet has its stake in one partition, its payout in the next, and no second one', async () => {
    const { payout } = await books.ledger.resolveBet(cashOut(early, 200));
    assert.equal(payout, 60);
    assert.deepEqual(await partitionOf('transactions', 'bet_id = $1 ORDER BY id', [early.betId]), [
      'transactions_rest',
      'transactions_2',
    ]);
    const again = await books.ledger.resolveBet(cashOut(early, 300));
    assert.deepEqual([again.first, again.payout], [false, 60]);
    for (const { betId } of [old, early]) {
      const rewrite = "UPDATE bets SET status = 'lost', payout = 0 WHERE id = $1";
      await assert.rejects(books.rows(rewrite, [betId]), REFUSED);
    }
    await assert.rejects(
      books.rows(
        `INSERT INTO transactions (wallet_id, seq, amount, category, balance_after, posting_id, bet_id)
         VALUES ($1, 900, 60, 'cashout', 0, $2, $3)`,
        [other.walletId, uuidv7(), early.betId],
      ),
      { code: '23505' },
    );
  });

  it('[D4] [M4] the seq of a wallet only rises', async () => {
    const set = (value: string) =>
      books.rows(`UPDATE wallets SET seq = ${value} WHERE id = $1`, [player.walletId]);
    await assert.rejects(set('seq'), REFUSED);
    await assert.rejects(set('seq - 1'), REFUSED);
  });

  it('[D4] [M4] every partition is append-only, also by its own name', async () => {
    for (const name of TABLES) {
      for (const place of [name, `${name}_rest`, `${name}_2`]) {
        assert.ok((await books.count(place)) > 0, place);
        await assert.rejects(books.rows(`DELETE FROM ${place}`), REFUSED);
        await assert.rejects(books.rows(`TRUNCATE ${place}`), REFUSED);
        if (name === 'bets') continue;
        await assert.rejects(books.rows(`UPDATE ${place} SET created_at = now()`), REFUSED);
      }
    }
  });

  it('[D4] [M12] rounds are settled and refunded, lists are whole, and the audit finds the books sound', async () => {
    await books.settle(table.room, table.roundId, 120);
    const second = { room: table.room, roundId: await books.round(table.room, 2) };
    const refunded = bet(second, player, 40);
    await books.ledger.placeBet(refunded);
    assert.equal((await books.settle(second.room, second.roundId, null)).phase, 'void');
    const statuses = await books.rows<{ status: string }>(
      'SELECT DISTINCT status FROM bets ORDER BY status',
    );
    assert.deepEqual(
      statuses.map(({ status }) => status),
      ['cashed', 'lost', 'refunded'],
    );

    const history = new History(books.db.pool);
    const bets = (await history.bets(player.userId, { limit: 100 })).items;
    assert.equal(bets.length, await books.count('bets', 'user_id = $1', [player.userId]));
    const lines = (await history.transactions(player.userId, { limit: 100 })).items;
    assert.deepEqual(
      lines.map(({ seq }) => seq),
      lines.map((_, index) => lines.length - index),
    );
    for (const incremental of [true, false]) {
      const report = await proveBooks(books.db, assert.fail, { incremental });
      assert.deepEqual(report.findings, []);
    }
  });

  it('[D4] [M12] the audit names what misses a detached partition, until it is attached again', async () => {
    await run('detach', { name: 'transactions_2' });
    const { findings } = await proveBooks(books.db, assert.fail);
    await run('attach', { name: 'transactions_2', from, to: from + RANGE });
    const broken = findings.map(({ check }) => check).join('; ');
    assert.match(broken, /hash chain/);
    assert.match(broken, /each balance equals/);
  });

  it('[D4] a partition can be moved to another tablespace, and the growth per bet can be read', async () => {
    await run('archive', { name: 'bets_2', tablespace: 'pg_default' });
    const { rows } = await run('growth');
    assert.equal(rows.length, 5);
    for (const { bytes_per_bet } of rows) assert.ok(Number(bytes_per_bet) > 0);
  });
});
