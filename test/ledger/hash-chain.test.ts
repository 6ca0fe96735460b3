import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { openDatabase } from '../../src/database/connection.ts';
import { audit } from '../../src/ledger/audit.ts';
import { HashChain } from '../../src/ledger/hash-chain.ts';
import { auditAfter } from './corruptions.ts';
import { type Books, openBooks, type Player, silent, until } from './fixture.ts';

const GRANT = `SELECT post($1, repeat('a', 64), 'grant', NULL, NULL, NULL, ARRAY[$2::bigint, id],
  ARRAY[1::bigint, -1::bigint]) FROM wallets WHERE account = 'grant:0'`;

const MICROSECONDS = (column: string) =>
  `((extract(epoch FROM ${column}) - 946684800) * 1000000)::bigint::text`;

interface Described {
  id: number;
  wallet_id: number;
  seq: number;
  amount: number;
  balance_after: number;
  at: string;
  posting_id: string;
  bet_id: string | null;
  round_id: string | null;
  category: string;
  description: string | null;
  posted: boolean;
  posting_at: string;
  posting_round: string | null;
  posting_category: string;
  request_hash: string | null;
  reason: string | null;
  actor_user_id: number | null;
}

function int(value: number | string): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
const uuid = (value: string) => Buffer.from(value.replaceAll('-', ''), 'hex');
const optional = (value: Buffer | null) =>
  value ? Buffer.concat([Buffer.of(1), value]) : Buffer.of(0);
function text(value: string | null): Buffer {
  if (value === null) return Buffer.from('ffffffff', 'hex');
  const length = Buffer.alloc(4);
  length.writeInt32BE(Buffer.byteLength(value));
  return Buffer.concat([length, Buffer.from(value)]);
}

/** As the head of src/ledger/hash-chain.ts describes it. */
function bytesOf(row: Described): Buffer {
  const posting = [
    int(row.posted ? row.posting_at : 0),
    optional(row.posting_round === null ? null : uuid(row.posting_round)),
    text(row.posting_category),
    text(row.request_hash),
    text(row.reason),
    optional(row.actor_user_id === null ? null : int(row.actor_user_id)),
  ];
  return Buffer.concat([
    ...[row.id, row.wallet_id, row.seq, row.amount, row.balance_after, row.at].map(int),
    uuid(row.posting_id),
    optional(row.bet_id === null ? null : uuid(row.bet_id)),
    optional(row.round_id === null ? null : uuid(row.round_id)),
    text(row.category),
    text(row.description),
    optional(row.posted ? Buffer.concat(posting) : null),
  ]);
}

