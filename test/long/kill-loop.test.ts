import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import { migrateUp } from '../../src/database/migrate.ts';
import { seedCatalogue } from '../../src/database/seed.ts';
import { games } from '../../src/games/registry.ts';
import { createLogger } from '../../src/log.ts';
import { until } from '../support/server.ts';
import { Desk, type Launched } from './kills/desk.ts';
import { Figures, KINDS, type Kind, PHASES, type Phase } from './kills/figures.ts';
import { Player } from './kills/player.ts';
import { Proof } from './kills/proof.ts';
import { Site } from './kills/site.ts';
import { seeded } from './seeded.ts';

/** The long run of the project's promise is KILLS=1000 BETS=5000000. */
const KILLS = Number(process.env.KILLS ?? 300);
/** Acknowledged bets, at least; spread evenly between the kills. */
const BETS = Number(process.env.BETS ?? 300_000);
const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));
const TABLES = 8;
const PLAYERS = 512;
/** A player's start; some are poor, are refused, and ask for money. */
const START_BALANCE = 100_000;
const POOR_BALANCE = 100;
const POOR = 8;
/** After so many acknowledged bets all rest and are checked, so that not more have to be remembered. */
const PART = 50_000;
/** The whole books are audited so often, the last time at the end. */
const AUDITS = 4;
/** The part of the kills that comes with the end of a single session of PostgreSQL. */
const ENDED = 0.3;
/** The part of the kills of a recovering postmaster in which it is PostgreSQL that recovers, not the node. */
const STARTING = 0.5;
/** What the project promises of the time from a kill to the first bet that is taken after it. */
const RECOVERY_P99_MS = 5_000;
const RECOVERED_TIMEOUT_MS = 60_000;
const PHASE_TIMEOUT_MS = 20_000;
/** The kill comes up to so long after the phase was entered. */
const INTO_PHASE_MS: Record<Phase, number> = {
  betting: 250,
  running: 100,
  settlement: 20,
  recovery: 80,
};

