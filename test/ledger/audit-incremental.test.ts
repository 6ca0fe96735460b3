import assert from 'node:assert/strict';
import fc from 'fast-check';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { lastMark, proveBooks } from '../../src/ledger/audit/prove.ts';
import type { Mark } from '../../src/ledger/audit/scope.ts';
import { type AuditReport, audit } from '../../src/ledger/audit.ts';
import { HashChain } from '../../src/ledger/hash-chain.ts';
import { auditAfter, CORRUPTIONS, changeItem, play, sealAll } from './corruptions.ts';
import { type Books, bet, cashOut, openBooks, type Player, silent, until } from './fixture.ts';

const PROPERTY_RUNS = 6;
/** As in src/ledger/hash-chain.ts: while somebody else holds it, nothing is sealed. */
const SEALING_LOCK = 7_311_904_216;

describe('ledger/incremental audit', () => {
  let books: Books;

  /** Each part has books of its own. */
  function onNewBooks(): void {
    before(async () => {
      books = await openBooks();
      await books.player();
    });
    after(() => books.close());
  }

  const warnings: string[] = [];
  const prove = (incremental = true, head?: { block: number; hash: string }) =>
    proveBooks(books.db, (line) => warnings.push(line), { incremental, head });

  async function mark(): Promise<Mark> {
    const found = await lastMark(books.db.pool);
    assert.ok(found, 'no mark');
    return found;
  }

  /** A complete audit of books of which all is sealed, and the mark that it left. */
  async function marked(): Promise<Mark> {
    await sealAll(books);
    assert.deepEqual((await prove(false)).findings, []);
    return mark();
  }

  const checksOf = ({ findings }: AuditReport) => findings.map(({ check }) => check).join('; ');

  describe('of what came after a mark', () => {
    onNewBooks();
    let since: Mark;
    let early: Player;
    before(async () => {
      early = await books.player();
      for (let i = 0; i < 30; i++) await books.ledger.grant(early.userId, 1, uuidv7(), 'early');
      since = await marked();
      await play(books);
    });

    it('[M12] sound books are sound, and only what is new or touched is looked at', async () => {
      const complete = await audit(books.db);
      const report = await audit(books.db, { mark: since });
      assert.deepEqual(report.findings, []);
      assert.deepEqual([report.kind, report.since?.block], ['incremental', since.blockId]);
      assert.equal(report.checks, complete.checks);
      assert.deepEqual(report.counted, {
        // Two players, two escrows, the house, their grant accounts and the account of the adjustment.
        wallets: 8,
        transactions: 29,
        bets: 6,
        rounds: 3,
        blocks: 1,
      });
      assert.equal(complete.counted.transactions, 29 + 64);
    });

    const found = new Set<string>();
    for (const { what, check, by } of CORRUPTIONS) {
      it(`[M12] finds ${what}`, async () => {
        const report = await auditAfter(books, by, { mark: since });
        const finding = report.findings.find((candidate) => check.test(candidate.check));
        assert.ok(finding, `found only: ${checksOf(report)}`);
        assert.ok(finding.rows.length > 0);
        found.add(finding.check);
      });
    }

    it('[M12] each check has found something here', async () => {
      assert.equal(found.size, (await audit(books.db)).checks);
    });

    it('[M12] a line added to a posting of before the mark is found', async () => {
      const report = await auditAfter(
        books,
        [
          `INSERT INTO transactions (wallet_id, seq, amount, category, balance_after, posting_id)
           SELECT w.id, w.seq + 1, 5, 'grant', w.balance + 5, (SELECT posting_id FROM transactions WHERE id = 1)
           FROM wallets w WHERE w.kind = 'user' ORDER BY w.id LIMIT 1`,
          `UPDATE wallets SET seq = seq + 1, balance = balance + 5
           WHERE id = (SELECT min(id) FROM wallets WHERE kind = 'user')`,
        ],
        { mark: since },
      );
      assert.match(checksOf(report), /^each transaction has its posting/);
    });

    it('[M12] what was changed behind the mark, only the complete audit sees', async () => {
      const behind = [
        `UPDATE transactions SET created_at = created_at + interval '1 us' WHERE id = 1`,
        `UPDATE wallets SET balance = balance + 1 WHERE id = ${early.walletId}`,
      ];
      for (const statement of behind) {
        assert.equal((await auditAfter(books, [statement], { mark: since })).ok, true, statement);
        assert.equal((await auditAfter(books, [statement])).ok, false, statement);
      }
    });

    it('[M12] a chain that does not go on from the mark is found', async () => {
      const report = await auditAfter(
        books,
        [`UPDATE ledger_blocks SET hash = repeat('a', 64) WHERE id = ${since.blockId}`],
        { mark: since },
      );
      assert.match(checksOf(report), /hash chain.*each block that an audit has reached/);
    });
  });

  describe('from mark to mark', () => {
    onNewBooks();
    let player: Player;
    before(async () => {
      player = await books.player(1_000);
    });
    const grant = () => books.ledger.grant(player.userId, 1, uuidv7(), 'a present');

    it('[M12] a sound audit leaves a mark, an unsound one does not', async () => {
      const before = await marked();
      await grant();
      assert.deepEqual((await prove()).findings, []);
      const after = await mark();
      assert.deepEqual([after.kind, after.id > before.id], ['incremental', true]);
      await grant();
      await books.corrupt(`UPDATE wallets SET balance = balance + 1 WHERE id = ${player.walletId}`);
      assert.match(checksOf(await prove()), /^each balance equals/);
      assert.equal((await mark()).id, after.id);
      await books.corrupt(`UPDATE wallets SET balance = balance - 1 WHERE id = ${player.walletId}`);
      assert.deepEqual((await prove()).findings, []);
      assert.ok((await mark()).id > after.id);
    });

    it('[M12] without a mark, or with one of another cluster, it is complete and says so', async () => {
      const empty = await openBooks();
      const said: string[] = [];
      const proven = () => proveBooks(empty.db, (line) => said.push(line), { incremental: true });
      try {
        await empty.player();
        await sealAll(empty);
        assert.equal((await proven()).kind, 'complete');
        assert.match(said.join(), /no audit to go on from/);
        assert.equal((await proven()).kind, 'incremental');
        await empty.corrupt("UPDATE audit_marks SET system_identifier = '1'");
        assert.equal((await proven()).kind, 'complete');
      } finally {
        await empty.close();
      }
    });

    it('[M12] inventories are followed from mark to mark, too', async () => {
      const { id } = await books.row<{ id: number }>(
        "INSERT INTO items (name, title) VALUES ('sword', 'Sword') RETURNING id",
      );
      const hold = (quantity: number) =>
        books.rows(
          `INSERT INTO user_inventories (user_id, item_id, quantity) VALUES ($1, $2, $3)
           ON CONFLICT (user_id, item_id) DO UPDATE SET quantity = excluded.quantity`,
          [player.userId, id, quantity],
        );
      await changeItem(books, player, id, 3, 3);
      await hold(3);
      await marked();
      await changeItem(books, player, id, 2, 5);
      assert.match(checksOf(await prove()), /inventory equals its changes/);
      await hold(5);
      assert.equal((await prove()).ok, true);
    });

    it('[M12] the published head of any time is part of the chain, another hash is not', async () => {
      const { blockId: block, blockHash: hash } = await marked();
      await grant();
      await sealAll(books);
      for (const incremental of [true, false]) {
        assert.equal((await prove(incremental, { block, hash })).ok, true);
        const forged = { block, hash: 'ab'.repeat(32) };
        assert.equal(
          checksOf(await prove(incremental, forged)),
          'the published head is a block of the chain',
        );
        const coming = { block: block + 1_000, hash };
        assert.equal((await prove(incremental, coming)).ok, false);
      }
    });
  });

  for (const wrong of [false, true]) {
    describe(`with ids drawn before a mark and committed after it, ${wrong ? 'and wrong' : 'as they should be'} (bug 14)`, () => {
      onNewBooks();
      /** A grant of `amount` in a transaction that stays open. */
      async function grantIn(client: pg.PoolClient, to: Player, amount: number): Promise<void> {
        await client.query(
          `SELECT post($1, repeat('a', 64), 'grant', NULL, NULL, NULL, w, ARRAY[$3::bigint, -$3::bigint])
         FROM (SELECT wallets_of('COIN', ARRAY[$2::bigint, $2::bigint], ARRAY[NULL, 'grant']) AS w) x`,
          [uuidv7(), to.userId, amount],
        );
      }

      const walletOf = (id: number) =>
        books.row<{ last: number }>(
          'SELECT max(id) AS last FROM transactions WHERE wallet_id = $1',
          [id],
        );

      const what = wrong ? 'what is wrong with it is found' : 'sound, when it is';
      it(`[M12] ids drawn before a mark and committed after it are covered by the next audit: ${what}`, async () => {
        await marked();
        const late = await books.player(1_000);
        // Another of the sixteen grant accounts, so that nobody waits.
        const other = await books.player(1_000);
        const client = await books.db.pool.connect();
        try {
          await client.query('BEGIN');
          await grantIn(client, late, 5);
          if (wrong) {
            await client.query('SET LOCAL session_replication_role = replica');
            await client.query(
              'UPDATE transactions SET amount = 6 WHERE wallet_id = $1 AND amount = 5',
              [late.walletId],
            );
          }
          const { rows } = await client.query(
            'SELECT max(id) AS last FROM transactions WHERE wallet_id = $1',
            [late.walletId],
          );
          await books.ledger.grant(other.userId, 1, uuidv7(), 'later, and committed earlier');
          assert.deepEqual((await prove()).findings, []);
          // Who remembered the greatest id that was seen would never look at the late one.
          assert.ok(rows[0].last < (await walletOf(other.walletId)).last);
          assert.ok(rows[0].last > (await mark()).toId);
          await client.query('COMMIT');
        } finally {
          client.release();
        }
        const report = await prove();
        assert.equal(report.ok, !wrong);
        if (wrong) assert.match(checksOf(report), /each posting sums to zero/);
      });
    });
  }

  describe('with commits that come late (bug 14)', () => {
    onNewBooks();
    let player: Player;
    before(async () => {
      player = await books.player(1_000);
    });

    it('[M12] a round and a posting without lines that are committed late are covered, too', async () => {
      await marked();
      const client = await books.db.pool.connect();
      const posting = uuidv7();
      try {
        await client.query('BEGIN');
        await client.query('INSERT INTO postings (id, category) VALUES ($1, $2)', [
          posting,
          'grant',
        ]);
        await books.ledger.grant(player.userId, 1, uuidv7(), 'meanwhile');
        assert.deepEqual((await prove()).findings, []);
        await client.query('COMMIT');
      } finally {
        client.release();
      }
      assert.match(checksOf(await prove()), /^each transaction has its posting/);
      await books.corrupt(`DELETE FROM postings WHERE id = '${posting}'`);
      assert.deepEqual((await prove()).findings, []);
    });

    it('[M12] a posting with lines on both sides of a block is proven once, and not half', async () => {
      await sealAll(books);
      const chain = new HashChain(books.db, silent);
      const client = await books.db.pool.connect();
      const posting = uuidv7();
      const line = (walletId: number, amount: number) =>
        client.query(
          `WITH w AS (UPDATE wallets SET balance = balance + $2, seq = seq + 1 WHERE id = $1 RETURNING *)
           INSERT INTO transactions (wallet_id, seq, amount, category, balance_after, posting_id)
           SELECT id, seq, $2, 'grant', balance, $3 FROM w`,
          [walletId, amount, posting],
        );
      const { id: bank } = await books.row<{ id: number }>(
        "SELECT min(id) AS id FROM wallets WHERE kind = 'grant'",
      );
      try {
        await client.query('BEGIN');
        await client.query("INSERT INTO postings (id, category) VALUES ($1, 'grant')", [posting]);
        await line(player.walletId, 5);
        // The mark: after the first line's id, before the second's.
        assert.equal(await chain.seal(), 0);
        await line(bank, -5);
        await client.query('COMMIT');
        await until(async () => (await chain.seal()) === 1);
        await client.query('SELECT pg_advisory_lock($1)', [SEALING_LOCK]);
        assert.deepEqual((await prove(false)).findings, []);
        const { toId } = await mark();
        const lines = await books.rows<{ id: number }>(
          'SELECT id FROM transactions WHERE posting_id = $1 ORDER BY id',
          [posting],
        );
        assert.deepEqual(
          lines.map(({ id }) => id <= toId),
          [true, false],
        );
      } finally {
        await client.query('SELECT pg_advisory_unlock_all()');
        client.release();
      }
      assert.deepEqual((await prove()).findings, []);
    });
  });

  describe('of random histories', () => {
    onNewBooks();

    it('[M12] whatever happens between marks, both audits find sound books sound', async function () {
      this.timeout(120_000);
      await marked();
      const step = fc.oneof(
        {
          weight: 6,
          arbitrary: fc.record({
            do: fc.constant('bet' as const),
            by: fc.nat(3),
            amount: fc.integer({ min: 1, max: 400 }),
          }),
        },
        {
          weight: 3,
          arbitrary: fc.record({
            do: fc.constant('cashOut' as const),
            nth: fc.nat(20),
            at: fc.integer({ min: 100, max: 5_000 }),
          }),
        },
        {
          weight: 2,
          arbitrary: fc.record({
            do: fc.constant('grant' as const),
            by: fc.nat(3),
            amount: fc.integer({ min: 1, max: 100 }),
          }),
        },
        {
          weight: 1,
          arbitrary: fc.record({
            do: fc.constant('close' as const),
            at: fc.option(fc.integer({ min: 100, max: 1_000 })),
          }),
        },
        { weight: 2, arbitrary: fc.record({ do: fc.constant('audit' as const) }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('seal' as const) }) },
      );
      let steps = 0;
      const property = fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 40 }),
        async (history) => {
          const players = await books.players(4, 1_000);
          const room = await books.room();
          let number = 1;
          let table = { room, roundId: await books.round(room, number) };
          let open: ReturnType<typeof bet>[] = [];
          for (const action of history) {
            steps += 1;
            if (action.do === 'bet') {
              const placed = bet(table, players[action.by] as Player, action.amount);
              const accepted = await books.ledger.placeBet(placed).then(
                () => true,
                () => false,
              );
              if (accepted) open.push(placed);
            } else if (action.do === 'cashOut') {
              const [chosen] = open.splice(action.nth % (open.length || 1), 1);
              if (chosen) await books.ledger.resolveBet(cashOut(chosen, action.at));
            } else if (action.do === 'grant') {
              const { userId } = players[action.by] as Player;
              await books.ledger.grant(userId, action.amount, uuidv7(), 'a present');
            } else if (action.do === 'close') {
              await books.settle(room, table.roundId, action.at);
              number += 1;
              table = { room, roundId: await books.round(room, number) };
              open = [];
            } else if (action.do === 'audit') {
              const report = await prove();
              assert.deepEqual([report.kind, report.findings], ['incremental', []]);
            } else {
              await sealAll(books);
            }
          }
          const report = await prove();
          assert.deepEqual([report.kind, report.findings], ['incremental', []]);
          assert.deepEqual((await audit(books.db)).findings, []);
        },
      );
      const { seed, failed, error } = await fc
        .check(property, {
          numRuns: PROPERTY_RUNS,
          ...(process.env.SEED ? { seed: Number(process.env.SEED) } : {}),
        })
        .then((details) => ({
          seed: details.seed,
          failed: details.failed,
          error: fc.defaultReportMessage(details),
        }));
      console.log(`      ${PROPERTY_RUNS} histories of ${steps} steps in all, seed ${seed}`);
      assert.equal(failed, false, error);
    });

    it('[M12] audits beside running play are sound, and each goes on from the one before', async () => {
      const table = await books.table();
      const players = await books.players(5, 10_000);
      await marked();
      let playing = true;
      const played = (async () => {
        while (playing) {
          const bets = players.map((p) => bet(table, p, 3));
          await Promise.all(bets.map((b) => books.ledger.placeBet(b)));
          await Promise.all(bets.map((b) => books.ledger.resolveBet(cashOut(b, 150))));
        }
      })();
      try {
        for (let i = 0; i < 8; i++) {
          const report = await prove();
          assert.deepEqual([report.kind, report.findings], ['incremental', []]);
        }
      } finally {
        playing = false;
        await played;
      }
      await books.settle(table.room, table.roundId, 100);
      assert.deepEqual((await prove()).findings, []);
      await books.assertSound();
    });
  });
});
