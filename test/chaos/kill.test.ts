import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import { audit } from '../../src/ledger/audit.ts';
import { createLogger } from '../../src/log.ts';
import type { Bet } from '../../src/protocol.ts';
import { endOf, SECRET } from '../attacks/insider.ts';
import { startServer, type TestServer, until } from '../support/server.ts';
import { type Fleet, startFleet } from './fleet.ts';
import type { Account, BetRecord } from './orders.ts';

/** How often the server is killed while the bots play; CHAOS_KILLS overrides it. */
const KILLS = Number(process.env.CHAOS_KILLS ?? 20);
/** One in so many restarts is killed too, while it recovers. */
const KILLED_AGAIN = 5;
const BOTS = 200;
/** The next kill does not wait for the last of them. */
const BACK = 0.9;
const TABLES = Array.from({ length: 8 }, (_, index) => `table-${index}`);
const BETTING_MS = 2_500;
const START_BALANCE = 100_000;
const PHASES = ['betting', 'running', 'settlement'] as const;
/** Around the crash: just before it, or while its outcome is committed and its bets are settled. */
const SETTLEMENT_MS = { from: -5, to: 35 };
const JOIN_TIMEOUT_MS = 40_000;
const PHASE_TIMEOUT_MS = 110_000;
/** A killed server may leave a bet without an answer; these refusals are answers. */
const NO_ANSWER = new Set(['BUSY', 'ROOM_MOVED', 'INTERNAL']);

