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
const TIMEOUT_MS = 90_000;

interface Figures {
  readonly ok: boolean;
  readonly targets: readonly { what: string; limit: string; found: string; met: boolean }[];
  readonly advance: readonly { ms: number; us: number }[];
  readonly openingMs: { towns: number; p50: number; p95: number; max: number };
  readonly commands: readonly {
    towns: number;
    buildings: number;
    load: string;
    inFlight: number;
    perSecond: number;
    refusedPerSecond: number;
    cores: number;
  }[];
  readonly memory: readonly {
    towns: number;
    buildings: number;
    rssMb: number;
    restMbOfNone: number;
  }[];
  readonly visitor: {
    joining: { bytes: number };
    commands: Record<string, { bytes: number; frames: number }>;
  };
  readonly unsound: readonly string[];
}

describe('npm run bench -- worlds', function () {
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

  it('[W3] [W7] has figures of opening, commands, memory and visitors, and leaves nothing behind', async () => {
    const file = join(folder, 'figures.json');
    const child = spawn(process.execPath, [MAIN, 'worlds', '--quick', '--json', file], {
      env: { ...process.env, DATABASE_URL: database.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(child, 'exit');
    const output = (await Promise.all([text(child.stdout), text(child.stderr)])).join('\n');
    const [code] = await exited;
    assert.equal(code, 0, output);
    const { worlds } = JSON.parse(readFileSync(file, 'utf8')) as { worlds: Figures };

    assert.deepEqual(worlds.unsound, []);
    assert.deepEqual(
      worlds.targets.map(({ limit }) => limit),
      ['50 ms', '400 MB'],
    );
    assert.ok(worlds.advance.every(({ us }) => us > 0));
    const { p50, p95, max, towns } = worlds.openingMs;
    assert.ok(towns > 0 && p50 > 0 && p50 <= p95 && p95 <= max, output);
    assert.deepEqual([...new Set(worlds.commands.map(({ load }) => load))].sort(), [
      'buy, sell',
      'move',
    ]);
    for (const { perSecond, refusedPerSecond, cores } of worlds.commands) {
      assert.ok(perSecond > 0 && cores > 0, output);
      assert.equal(refusedPerSecond, 0, output);
    }
    assert.ok(worlds.memory.length >= 2);
    for (const { rssMb, restMbOfNone } of worlds.memory) assert.ok(rssMb > 0 && restMbOfNone > 0);
    const { joining, commands } = worlds.visitor;
    assert.deepEqual(Object.keys(commands).sort(), ['build', 'buy', 'demolish', 'upgrade']);
    for (const { bytes, frames } of Object.values(commands)) {
      // Of a town of 256 buildings only what has changed.
      assert.ok(frames >= 1 && bytes > 0 && bytes < joining.bytes / 10, output);
    }

    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const schemas = `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'roundhouse_bench%'`;
    const left = await client.query(schemas).finally(() => client.end());
    assert.deepEqual(left.rows, []);
  });
});
