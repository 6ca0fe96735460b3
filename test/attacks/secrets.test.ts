/**
 * No client can learn an outcome, a hidden course or a seed before its time. One server plays all games at the same time,
 * at many tables. Watched are: two clients at each game's main table (one that bets, one that only looks on) and one that
 * bets at each other table, the lobby, HTTP, Redis, the log, the files of DATA_DIR, and every row that a read-only user
 * of the database sees, again and again. What is not in scope: DATA_DIR/secrets and the settings and memory of the
 * process itself; who has these is the node.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { drawFrom } from '../../src/fairness/stream.ts';
import type { RoundGame } from '../../src/games/contract.ts';
import { multiplierAt } from '../../src/games/crash.ts';
import { type Course, lastBetsAt, progressAt } from '../../src/games/derby/course.ts';
import { games } from '../../src/games/registry.ts';
import type { RoundId } from '../../src/ids.ts';
import type { CrashState, DerbyState, RouletteState, RoundState } from '../../src/protocol.ts';
import { startRedis } from '../support/redis.ts';
import { joinGame, leaveAll, startServer, type TestServer, until } from '../support/server.ts';
import { type Guest, strangers } from './attacker.ts';
import { SECRET } from './insider.ts';
import { findPreimages, findSecrets, type Item, type PlayedRound, secretsOf, chainOf } from './secrets.ts';
import { type Features, featuresOf, findTelling } from './secrets-ranks.ts';
import {
  Evidence,
  openReader,
  type Reader,
  type Watcher,
  watchHttp,
  watchProcess,
  watchRedis,
  watchRoom,
} from './secrets-watch.ts';

const BETTING_MS = 3_000;
/** Of each game, so that fields which tell an outcome show by their order. */
const TABLES = 17;
const ROWS_EVERY_MS = 700;
const HTTP_EVERY_MS = 1_000;
/** By how much a picture may be off the time that is shown with it, on a busy machine. */
const CLOCK_MS = 40;
/** A derby is over by then, and most crashes are. */
const PLAY_TIMEOUT_MS = 60_000;

type State = RoundState & Partial<CrashState & RouletteState & DerbyState>;

interface Watched {
  readonly name: string;
  /** What is bet, beyond id and amount. */
  readonly bets: readonly object[];
  /** What must hold of the state until the end of the round is public. */
  hidden(state: State, elapsedMs: number, outcome: Record<string, unknown>): void;
  /** Numbers of an outcome that nothing may put into an order. */
  told(outcome: Record<string, unknown>): number[];
}

/** A game is added here. */
const WATCHED: readonly Watched[] = [
  {
    name: 'crash',
    bets: [{}, { autoCashout: 150 }, { autoCashout: 1_000_000 }],
    hidden(state, elapsedMs) {
      assert.equal(state.crashPoint, 0);
      const most = state.phase === 'running' ? multiplierAt(elapsedMs + CLOCK_MS) : 100;
      assert.ok((state.multiplier as number) <= most, `${state.multiplier} before its time`);
    },
    told: ({ crashPoint }) => [crashPoint as number],
  },
  {
    name: 'roulette',
    bets: [{ selection: { type: 'red' } }, { selection: { type: 'straight', numbers: [7] } }],
    hidden: ({ number }) => assert.equal(number, -1),
    told: ({ number }) => [number as number],
  },
  {
    name: 'derby',
    bets: [{ selection: { type: 'win', runner: 3 } }, { selection: { type: 'place', runner: 5 } }],
    hidden(state, elapsedMs, outcome) {
      const course = outcome as unknown as Course;
      state.runners?.forEach(({ progress }, runner) => {
        const most = state.phase === 'running' ? elapsedMs + CLOCK_MS : 0;
        assert.ok(progress <= progressAt(course, runner, most), `runner ${runner + 1} is ahead`);
      });
      if (!state.bettingOpen) assert.ok(elapsedMs + CLOCK_MS >= lastBetsAt(course));
    },
    told: ({ timesMs, finish }) => [
      ...(timesMs as number[]),
      Math.min(...(timesMs as number[])),
      Math.max(...(timesMs as number[])),
      (finish as number[][])[0]?.[0] as number,
    ],
  },
];

const NOTHING = { seed: null, outcome: null, ended_at: null };

interface Table {
  readonly game: Watched;
  readonly bettor: Watcher;
}

interface Shown {
  readonly at: number;
  readonly state: State;
}