interface OpenRound {
  readonly id: string;
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
  const figures = {
    kills: { betting: 0, running: 0, settlement: 0 },
    killedWhileStarting: 0,
    roundsHit: { betting: 0, running: 0, 'outcome committed': 0, 'bets resolved': 0 },
    restartMs: [] as number[],
    backMs: [] as number[],
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
      `SELECT r.id, r.phase, r.locked_at AS "lockedAt", r.outcome IS NOT NULL AS ended, count(b.id) AS bets,
              count(b.id) FILTER (WHERE b.status = 'accepted') AS "openBets"
       FROM rounds r LEFT JOIN bets b ON b.round_id = r.id
       WHERE r.phase IN ('betting', 'running') GROUP BY r.id`,
    );
    return rows;
  }

  const crashes = new Map<string, number>();
  /** When this round will crash, ms since the epoch. */
  async function crashOf({ id, lockedAt }: OpenRound): Promise<number> {
    const known =
      crashes.get(id) ?? (lockedAt as Date).getTime() + (await endOf(books.pool, id)).runningMs;
    crashes.set(id, known);
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
      let next: { id: string; crashAt: number } | undefined;
      await until(
        async () => {
          const running = (await openRounds()).filter(
            ({ lockedAt, openBets }) => lockedAt && openBets > 0,
          );
          const crashes = await Promise.all(
            running.map(async (round) => ({ id: round.id, crashAt: await crashOf(round) })),
          );
          next = crashes
            .filter(({ crashAt }) => crashAt > Date.now() + 100)
            .sort((a, b) => a.crashAt - b.crashAt)[0];
          return next !== undefined && next.crashAt < Date.now() + 3_000;
        },
        'a crash that is near',
        PHASE_TIMEOUT_MS,
      );
      const { id, crashAt } = next as { id: string; crashAt: number };
      const killAt = crashAt + randomInt(SETTLEMENT_MS.from, SETTLEMENT_MS.to + 1);
      if (figures.kills.settlement % 2 === 0) {
        await delay(Math.max(0, killAt - Date.now()));
      } else {
        // As soon as the outcome is in the books: its bets are being settled now.
        await delay(Math.max(0, crashAt + SETTLEMENT_MS.from - Date.now()));
        const isOver = async () =>
          (
            await books.pool.query('SELECT 1 FROM rounds WHERE id = $1 AND outcome IS NOT NULL', [
              id,
            ])
          ).rowCount === 1;
        while (!(await isOver())) assert.ok(Date.now() < crashAt + PHASE_TIMEOUT_MS, 'no outcome');
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
    for (const round of await openRounds()) {
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
    const { rows } = await books.pool.query(`SELECT 1 FROM bets b JOIN rounds r ON r.id = b.round_id
      WHERE b.status = 'accepted' AND r.phase IN ('settled', 'void')`);
    assert.deepEqual(rows, []);
    await assertSoundBooks('after recovery');
    await until(
      () => (fleet as Fleet).counts().joined >= BACK * BOTS,
      'the bots to be back',
      JOIN_TIMEOUT_MS,
    );
    figures.backMs.push(performance.now() - startedAt);
  }

  it(`[M9] ${KILLS} kills: every round is closed, every bet has one answer, nothing acknowledged is missing`, async () => {
    fleet = startFleet(server.url, BOTS, TABLES, BETTING_MS);
    await until(() => fleet?.counts().joined === BOTS, 'all bots', JOIN_TIMEOUT_MS);
    for (let number = 1; number <= KILLS; number++) {
      const known = new Set((await openRounds()).map(({ id }) => id));
      const phase = PHASES[number % PHASES.length] as (typeof PHASES)[number];
      await reach[phase]();
      // The last restart refunds what is left, and no bot bets any more.
      if (number === KILLS) fleet.order({ kind: 'stop betting' });
      await killAndRestart(phase, number);
      const left = (await openRounds()).filter(({ id }) => known.has(id));
      assert.deepEqual(left, [], 'a round of the dead server is open');
    }
    await until(() => fleet?.counts().caughtUp === BOTS, 'all bots to be back', JOIN_TIMEOUT_MS);
    assert.deepEqual(
      (await openRounds()).filter(({ bets }) => bets > 0),
      [],
    );
    const accounts = await fleet.askAboutAll();
    print(accounts);
    await assertOneStory(accounts);
    await assertSoundBooks('at the end');
  });

  /** What the bots were told, what betStatus and REST say, and what the books hold is the same. */
  async function assertOneStory(accounts: readonly Account[]): Promise<void> {
    assert.equal(accounts.length, BOTS);
    type Row = Pick<Bet, 'betId' | 'roundId' | 'amount' | 'status' | 'multiplier' | 'payout'> & {
      userId: number;
    };
    const { rows } = await books.pool.query<Row>(
      `SELECT id AS "betId", round_id AS "roundId", user_id AS "userId", amount, status, multiplier, payout FROM bets`,
    );
    const stored = new Map(rows.map((row) => [row.betId, row]));
    const wallets = await books.pool.query<{ userId: number; balance: number; sum: number }>(
      `SELECT w.user_id AS "userId", w.balance, sum(t.amount)::bigint AS sum
       FROM wallets w JOIN transactions t ON t.wallet_id = w.id WHERE w.user_id IS NOT NULL GROUP BY w.id`,
    );
    const ledger = new Map(wallets.rows.map((row) => [row.userId, row]));
    const sent = new Set<string>();
    for (const { userId, records, balance } of accounts) {
      let own = START_BALANCE;
      for (const record of records) {
        const row = stored.get(record.betId);
        sent.add(record.betId);
        assertOneAnswer(record);
        const answer = record.answers.at(-1) as Bet | 'NOT_FOUND';
        if (answer === 'NOT_FOUND') {
          assert.equal(row, undefined, 'NOT_FOUND, but in the books');
          assert.equal(
            record.accepted,
            undefined,
            `an acknowledged bet is missing: ${record.betId}`,
          );
          continue;
        }
        assert.ok(row, `known to betStatus and not in the books: ${record.betId}`);
        const { betId, roundId, amount, status, multiplier, payout } = answer;
        assert.deepEqual({ betId, roundId, userId, amount, status, multiplier, payout }, row);
        assert.equal(amount, record.amount);
        assert.notEqual(status, 'accepted', 'an open bet in a closed round');
        if (record.accepted) {
          assert.deepEqual([record.accepted.roundId, record.accepted.amount], [roundId, amount]);
        } else if (record.refused) {
          assert.ok(
            NO_ANSWER.has(record.refused),
            `refused with ${record.refused}, but in the books`,
          );
        }
        for (const told of [record.cashed, record.told]) {
          if (told)
            assert.deepEqual(
              [told.status, told.multiplier, told.payout],
              [status, multiplier, payout],
            );
        }
        own += (payout as number) - amount;
      }
      assert.equal(balance, own, 'the balance is what the bot counts');
      assert.deepEqual(ledger.get(userId), { userId, balance, sum: balance });
    }
    for (const betId of stored.keys()) assert.ok(sent.has(betId), `nobody sent ${betId}`);
    const { rows: rounds } = await books.pool.query(
      `SELECT r.id FROM rounds r JOIN live_rooms l ON l.room_id = r.room_id
       WHERE l.closed_at IS NOT NULL AND r.phase NOT IN ('settled', 'void')`,
    );
    assert.deepEqual(rounds, []);
  }

  function assertOneAnswer({ betId, answers, sentAgain }: BetRecord): void {
    assert.ok(answers.length >= 2, `${betId} was asked about twice`);
    const definite = answers.map((answer) => {
      if (typeof answer === 'string') {
        assert.equal(answer, 'NOT_FOUND', betId);
        return answer;
      }
      // The wallet goes on, and a bet that was open at the first question may be resolved at the second.
      const { balance: _, status, multiplier, payout, ...rest } = answer;
      return status === 'accepted' ? rest : { ...rest, resolved: { status, multiplier, payout } };
    });
    const resolved = definite.filter(
      (answer) => typeof answer === 'object' && 'resolved' in answer,
    );
    for (const answer of resolved) assert.deepEqual(answer, resolved[0], betId);
    const isThere = new Set(definite.map((answer) => answer !== 'NOT_FOUND'));
    assert.equal(
      isThere.size,
      1,
      `${betId}${sentAgain ? ' (sent again)' : ''} was there and was not`,
    );
  }

  function print(accounts: readonly Account[]): void {
    const records = accounts.flatMap((account) => account.records);
    const count = (what: (record: BetRecord) => unknown) => records.filter(what).length;
    const unknown = records.filter(
      ({ accepted, refused, sentAgain }) => sentAgain || (!accepted && !refused),
    );
    const found = unknown.filter(({ answers }) => answers.at(-1) !== 'NOT_FOUND').length;
    const status = (wanted: Bet['status']) =>
      count(({ answers }) => (answers.at(-1) as Bet | undefined)?.status === wanted);
    const spread = (values: number[]) => {
      const sorted = [...values].sort((a, b) => a - b).map((ms) => (ms / 1_000).toFixed(1));
      return `${sorted[0]} / ${sorted[Math.floor(sorted.length / 2)]} / ${sorted.at(-1)} s`;
    };
    console.log(
      [
        `kills: ${JSON.stringify(figures.kills)}, and ${figures.killedWhileStarting} while starting`,
        `rounds that a kill met: ${JSON.stringify(figures.roundsHit)}`,
        `bets sent ${records.length}, acknowledged ${count(({ accepted }) => accepted)}, refused ${count(({ refused }) => refused)}`,
        `without an answer ${unknown.length}: ${found} found afterwards, ${unknown.length - found} not` +
          ` (${count(({ sentAgain }) => sentAgain)} sent again)`,
        `cash-outs asked ${count(({ askedToCash }) => askedToCash)}, acknowledged ${count(({ cashed }) => cashed)}`,
        `bets refunded ${status('refunded')}, cashed ${status('cashed')}, lost ${status('lost')}`,
        `restart (least / median / most): ${spread(figures.restartMs)}; nine of ten bots back: ${spread(figures.backMs)}`,
      ]
        .map((line) => `        ${line}`)
        .join('\n'),
    );
  }
});
