import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isRefusal, payoutOf } from '../../src/games/contract.ts';

const MAX = Number.MAX_SAFE_INTEGER;

describe('games/contract', () => {
  it('[M1] a payout is floor(stake * multiplier / 100), exactly, wherever the product is a safe integer', () => {
    const stakes = fc.integer({ min: 0, max: MAX });
    fc.assert(
      fc.property(
        stakes.chain((stake) =>
          fc.tuple(
            fc.constant(stake),
            fc.integer({ min: 0, max: stake === 0 ? MAX : Math.floor(MAX / stake) }),
          ),
        ),
        ([stake, multiplier]) => {
          const exact = (BigInt(stake) * BigInt(multiplier)) / 100n;
          assert.equal(BigInt(payoutOf(stake, multiplier)), exact);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('[M1] rounding down keeps less than one unit, and never gives one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 100, max: 1_000_000 }),
        (stake, multiplier) => {
          const kept =
            BigInt(stake) * BigInt(multiplier) - 100n * BigInt(payoutOf(stake, multiplier));
          assert.ok(kept >= 0n && kept < 100n);
        },
      ),
    );
    assert.deepEqual(
      [payoutOf(1, 199), payoutOf(1, 200), payoutOf(3, 133), payoutOf(99, 101)],
      [1, 2, 3, 99],
    );
  });

  it('[M1] [Bug 11] a product beyond 2^53 is an error, never a rounded payout', () => {
    assert.throws(() => payoutOf(MAX, 101), RangeError);
    assert.throws(() => payoutOf(2 ** 27, 2 ** 27), RangeError);
    assert.throws(() => payoutOf(0.5, 101), RangeError);
    assert.throws(() => payoutOf(100, Number.NaN), RangeError);
    assert.throws(() => payoutOf(100, Number.POSITIVE_INFINITY), RangeError);
    assert.equal(payoutOf(MAX, 1), Math.floor(MAX / 100));
  });

  it('a refusal is told from a selection by its reason', () => {
    assert.equal(isRefusal({ refused: 'no' }), true);
    assert.equal(isRefusal({ autoCashout: 150 }), false);
  });
});