describe('ledger/hash chain', () => {
  let books: Books;
  let player: Player;
  let other: Player;

  before(async () => {
    books = await openBooks();
    [player, other] = await books.pair();
  });
  after(() => books.close());

  /**
   * Everything there is, sealed. A mark is past when every transaction of the server that was open at it is over, those of
   * other databases included, and other tests have some.
   */
  async function sealAll(chain = new HashChain(books.db, silent)): Promise<void> {
    await until(async () => {
      await chain.seal();
      return (await sealedUpTo()) === (await lastId());
    });
  }

  const broken = async () =>
    (await audit(books.db)).findings.filter(({ check }) => /hash chain/.test(check)).length > 0;
  const sealedUpTo = async () =>
    (await books.row<{ id: number }>('SELECT coalesce(max(to_id), 0) AS id FROM ledger_blocks')).id;
  const lastId = async () =>
    (await books.row<{ id: number }>('SELECT max(id) AS id FROM transactions')).id;
  const grant = () => books.ledger.grant(player.userId, 1, uuidv7(), 'a present');

  /** A transaction that has drawn the id of its row, is open, and writes and commits it when told to. */
  async function openWriter() {
    const client = await books.db.pool.connect();
    await client.query('BEGIN');
    // As every writer: a transaction id first, then a row's. The grant account is not locked, so that others go on.
    await client.query(`INSERT INTO postings (id, category) VALUES ($1, 'adjust')`, [uuidv7()]);
    const { rows } = await client.query<{ id: number }>(
      "SELECT nextval(pg_get_serial_sequence('transactions', 'id')) AS id",
    );
    return {
      async commit() {
        await client.query(
          `INSERT INTO transactions (id, wallet_id, seq, amount, category, balance_after, posting_id)
           OVERRIDING SYSTEM VALUE VALUES ($1, 424242, $1, 5, 'adjust', 5, $2)`,
          [rows[0]?.id, uuidv7()],
        );
        await client.query('COMMIT');
        client.release();
      },
    };
  }

  it('[M14] nothing is sealed at the first time of asking, and later no more than was there then', async () => {
    const chain = new HashChain(books.db, silent);
    assert.equal(await chain.seal(), 0);
    const covered = await lastId();
    await grant();
    await until(async () => (await chain.seal()) === 1);
    assert.equal(await sealedUpTo(), covered);
    await sealAll(chain);
    assert.equal(await broken(), false);
  });

  it('[M14] with nothing new, nothing is sealed; with nothing at all, neither', async () => {
    await sealAll();
    const blocks = await books.count('ledger_blocks');
    for (let i = 0; i < 3; i++) await sealAll();
    assert.equal(await books.count('ledger_blocks'), blocks);
    const empty = await openBooks();
    try {
      const none = new HashChain(empty.db, silent);
      assert.deepEqual([await none.seal(), await none.seal(), await none.seal()], [0, 0, 0]);
    } finally {
      await empty.close();
    }
  });

  it('[M14] [Bug 14] a commit that comes late, with an older id, is not skipped', async () => {
    await sealAll();
    const sealed = await sealedUpTo();
    const chain = new HashChain(books.db, silent);
    const late = await openWriter();
    await grant();
    await chain.seal();
    // While the writer of an older id is open, nothing beyond it is sealed.
    for (let i = 0; i < 3; i++) assert.equal(await chain.seal(), 0);
    assert.equal(await sealedUpTo(), sealed);
    await late.commit();
    await sealAll(chain);
    assert.equal(await broken(), false);
  });

  it('[M14] [Bug 14] nor one whose database transaction is younger than all that are over', async () => {
    await sealAll();
    const sealed = await sealedUpTo();
    const chain = new HashChain(books.db, silent);
    // Begins first and draws its ids last, so that the late one has the greater number and the lesser ids.
    const early = await books.db.pool.connect();
    await early.query('BEGIN');
    await early.query('SELECT pg_current_xact_id()');
    const late = await openWriter();
    await early.query(GRANT, [uuidv7(), player.walletId]);
    await early.query('COMMIT');
    early.release();
    await chain.seal();
    for (let i = 0; i < 3; i++) assert.equal(await chain.seal(), 0);
    assert.equal(await sealedUpTo(), sealed);
    await late.commit();
    await sealAll(chain);
    assert.equal(await broken(), false);
  });

  it('[M14] [Bug 14] nor one that begins while the mark is being set', async () => {
    // The moment between the snapshot and the reading of the sequence, held open: a function of the same name waits.
    const { database } = await books.row<{ database: string }>(
      'SELECT current_database() AS database',
    );
    await books.db.pool.query(`
      CREATE FUNCTION public.pg_sequence_last_value(regclass) RETURNS bigint LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_advisory_lock(99); PERFORM pg_advisory_unlock(99);
        RETURN pg_catalog.pg_sequence_last_value($1);
      END $$;
      ALTER DATABASE ${database} SET search_path = public, pg_catalog`);
    const slow = await openDatabase(books.db.url, { poolSize: 1, logger: silent });
    try {
      const chain = new HashChain(slow, silent);
      const gate = await books.db.pool.connect();
      await gate.query('SELECT pg_advisory_lock(99)');
      const marking = chain.seal();
      await books.waiting();
      const late = await openWriter();
      await grant();
      await gate.query('SELECT pg_advisory_unlock(99)');
      gate.release();
      await marking;
      await chain.seal();
      await late.commit();
      await sealAll(chain);
      assert.equal(await broken(), false);
    } finally {
      await slow.close();
      await books.rows('DROP FUNCTION public.pg_sequence_last_value(regclass)');
    }
  });

  it('[M14] a transaction that was rolled back leaves a gap in the ids and none in the chain', async () => {
    await books
      .inTransaction(async (client) => {
        await client.query(GRANT, [uuidv7(), player.walletId]);
        throw new Error('rolled back');
      })
      .catch(() => {});
    await grant();
    await sealAll();
    assert.equal(await broken(), false);
  });

  it('[M14] several processes that seal at once make one chain', async () => {
    const chains = [];
    for (let i = 0; i < 3; i++) chains.push(new HashChain((await books.another()).db, silent));
    for (let i = 0; i < 8; i++) {
      await grant();
      // One of two that seal the same may be refused by the unique index; it tries again later.
      await Promise.allSettled(chains.map((chain) => chain.seal()));
    }
    for (const chain of chains) await sealAll(chain);
    await books.closeOthers();
    assert.equal(await broken(), false);
    assert.equal(await sealedUpTo(), await lastId());
  });

  it('[M14] changing any column of a sealed row breaks the chain', async () => {
    for (let i = 0; i < 3; i++) await grant();
    await sealAll();
    const changes: Record<string, string> = {
      id: 'id + 100000',
      wallet_id: 'wallet_id + 777777',
      seq: 'seq + 1000',
      amount: 'amount + 1',
      category: `'win'`,
      description: `'something else'`,
      balance_after: 'balance_after + 1',
      posting_id: 'gen_random_uuid()',
      bet_id: 'gen_random_uuid()',
      round_id: 'gen_random_uuid()',
      created_at: `created_at + interval '1 us'`,
    };
    const { columns } = await books.row<{ columns: string[] }>(
      `SELECT array_agg(column_name::text ORDER BY column_name) AS columns FROM information_schema.columns
       WHERE table_name = 'transactions' AND is_generated = 'NEVER' AND column_name <> 'updated_at'`,
    );
    assert.deepEqual(Object.keys(changes).sort(), columns);
    for (const [column, value] of Object.entries(changes)) {
      const unguarded =
        column === 'id' ? 'ALTER TABLE transactions ALTER COLUMN id DROP IDENTITY;' : '';
      await found(`${unguarded} UPDATE transactions SET ${column} = ${value} WHERE id = 3`, column);
    }
  });

  it('[M14] and so does changing what a posting says, or taking it away', async () => {
    await grant();
    await sealAll();
    const changes: Record<string, string> = {
      category: `'win'`,
      request_hash: `repeat('f', 64)`,
      actor_user_id: '1',
      reason: `'another'`,
      round_id: 'gen_random_uuid()',
      created_at: `created_at + interval '1 us'`,
    };
    const { columns } = await books.row<{ columns: string[] }>(
      `SELECT array_agg(column_name::text ORDER BY column_name) AS columns FROM information_schema.columns
       WHERE table_name = 'postings' AND column_name NOT IN ('id', 'xact_id', 'updated_at')`,
    );
    assert.deepEqual(Object.keys(changes).sort(), columns);
    const sealed = '(SELECT posting_id FROM transactions WHERE id = 3)';
    for (const [column, value] of Object.entries(changes)) {
      await found(`UPDATE postings SET ${column} = ${value} WHERE id = ${sealed}`, column);
    }
    await found(`DELETE FROM postings WHERE id = ${sealed}`, 'deleted');
  });

  it('[M14] a hash is that of the bytes that are described, made anew by other means', async () => {
    await grant();
    await sealAll();
    interface Block {
      id: number;
      from: number;
      to: number;
      at: string;
      before: string;
      hash: string;
    }
    const blocks = await books.rows<Block>(
      `SELECT id, lag(to_id, 1, 0::bigint) OVER (ORDER BY id) AS "from", to_id AS "to", previous_hash AS before, hash,
         ${MICROSECONDS('created_at')} AS at FROM ledger_blocks ORDER BY id`,
    );
    let before = '0'.repeat(64);
    for (const block of blocks) {
      const rows = await books.rows<Described>(
        `SELECT t.id, t.wallet_id, t.seq, t.amount, t.balance_after, ${MICROSECONDS('t.created_at')} AS at, t.posting_id,
           t.bet_id, t.round_id, t.category, t.description, p.id IS NOT NULL AS posted,
           ${MICROSECONDS('p.created_at')} AS posting_at, p.round_id AS posting_round, p.category AS posting_category,
           p.request_hash, p.reason, p.actor_user_id
         FROM transactions t LEFT JOIN postings p ON p.id = t.posting_id
         WHERE t.id > $1 AND t.id <= $2 ORDER BY t.id`,
        [block.from, block.to],
      );
      const hash = createHash('sha256').update(before).update(int(block.id)).update(int(block.at));
      for (const row of rows) hash.update(bytesOf(row));
      assert.equal(block.before, before);
      assert.equal(hash.digest('hex'), block.hash, `block ${block.id}`);
      before = block.hash;
    }
    assert.ok(blocks.length > 3);
  });

  it('[M14] moving a value from one column to its neighbour, deleting a row or slipping one in breaks the chain', async () => {
    const withBet = await books.row<{ id: number }>(
      `INSERT INTO transactions (wallet_id, seq, amount, category, balance_after, posting_id, bet_id)
       VALUES (434343, 1, 5, 'win', 5, $1, $1) RETURNING id`,
      [uuidv7()],
    );
    await books
      .inTransaction(async (client) => {
        await client.query(GRANT, [uuidv7(), player.walletId]);
        throw new Error('leaves a gap in the ids');
      })
      .catch(() => {});
    await grant();
    await sealAll();
    await found(
      'UPDATE transactions SET round_id = bet_id, bet_id = NULL WHERE bet_id IS NOT NULL',
      'moved',
    );
    await found(`DELETE FROM transactions WHERE id = ${withBet.id}`, 'deleted');
    await found('DELETE FROM transactions', 'all deleted');
    await found(
      `INSERT INTO transactions (id, wallet_id, seq, amount, category, balance_after, posting_id)
        OVERRIDING SYSTEM VALUE SELECT min(g), ${other.walletId}, 50, 5, 'win', 5, gen_random_uuid()
        FROM generate_series(1, 100) g WHERE NOT EXISTS (SELECT 1 FROM transactions t WHERE t.id = g)`,
      'slipped in',
    );
  });

  it('[M14] changing a block, or taking one out of the middle, breaks the chain', async () => {
    for (let i = 0; i < 3; i++) {
      await grant();
      await sealAll();
    }
    const { first, middle, last } = await books.row<{
      first: number;
      middle: number;
      last: number;
    }>('SELECT min(id) AS first, max(id) - 1 AS middle, max(id) AS last FROM ledger_blocks');
    const set = (id: number, change: string) =>
      found(`UPDATE ledger_blocks SET ${change} WHERE id = ${id}`, change);
    for (const id of [first, middle, last]) {
      await set(id, `hash = repeat('a', 64)`);
      await set(id, `previous_hash = 'x'`);
      await set(id, 'row_count = row_count + 1');
      await set(id, 'from_id = from_id - 1');
    }
    await set(middle, 'to_id = to_id - 1, from_id = from_id - 1');
    await found(`DELETE FROM ledger_blocks WHERE id = ${first}`, 'first');
    await found(`DELETE FROM ledger_blocks WHERE id = ${middle}`, 'middle');
  });

  /** Does what `statement` says with triggers off, expects the audit to find it, and undoes it. */
  async function found(statement: string, what: string): Promise<void> {
    const { findings } = await auditAfter(books, statement.split(';'));
    assert.ok(
      findings.some(({ check }) => /hash chain/.test(check)),
      what,
    );
    assert.equal(await broken(), false);
  }
});