describe('kill -9 of server and PostgreSQL, in every phase, under full load', function () {
  this.timeout(120_000 + KILLS * 20_000 + BETS);
  const random = seeded(SEED);
  const figures = new Figures();
  const players: Player[] = [];
  let site: Site;
  let db: Database;
  let desk: Desk;
  let proof: Proof;
  let playing: Promise<void>[];

  before(async () => {
    site = await Site.open();
    await migrateUp(site.url);
    db = await openDatabase(site.url, { poolSize: 1, logger: createLogger('silent') });
    await seedCatalogue(db.sequelize, games);
    proof = new Proof(db);
    const seats = await seatAll();
    desk = new Desk(TABLES, seats, (news) => {
      if (news[0] === 'told') players[news[1]]?.hear(news[2]);
      else if (news[0] === 'wallet') players[news[1]]?.hearWallet(news[2]);
    });
    seats.forEach((seat, number) => {
      players.push(new Player({ number, ...seat }, desk, seeded(SEED + 1 + number), figures.lost));
    });
    playing = players.map((player) => player.play());
    await start();
  });
  after(async () => {
    for (const player of players) player.leave();
    await desk?.kill();
    await Promise.all(playing ?? []);
    await db?.close();
    await site?.close();
    console.log(figures.lines(SEED, proof));
  });

  async function seatAll() {
    const { rows } = await db.pool.query<{ userId: number; walletId: number }>(
      `WITH u AS (INSERT INTO users (username) SELECT 'player-' || n FROM generate_series(1, $1::integer) n RETURNING id)
       SELECT id AS "userId", open_wallet(id, CASE WHEN id % $2::bigint = 0 THEN $3::bigint ELSE $4::bigint END, gen_random_uuid()) AS "walletId"
       FROM u`,
      [PLAYERS, POOR, POOR_BALANCE, START_BALANCE],
    );
    return rows.map((row, number) => ({ ...row, table: number % TABLES }));
  }

  /** Until it is there: one whose database is killed while it starts ends, and is started again. */
  async function start(node = desk.launch(site.url)): Promise<void> {
    const deadline = performance.now() + RECOVERED_TIMEOUT_MS;
    for (let next = node; !(await next.ready); next = desk.launch(site.url)) {
      assert.ok(performance.now() < deadline, `the node does not start: ${desk.complaints}`);
      await desk.kill();
    }
  }

  async function load(bets: number): Promise<void> {
    const goal = desk.acknowledged + bets;
    await until(() => desk.acknowledged >= goal, `${bets} bets`, RECOVERED_TIMEOUT_MS + bets);
  }

  /** Waits for a table to enter the phase, and then a moment. Answers the phase that the table is in by then. */
  async function reach(phase: Exclude<Phase, 'recovery'>): Promise<Phase> {
    const table = Math.floor(random() * TABLES);
    const isIn = () => desk.phases[table] === phase;
    const change = () => inTime(desk.change(table), PHASE_TIMEOUT_MS, `${phase} at ${table}`);
    while (isIn()) await change();
    while (!isIn()) await change();
    await delay(random() * INTO_PHASE_MS[phase]);
    const now = desk.phases[table];
    return now === 'betting' || now === 'running' ? now : 'settlement';
  }

  async function strike(kind: Kind, phase: Phase, node?: Launched): Promise<void> {
    const killedAt = performance.now();
    figures.killed(kind, phase);
    if (kind === 'server') {
      await desk.kill();
      return recovered(kind, phase, killedAt, { node: () => start() });
    }
    await (kind === 'backend' ? site.killBackend(random) : site.killPostmaster());
    await recovered(kind, phase, killedAt, {
      database: () => site.bringBack(),
      ...(node && { node: () => start(node) }),
    });
  }

  /** Kills the server, and then once more while the node that takes over recovers. */
  async function strikeRecovery(kind: Kind): Promise<void> {
    const phase = await reach(pick(PHASES.filter((each) => each !== 'recovery')));
    await desk.kill();
    figures.killed('server', phase);
    if (kind === 'postmaster' && random() < STARTING) return strikeStarting();
    const node = desk.launch(site.url);
    await node.recovering;
    await delay(random() * INTO_PHASE_MS.recovery);
    await strike(kind, 'recovery', node);
  }

  /** The postmaster twice: under nobody, and while it recovers from that. */
  async function strikeStarting(): Promise<void> {
    await site.killPostmaster();
    figures.killed('postmaster', 'recovery');
    await site.killStarting(random);
    const killedAt = performance.now();
    figures.killed('postmaster', 'recovery');
    await recovered('postmaster', 'recovery', killedAt, {
      database: () => site.bringBack(),
      node: () => start(),
    });
  }

  /** Until the first bet is taken that was sent after the death. */
  async function recovered(
    kind: Kind,
    phase: Phase,
    killedAt: number,
    bringBack: Readonly<Record<string, () => Promise<void>>>,
  ): Promise<void> {
    const first = desk.firstAcknowledgement(performance.now());
    const stepsMs: Record<string, number> = {};
    // As supervisors do it: a node does not wait for the database to be started, it looks for it by itself.
    await Promise.all(
      Object.entries(bringBack).map(async ([step, take]) => {
        await take();
        stepsMs[step] = performance.now() - killedAt;
      }),
    );
    const at = await inTime(first, RECOVERED_TIMEOUT_MS, `a bet after a kill of the ${kind}`);
    const killedOn = new Date(performance.timeOrigin + killedAt).toISOString().slice(11, 19);
    figures.recovered({ kind, phase, ms: at - killedAt, stepsMs, at: killedOn });
  }

  function pick<T>(from: readonly T[]): T {
    return from[Math.floor(random() * from.length)] as T;
  }

  async function rest(): Promise<void> {
    desk.rest(true);
    await until(
      () =>
        desk.underWay === 0 &&
        players.every(({ settled }) => settled) &&
        desk.phases.every((phase) => phase === 'resting'),
      'all to rest',
      RECOVERED_TIMEOUT_MS,
    );
    await proof.prove(players);
  }

  it(`[M5] [M6] [M9] ${KILLS} kills, ${BETS} acknowledged bets: 0 lost, 0 doubled, 0 drift (seed ${SEED})`, async () => {
    let inPart = 0;
    while (figures.kills < KILLS || desk.acknowledged < BETS) {
      const before = desk.acknowledged;
      const killsLeft = Math.max(1, KILLS - figures.kills);
      const bets = Math.max(0, Math.ceil((BETS - before) / killsLeft));
      await figures.timed('load', load(bets));
      if (random() < ENDED && (await site.endBackend())) figures.ended += 1;
      const [kind, phase] = [pick(KINDS), pick(PHASES)];
      if (phase === 'recovery') await figures.timed('recovery', strikeRecovery(kind));
      else {
        const reached = await figures.timed('phase', reach(phase));
        await figures.timed('recovery', strike(kind, reached));
      }
      await figures.timed('look-up', proof.lookUp(players));
      inPart += desk.acknowledged - before;
      if (inPart >= PART) {
        inPart = 0;
        await figures.timed('proof', rest());
        if (figures.kills * AUDITS >= KILLS * (proof.audits + 1)) {
          await figures.timed('audit', proof.audit());
        }
        desk.rest(false);
      }
    }
    await figures.timed('proof', rest());
    figures.books = await figures.timed('audit', proof.proveAll(players));
    assert.deepEqual(desk.troubles, []);
    assert.equal(desk.acknowledged, proof.confirmed.bets);
    assert.ok(figures.recoveryP99() <= RECOVERY_P99_MS, `recovery p99 ${figures.recoveryP99()} ms`);
  });
});

/** A failure that says what was waited for. */
async function inTime<T>(wait: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  const late = new AbortController();
  const tooLate = delay(timeoutMs, undefined, { signal: late.signal }).then(() =>
    assert.fail(`waited in vain for ${what}`),
  );
  try {
    return await Promise.race([wait, tooLate]);
  } finally {
    late.abort();
    tooLate.catch(() => {});
  }
}
