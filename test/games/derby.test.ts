import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Draw } from '../../src/fairness/draw.ts';
import { isRefusal } from '../../src/games/contract.ts';
import {
  type Course,
  DISTANCE,
  drawCourse,
  finishOf,
  lastBetsAt,
  progressAt,
  RUNNERS,
} from '../../src/games/derby/course.ts';
import { type DerbySelection, derby } from '../../src/games/derby.ts';
import { placeDividends, placed, winDividends } from '../../src/games/pools.ts';

const each = <T>(value: fc.Arbitrary<T>, length: number = RUNNERS) =>
  fc.array(value, { minLength: length, maxLength: length });
/** The ways of all runners over the sections with bets, and over those after them. */
const withBets = each(each(sectionMs(224, 60), 4));
const afterBets = each(each(sectionMs(194, 120), 6));
const courses = fc.tuple(withBets, afterBets).map(([first, then]) => courseOf(first, then));
/** With dead heats in every second one. */
const closeCourses = fc
  .tuple(each(sectionMs(224, 60), 4), each(sectionMs(194, 5)))
  .map(([first, last]) =>
    courseOf(
      last.map(() => first),
      last.map((ms) => [2_540, 2_540, 2_540, 2_540, 2_540, ms]),
    ),
  );
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

function sectionMs(least: number, spread: number): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: spread }).map((above) => 10 * (least + above));
}

function courseOf(first: number[][], then: number[][]): Course {
  const sectionsMs = first.map((sections, runner) => [...sections, ...(then[runner] as number[])]);
  return { sectionsMs, timesMs: sectionsMs.map(total) };
}

function total(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

const outcomeOf = (course: Course) => ({ ...course, finish: finishOf(course) });

function settled(course: Course, placedBets: { amount: number; selection: DerbySelection }[]) {
  const stakes = new Map<string, number>();
  for (const { amount, selection } of placedBets) {
    const key = derby.stakeKey(selection);
    stakes.set(key, (stakes.get(key) ?? 0) + amount);
  }
  const outcome = outcomeOf(course);
  return placedBets.map((bet) => ({ bet, result: derby.resolve(bet, outcome, stakes), outcome }));
}

const only = (type: string) => (bet: { bet: { selection: DerbySelection } }) =>
  bet.bet.selection.type === type;

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
        const ms = lastBetsAt(course);
        const lead = (at: number) =>
          Math.max(...course.timesMs.map((_, runner) => progressAt(course, runner, at)));
        assert.ok(lead(ms) >= 4_000);
        assert.ok(lead(ms - 1) < 4_000);
      }),
    );
  });

  it('[F8] until betting ends a race looks the same, whatever the rest of it is', () => {
    fc.assert(
      fc.property(withBets, afterBets, afterBets, (first, then, other) => {
        const [one, another] = [courseOf(first, then), courseOf(first, other)];
        assert.equal(
          derby.bettingUntilMs(outcomeOf(one)),
          derby.bettingUntilMs(outcomeOf(another)),
        );
        for (let ms = 0; ms < lastBetsAt(one); ms += 250) {
          assert.deepEqual(derby.view(ms, outcomeOf(one)), derby.view(ms, outcomeOf(another)));
        }
      }),
    );
  });

  it('[F8] at each moment it looks the same as one that differs in the sections which are not begun', () => {
    const moment = fc.integer({ min: 0, max: 27_000 });
    fc.assert(
      fc.property(courses, courses, moment, (course, other, ms) => {
        const begun = course.sectionsMs.map((sections, runner) => {
          const count = Math.floor(progressAt(course, runner, ms) / 1_000) + 1;
          return [...sections.slice(0, count), ...(other.sectionsMs[runner] ?? []).slice(count)];
        });
        const changed = { sectionsMs: begun, timesMs: begun.map(total) };
        assert.deepEqual(derby.view(ms, outcomeOf(changed)), derby.view(ms, outcomeOf(course)));
      }),
    );
  });

  it('[F8] who fits a curve to what was shown until betting ended knows the winner no better than who names the leader', () => {
    const races = 1_000;
    const integer = integersFrom(20_261_121);
    const draw = { integer } as unknown as Draw;
    const right = { leader: 0, fit: 0, sections: 0 };
    for (let race = 0; race < races; race++) {
      const course = drawCourse(draw);
      const winners = finishOf(course)[0] as number[];
      const untilMs = lastBetsAt(course);
      const seen = course.timesMs.map((_, runner) =>
        Array.from({ length: Math.floor(untilMs / 250) }, (_, at) => ({
          ms: 250 * (at + 1),
          progress: progressAt(course, runner, 250 * (at + 1)),
        })),
      );
      const least = (values: number[]) => values.indexOf(Math.min(...values)) + 1;
      const named = {
        leader: least(seen.map((shown) => -(shown.at(-1)?.progress ?? 0))),
        fit: least(seen.map(cubicFinish)),
        // All that the first four sections tell.
        sections: least(course.sectionsMs.map((sections) => total(sections.slice(0, 4)))),
      };
      for (const [how, runner] of Object.entries(named)) {
        if (winners.includes(runner)) right[how as keyof typeof right] += 1;
      }
    }
    const share = (count: number) => `${((100 * count) / races).toFixed(1)}%`;
    console.log(
      `        winner of ${races} races named as betting ends: the leader ${share(right.leader)},` +
        ` a fitted curve ${share(right.fit)}, the times for 40% ${share(right.sections)}`,
    );
    // Of eight one; somewhat more, as who is ahead is ahead.
    assert.ok(right.sections < 0.32 * races);
    assert.ok(right.fit < right.leader + 0.03 * races);
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

/** Integers in [0, n) that are the same for the same seed (xorshift32). */
function integersFrom(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * n);
  };
}

/** When a cubic through the start, fitted by least squares to what was seen, comes to the finish, in ms. */
function cubicFinish(seen: readonly { ms: number; progress: number }[]): number {
  const rows = [0, 1, 2].map(() => [0, 0, 0, 0]);
  for (const { ms, progress } of seen) {
    const t = ms / 25_000;
    const terms = [t, t ** 2, t ** 3, progress / DISTANCE];
    rows.forEach((row, i) => {
      for (let j = 0; j < 4; j++) row[j] = at(row, j) + at(terms, i) * at(terms, j);
    });
  }
  // Gauss and Jordan; the matrix is positive definite.
  rows.forEach((pivot, i) => {
    rows.forEach((row, k) => {
      if (k === i) return;
      const factor = at(row, i) / at(pivot, i);
      for (let j = 0; j < 4; j++) row[j] = at(row, j) - factor * at(pivot, j);
    });
  });
  const [a, b, c] = rows.map((row, i) => at(row, 3) / at(row, i)) as [number, number, number];
  const placeAt = (ms: number) => {
    const t = ms / 25_000;
    return ((c * t + b) * t + a) * t;
  };
  let ms = 15_000;
  while (ms < 60_000 && placeAt(ms) < 1) ms += 20;
  return ms;
}

function at(values: readonly number[], index: number): number {
  return values[index] as number;
}
