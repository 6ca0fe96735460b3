import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isRefusal } from '../../src/games/contract.ts';
import {
  type Course,
  DISTANCE,
  finishOf,
  leaderAt,
  progressAt,
  RUNNERS,
} from '../../src/games/derby/course.ts';
import { placeDividends, placed, winDividends } from '../../src/games/derby/pools.ts';
import { type DerbySelection, derby } from '../../src/games/derby.ts';

const bend = fc.tuple(
  fc.integer({ min: -1_000, max: 1_000 }),
  fc.integer({ min: -1_000, max: 1_000 }),
);
const each = <T>(value: fc.Arbitrary<T>) =>
  fc.array(value, { minLength: RUNNERS, maxLength: RUNNERS });
const timed = (times: fc.Arbitrary<number>): fc.Arbitrary<Course> =>
  fc.record({ timesMs: each(times.map((time) => 24_000 + 10 * time)), bends: each(bend) });
const courses = timed(fc.integer({ min: 0, max: 297 }));
/** With dead heats in every second one. */
const closeCourses = timed(fc.integer({ min: 0, max: 5 }));
const bets = fc.array(
  fc.record({
    amount: fc.integer({ min: 1, max: 1_000_000 }),
    selection: fc.record({
      type: fc.constantFrom('win', 'place'),
      runner: fc.integer({ min: 1, max: RUNNERS }),
    }) as fc.Arbitrary<DerbySelection>,
  }),
  { maxLength: 40 },
);

function settled(course: Course, placedBets: { amount: number; selection: DerbySelection }[]) {
  const stakes = new Map<string, number>();
  for (const { amount, selection } of placedBets) {
    const key = derby.stakeKey(selection);
    stakes.set(key, (stakes.get(key) ?? 0) + amount);
  }
  const outcome = { ...course, finish: finishOf(course) };
  return placedBets.map((bet) => ({ bet, result: derby.resolve(bet, outcome, stakes), outcome }));
}

const only = (type: string) => (bet: { bet: { selection: DerbySelection } }) =>
  bet.bet.selection.type === type;
const total = (amounts: number[]) => amounts.reduce((sum, amount) => sum + amount, 0);