describe('what is known of a round before its end', function () {
  this.timeout(2 * PLAY_TIMEOUT_MS);
  const undo: (() => unknown)[] = [];
  const evidence = new Evidence();
  const shown = new Map<string, Shown[]>();
  let server: TestServer;
  let reader: Reader;
  let tables: Table[];
  let items: Item[];
  let sawAllUntil: number;
  let rounds: PlayedRound[];

  before(async () => {
    const redis = await startRedis();
    undo.push(() => redis.stop());
    undo.push(await watchRedis(evidence, redis.url));
    const dataDir = mkdtempSync(join(tmpdir(), 'secrets-'));
    undo.push(() => rmSync(dataDir, { recursive: true, force: true }));
    server = await startServer({
      env: {
        BETTING_MS: String(BETTING_MS),
        DATA_DIR: dataDir,
        FAIRNESS_SECRET: SECRET,
        LOG_LEVEL: 'trace',
        REDIS_URL: redis.url,
        TRUST_PROXY: 'true',
      },
    });
    undo.push(() => server.dispose());
    reader = await openReader(evidence, server.databaseUrl);
    undo.push(() => reader.close());
    const [onlooker, ...guests] = (await strangers(server.url, 1 + TABLES)) as [Guest, ...Guest[]];
    const stop = repeat(ROWS_EVERY_MS, async () => {
      await reader.dump();
      watchProcess(evidence, server, dataDir);
    });
    const stopHttp = repeat(HTTP_EVERY_MS, () =>
      pollHttp(evidence, server.url, guests[0] as Guest),
    );
    undo.push(leaveAll, stop, stopHttp);
    const lobby = await watchRoom(evidence, onlooker, {}, 'joinOrCreate/lobby');
    undo.push(() => lobby.client.close());
    tables = (await Promise.all(WATCHED.map((game) => sitDown(game, onlooker, guests)))).flat();
    await play();
    await Promise.all([stop(), stopHttp()]);
    sawAllUntil = Date.now();
    await reader.dump();
    // What comes later belongs to rounds that are not in the list.
    items = evidence.items;
    await leaveAll();
    rounds = await playedRounds(server.databaseUrl);
    await server.kill();
  });
  after(async () => {
    for (const step of undo.reverse()) await step();
  });

  /** A table for each guest; at the first one somebody looks on, and the states are kept as an SDK decodes them. */
  async function sitDown(game: Watched, onlooker: Guest, guests: Guest[]): Promise<Table[]> {
    const target = `joinOrCreate/${game.name}`;
    const states: Shown[] = [];
    shown.set(game.name, states);
    const sdk = await joinGame<State>(game.name, server.url, { table: 'table-0', spectate: true });
    let phase = '';
    sdk.room.onStateChange((state) => {
      states.push({ at: Date.now(), state: JSON.parse(JSON.stringify(state)) });
      // The moments around a lock and an end, beside those that come by themselves.
      if (state.phase !== phase) void reader.dump();
      phase = state.phase;
    });
    const spectator = await watchRoom(
      evidence,
      onlooker,
      { table: 'table-0', spectate: true },
      target,
    );
    undo.push(() => spectator.client.close());
    return Promise.all(
      guests.map(async (guest, index) => {
        const bettor = await watchRoom(evidence, guest, { table: `table-${index}` }, target);
        undo.push(() => bettor.client.close());
        return { game, bettor };
      }),
    );
  }

  /** Everybody bets; it is over when each main table has come to its end. */
  async function play(): Promise<void> {
    await Promise.all(
      tables.map(async ({ game, bettor: { client } }) => {
        for (const more of game.bets) {
          const bet = { betId: crypto.randomUUID(), amount: 5, ...more };
          const answer = await client.request('bet', bet);
          // A table that was opened for who looked on may have locked meanwhile.
          if (!answer.ok) assert.equal(answer.payload.code, 'BETTING_CLOSED');
        }
      }),
    );
    const race = shown.get('derby') as Shown[];
    await until(() => race.at(-1)?.state.phase === 'running', 'a race', PLAY_TIMEOUT_MS);
    for (const { game, bettor } of tables.filter(({ game }) => game.name === 'derby')) {
      const inPlay = { betId: crypto.randomUUID(), amount: 5, ...game.bets[0] };
      assert.equal((await bettor.client.request('bet', inPlay)).ok, true);
    }
    const over = (game: string) =>
      shown.get(game)?.some(({ state }) => state.phase === 'settled' && state.history.length > 0);
    await until(
      () => WATCHED.filter(({ name }) => name !== 'crash').every(({ name }) => over(name)),
      'the ends',
      PLAY_TIMEOUT_MS,
    );
  }

  it('[F1] nothing that anybody received before the end of a round holds its seed, a later one, or what is drawn from it', () => {
    const secrets = secretsOf(rounds, SECRET);
    assert.deepEqual(findSecrets(items, secrets), []);
    assert.deepEqual(findPreimages(items, rounds), []);
    const bytes = items.reduce((sum, item) => sum + item.bytes.length, 0);
    const ended = rounds.filter(({ endedMs }) => endedMs < sawAllUntil);
    console.log(
      `        ${items.length} frames, lines and rows (${(bytes / 2 ** 20).toFixed(1)} MB), ` +
        `${reader.dumps.length} times all rows, ${secrets.length} secrets of ` +
        `${rounds.length} rounds, ${ended.length} of them ended`,
    );
    // It was there to be found: the same search finds the seeds once they are public.
    const names = ended.map(({ game, id }) => `the seed of ${game} ${id}`);
    const late = secrets
      .filter(({ name }) => names.includes(name))
      .map((secret) => ({ ...secret, untilMs: Number.POSITIVE_INFINITY }));
    const found = new Set(findSecrets(items, late).map((line) => line.split(' in ')[0]));
    assert.deepEqual(found, new Set(names));
  });

  it('[F1] [M7] answers, rows and states have no seed and no outcome of a round until its end', () => {
    const endOf = new Map(rounds.map(({ id, endedMs }) => [id, endedMs]));
    let open = 0;
    let over = 0;
    for (const { from, at, bytes } of items) {
      for (const entry of roundsIn(bytes, endOf)) {
        const { id, seed = null, outcome = null, ended_at = null } = entry;
        if (at >= (endOf.get(id) as number)) over += 1;
        else {
          open += 1;
          assert.deepEqual({ from, seed, outcome, ended_at }, { from, ...NOTHING });
        }
      }
    }
    assert.ok(open > 0 && over > 0);
  });

  for (const { name, hidden } of WATCHED) {
    it(`[F1] the state of ${name} tells nothing before its time`, () => {
      const seen = shown.get(name) as Shown[];
      const ofRound = Map.groupBy(seen, ({ state }) => state.roundId);
      let looked = 0;
      for (const { id, endedMs, outcome } of rounds) {
        for (const { at, state } of ofRound.get(id) ?? []) {
          if (at >= endedMs) continue;
          const elapsedMs = state.phase === 'running' ? state.now - state.phaseStartedAt : 0;
          assert.equal(
            state.history.some(({ roundId }) => roundId === id),
            false,
          );
          if (state.phase === 'running') assert.equal(state.phaseEndsAt, 0);
          hidden(state, elapsedMs, outcome);
          looked += 1;
        }
      }
      assert.ok(looked > 2, `${looked} states`);
    });

    it(`[F1] no time, number or length that ${name} leaves anywhere puts its rounds into the order of their outcomes`, () => {
      const { features, outcomes } = atOneMoment(name);
      const game = WATCHED.find((each) => each.name === name) as Watched;
      const told = outcomes.map((outcome) => game.told(outcome));
      const telling = (told[0] as number[]).flatMap((_, index) =>
        findTelling(
          features,
          told.map((values) => values[index] as number),
        ),
      );
      console.log(
        `        ${features.length} rounds of ${name}, ${features[0]?.size} figures of each`,
      );
      assert.deepEqual(telling, []);
    });
  }

  /** Of the moment at which most rounds of a game had begun to run: all that was known of each. */
  function atOneMoment(name: string) {
    const ofGame = rounds.filter(({ game }) => game === name);
    const runningAt = (at: number) =>
      ofGame.filter(({ startedMs, endedMs }) => startedMs + BETTING_MS + 200 < at && at < endedMs);
    const dump = reader.dumps.reduce((best, each) =>
      runningAt(each.at).length > runningAt(best.at).length ? each : best,
    );
    const running = runningAt(dump.at);
    const features = running.map((round): Features => {
      const rows = Map.groupBy(
        dump.rows.filter(({ row }) => row.includes(round.id) || row.includes(round.roomId)),
        ({ table }) => table,
      );
      const ofRows = [...rows].flatMap(([table, all]) => [
        [`${table}.count`, all.length] as const,
        ...all.flatMap(({ row }, index) => [
          ...featuresOf(row.startsWith('{') ? JSON.parse(row) : row, `${table}[${index}]`),
        ]),
      ]);
      const { bettor } = tables.find(
        (table) => table.bettor.client.seat.roomId === round.roomId,
      ) as Table;
      const frames = bettor.frames.filter(
        ({ at }) => at > round.startedMs + BETTING_MS && at <= dump.at,
      );
      const length = frames.reduce((sum, frame) => sum + frame.length, 0);
      return new Map([...ofRows, ['frames', frames.length], ['bytes of frames', length]]);
    });
    return { features, outcomes: running.map(({ outcome }) => outcome) };
  }
});

