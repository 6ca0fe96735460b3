import assert from 'node:assert/strict';
import { mock } from 'node:test';
import fc from 'fast-check';
import type { Draw } from '../../src/fairness/draw.ts';
import { crashMultiplier } from '../../src/fairness/verifier.ts';
import { isRefusal, payoutOf } from '../../src/games/contract.ts';
import { crash, MAX_MULTIPLIER, msUntil, multiplierAt } from '../../src/games/crash.ts';

const E = 2n ** 52n;
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const r52 = fc.bigInt({ min: 0n, max: E - 1n });
const onGrid = fc.integer({ min: 101, max: MAX_MULTIPLIER });
const cents = fc.integer({ min: 1, max: 1_000_000 });

/** The crash point of a round whose 52 bits are r. */
function pointOf(r: bigint): number {
  const draw = { bits52: () => r } as unknown as Draw;
  return crash.draw(draw).crashPoint;
}

/** F4 from its text. */
function rule(r: bigint): bigint {
  const point = (99n * E) / (E - r);
  return point < 100n ? 100n : point > MAX_SAFE ? MAX_SAFE : point;
}

/** How many r of 2^52 reach at least x hundredths: floor(99 E / x), since 99 E / (E - r) >= x is E - r <= 99 E / x. */
function reaching(x: number): bigint {
  return (99n * E) / BigInt(x);
}

function selected(input: Record<string, unknown>) {
  const selection = crash.parseSelection(input);
  assert.ok(!isRefusal(selection));
  return selection;
}

