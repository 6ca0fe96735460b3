import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import type { AuditReport } from '../../src/ledger/audit.ts';
import { sealAll } from './corruptions.ts';
import { type Books, openBooks, type Player } from './fixture.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

describe('the command audit', function () {
  this.timeout(60_000);
  let books: Books;
  let player: Player;

  before(async () => {
    books = await openBooks();
    player = await books.player();
  });
  after(() => books.close());

  interface Ended {
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }

  async function audit(args: string[], url = books.db.url): Promise<Ended> {
    const child = spawn(process.execPath, [MAIN, 'audit', ...args], {
      env: { ...process.env, DATABASE_URL: url },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, stdout, stderr };
  }

  const report = ({ stdout }: Ended): AuditReport => JSON.parse(stdout);

  it('[M12] prints its report as JSON of a stable shape, and the incremental one goes on from there', async () => {
    await sealAll(books);
    const first = await audit(['--json']);
    assert.equal(first.code, 0, first.stderr);
    const complete = report(first);
    const fields = ['ok', 'kind', 'since', 'checks', 'counted', 'head', 'findings', 'seconds'];
    assert.deepEqual(Object.keys(complete), fields);
    assert.deepEqual([complete.ok, complete.kind, complete.since], [true, 'complete', null]);
    assert.deepEqual(Object.keys(complete.head ?? {}), ['block', 'transactions', 'hash', 'at']);
    assert.equal(complete.head?.transactions, 2);

    await books.ledger.grant(player.userId, 5, uuidv7(), 'a present');
    await sealAll(books);
    const second = await audit(['--json', '--incremental']);
    const incremental = report(second);
    assert.deepEqual([second.code, incremental.kind], [0, 'incremental']);
    assert.equal(incremental.since?.block, complete.head?.block);
    assert.equal(incremental.counted.transactions, 2);
    assert.equal(incremental.head?.transactions, 4);
  });

  it('[M12] [M14] a published head is proven, and a forged one ends it with 1', async () => {
    const { head } = report(await audit(['--json']));
    assert.ok(head);
    await books.ledger.grant(player.userId, 5, uuidv7(), 'a present');
    const published = `${head.block}:${head.hash}`;
    const proven = await audit(['--head', published]);
    assert.equal(proven.code, 0, proven.stdout);
    assert.match(proven.stdout, /^Head of the hash chain: \d+:[0-9a-f]{64} \(\d+ transactions, /m);
    assert.match(proven.stdout, /The books are sound\./);
    const forged = await audit(['--head', `${head.block}:${'0'.repeat(64)}`]);
    assert.equal(forged.code, 1);
    assert.match(forged.stdout, /BROKEN: the published head is a block of the chain/);
    const nonsense = await audit(['--head', 'newest']);
    assert.equal(nonsense.code, 2);
    assert.match(nonsense.stderr, /BLOCK:HASH/);
  });

  it('[M12] broken books end it with 1, and the row is named with what should be there', async () => {
    await books.corrupt(`UPDATE wallets SET balance = balance + 1 WHERE id = ${player.walletId}`);
    const { code, stdout } = await audit(['--json']);
    assert.equal(code, 1);
    const { ok, findings } = JSON.parse(stdout) as AuditReport;
    assert.equal(ok, false);
    const balance = await books.balance(player);
    assert.deepEqual(findings, [
      {
        check: 'each balance equals the sum of its transactions, each seq their number',
        rows: [
          {
            table: 'wallets',
            key: { id: player.walletId },
            expected: { balance: String(balance - 1), seq: '3' },
            found: { balance: String(balance), seq: '3' },
          },
        ],
      },
    ]);
    await books.corrupt(`UPDATE wallets SET balance = balance - 1 WHERE id = ${player.walletId}`);
  });

  it('[M12] a database that lets it do nothing ends it with 2, not with 0 or 1', async () => {
    const { code, stdout, stderr } = await audit(
      [],
      books.db.url.replace(/\/\/[^@]+@/, '//nobody:wrong@'),
    );
    assert.equal(code, 2, stdout);
    assert.match(stderr, /could not be carried out/);
  });
});