/** Again and again, until stopped; `stop` waits for what is under way, and throws what was thrown. */
function repeat(everyMs: number, work: () => Promise<unknown>): () => Promise<void> {
  let stopped = false;
  const wait = Promise.withResolvers<void>();
  const running = (async () => {
    while (!stopped) {
      await work();
      await Promise.race([wait.promise, delay(everyMs)]);
    }
  })();
  running.catch(() => {});
  return () => {
    stopped = true;
    wait.resolve();
    return running;
  };
}

async function pollHttp(evidence: Evidence, url: string, player: Guest): Promise<void> {
  for (const path of ['/openapi.json', '/metrics', '/healthz', '/readyz', '/api/v1/games']) {
    await watchHttp(evidence, `${url}${path}`);
  }
  for (const path of [
    '/me?include=profile,wallet,inventory,gameStates',
    '/me/bets',
    '/me/transactions',
  ]) {
    await watchHttp(evidence, `${url}/api/v1${path}`, player);
  }
  for (const { name } of WATCHED) {
    const list = await watchHttp(evidence, `${url}/api/v1/games/${name}/rounds?limit=100`);
    for (const { id } of (list as { items: { id: string }[] }).items.slice(0, 4)) {
      await watchHttp(evidence, `${url}/api/v1/rounds/${id}`);
      await watchHttp(evidence, `${url}/api/v1/rounds/${id}/proof`);
    }
  }
}

