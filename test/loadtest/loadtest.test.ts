/** The load test as it is started by hand, on a database of its own; what it measures is not judged here. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const MAIN = fileURLToPath(new URL('../../loadtest/main.ts', import.meta.url));
const BOTS = 20;
const SECONDS = 6;
const TIMEOUT_MS = 90_000;

interface Result {
  ok: boolean;
  problems: string[];
  joins: { made: number };
  bets: { sent: number; acknowledged: number; refused: Record<string, number>; unanswered: number };
  cashOuts: { sent: number; paid: number; refused: Record<string, number>; unanswered: number };
  books: { acknowledged: number; missing: number; different: number; unread: number };
  matches: {
    played: number;
    sits: { acknowledged: number; unanswered: number };
    moves: { made: number; unanswered: number };
    books: { acknowledged: number; missing: number; different: number; unread: number };
  };
  worlds: {
    commands: {
      sent: number;
      acknowledged: number;
      refused: Record<string, number>;
      unanswered: number;
    };
    books: { acknowledged: number; missing: number; different: number; unread: number };
  };
  latencyMs: { bet: { count: number; p50: number; p99: number; max: number } };
  traffic: { patches: number; bytes: number };
  playing: { server?: { rssMaxBytes: number } };
  audit: { ok: boolean; output: string } | null;
}

describe('the load test', function () {
  this.timeout(TIMEOUT_MS);
  let folder: string;
  let database: TestDatabase;
  const running = new Set<ChildProcess>();

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'loadtest-'));
    database = await createTestDatabase({ migrated: true });
  });

  after(async () => {
    for (const child of running) child.kill('SIGTERM');
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function loadtest(...args: string[]): Promise<{ code: number; output: string }> {
    const environment = { ...process.env, DATABASE_URL: database.url };
    const child = spawn(process.execPath, [MAIN, ...args], { env: environment });
    running.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    const [code] = await once(child, 'close');
    running.delete(child);
    return { code, output };
  }

  it('[M6] [M12] every bet of every bot is answered, what was acknowledged is in the books, and the audit holds', async () => {
    const file = join(folder, 'figures.json');
    const play = ['--bots', String(BOTS), '--seconds', String(SECONDS), '--bets-per-round', '2'];
    const { code, output } = await loadtest(...play, '--json', file);
    assert.equal(code, 0, output);
    const result = JSON.parse(readFileSync(file, 'utf8')) as Result;
    const { bets, cashOuts, books } = result;
    const total = (counts: Record<string, number>) =>
      Object.values(counts).reduce((sum, n) => sum + n, 0);

    assert.deepEqual(result.problems, []);
    assert.equal(result.ok, true);
    assert.equal(result.joins.made, BOTS);
    assert.ok(bets.acknowledged > 0, output);
    assert.equal(bets.sent, bets.acknowledged + total(bets.refused));
    assert.equal(bets.unanswered, 0);
    assert.equal(cashOuts.sent, cashOuts.paid + total(cashOuts.refused));
    assert.equal(cashOuts.unanswered, 0);
    const expected = { acknowledged: bets.acknowledged, missing: 0, different: 0, unread: 0 };
    assert.deepEqual(books, expected);
    assert.equal(result.audit?.ok, true);
    assert.match(result.audit.output, /The books are sound\./);

    const { bet } = result.latencyMs;
    assert.equal(bet.count, bets.acknowledged);
    assert.ok(bet.p50 > 0 && bet.p50 <= bet.p99 && bet.p99 <= bet.max);
    assert.ok(result.traffic.patches > 0 && result.traffic.bytes > result.traffic.patches);
    assert.ok((result.playing.server?.rssMaxBytes ?? 0) > 0);
  });

  it('[G3] [G5] [M6] of a game of matches two bots play at each table and the third bets, and the books agree', async () => {
    const file = join(folder, 'matches.json');
    const play = ['--game', 'duel', '--bots', '6', '--seconds', String(SECONDS)];
    const { code, output } = await loadtest(...play, '--json', file);
    assert.equal(code, 0, output);
    const { joins, bets, books, matches } = JSON.parse(readFileSync(file, 'utf8')) as Result;
    assert.equal(joins.made, 6);
    assert.ok(bets.acknowledged > 0 && matches.played > 0 && matches.moves.made > 0, output);
    const { sits } = matches;
    assert.ok(sits.acknowledged >= 4, output);
    assert.deepEqual([sits.unanswered, matches.moves.unanswered, bets.unanswered], [0, 0, 0]);
    const clean = { missing: 0, different: 0, unread: 0 };
    assert.deepEqual(books, { ...clean, acknowledged: bets.acknowledged });
    assert.deepEqual(matches.books, { ...clean, acknowledged: sits.acknowledged });
    assert.match(output, /matches +\d+ ended/);
    assert.match(output, /acknowledged bets looked up, 0 missing/);
    assert.match(output, /acknowledged seats looked up, 0 missing/);
    assert.match(output, /The books are sound\./);
  });

  it('[W5] each bot has a town of its own, and saves, balances and items are as the bots were told', async () => {
    const file = join(folder, 'towns.json');
    const play = ['--game', 'town', '--bots', '6', '--seconds', '3', '--spread', '200'];
    const { code, output } = await loadtest(...play, '--json', file);
    assert.equal(code, 0, output);
    const { joins, worlds, problems } = JSON.parse(readFileSync(file, 'utf8')) as Result;
    assert.deepEqual(problems, []);
    assert.equal(joins.made, 6);
    const { sent, acknowledged, refused, unanswered } = worlds.commands;
    const refusals = Object.values(refused).reduce((sum, n) => sum + n, 0);
    assert.ok(acknowledged > 0 && unanswered === 0, output);
    assert.equal(sent, acknowledged + refusals);
    assert.deepEqual(worlds.books, { acknowledged, missing: 0, different: 0, unread: 0 });
    assert.match(output, /commands +\d+ sent, \d+ carried out/);
    assert.match(output, /The books are sound\./);
  });

  it('says which option it cannot use, and starts nothing', async () => {
    const { code, output } = await loadtest('--bots', 'many');
    assert.equal(code, 2);
    assert.match(output, /^--bots: /);
  });

  it('fails when there is nobody to play against', async () => {
    const { code, output } = await loadtest('--url', 'http://127.0.0.1:9', '--bots', '1');
    assert.equal(code, 1);
    assert.match(output, /nobody could join/);
  });
});
