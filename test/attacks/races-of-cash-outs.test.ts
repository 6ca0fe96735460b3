import assert from 'node:assert/strict';
import type { Bet } from '../../src/protocol.ts';
import { joinCrash, leaveAll, type TestPlayer, until } from '../support/server.ts';
import { type End, endOf } from './insider.ts';
import {
  type Answer,
  ask,
  assertSoundBooks,
  at,
  balanceOf,
  joinMany,
  type Racecourse,
  SPREAD_MS,
  START_BALANCE,
  secondTabs,
  startRacecourse,
} from './racing.ts';

const BETTING_MS = 4_000;
/** Tables that are opened until one of them has a round of a useful length. */
const TABLES = 8;
const SHORTEST_MS = 400;
const LONGEST_MS = 6_000;

interface Raced {
  readonly player: TestPlayer;
  readonly bet: Bet;
  readonly answer: Answer;
}

describe('cash-outs that race at a real table', function () {
  this.timeout(150_000);
  let course: Racecourse;
  let url: string;
  before(async () => {
    course = await startRacecourse(BETTING_MS);
    ({ url } = course.server);
  });
  afterEach(leaveAll);
  after(() => course.close());

  /** Opens tables until one has a round that is neither too short nor too long; its players have bet. */
  async function raceTable(name: string, stake: (player: TestPlayer) => Promise<Bet>) {
    for (let attempt = 1; ; attempt++) {
      const watchers = await Promise.all(
        Array.from({ length: TABLES }, (_, i) =>
          joinCrash(url, { table: `${name}-${attempt}-${i}` }),
        ),
      );
      await Promise.all(watchers.map((watcher) => watcher.phase('betting')));
      const ends = await Promise.all(
        watchers.map((watcher) => endOf(course.db, watcher.room.state.roundId)),
      );
      const chosen = ends.findIndex(
        ({ runningMs }) => runningMs >= SHORTEST_MS && runningMs <= LONGEST_MS,
      );
      if (chosen === -1) continue;
      const watcher = watchers[chosen] as TestPlayer;
      const end = ends[chosen] as End;
      const { roundId, table } = watcher.room.state;
      const players = await joinMany(url, table);
      await Promise.all(
        players.map((player) => until(() => player.room.state?.roundId === roundId, 'the round')),
      );
      if (watcher.room.state.phase !== 'betting') continue;
      const bets = await Promise.all(players.map(stake));
      await watcher.phase('running');
      const crashAt = watcher.room.state.phaseStartedAt + end.runningMs;
      return {
        watcher,
        end,
        crashAt,
        roundId,
        racers: players.map((player, i) => ({ player, bet: bets[i] as Bet })),
      };
    }
  }

  it('[R12] [Bug 16] a double cash-out from two tabs at the same instant pays once and answers both the same', async () => {
    const { end, crashAt, racers, watcher } = await raceTable('double', (player) => player.bet(50));
    const players = racers.map(({ player }) => player);
    const tabs = await secondTabs(players, watcher.room.state.table);
    await at(crashAt - end.runningMs / 3);
    const answers = await Promise.all(
      racers.map(({ player, bet: { betId } }, index) =>
        Promise.all(
          [player, tabs[index] as TestPlayer, player].map((from) =>
            ask(from, 'cashout', { betId }),
          ),
        ),
      ),
    );
    for (const [index, [first, ...others]] of answers.entries()) {
      const { player, bet } = racers[index] as { player: TestPlayer; bet: Bet };
      for (const other of others) assert.deepEqual(other, first);
      const { rows } = await course.db.query(
        'SELECT amount::integer FROM transactions WHERE bet_id = $1 AND amount > 0',
        [bet.betId],
      );
      assert.deepEqual(
        rows.map(({ amount }) => amount),
        first?.bet ? [first.bet.payout] : [],
      );
      assert.equal(await balanceOf(player), START_BALANCE - 50 + (first?.bet?.payout ?? 0));
    }
    const paid = answers.filter(([first]) => first?.bet).length;
    console.log(`        ${paid} of ${racers.length} in time`);
    assert.ok(paid > 0);
  });

  /** Every player cashes out, one after the other, from just before the crash to just after it. */
  async function raceTheCrash(name: string, stake: (player: TestPlayer) => Promise<Bet>) {
    const { watcher, end, crashAt, roundId, racers } = await raceTable(name, stake);
    const raced = await Promise.all(
      racers.map(async ({ player, bet }, index): Promise<Raced> => {
        await at(crashAt - SPREAD_MS + (2 * SPREAD_MS * index) / racers.length);
        return { player, bet, answer: await ask(player, 'cashout', { betId: bet.betId }) };
      }),
    );
    await assertOneStory(watcher, roundId, end, raced);
  }

  it('[M7] [Bug 16] cash-outs that race the crash: answer, message, table, REST and books say the same', () =>
    raceTheCrash('crash', (player) => player.bet(30)));

  it('[M7] [R12] automatic cash-outs at the crash and just before it, raced by hand', () =>
    raceTheCrash('auto', async (player) => {
      const { crashPoint } = await endOf(course.db, player.room.state.roundId);
      return player.bet(30, { autoCashout: Math.max(101, crashPoint - 1 + (player.userId % 3)) });
    }));

  async function assertOneStory(
    watcher: TestPlayer,
    roundId: string,
    { crashPoint }: End,
    raced: Raced[],
  ) {
    await until(() => watcher.room.state.phase === 'settled', 'the end');
    assert.equal(watcher.room.state.crashPoint, crashPoint, 'the insider was right');
    await until(() => raced.every(({ player }) => player.resolved.length === 1), 'all resolved');
    const shown = () => watcher.room.state.topBets.every(({ status }) => status !== 'accepted');
    await until(shown, 'the table to show it');
    const onTable = new Map(watcher.room.state.topBets.map((row) => [row.betId, row]));
    let [cashed, late] = [0, 0];
    for (const { player, bet, answer } of raced) {
      const { betId, amount } = bet;
      const [message] = player.resolved as [Bet];
      if (answer.bet) {
        cashed += 1;
        assert.deepEqual(answer.bet, message);
        assert.equal(answer.bet.status, 'cashed');
        assert.ok((answer.bet.multiplier as number) <= crashPoint);
        assert.equal(
          answer.bet.payout,
          Math.floor((amount * (answer.bet.multiplier as number)) / 100),
        );
      } else {
        late += 1;
        assert.equal(answer.code, 'ALREADY_RESOLVED');
        const auto = (bet.selection as { autoCashout?: number }).autoCashout;
        if (message.status === 'cashed') assert.equal(message.multiplier, auto);
        else assert.deepEqual([message.status, message.payout], ['lost', 0]);
        if (auto !== undefined)
          assert.equal(message.status === 'cashed', auto <= crashPoint, `${auto} of ${crashPoint}`);
      }
      const stored = await player.get<Bet>(`/api/v1/me/bets/${betId}`);
      assert.deepEqual({ ...stored, balance: message.balance }, message);
      assert.deepEqual(await player.room.request('betStatus', { betId }), stored);
      const { rows } = await course.db.query(
        'SELECT sum(amount)::integer AS net, count(*)::integer AS n FROM transactions WHERE bet_id = $1',
        [betId],
      );
      assert.equal(rows[0].net, (stored.payout as number) - amount);
      assert.equal(rows[0].n, (stored.payout as number) > 0 ? 2 : 1);
      const row = onTable.get(betId);
      if (row)
        assert.deepEqual(
          [row.status, row.multiplier, row.payout],
          [stored.status, stored.multiplier, stored.payout],
        );
      assert.equal(await balanceOf(player), START_BALANCE + rows[0].net);
      assert.deepEqual(
        await ask(player, 'cashout', { betId }),
        answer,
        'asked again, the same answer',
      );
    }
    assert.ok(onTable.size > 0);
    const round = await watcher.get<{ paid: number; staked: number }>(`/api/v1/rounds/${roundId}`);
    assert.equal(
      round.paid,
      raced.reduce((sum, { player }) => sum + (player.resolved[0]?.payout ?? 0), 0),
    );
    console.log(`        crash at ${crashPoint}: ${cashed} cashed out by hand, ${late} too late`);
  }

  it('[M12] after all races the books are sound', () => assertSoundBooks(course));
});