async function playedRounds(databaseUrl: string): Promise<PlayedRound[]> {
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  const { rows } = await db.query<
    Omit<PlayedRound, 'outcome' | 'startedMs' | 'endedMs'> & { started: Date; ended: Date | null }
  >(
    `SELECT r.id, g.name AS game, r.room_id AS "roomId", c.id AS chain, c.salt, r.chain_index AS index, r.commitment,
            r.started_at AS started, r.ended_at AS ended
     FROM rounds r JOIN games g ON g.id = r.game_id JOIN fairness_chains c ON c.id = r.chain_id ORDER BY r.id`,
  );
  await db.end();
  return rows.map(({ started, ended, ...round }) => ({
    ...round,
    outcome: outcomeOf(round),
    startedMs: started.getTime(),
    endedMs: ended?.getTime() ?? Number.POSITIVE_INFINITY,
  }));
}

/** As the server draws it, when it comes to that. */
function outcomeOf({ game, chain, salt, index, id }: Omit<PlayedRound, 'outcome' | 'startedMs' | 'endedMs'>) {
  const seed = chainOf(SECRET, chain, salt).subarray(32 * index, 32 * (index + 1));
  const draw = drawFrom(seed, Buffer.from(salt, 'hex'), id as RoundId);
  const rules = games.find(({ name }) => name === game) as RoundGame;
  return rules.draw(draw) as Record<string, unknown>;
}

interface RoundEntry {
  readonly id: string;
  readonly seed?: unknown;
  readonly outcome?: unknown;
  readonly ended_at?: unknown;
}

/** Everything in a JSON text that is about one of these rounds. */
function roundsIn(bytes: Buffer, known: ReadonlyMap<string, unknown>): RoundEntry[] {
  if (bytes[0] !== '{'.charCodeAt(0)) return [];
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    return [];
  }
  const found: RoundEntry[] = [];
  const collect = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const { id, roundId, round_id } = part as Record<string, unknown>;
    for (const each of [id, roundId, round_id]) {
      if (typeof each === 'string' && known.has(each)) found.push({ ...part, id: each });
    }
    for (const inner of Object.values(part)) collect(inner);
  };
  collect(value);
  return found;
}
