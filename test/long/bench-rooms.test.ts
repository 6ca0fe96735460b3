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
const CLIENTS = 5;
/** A race, and what comes before and after it. */
const TIMEOUT_MS = 180_000;

interface Window {
  readonly cpuMs: number;
  readonly patches: number;
  readonly bytes: number;
}

describe('npm run bench -- rooms', function () {
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

  it('[R17] measures a derby beside a bare room of the same patches, and leaves nothing behind', async () => {
    const file = join(folder, 'figures.json');
    const args = ['rooms', '--quick', '--clients', String(CLIENTS), '--json', file];
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, DATABASE_URL: database.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(child, 'exit');
    const output = (await Promise.all([text(child.stdout), text(child.stderr)])).join('\n');
    const [code] = await exited;
    assert.equal(code, 0, output);
    const { rooms } = JSON.parse(readFileSync(file, 'utf8')) as {
      rooms: { ratio: number; pairs: { derby: Window; bare: Window }[] };
    };
    assert.equal(rooms.pairs.length, 1);
    assert.ok(rooms.ratio > 0);
    for (const { derby, bare } of rooms.pairs) {
      for (const { cpuMs, patches, bytes } of [derby, bare]) {
        assert.ok(cpuMs > 0 && patches > 1 && bytes > patches, output);
      }
      // The same picture, to the byte: only how many of its numbers stand still may differ.
      const sizes = [derby, bare].map(({ bytes, patches }) => bytes / patches);
      assert.ok(Math.abs((sizes[0] as number) - (sizes[1] as number)) < 10, output);
    }
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const schemas = `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'roundhouse_bench%'`;
    const left = await client.query(schemas).finally(() => client.end());
    assert.deepEqual(left.rows, []);
  });
});