describe('games/derby', () => {
  it('[F8] a runner never runs back, starts at 0 and is at the finish at its time, not before', () => {
    fc.assert(
      fc.property(courses, fc.nat(RUNNERS - 1), (course, runner) => {
        const timeMs = course.timesMs[runner] as number;
        assert.equal(progressAt(course, runner, 0), 0);
        assert.ok(progressAt(course, runner, timeMs - 1) < DISTANCE);
        assert.equal(progressAt(course, runner, timeMs), DISTANCE);
        let before = 0;
        for (let ms = 0; ms <= timeMs; ms += 50) {
          const now = progressAt(course, runner, ms);
          assert.ok(now >= before && now <= DISTANCE, `${ms} ms: ${before} -> ${now}`);
          before = now;
        }
      }),
    );
  });

  it('[F8] betting ends in the first millisecond in which the leader has run 40%', () => {
    fc.assert(
      fc.property(courses, (course) => {
        const ms = leaderAt(course, 0.4 * DISTANCE);
        const lead = (at: number) =>
          Math.max(...course.timesMs.map((_, runner) => progressAt(course, runner, at)));
        assert.ok(lead(ms) >= 4_000);
        assert.ok(lead(ms - 1) < 4_000);
      }),
    );
  });

  it('[F8] the finish names every runner once, in the order of times, a dead heat as one place', () => {
    fc.assert(
      fc.property(closeCourses, (course) => {
        const finish = finishOf(course);
        assert.deepEqual(finish.flat().sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
        const times = finish.map((place) => new Set(place.map((r) => course.timesMs[r - 1])));
        assert.ok(times.every((of) => of.size === 1));
        const firsts = times.map(([time]) => time as number);
        assert.deepEqual(
          firsts,
          [...new Set(firsts)].sort((a, b) => a - b),
        );
      }),
    );
  });

  it('[P1] whatever is staked and whoever wins, a pool pays no unit more than was staked in it', () => {
    fc.assert(
      fc.property(closeCourses, bets, (course, placedBets) => {
        const results = settled(course, placedBets);
        for (const type of ['win', 'place']) {
          const pool = results.filter(only(type));
          const staked = total(pool.map(({ bet }) => bet.amount));
          const paid = total(pool.map(({ result }) => result.payout));
          const refunded = pool.some(({ result }) => result.status === 'refunded');
          if (refunded) {
            assert.equal(paid, staked);
            assert.ok(pool.every(({ result }) => result.status === 'refunded'));
          } else {
            assert.ok(paid <= staked - Math.floor((staked * 5) / 100), `${paid} of ${staked}`);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('[P1] what rounding keeps from the winners of a pool is less than a hundredth of what they staked, and a unit each', () => {
    fc.assert(
      fc.property(courses, bets, (course, placedBets) => {
        const pool = settled(course, placedBets).filter(only('win'));
        const winners = pool.filter(({ result }) => result.status === 'won');
        if (winners.length === 0) return;
        const staked = total(pool.map(({ bet }) => bet.amount));
        const net = staked - Math.floor((staked * 5) / 100);
        const backed = total(winners.map(({ bet }) => bet.amount));
        const runners = new Set(winners.map(({ bet }) => bet.selection.runner)).size;
        const paid = total(winners.map(({ result }) => result.payout));
        assert.ok(net - paid < backed / 100 + winners.length + runners);
      }),
      { numRuns: 1_000 },
    );
  });

  it('[P1] a pool that nobody has won is given back, and who is placed is paid', () => {
    fc.assert(
      fc.property(closeCourses, bets, (course, placedBets) => {
        const results = settled(course, placedBets);
        for (const { bet, result, outcome } of results) {
          const { type, runner } = bet.selection;
          const hit = type === 'win' ? (outcome.finish[0] as number[]) : placed(outcome.finish);
          if (hit.includes(runner)) assert.notEqual(result.status, 'lost');
          const backed = results.some(
            ({ bet: { selection } }) => selection.type === type && hit.includes(selection.runner),
          );
          assert.equal(result.status === 'refunded', !backed);
        }
      }),
    );
  });

  it('[P1] the dividends of a plain race, a dead heat, and a place pool in figures', () => {
    const stakes = [100, 200, 300, 400, 0, 0, 0, 0];
    const order = [[2], [1], [3], [4], [5], [6], [7], [8]];
    assert.deepEqual(winDividends(stakes, order), [0, 475, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(winDividends(stakes, [[1, 4], [2]]), [475, 0, 0, 118, 0, 0, 0, 0]);
    assert.equal(winDividends(stakes, [[5], [1]]), null);
    // 950 less 600 that come back: 116 for each of the three.
    assert.deepEqual(placeDividends(stakes, order), [216, 158, 138, 0, 0, 0, 0, 0]);
    // Nobody else has staked anything: the pool, less the takeout, in proportion.
    assert.deepEqual(
      placeDividends([100, 0, 0, 0, 0, 0, 0, 0], [[1], [2], [3]]),
      [95, 0, 0, 0, 0, 0, 0, 0],
    );
    assert.equal(placeDividends(stakes, [[5], [6], [7], [1]]), null);
    assert.deepEqual(placed([[1], [2, 3, 4], [5]]), [1, 2, 3, 4]);
    assert.deepEqual(placed([[1, 2], [3, 4], [5]]), [1, 2, 3, 4]);
  });

  it('what is no bet on a runner is refused, with the reason', () => {
    const parse = (selection: unknown) => derby.parseSelection({ selection });
    assert.deepEqual(parse({ type: 'win', runner: 8 }), { type: 'win', runner: 8 });
    for (const wrong of [
      { type: 'show', runner: 1 },
      { type: 'win', runner: 0 },
      { type: 'win', runner: 9 },
      { type: 'win', runner: '1' },
      { type: 'win' },
      { type: 'win', runner: 1, odds: 300 },
      [],
      null,
      undefined,
    ]) {
      assert.ok(isRefusal(parse(wrong)), JSON.stringify(wrong));
    }
    assert.ok(isRefusal(derby.parseSelection({ type: 'win', runner: 1 })));
  });
});
