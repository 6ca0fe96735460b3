import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import { roundByName } from '../../src/games/registry.ts';
import { audit } from '../../src/ledger/audit.ts';
import { createLogger } from '../../src/log.ts';
import { endsAfterLockMs, SECRET } from '../attacks/insider.ts';
import { startServer, type TestServer, until } from '../support/server.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { assertOneStory, type Figures, print } from './story.ts';

/** How often the server is killed while the bots play; CHAOS_KILLS overrides it. */
const KILLS = Number(process.env.CHAOS_KILLS ?? 20);
/** One in so many restarts is killed too, while it recovers. */
const KILLED_AGAIN = 5;
const BOTS = 200;
/** The next kill does not wait for the last of them. */
const BACK = 0.9;
const TABLES = ['crash', 'crash', 'roulette', 'derby'].flatMap((game, at) =>
  ['a', 'b'].map((table) => `${game}/${table}-${at}`),
);
const BETTING_MS = 2_500;
const START_BALANCE = 100_000;
const PHASES = ['betting', 'running', 'settlement'] as const;
/** Around the end: just before it, or while its outcome is committed and its bets are settled. */
const SETTLEMENT_MS = { from: -5, to: 35 };
const JOIN_TIMEOUT_MS = 40_000;
const PHASE_TIMEOUT_MS = 110_000;

interface OpenRound {
  readonly id: string;
  readonly game: string;
  readonly phase: 'betting' | 'running';
  readonly lockedAt: Date | null;
  readonly ended: boolean;
  readonly openBets: number;
  readonly bets: number;
}

