import assert from 'node:assert/strict';
import { audit } from '../../src/ledger/audit.ts';
import { auditAfter, CORRUPTIONS, OTHER, play } from './corruptions.ts';
import { type Books, bet, cashOut, openBooks } from './fixture.ts';

describe('ledger/audit', () => {
  let books: Books;

  before(async () => {
    books = await openBooks();
    await play(books);
  });
  after(() => books.close());

  it('[M12] good books are sound, and the report says what was looked at', async () => {
    const report = await audit(books.db);
    assert.deepEqual(report.findings, []);
    assert.equal(report.ok, true);
    assert.deepEqual(report.counted, {
      wallets: 22,
      transactions: 29,
      bets: 6,
      rounds: 3,
      blocks: 1,
    });
  });

  it('[M12] books with nothing in them are sound', async () => {
    const empty = await openBooks();
    try {
      assert.equal((await audit(empty.db)).ok, true);
    } finally {
      await empty.close();
    }
  });

  const found = new Set<string>();
  for (const { what, check, by } of CORRUPTIONS) {
    it(`[M12] finds ${what}`, async () => {
      const { ok, findings } = await auditAfter(books, by);
      assert.equal(ok, false);
      const finding = findings.find((candidate) => check.test(candidate.check));
      assert.ok(finding, `found only: ${findings.map((f) => f.check).join('; ')}`);
      assert.ok(finding.rows.length > 0);
      found.add(finding.check);
    });
  }

  it('[M12] each check has found something here: none is there for show', async () => {
    assert.equal(found.size, (await audit(books.db)).checks);
  });

  it('[M12] a posting that is taken out of every table is found by the hash chain', async () => {
    const grant = `(SELECT posting_id FROM transactions WHERE wallet_id = ${OTHER} AND seq = 1)`;
    const sealed = `(SELECT array_agg(id) FROM transactions WHERE posting_id = ${grant})`;
    const { findings } = await auditAfter(books, [
      `CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT unnest(${sealed}) AS id`,
      'DELETE FROM transactions WHERE id IN (SELECT id FROM gone)',
    ]);
    assert.ok(findings.some(({ check }) => /hash chain/.test(check)));
  });

  it('[M12] rows that break a rule are shown, up to a bound', async () => {
    const { findings } = await auditAfter(books, [
      `INSERT INTO postings (id, category) SELECT gen_random_uuid(), 'win' FROM generate_series(1, 50)`,
    ]);
    assert.deepEqual(
      findings.map(({ rows }) => rows.length),
      [20],
    );
  });

  it('[M12] is sound at any time beside a running server: it reads one snapshot', async () => {
    const table = await books.table();
    const players = await books.players(5, 10_000);
    let playing = true;
    const play = (async () => {
      while (playing) {
        const bets = players.map((p) => bet(table, p, 3));
        await Promise.all(bets.map((b) => books.ledger.placeBet(b)));
        await Promise.all(bets.map((b) => books.ledger.resolveBet(cashOut(b, 150))));
      }
    })();
    for (let i = 0; i < 10; i++) assert.deepEqual((await audit(books.db)).findings, []);
    playing = false;
    await play;
    await books.settle(table.room, table.roundId, 100);
    await books.assertSound();
  });
});
