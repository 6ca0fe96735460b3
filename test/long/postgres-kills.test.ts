import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import { type Embedded, startEmbedded } from '../../src/database/embedded.ts';
import { audit } from '../../src/ledger/audit.ts';
import { createLogger } from '../../src/log.ts';
import { startServer, type TestServer, until } from '../support/server.ts';
import { contradictions, readPages } from './contradictions.ts';
import { seeded } from './seeded.ts';
import { Witness } from './witness.ts';

/** Backends that are ended one by one, then killed with -9 (PostgreSQL restarts all of them), then the postmaster. */
const TERMINATED = Number(process.env.PG_TERMINATED ?? 300);
const BACKENDS_KILLED = Number(process.env.PG_BACKENDS_KILLED ?? 4);
const POSTMASTERS_KILLED = Number(process.env.PG_POSTMASTERS_KILLED ?? 3);
const SEED = Number(process.env.PG_KILLS_SEED ?? randomInt(2 ** 31));
const PLAYERS = 36;
const TABLES = 9;
const START_BALANCE = 100_000;
const BETTING_MS = 1_500;
const TERMINATE_EVERY_MS = 20;
/** The tables go on within this time of a database that is back. */
const BACK_TIMEOUT_MS = 30_000;
const SAFE_KILL_ATTEMPTS = 50;

