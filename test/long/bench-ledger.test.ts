import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const MAIN = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
const TIMEOUT_MS = 120_000;

interface Figures {
  readonly database: { readonly settings: Record<string, string> };
  readonly ledger: {
    readonly ok: boolean;
    readonly unsound: string[];
    readonly rows: {
      readonly part: string;
      readonly load: string;
      readonly way: string;
      readonly stored: number;
      readonly windows: number[];
    }[];
  };
}

describe('npm run bench -- ledger', function () {
  this.timeout(TIMEOUT_MS);
  let database: TestDatabase;
  let folder: string;

  before(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'bench-'));
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
    await database.drop();
  });

  async function bench(...args: string[]): Promise<{ code: number | null; output: string }> {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, DATABASE_URL: database.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(child, 'exit');
    const output = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = (await exited) as [number | null];
    return { code, output: output.join('\n') };
  }

  async function query<Row extends object>(sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  it('[M12] has every row, with the books sound at the end, and leaves nothing in the database', async () => {
    const file = join(folder, 'figures.json');
    const { code, output } = await bench('ledger', '--quick', '--json', file);
    assert.equal(code, 0, output);
    assert.match(output, /The books are sound/);

    const { database: used, ledger } = JSON.parse(readFileSync(file, 'utf8')) as Figures;
    assert.equal(used.settings.fsync, 'on');
    assert.equal(used.settings.synchronous_commit, 'on');
    assert.deepEqual(ledger.unsound, []);
    const expected = [0, 4_000].flatMap((stored) => rows().map((row) => `${row}, ${stored}`));
    const found = ledger.rows.map((row) => `${row.part}, ${row.load}, ${row.way}, ${row.stored}`);
    assert.deepEqual(found.toSorted(), expected.toSorted());
    assert.ok(ledger.rows.every(({ windows }) => windows.length === 1));

    const schemas = `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'roundhouse_bench%'`;
    assert.deepEqual(await query(schemas), []);
  });

  it('refuses a database that may forget what it committed', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await query(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    const { code, output } = await bench('ledger', '--quick');
    assert.equal(code, 2, output);
    assert.match(output, /not durable: synchronous_commit is off/);
  });
});

function rows(): string[] {
  const others = ['Sequelize transaction', 'raw pg transaction', 'one statement (CTE)'];
  const loads = ['many rooms', 'one hot room', 'one hot wallet', 'poor wallets'];
  return [
    ...loads.flatMap((load) =>
      [...others, 'ours, 64'].map((way) => `closed loop, ${load}, ${way}`),
    ),
    'closed loop, many rooms, ours, 64, ids of version 4',
    ...[...others, 'ours'].map((way) => `open loop, 1,000 a second, ${way}`),
    ...['10', '100'].flatMap((bets) =>
      ['Sequelize transaction', 'raw pg transaction', 'ours'].map(
        (way) => `settlement, round of ${bets}, ${way}`,
      ),
    ),
  ];
}
