import assert from 'node:assert/strict';
import fc from 'fast-check';
import { drawFrom, sha256 } from '../../src/fairness/stream.ts';
import type { RoundId } from '../../src/ids.ts';

const SEED = Buffer.alloc(32, 0x5e);
const SALT = Buffer.alloc(32, 0xa1);
const ROUND = '0190c8f4-7a5b-7c1d-9e2f-0123456789ab' as RoundId;

const draw = (round: string = ROUND, beacon?: Uint8Array) =>
  drawFrom(SEED, SALT, round as RoundId, beacon);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('fairness/stream', () => {
  it('[F1] SHA-256 is SHA-256', () => {
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    assert.equal(sha256(new Uint8Array(0)).toString('hex'), empty);
  });

  it('[F2] the same seed, salt, round and beacon draw the same; another of any of them draws otherwise', () => {
    fc.assert(
      fc.property(bytes(32), bytes(32), fc.uuid(), bytes(48), (seed, salt, round, beacon) => {
        const first = (...args: Parameters<typeof drawFrom>) => drawFrom(...args).bits52();
        const id = round as RoundId;
        const drawn = first(seed, salt, id, beacon);
        assert.equal(first(seed, salt, id, beacon), drawn);
        const flipped = (of: Uint8Array) => of.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
        const others = [
          first(flipped(seed), salt, id, beacon),
          first(seed, flipped(salt), id, beacon),
          first(seed, salt, ROUND, beacon),
          first(seed, salt, id, flipped(beacon)),
          first(seed, salt, id),
        ];
        assert.ok(!others.includes(drawn));
        assert.equal(new Set(others).size, others.length);
      }),
      { numRuns: 50 },
    );
  });

  it('[F2] a round id is its 16 bytes, in whatever letters it is written', () => {
    assert.equal(draw(ROUND.toUpperCase()).bits52(), draw().bits52());
  });

  it('[F2] no beacon is an empty beacon; one that does not fit its length byte is an error', () => {
    assert.equal(draw(ROUND, new Uint8Array(0)).bits52(), draw().bits52());
    draw(ROUND, new Uint8Array(255)).bits52();
    assert.throws(() => draw(ROUND, new Uint8Array(256)), RangeError);
  });

  it('[F2] a salt of another length than 32 bytes, or what is no round id, is an error', () => {
    assert.throws(() => drawFrom(SEED, SALT.subarray(1), ROUND), RangeError);
    assert.throws(() => drawFrom(SEED.subarray(1), SALT, ROUND), RangeError);
    for (const id of ['', ROUND.slice(1), `${ROUND}00`, ROUND.replace('0', 'g')]) {
      assert.throws(() => draw(id), RangeError, id);
    }
  });

  it('[F2] draws take the bytes one after the other, also across blocks', () => {
    const whole = draw();
    const words = Array.from({ length: 64 }, () => whole.integer(2 ** 32));
    const mixed = draw();
    for (let i = 0; i < 64; i += 3) {
      assert.equal(mixed.integer(2 ** 32), words[i]);
      if (i + 2 >= 64) break;
      const both = (BigInt(words[i + 1] as number) << 32n) | BigInt(words[i + 2] as number);
      assert.equal(mixed.bits52(), both >> 12n);
    }
  });

  it('[F3] an integer is in [0, n), and n is a whole number from 1 to 2^32', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), fc.uuid(), (n, round) => {
        const source = draw(round);
        for (let i = 0; i < 20; i++) {
          const value = source.integer(n);
          assert.ok(Number.isInteger(value) && value >= 0 && value < n);
        }
      }),
    );
    for (const n of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => draw().integer(n), RangeError);
    }
    assert.equal(draw().integer(1), 0);
  });

  it('[F3] values at or above the largest multiple of n are thrown away, and no other', () => {
    // Half of all 32-bit values, plus one, are kept: the rest must be missing from what is drawn.
    const n = 2 ** 31 + 1;
    const all = draw();
    const expected: number[] = [];
    let rejected = 0;
    while (expected.length < 200) {
      const value = all.integer(2 ** 32);
      if (value < n) expected.push(value);
      else rejected += 1;
    }
    assert.ok(rejected > 100);
    const source = draw();
    assert.deepEqual(
      Array.from({ length: 200 }, () => source.integer(n)),
      expected,
    );
  });

  it('[F3] integers are unbiased: chi-square over a fixed seed, also where modulo alone would be biased', () => {
    for (const n of [6, 37, 52, 3 * 2 ** 30]) {
      const bins = Math.min(n, 52);
      const counts = Array<number>(bins).fill(0);
      const draws = 20_000;
      const source = draw();
      for (let i = 0; i < draws; i++) {
        const bin = Math.floor((source.integer(n) * bins) / n);
        counts[bin] = (counts[bin] as number) + 1;
      }
      const expected = draws / bins;
      const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      const freedom = bins - 1;
      // Four standard deviations of chi-square; plain modulo by 3 * 2^30 lies beyond a thousand.
      const bound = freedom + 4 * Math.sqrt(2 * freedom);
      assert.ok(chiSquare < bound, `n = ${n}: ${chiSquare} of ${bound}`);
    }
  });

  it('[F3] a shuffle is a permutation and leaves its input as it is', () => {
    fc.assert(
      fc.property(fc.array(fc.anything(), { maxLength: 60 }), fc.uuid(), (items, round) => {
        const before = [...items];
        const shuffled = draw(round).shuffle(Object.freeze(items) as unknown[]);
        assert.equal(shuffled.length, before.length);
        assert.ok(items.every((item, i) => Object.is(item, before[i])));
        const left = [...shuffled];
        for (const item of before) {
          const at = left.findIndex((other) => Object.is(other, item));
          assert.ok(at >= 0);
          left.splice(at, 1);
        }
      }),
    );
  });

  it('[F3] every order of four comes out about as often as any other', () => {
    const counts = new Map<string, number>();
    const source = draw();
    const shuffles = 24_000;
    for (let i = 0; i < shuffles; i++) {
      const order = source.shuffle([0, 1, 2, 3]).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    assert.equal(counts.size, 24);
    const chiSquare = [...counts.values()].reduce(
      (sum, count) => sum + (count - 1_000) ** 2 / 1_000,
      0,
    );
    assert.ok(chiSquare < 23 + 4 * Math.sqrt(46), `${chiSquare}`);
  });

  it('[F4] 52 bits are in [0, 2^52), and each of them is as often set as not', () => {
    const source = draw();
    const set = Array<number>(52).fill(0);
    const draws = 10_000;
    for (let i = 0; i < draws; i++) {
      const bits = source.bits52();
      assert.ok(bits >= 0n && bits < 2n ** 52n);
      for (let bit = 0; bit < 52; bit++) {
        if ((bits >> BigInt(bit)) & 1n) set[bit] = (set[bit] as number) + 1;
      }
    }
    for (const count of set)
      assert.ok(Math.abs(count - draws / 2) < 4 * Math.sqrt(draws / 4), `${count}`);
  });
});