describe('PostgreSQL is killed under a server with players', function () {
  this.timeout(300_000 + 40_000 * (BACKENDS_KILLED + POSTMASTERS_KILLED));
  const random = seeded(SEED);
  const killed = { terminated: 0, 'backends -9': 0, 'postmaster -9': 0 };
  const backMs: Record<keyof typeof killed, number[]> = {
    terminated: [],
    'backends -9': [],
    'postmaster -9': [],
  };
  let root: string;
  let embedded: Embedded;
  let server: TestServer;
  let books: Database;
  let witnesses: Witness[];
  let playing: Promise<void>[];

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'postgres-kills-'));
    // Started by root, PostgreSQL runs as another user.
    chmodSync(root, 0o755);
    embedded = await startEmbedded({ dataDir: root });
    server = await startServer({
      databaseUrl: embedded.url,
      env: { BETTING_MS: `${BETTING_MS}`, START_BALANCE: `${START_BALANCE}` },
    });
    books = await openDatabase(embedded.url, { poolSize: 1, logger: createLogger('silent') });
    witnesses = await Promise.all(
      Array.from({ length: PLAYERS }, (_, index) =>
        Witness.enter(server.url, `kills-${index % TABLES}`, seeded(SEED + index + 1)),
      ),
    );
    playing = witnesses.map((witness) => witness.play());
    await goOn();
  });
  after(async () => {
    for (const witness of witnesses) witness.stop();
    await server.stop();
    await Promise.all(playing);
    await server.dispose();
    await books.close();
    await embedded.stop();
    rmSync(root, { recursive: true, force: true });
  });

  const acknowledged = () => witnesses.reduce((sum, witness) => sum + witness.acknowledged, 0);

  /**
   * Every player sees a table that goes on, and bets are taken or paid at most of them; at the others a long round may
   * be running, as the rules have it.
   */
  async function goOn(): Promise<void> {
    const before = witnesses.map((witness) => witness.acknowledged);
    const wentOn = (table: number) =>
      witnesses.some(
        (witness, index) =>
          index % TABLES === table && witness.acknowledged > (before[index] as number),
      );
    const tables = Array.from({ length: TABLES }, (_, table) => table);
    await until(
      () =>
        tables.filter(wentOn).length >= TABLES / 3 &&
        witnesses.every(({ phase }) => phase !== undefined && phase !== 'paused'),
      'the tables to go on',
      BACK_TIMEOUT_MS,
    );
  }

  async function inDatabase<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: embedded.url });
    // It is among those that are killed.
    client.on('error', () => {});
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** What a client was told so far is in the books now, and what it sends meanwhile may be. */
  async function assertSound(): Promise<void> {
    assert.deepEqual((await audit(books)).findings, []);
    const told = witnesses.map(({ events }) => events.length);
    const pages = await readPages(books);
    const histories = witnesses.map(({ userId, events }, index) => ({
      userId,
      events: events.filter(({ kind }, at) => at < (told[index] as number) || kind === 'sent'),
    }));
    assert.deepEqual(contradictions(pages, histories), []);
  }

  it(`[M5] [M9] ${TERMINATED} backends are ended while bets are placed and paid (seed ${SEED})`, async () => {
    const before = acknowledged();
    await inDatabase(async (client) => {
      while (killed.terminated < TERMINATED) {
        // Rather one that works than one that waits.
        const { rows } = await client.query<{ done: boolean }>(
          `SELECT pg_terminate_backend(pid) AS done FROM (
             SELECT pid FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()
               AND application_name LIKE 'roundhouse%'
             ORDER BY state = 'active' DESC, random() LIMIT 1) one`,
        );
        if (rows[0]?.done) killed.terminated += 1;
        await delay(random() * 2 * TERMINATE_EVERY_MS);
      }
    });
    const startedAt = performance.now();
    await goOn();
    backMs.terminated.push(performance.now() - startedAt);
    assert.ok(acknowledged() > before, 'bets were taken meanwhile');
  });

  it(`[M5] [M9] ${BACKENDS_KILLED} backends are killed with -9, and PostgreSQL restarts them all`, async () => {
    while (killed['backends -9'] < BACKENDS_KILLED) {
      await delay(random() * BETTING_MS * 2);
      const pid = await inDatabase(async (client) => {
        for (let attempt = 1; attempt <= SAFE_KILL_ATTEMPTS; attempt++) {
          const { rows } = await client.query<{ pid: number; active: boolean }>(
            `SELECT pid, state = 'active' AS active FROM pg_stat_activity
             WHERE datname = current_database() AND application_name LIKE 'roundhouse%'
               AND pid <> pg_backend_pid() ORDER BY active DESC, random() LIMIT 1`,
          );
          const [row] = rows;
          if (row && (row.active || attempt === SAFE_KILL_ATTEMPTS)) return row.pid;
        }
        return undefined;
      });
      if (pid === undefined) continue;
      process.kill(pid, 'SIGKILL');
      killed['backends -9'] += 1;
      const startedAt = performance.now();
      await goOn();
      backMs['backends -9'].push(performance.now() - startedAt);
    }
  });

  it(`[M5] [M9] the postmaster is killed with -9 ${POSTMASTERS_KILLED} times and started again`, async () => {
    while (killed['postmaster -9'] < POSTMASTERS_KILLED) {
      await delay(random() * BETTING_MS * 2);
      const pid = Number.parseInt(
        readFileSync(join(embedded.dataPath, 'postmaster.pid'), 'utf8'),
        10,
      );
      process.kill(pid, 'SIGKILL');
      killed['postmaster -9'] += 1;
      const { port } = embedded;
      embedded = await startEmbedded({ dataDir: root });
      assert.equal(embedded.port, port, 'where the server looks for it');
      assert.equal(embedded.adopted, false);
      const startedAt = performance.now();
      await goOn();
      backMs['postmaster -9'].push(performance.now() - startedAt);
      await assertSound();
    }
  });

  it('[M5] [M6] [M12] nothing acknowledged is lost or doubled, and the books are sound', async () => {
    for (const witness of witnesses) witness.stop();
    await server.stop();
    await Promise.all(playing);
    await assertSound();
    const { rows } = await books.pool.query<{ n: number }>('SELECT count(*) AS n FROM bets');
    const lines = Object.entries(killed).map(([what, times]) => {
      const most = Math.max(...backMs[what as keyof typeof killed]);
      return `        ${what}: ${times}; tables went on within ${(most / 1_000).toFixed(1)} s`;
    });
    console.log(
      [
        ...lines,
        `        seed ${SEED}, ${rows[0]?.n} bets, ${acknowledged()} effects acknowledged, 0 lost`,
      ].join('\n'),
    );
  });
});
