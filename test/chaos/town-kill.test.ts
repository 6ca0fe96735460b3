import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { gameToPlay, type WorldsToPlay } from '../../loadtest/game.ts';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import type { WorldCatalogue } from '../../src/games/world.ts';
import { audit } from '../../src/ledger/audit.ts';
import { createLogger } from '../../src/log.ts';
import { BuildingData } from '../../src/protocol.ts';
import { Catalogue } from '../../src/worlds/catalogue.ts';
import { seeded } from '../long/seeded.ts';
import { signIn, startServer, type TestServer, until } from '../support/server.ts';
import { TownPlayer } from './town-player.ts';
import {
  assertOneStory,
  assertShownAsSaved,
  carriedOut,
  type Figures,
  print,
} from './town-story.ts';

const PLAYERS = 50;
/** How often the server is killed while they play; once more afterwards. TOWN_KILLS overrides it. */
const KILLS = Number(process.env.TOWN_KILLS ?? 7);
/** After this one, the server that recovers is killed, too. */
const KILLED_AGAIN = 4;
const STARTING_MS = { from: 300, to: 1_000 };
/** The next kill does not wait for the last of them, */
const BACK = 0.7;
/** and comes within this time. */
const PLAY_MS = 1_200;
const START_BALANCE = 50_000;
const HURRY = 300;
const MAX_SECONDS = 3;
const JOIN_TIMEOUT_MS = 30_000;
const SIGNED_IN_AT_ONCE = 10;

describe('kill -9 while 50 players are in their towns', function () {
  this.timeout(180_000);
  let server: TestServer;
  let books: Database;
  let catalogue: WorldCatalogue;
  const players: TownPlayer[] = [];
  const seed = Number(process.env.CHAOS_SEED ?? randomInt(2 ** 32));
  const random = seeded(seed);
  const figures: Figures = {
    seed,
    kills: 0,
    killedWhileStarting: 0,
    cutOff: 0,
    cutOffAndCarriedOut: 0,
    restartMs: [],
    backMs: [],
    repeatMs: 0,
  };

  const { warn } = console;

  before(async () => {
    // A connection that ends while it is being made is nothing to write about here.
    console.warn = () => {};
    server = await startServer({ env: { START_BALANCE: `${START_BALANCE}` } });
    const logger = createLogger('silent');
    books = await openDatabase(server.databaseUrl, { poolSize: 2, logger });
    await hurry(books);
    catalogue = await new Catalogue(books, logger).current();
    const { tables } = (await gameToPlay(server.url, 'town')) as WorldsToPlay;
    const enter = async () => {
      while (players.length < PLAYERS) {
        const given = { tables, balance: START_BALANCE, random: seeded(random() * 2 ** 32) };
        const { client, userId } = await signIn(server.url);
        if (players.length < PLAYERS) players.push(new TownPlayer(client, userId, given));
      }
    };
    await Promise.all(Array.from({ length: SIGNED_IN_AT_ONCE }, enter));
  });
  after(async () => {
    console.warn = warn;
    for (const player of players) player.endPlay();
    await Promise.all(players.map((player) => player.leave()));
    await books.close();
    await server.dispose();
  });

  const back = (share: number) =>
    until(
      () => players.filter(({ isHere }) => isHere).length >= share * PLAYERS,
      'the players to be back',
      JOIN_TIMEOUT_MS,
    );
  const allDone = () => Promise.all(players.map((player) => player.done()));
  const come = () => {
    for (const player of players) player.come();
  };

  async function assertSoundBooks(when: string): Promise<void> {
    const { findings } = await audit(books);
    assert.deepEqual(findings, [], `the books ${when}`);
  }

  /** They come back as soon as the server is there. */
  async function killAndRestart(again: boolean): Promise<void> {
    const killedAt = performance.now();
    await server.kill();
    figures.kills += 1;
    await allDone();
    const cutOff = players.flatMap((player) => player.open.map(({ commandId }) => commandId));
    figures.cutOff += cutOff.length;
    figures.cutOffAndCarriedOut += await carriedOut(books, cutOff);
    // Its snapshot is taken long before a new server is so far that it writes.
    const left = assertSoundBooks('as the dead server left them');
    if (again) {
      await left;
      const starting = server.restart().catch(() => {});
      await delay(STARTING_MS.from + random() * (STARTING_MS.to - STARTING_MS.from));
      await server.kill();
      await starting;
      figures.killedWhileStarting += 1;
    }
    const startedAt = performance.now();
    await Promise.all([left, server.restart()]);
    figures.restartMs.push(performance.now() - startedAt);
    come();
    await back(BACK);
    figures.backMs.push(performance.now() - killedAt);
  }

  it("[W5] [M6] kill -9 during 50 concurrent players' commands: nothing lost or doubled, everyone back where they were", async () => {
    console.log(`        seed ${seed}`);
    come();
    await back(1);
    for (let number = 1; number <= KILLS; number++) {
      await delay(random() * PLAY_MS);
      await killAndRestart(number === KILLED_AGAIN);
    }
    await delay(PLAY_MS);
    for (const player of players) player.endPlay();
    await allDone();
    await back(1);
    assert.deepEqual(
      players.flatMap(({ open }) => open),
      [],
      'every command is answered',
    );
    await killAndRestart(false);
    await back(1);
    await allDone();
    await assertShownAsSaved(books, players, catalogue);
    const startedAt = performance.now();
    await Promise.all(players.map((player) => player.repeatAll()));
    figures.repeatMs = performance.now() - startedAt;
    print(figures, players);
    await assertOneStory(books, players, START_BALANCE, catalogue);
    await assertShownAsSaved(books, players, catalogue);
    await assertSoundBooks('at the end');
  });
});

/** In the minute of this test nobody would wait for a harvest: what takes an hour takes a few seconds. */
async function hurry(books: Database): Promise<void> {
  const { rows } = await books.pool.query<{ id: number; data: unknown }>(
    'SELECT id, data FROM buildings',
  );
  for (const { id, data } of rows) {
    const building = BuildingData.parse(data);
    const faster = (amounts: Record<string, number>) =>
      Object.fromEntries(Object.entries(amounts).map(([thing, n]) => [thing, n * HURRY]));
    const levels = building.levels.map((level) => ({
      ...level,
      seconds: Math.min(level.seconds, MAX_SECONDS),
      produces: faster(level.produces),
      consumes: faster(level.consumes),
    }));
    const changed = JSON.stringify({ ...building, levels });
    await books.pool.query('UPDATE buildings SET data = $2 WHERE id = $1', [id, changed]);
  }
}