describe('games/crash', () => {
  it('[F4] the crash point is max(100, floor(99 E / (E - r))), exactly, for every r', () => {
    assert.equal(pointOf(0n), 100);
    assert.equal(pointOf(1n), 100);
    assert.equal(pointOf(E / 2n), 198);
    assert.equal(pointOf((E * 99n) / 100n), 9_899);
    assert.equal(pointOf(E - 100n), Number((99n * E) / 100n));
    assert.equal(pointOf(E - 50n), Number((99n * E) / 50n));
    assert.equal(pointOf(E - 49n), Number.MAX_SAFE_INTEGER);
    assert.equal(pointOf(E - 1n), Number.MAX_SAFE_INTEGER);
    fc.assert(
      fc.property(r52, (r) => {
        assert.equal(BigInt(pointOf(r)), rule(r));
      }),
      { numRuns: 3_000 },
    );
  });

  it('[F4] P(X >= x) = 0.99/x: the least r that reaches x is where the count of those that do says', () => {
    for (const x of [
      101, 102, 110, 150, 198, 199, 200, 1_000, 9_899, 9_900, 99_999, 1_000_000, 123_456_789,
    ]) {
      const least = E - reaching(x);
      assert.ok(pointOf(least) >= x, `${x} at ${least}`);
      assert.ok(pointOf(least - 1n) < x, `${x} below ${least}`);
    }
    fc.assert(
      fc.property(onGrid, (x) => {
        const least = E - reaching(x);
        return pointOf(least) >= x && pointOf(least - 1n) < x;
      }),
    );
  });

  it('[F4] the probability of x differs from 0.99/x by less than one in 2^52', () => {
    fc.assert(
      fc.property(onGrid, (x) => {
        // 0 <= 99/x - count/E < 1/E, in whole numbers.
        const short = 99n * E - reaching(x) * BigInt(x);
        return short >= 0n && short < BigInt(x);
      }),
    );
    // 99 of 100 rounds of which none reaches 1.01 crash at 1.00: the edge.
    assert.equal(E - reaching(101), E - (99n * E) / 101n);
  });

  it('[F4] [F5] an automatic cash-out at any x returns at most 99% of the stake, exactly, and 99% less rounding', () => {
    fc.assert(
      fc.property(onGrid, cents, (x, amount) => {
        const resolution = crash.resolve(
          { amount, selection: { autoCashout: x } },
          { crashPoint: x },
        );
        // Sum over all r of the payout, against 99% of all stakes.
        const returned = BigInt(resolution.payout) * reaching(x);
        assert.ok(100n * returned <= 99n * BigInt(amount) * E);
        // Nothing is kept beyond the edge but what rounding down to units and to whole r keeps.
        const roundingOfUnits = reaching(x);
        const roundingOfR = BigInt(amount) * BigInt(x);
        assert.ok(100n * (returned + roundingOfUnits) + roundingOfR >= 99n * BigInt(amount) * E);
      }),
      { numRuns: 1_000 },
    );
  });

  it('[F4] the multiplier is floor(100 e^(0.00006 t)), starts at 1.00, never falls and stops at the maximum', () => {
    assert.equal(multiplierAt(0), 100);
    assert.equal(multiplierAt(-5), 100);
    assert.equal(multiplierAt(11_552), 199);
    assert.equal(multiplierAt(11_553), 200);
    let last = 100;
    const end = msUntil(MAX_MULTIPLIER);
    for (let ms = 0; ms <= end + 10; ms++) {
      const now = multiplierAt(ms);
      assert.ok(now >= last && now <= MAX_MULTIPLIER);
      last = now;
    }
    assert.equal(last, MAX_MULTIPLIER);
    assert.equal(multiplierAt(Number.MAX_SAFE_INTEGER), MAX_MULTIPLIER);
  });

  it("[F4] the page's multiplier, written apart, is the same at every whole millisecond", () => {
    const end = msUntil(MAX_MULTIPLIER);
    for (let ms = 0; ms < end; ms += 3) assert.equal(multiplierAt(ms), crashMultiplier(ms));
  });

  it('[F4] msUntil is the exact inverse: the first whole millisecond at which a multiplier is reached', () => {
    assert.equal(msUntil(100), 0);
    // Every point of the grid up to 400.00 and every 7th beyond, so that all of it takes a moment only.
    for (let x = 101; x <= MAX_MULTIPLIER; x += x < 40_000 ? 1 : 7) {
      const ms = msUntil(x);
      if (!(multiplierAt(ms) >= x && multiplierAt(ms - 1) < x)) assert.fail(`${x} at ${ms} ms`);
    }
    assert.ok(multiplierAt(msUntil(MAX_MULTIPLIER)) === MAX_MULTIPLIER);
  });

  it('[M7] a cash-out received before the crash is worth less than the crash point, whatever the fraction of a millisecond', () => {
    // One that was paid above its crash point before time counted in whole milliseconds.
    assert.ok((crash.cashOutMultiplier(msUntil(500_010) - 0.1) as number) < 500_010);
    const points = fc.oneof(onGrid, fc.integer({ min: 101, max: 1_000 }));
    const fraction = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(points, fraction, fc.nat({ max: 3 }), (crashPoint, part, before) => {
        const runningMs = crash.runningMs({ crashPoint });
        const elapsed = Math.max(0, runningMs - 1 - before) + part;
        fc.pre(elapsed < runningMs);
        const worth = crash.cashOutMultiplier(elapsed) as number;
        assert.ok(
          worth < crashPoint,
          `${worth} at ${elapsed} of ${runningMs} ms, crash at ${crashPoint}`,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('[M7] a cash-out received before an automatic one is due is worth less than that', () => {
    const fraction = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(onGrid, fraction, (autoCashout, part) => {
        const due = crash.autoCashOut({ amount: 1, selection: { autoCashout } });
        assert.ok(due);
        assert.equal(due.multiplier, autoCashout);
        const worth = crash.cashOutMultiplier(due.atMs - 1 + part) as number;
        assert.ok(worth < autoCashout);
      }),
    );
  });

  it('an automatic cash-out at the crash point wins, one hundredth above it loses', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 101, max: MAX_MULTIPLIER - 1 }),
        cents,
        (crashPoint, amount) => {
          const at = (autoCashout: number) =>
            crash.resolve({ amount, selection: { autoCashout } }, { crashPoint });
          assert.deepEqual(at(crashPoint), {
            status: 'cashed',
            multiplier: crashPoint,
            payout: Number((BigInt(amount) * BigInt(crashPoint)) / 100n),
          });
          assert.deepEqual(at(crashPoint + 1), { status: 'lost', multiplier: 0, payout: 0 });
        },
      ),
    );
  });

  it('an automatic cash-out that fires before the end is one that the settlement would pay, and the other way round', () => {
    fc.assert(
      fc.property(onGrid, fc.integer({ min: -3, max: 60 }), (crashPoint, above) => {
        const autoCashout = Math.min(MAX_MULTIPLIER, Math.max(101, crashPoint + above));
        const due = crash.autoCashOut({ amount: 1, selection: { autoCashout } });
        assert.ok(due);
        const { status } = crash.resolve({ amount: 1, selection: { autoCashout } }, { crashPoint });
        const runningMs = crash.runningMs({ crashPoint });
        // The room fires those before the end; the settlement decides the rest.
        if (due.atMs < runningMs) assert.equal(status, 'cashed');
        if (status === 'cashed') assert.ok(due.atMs <= runningMs);
      }),
      { numRuns: 1_000 },
    );
  });

  it('a bet without an automatic cash-out is cashed out at the maximum only, and the round ends there', () => {
    const none = selected({});
    const at = (crashPoint: number) =>
      crash.resolve({ amount: 7, selection: none }, { crashPoint });
    assert.equal(at(MAX_MULTIPLIER - 1).status, 'lost');
    const top = { status: 'cashed', multiplier: MAX_MULTIPLIER, payout: 70_000 };
    assert.deepEqual(at(MAX_MULTIPLIER), top);
    assert.deepEqual(at(Number.MAX_SAFE_INTEGER), top);
    const longest = crash.runningMs({ crashPoint: Number.MAX_SAFE_INTEGER });
    assert.equal(longest, msUntil(MAX_MULTIPLIER));
    assert.equal(crash.autoCashOut({ amount: 1, selection: none }).atMs, longest);
    assert.ok(longest < 3 * 60_000);
  });

  it('[M1] [H1] a bet without a target is cashed out at the last multiplier within the greatest payout', () => {
    const { maxStake, maxPayout } = crash.limits;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: maxStake }), (amount) => {
        const bet = { amount, selection: {} };
        const { multiplier, payout } = crash.resolve(bet, { crashPoint: MAX_MULTIPLIER });
        assert.equal(crash.autoCashOut(bet).multiplier, multiplier);
        assert.equal(crash.returnAt(bet), payout);
        assert.ok(payout <= maxPayout);
        assert.ok(multiplier === MAX_MULTIPLIER || payoutOf(amount, multiplier + 1) > maxPayout);
      }),
    );
    assert.ok(Number.isSafeInteger(maxStake * MAX_MULTIPLIER));
  });

  it('a selection is nothing or one automatic cash-out on the grid', () => {
    assert.deepEqual(selected({}), {});
    assert.deepEqual(selected({ autoCashout: null }), {});
    assert.deepEqual(selected({ autoCashout: undefined }), {});
    fc.assert(
      fc.property(onGrid, (autoCashout) => {
        assert.deepEqual(selected({ autoCashout }), { autoCashout });
      }),
    );
  });

  it('anything else is refused with a reason, and never thrown', () => {
    const odd = fc.anything().filter((value) => {
      const number = value as number;
      const good = Number.isInteger(value) && number >= 101 && number <= MAX_MULTIPLIER;
      return value !== undefined && value !== null && !good;
    });
    const edges = [
      100,
      0,
      -101,
      1_000_001,
      150.5,
      '150',
      [150],
      { valueOf: 150 },
      true,
      Number.NaN,
      150n,
      2 ** 53,
    ];
    const refused = (input: Record<string, unknown>) => {
      const answer = crash.parseSelection(input);
      assert.ok(isRefusal(answer), JSON.stringify(Object.keys(input)));
      assert.ok(answer.refused.length > 10);
    };
    for (const autoCashout of edges) refused({ autoCashout });
    fc.assert(
      fc.property(odd, (autoCashout) => refused({ autoCashout })),
      { numRuns: 500 },
    );
    const keys = fc.string().filter((key) => key !== 'autoCashout');
    fc.assert(
      fc.property(fc.dictionary(keys, fc.anything(), { minKeys: 1 }), (input) => {
        if (Object.keys(input).length > 0) refused(input);
        if (Object.keys(input).length > 0) refused({ ...input, autoCashout: 150 });
      }),
    );
    for (const key of ['__proto__', 'constructor', 'toString', 'amount', 'betId', 'AutoCashout']) {
      refused(JSON.parse(`{"${key}": 1}`));
    }
  });

  it('what is public before the crash says nothing of it, and nothing of the outcome is in the time it takes', () => {
    assert.deepEqual(crash.start, { multiplier: 100, crashPoint: 0 });
    for (const elapsed of [0, 1_000, 50_000]) {
      assert.deepEqual(crash.view(elapsed), { multiplier: multiplierAt(elapsed) });
    }
    assert.deepEqual(crash.reveal({ crashPoint: 187 }), { multiplier: 187, crashPoint: 187 });
    assert.deepEqual(crash.reveal({ crashPoint: 2 ** 52 }), {
      multiplier: MAX_MULTIPLIER,
      crashPoint: 2 ** 52,
    });
  });

  it('the rules are pure: asked twice they answer the same, and change nothing that they are given', () => {
    const input = Object.freeze({ autoCashout: 150 });
    const bet = Object.freeze({ amount: 10, selection: Object.freeze(selected(input)) });
    const outcome = Object.freeze({ crashPoint: 199 });
    const everything = () => [
      crash.parseSelection(input),
      crash.draw({ bits52: () => 123_456_789n } as unknown as Draw),
      crash.resolve(bet, outcome),
      crash.runningMs(outcome),
      crash.autoCashOut(bet),
      crash.cashOutMultiplier(1_234.5),
      crash.view(7),
      crash.reveal(outcome),
    ];
    assert.deepEqual(everything(), everything());
  });

  it('[Bug 15] the rules know no clock and no chance of their own: wall clocks may jump', () => {
    const forbidden = () => assert.fail('asked a clock or for chance');
    mock.method(Date, 'now', forbidden);
    mock.method(performance, 'now', forbidden);
    mock.method(Math, 'random', forbidden);
    try {
      assert.equal(multiplierAt(11_553), 200);
      crash.view(5);
      crash.runningMs({ crashPoint: 250 });
      crash.autoCashOut({ amount: 1, selection: { autoCashout: 250 } });
      crash.resolve({ amount: 10, selection: {} }, { crashPoint: 250 });
      crash.draw({ bits52: () => 5n } as unknown as Draw);
    } finally {
      mock.reset();
    }
  });

  it("one draw is taken from the round's bytes, and it is 52 bits", () => {
    const asked: string[] = [];
    const source = {
      bits52() {
        asked.push('bits52');
        return 0n;
      },
      integer: () => assert.fail('no integer'),
      shuffle: () => assert.fail('no shuffle'),
    } as Draw;
    crash.draw(source);
    assert.deepEqual(asked, ['bits52']);
  });
});
