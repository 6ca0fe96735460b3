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
import { startRedis } from '../support/redis.ts';
import { joinGame, leaveAll, startServer, type TestServer, until } from '../support/server.ts';
import { type Guest, strangers } from './attacker.ts';
import { SECRET } from './insider.ts';
import { findPreimages, findSecrets, type Item, type PlayedRound, secretsOf } from './secrets.ts';
import { type State, WATCHED, type Watched } from './secrets-games.ts';
import { type Features, featuresOf, findTelling } from './secrets-ranks.ts';
import { playedRounds, roundsIn } from './secrets-rounds.ts';
import {
  Evidence,
  openReader,
  pollHttp,
  type Reader,
  repeat,
  type Watcher,
  watchProcess,
  watchRedis,
  watchRoom,
} from './secrets-watch.ts';

const BETTING_MS = 3_000;
const ROWS_EVERY_MS = 1_500;
const HTTP_EVERY_MS = 1_000;
/** A derby is over by then, and most crashes are. */
const PLAY_TIMEOUT_MS = 60_000;

const NOTHING = { seed: null, outcome: null, ended_at: null };

interface Table {
  readonly game: Watched;
  /** Of which the first is watched. */
  readonly players: readonly Watcher[];
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
    const games = WATCHED.map(({ name }) => name);
    const most = Math.max(...WATCHED.map(({ tables, begin }) => tables * begin().length));
    const [onlooker, ...guests] = (await strangers(server.url, 1 + most)) as [Guest, ...Guest[]];
    const stop = repeat(ROWS_EVERY_MS, async () => {
      await reader.dump();
      watchProcess(evidence, server, dataDir);
    });
    const stopHttp = repeat(HTTP_EVERY_MS, () =>
      pollHttp(evidence, server.url, games, guests[0] as Guest),
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
    const perTable = game.begin().length;
    const watch = async (guest: Guest, table: number) => {
      const watcher = await watchRoom(evidence, guest, { table: `table-${table}` }, target);
      undo.push(() => watcher.client.close());
      return watcher;
    };
    return Promise.all(
      Array.from({ length: game.tables }, async (_, table) => {
        const here = guests.slice(perTable * table, perTable * (table + 1));
        return { game, players: await Promise.all(here.map((guest) => watch(guest, table))) };
      }),
    );
  }

  /** Everybody plays; it is over when each game's first table has come to an end. */
  async function play(): Promise<void> {
    const begun = tables.map(async ({ game, players }) => {
      for (const [player, wishes] of game.begin().entries()) {
        for (const [type, payload] of wishes) {
          const answer = await players[player]?.client.request(type, payload);
          // A table that was opened for who looked on may have locked meanwhile.
          if (!answer?.ok) assert.equal(answer?.payload.code, 'BETTING_CLOSED');
        }
      }
    });
    const ended = WATCHED.map(async ({ name, later, endless }) => {
      const states = shown.get(name) as Shown[];
      const phase = (wanted: string) =>
        until(
          () => states.some(({ state }) => state.phase === wanted && state.roundId !== ''),
          `${name} to be ${wanted}`,
          PLAY_TIMEOUT_MS,
        );
      await phase('running');
      const [table] = tables.filter(({ game }) => game.name === name) as [Table];
      for (const [player, type, payload] of later?.() ?? []) {
        const answer = await table.players[player]?.client.request(type, payload);
        assert.equal(answer?.ok, true, JSON.stringify(answer));
      }
      if (!endless) await phase('settled');
    });
    await Promise.all([...begun, ...ended]);
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

  for (const { name, hidden, told, tables: many } of WATCHED) {
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
          hidden(state, elapsedMs, outcome);
          looked += 1;
        }
      }
      assert.ok(looked > 2, `${looked} states`);
    });

    if (many === 1) continue;
    it(`[F1] no time, number or length that ${name} leaves anywhere puts its rounds into the order of their outcomes`, () => {
      const { features, outcomes } = atOneMoment(name);
      const ends = outcomes.map(told);
      const telling = (ends[0] as number[]).flatMap((_, index) =>
        findTelling(
          features,
          ends.map((values) => values[index] as number),
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
      const [player] = tables
        .map(({ players }) => players[0] as Watcher)
        .filter(({ client }) => client.seat.roomId === round.roomId) as [Watcher];
      const lengths = player.frames
        .filter(({ at }) => at > round.startedMs + BETTING_MS && at <= dump.at)
        .map(({ length }) => length)
        .sort((a, b) => b - a);
      return new Map([
        ...ofRows,
        ['frames', lengths.length],
        ['bytes of frames', lengths.reduce((sum, length) => sum + length, 0)],
        ...lengths
          .slice(0, 3)
          .map((length, index) => [`frame ${index} by length`, length] as const),
      ]);
    });
    return { features, outcomes: running.map(({ outcome }) => outcome) };
  }
});