describe('kill -9 while 200 bots play', function () {
  this.timeout(300_000);
  let server: TestServer;
  let books: Database;
  let fleet: Fleet | undefined;
  const figures: Figures = {
    kills: { betting: 0, running: 0, settlement: 0 },
    killedWhileStarting: 0,
    roundsHit: { betting: 0, running: 0, 'outcome committed': 0, 'bets resolved': 0 },
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
  });
  after(async () => {
    await fleet?.stop();
    await books.close();
    await server.dispose();
  });

  async function openRounds(): Promise<OpenRound[]> {
    const { rows } = await books.pool.query<OpenRound>(
      `SELECT r.id, g.name AS game, r.phase, r.locked_at AS "lockedAt", r.outcome IS NOT NULL AS ended, count(b.id) AS bets,
              count(b.id) FILTER (WHERE b.status = 'accepted') AS "openBets"
       FROM rounds r JOIN games g ON g.id = r.game_id LEFT JOIN bets b ON b.round_id = r.id
       WHERE r.phase IN ('betting', 'running') GROUP BY r.id, g.name`,
    );
    return rows;
  }

  const ends = new Map<string, number>();
  /** When the outcome of this round will be shown, ms since the epoch. */
  async function endOf({ id, game, lockedAt }: OpenRound): Promise<number> {
    const known =
      ends.get(id) ??
      (lockedAt as Date).getTime() + (await endsAfterLockMs(books.pool, id, roundByName(game)));
    ends.set(id, known);
    return known;
  }

  /** The instant to kill at, for each phase. */
  const reach: Record<(typeof PHASES)[number], () => Promise<void>> = {
    async betting() {
      const enough = randomInt(1, BOTS / TABLES.length - 5);
      const isBetting = async () => {
        const betting = (await openRounds()).filter(({ phase }) => phase === 'betting');
        return betting.reduce((sum, { bets }) => sum + bets, 0) >= enough;
      };
      await until(isBetting, 'bets', PHASE_TIMEOUT_MS);
    },
    async running() {
      const isRunning = async () =>
        (await openRounds()).some(
          ({ phase, ended, openBets }) => phase === 'running' && !ended && openBets > 0,
        );
      await until(isRunning, 'a round that runs', PHASE_TIMEOUT_MS);
      await delay(randomInt(0, 1_000));
    },
    async settlement() {
      let next: { id: string; endsAt: number } | undefined;
      await until(
        async () => {
          const running = (await openRounds()).filter(
            ({ lockedAt, openBets }) => lockedAt && openBets > 0,
          );
          const near = await Promise.all(
            running.map(async (round) => ({ id: round.id, endsAt: await endOf(round) })),
          );
          next = near
            .filter(({ endsAt }) => endsAt > Date.now() + 100)
            .sort((a, b) => a.endsAt - b.endsAt)[0];
          return next !== undefined && next.endsAt < Date.now() + 3_000;
        },
        'an end that is near',
        PHASE_TIMEOUT_MS,
      );
      const { id, endsAt } = next as { id: string; endsAt: number };
      const killAt = endsAt + randomInt(SETTLEMENT_MS.from, SETTLEMENT_MS.to + 1);
      if (figures.kills.settlement % 2 === 0) {
        await delay(Math.max(0, killAt - Date.now()));
      } else {
        // As soon as the outcome is in the books: its bets are being settled now.
        await delay(Math.max(0, endsAt + SETTLEMENT_MS.from - Date.now()));
        const isOver = async () =>
          (
            await books.pool.query('SELECT 1 FROM rounds WHERE id = $1 AND outcome IS NOT NULL', [
              id,
            ])
          ).rowCount === 1;
        while (!(await isOver())) assert.ok(Date.now() < endsAt + PHASE_TIMEOUT_MS, 'no outcome');
      }
    },
  };

  async function assertSoundBooks(when: string): Promise<void> {
    const { findings } = await audit(books);
    assert.deepEqual(findings, [], `the books ${when}`);
  }

  async function killAndRestart(phase: (typeof PHASES)[number], number: number): Promise<void> {
    await server.kill();
    figures.kills[phase] += 1;
    const open = await openRounds();
    for (const round of open) {
      if (round.bets === 0) continue;
      if (!round.ended) figures.roundsHit[round.phase] += 1;
      else figures.roundsHit[round.openBets > 0 ? 'outcome committed' : 'bets resolved'] += 1;
    }
    await assertSoundBooks('as the dead server left them');
    if (number % KILLED_AGAIN === 0) {
      const starting = server.restart().catch(() => {});
      await delay(randomInt(300, 1_200));
      await server.kill();
      await starting;
      figures.killedWhileStarting += 1;
    }
    const startedAt = performance.now();
    await server.restart();
    figures.restartMs.push(performance.now() - startedAt);
    const stillOpen = (await openRounds()).filter(({ id }) =>
      open.some((round) => round.id === id),
    );
    assert.deepEqual(stillOpen, [], 'a round of the dead server is open');
    await assertSoundBooks('after recovery');
    await until(
      () => (fleet as Fleet).counts().joined >= BACK * BOTS,
      'the bots to be back',
      JOIN_TIMEOUT_MS,
    );
    figures.backMs.push(performance.now() - startedAt);
  }

  it(`[M9] [Bug 4] [Bug 5] ${KILLS} kills: every round is closed, every bet has one answer, nothing acknowledged is missing`, async () => {
    fleet = startFleet(server.url, BOTS, TABLES, BETTING_MS);
    await until(() => fleet?.counts().joined === BOTS, 'all bots', JOIN_TIMEOUT_MS);
    for (let number = 1; number <= KILLS; number++) {
      const phase = PHASES[number % PHASES.length] as (typeof PHASES)[number];
      await reach[phase]();
      // The last restart refunds what is left, and no bot bets any more.
      if (number === KILLS) fleet.order({ kind: 'stop betting' });
      await killAndRestart(phase, number);
    }
    await until(() => fleet?.counts().caughtUp === BOTS, 'all bots to be back', JOIN_TIMEOUT_MS);
    assert.deepEqual(
      (await openRounds()).filter(({ bets }) => bets > 0),
      [],
    );
    const accounts = await fleet.askAboutAll();
    assert.equal(accounts.length, BOTS);
    print(figures, accounts);
    await assertOneStory(books, accounts, START_BALANCE);
    await assertSoundBooks('at the end');
  });
});
