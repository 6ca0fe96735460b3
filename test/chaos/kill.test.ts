import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import { duel } from '../../src/games/duel.ts';
import { audit } from '../../src/ledger/audit.ts';
import { createLogger } from '../../src/log.ts';
import { SECRET } from '../attacks/insider.ts';
import { startServer, type TestServer, until } from '../support/server.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { type OpenRound, PHASES, type Phase, Phases } from './phases.ts';
import { assertOneStory, type Figures, print } from './story.ts';

/** How often the server is killed while the bots play; CHAOS_KILLS overrides it. */
const KILLS = Number(process.env.CHAOS_KILLS ?? 20);
/** One in so many restarts is killed too, while it recovers. */
const KILLED_AGAIN = 5;
const BOTS = 200;
/** The next kill does not wait for the last of them. */
const BACK = 0.7;
const TABLES = ['crash', 'crash', 'roulette', 'derby'].flatMap((game, at) =>
  ['a', 'b'].map((table) => `${game}/${table}-${at}`),
);
/** Two bots play at each of them and one bets; they are among the 200. */
const MATCH_TABLES = ['a', 'b', 'c', 'd'].map((table) => `duel/${table}`);
const BETTING_MS = 1_500;
const START_BALANCE = 100_000;
const JOIN_TIMEOUT_MS = 60_000;
describe('kill -9 while 200 bots play', function () {
  this.timeout(400_000);
  let server: TestServer;
  let books: Database;
  let phases: Phases;
  let fleet: Fleet | undefined;
  const figures: Figures = {
    kills: { betting: 0, running: 0, settlement: 0, match: 0, matchEnd: 0 },
    killedWhileStarting: 0,
    roundsHit: { betting: 0, running: 0, 'outcome committed': 0, 'bets resolved': 0 },
    matchesHit: { 'one seat': 0, 'bets open': 0, 'bets closed': 0, 'end committed': 0, paid: 0 },
    reachMs: [],
    restartMs: [],
    backMs: [],
  };

  before(async () => {
    server = await startServer({
      env: {
        BETTING_MS: `${BETTING_MS}`,
        START_BALANCE: `${START_BALANCE}`,
        FAIRNESS_SECRET: SECRET,
      },
    });
    books = await openDatabase(server.databaseUrl, { poolSize: 2, logger: createLogger('silent') });
    phases = new Phases(books, () => (fleet as Fleet).nextEnding());
  });
  after(async () => {
    await fleet?.stop();
    await books.close();
    await server.dispose();
  });

  async function assertSoundBooks(when: string): Promise<void> {
    const { findings } = await audit(books);
    assert.deepEqual(findings, [], `the books ${when}`);
  }

  function countHit(open: readonly OpenRound[]): void {
    for (const { phase, ended, bets, openBets, seats, pot } of open) {
      if (seats > 0) {
        const played = phase === 'running' ? 'bets closed' : 'bets open';
        const of = seats < duel.seats ? 'one seat' : played;
        figures.matchesHit[!ended ? of : pot > 0 ? 'end committed' : 'paid'] += 1;
      } else if (bets > 0) {
        const of = openBets > 0 ? 'outcome committed' : 'bets resolved';
        figures.roundsHit[ended ? of : phase] += 1;
      }
    }
  }

  async function killAndRestart(phase: Phase, number: number): Promise<void> {
    await server.kill();
    figures.kills[phase] += 1;
    const open = await phases.open();
    countHit(open);
    // Its snapshot is taken long before a new server is so far that it writes.
    const left = assertSoundBooks('as the dead server left them');
    if (number % KILLED_AGAIN === 0) {
      await left;
      const starting = server.restart().catch(() => {});
      await delay(randomInt(300, 1_200));
      await server.kill();
      await starting;
      figures.killedWhileStarting += 1;
    }
    const startedAt = performance.now();
    await Promise.all([left, server.restart()]);
    figures.restartMs.push(performance.now() - startedAt);
    const stillOpen = (await phases.open()).filter(({ id }) =>
      open.some((round) => round.id === id),
    );
    assert.deepEqual(stillOpen, [], 'a round of the dead server is open');
    const back = until(
      () => (fleet as Fleet).counts().joined >= BACK * BOTS,
      'the bots to be back',
      JOIN_TIMEOUT_MS,
    );
    await Promise.all([assertSoundBooks('after recovery'), back]);
    figures.backMs.push(performance.now() - startedAt);
  }

  it(`[M9] [Bug 4] [Bug 5] ${KILLS} kills: every round is closed, every bet and seat has one answer, nothing acknowledged is missing`, async () => {
    fleet = startFleet({
      url: server.url,
      bots: BOTS - MATCH_TABLES.length * (duel.seats + 1),
      tables: TABLES,
      bettingMs: BETTING_MS,
      matchTables: MATCH_TABLES,
    });
    await until(() => fleet?.counts().joined === BOTS, 'all bots', JOIN_TIMEOUT_MS);
    for (let number = 1; number <= KILLS; number++) {
      const phase = PHASES[number % PHASES.length] as Phase;
      const startedAt = performance.now();
      await phases.reach(phase, figures.kills[phase]);
      figures.reachMs.push(performance.now() - startedAt);
      // The last restart refunds what is left, and no bot bets any more.
      if (number === KILLS) fleet.order({ kind: 'stop betting' });
      await killAndRestart(phase, number);
    }
    await until(() => fleet?.counts().caughtUp === BOTS, 'all bots to be back', JOIN_TIMEOUT_MS);
    assert.deepEqual(
      (await phases.open()).filter(({ bets, seats }) => bets + seats > 0),
      [],
    );
    const accounts = await fleet.askAboutAll();
    assert.equal(accounts.length, BOTS);
    print(figures, accounts);
    await assertOneStory(books, accounts, START_BALANCE);
    await assertSoundBooks('at the end');
  });
});
