import assert from 'node:assert/strict';
import type { Bet } from '../../src/protocol.ts';
import { joinCrash, joinCrashAs, leaveAll, type TestPlayer } from '../support/server.ts';
import {
  type Answer,
  ask,
  assertSoundBooks,
  at,
  balanceOf,
  freshBetting,
  joinMany,
  type Racecourse,
  SPREAD_MS,
  START_BALANCE,
  secondTabs,
  startRacecourse,
} from './racing.ts';

const BETTING_MS = 6_000;

describe('bets that race at a real table', function () {
  this.timeout(150_000);
  let course: Racecourse;
  let url: string;
  before(async () => {
    course = await startRacecourse(BETTING_MS);
    ({ url } = course.server);
  });
  afterEach(leaveAll);
  after(() => course.close());

  async function stakesOf(betIds: string[]): Promise<number> {
    const { rows } = await course.db.query<{ n: number }>(
      'SELECT count(*)::integer AS n FROM transactions WHERE bet_id = ANY ($1::uuid[]) AND amount < 0',
      [betIds],
    );
    return rows[0]?.n as number;
  }

  it('[M3] [Bug 1] the last coin, spent from several tabs at the same instant, is spent once', async () => {
    const players = await joinMany(url, 'coin');
    const tabs = await secondTabs(players, 'coin');
    await freshBetting(tabs[0] as TestPlayer);
    const results = await Promise.all(
      players.map(async (player, index) => {
        // Two of three fit for every second player, one of two for the others.
        const [amount, wishes, fitting] = index % 2 === 0 ? [200, 3, 2] : [300, 2, 1];
        const from = [player, tabs[index] as TestPlayer, player];
        const bets = Array.from({ length: wishes }, (_, at) =>
          ask(from[at] as TestPlayer, 'bet', { betId: crypto.randomUUID(), amount }),
        );
        const answers = await Promise.all(bets);
        assert.equal(answers.filter(({ bet }) => bet).length, fitting, JSON.stringify(answers));
        for (const { code } of answers)
          assert.ok(code === undefined || code === 'INSUFFICIENT_FUNDS', code);
        assert.equal(await balanceOf(player), START_BALANCE - amount * fitting);
        return fitting;
      }),
    );
    console.log(
      `        ${results.length} players, ${results.reduce((a, b) => a + b, 0)} bets taken`,
    );
  });

  it('[M5] a bet sent twice at the same instant is one bet; with another amount one of the two is BET_CONFLICT', async () => {
    const players = await joinMany(url, 'twice');
    const tabs = await secondTabs(players, 'twice');
    await freshBetting(tabs[0] as TestPlayer);
    await Promise.all(
      players.map(async (player, index) => {
        const tab = tabs[index] as TestPlayer;
        const thief = players[(index + 1) % players.length] as TestPlayer;
        const [same, other, stolen] = [
          crypto.randomUUID(),
          crypto.randomUUID(),
          crypto.randomUUID(),
        ];
        const [a, b, c, d, e, f] = await Promise.all([
          ask(player, 'bet', { betId: same, amount: 5 }),
          ask(tab, 'bet', { betId: same.toUpperCase(), amount: 5 }),
          ask(player, 'bet', { betId: other, amount: 7 }),
          ask(tab, 'bet', { betId: other, amount: 8 }),
          ask(player, 'bet', { betId: stolen, amount: 9 }),
          ask(thief, 'bet', { betId: stolen, amount: 9 }),
        ]);
        assert.ok(a?.bet);
        assert.deepEqual(a, b);
        for (const pair of [
          [c, d],
          [e, f],
        ] as Answer[][]) {
          assert.equal(pair.filter(({ bet }) => bet).length, 1, JSON.stringify(pair));
          assert.equal(pair.find(({ code }) => code)?.code, 'BET_CONFLICT');
        }
        assert.equal(await stakesOf([same, other, stolen]), 3);
      }),
    );
  });

  it('[M5] [R12] [Bug 16] limits are not passed by parallel bets: one id sent many times at once is one bet towards the limit, and the limit never hides it', async () => {
    const player = await joinCrash(url, { table: 'limit' });
    const tab = await joinCrashAs(player.client, player.userId, { table: 'limit' });
    await freshBetting(tab);
    const betId = crypto.randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        ask(index % 2 ? player : tab, 'bet', { betId, amount: 5 }),
      ),
    );
    assert.ok(answers[0]?.bet);
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    const others = await Promise.all(
      Array.from({ length: 12 }, () =>
        ask(player, 'bet', { betId: crypto.randomUUID(), amount: 5 }),
      ),
    );
    assert.equal(others.filter(({ bet }) => bet).length, 9);
    assert.equal(others.filter(({ code }) => code === 'LIMIT_EXCEEDED').length, 3);
    assert.deepEqual(await ask(tab, 'bet', { betId, amount: 5 }), answers[0]);
    assert.deepEqual(await ask(tab, 'bet', { betId, amount: 6 }), { code: 'BET_CONFLICT' });
  });

  it('[M7] [Bug 16] bets around the lock: taken or BETTING_CLOSED; who was taken is never told otherwise, who was not paid nothing', async () => {
    const players = await joinMany(url, 'lock');
    const [first] = players as [TestPlayer];
    await freshBetting(first);
    const { phaseEndsAt } = first.room.state;
    const all = await Promise.all(
      players.flatMap((player, index) =>
        Array.from({ length: 3 }, async (_, nth) => {
          const betId = crypto.randomUUID();
          const offset = ((index * 3 + nth) / (3 * players.length)) * 2 * SPREAD_MS - SPREAD_MS;
          await at(phaseEndsAt + offset);
          // The same bet three times, as an impatient client would.
          const again = Array.from({ length: 3 }, async (_unused, repeat) => {
            await at(phaseEndsAt + offset + repeat);
            return ask(player, 'bet', { betId, amount: 2 });
          });
          return { player, betId, answers: await Promise.all(again) };
        }),
      ),
    );
    let taken = 0;
    for (const { answers } of all) {
      const codes = answers.map(({ bet, code }) => (bet ? 'taken' : code));
      assert.equal(new Set(codes).size, 1, codes.join(' '));
      assert.ok(codes[0] === 'taken' || codes[0] === 'BETTING_CLOSED', codes[0]);
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
      if (codes[0] === 'taken') taken += 1;
    }
    console.log(`        ${taken} of ${all.length} bets taken`);
    assert.ok(taken > 0 && taken < all.length, 'the lock was among them');
    assert.equal(await stakesOf(all.map(({ betId }) => betId)), taken);
    for (const player of players) {
      const own = all.filter((each) => each.player === player && each.answers[0]?.bet).length;
      const { items } = await player.get<{ items: Bet[] }>('/api/v1/me/bets');
      const won = items.reduce((sum, bet) => sum + (bet.payout ?? 0), 0);
      assert.equal(items.length, own);
      assert.equal(await balanceOf(player), START_BALANCE - 2 * own + won);
    }
  });

  it('[M12] after all races the books are sound', () => assertSoundBooks(course));
});
