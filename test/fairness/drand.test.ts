import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  chainHashIn,
  chainOf,
  drandRoundOf,
  roundAfter,
  timeOf,
} from '../../src/fairness/drand.ts';

/** Of the League of Entropy, as its relays answer. */
const QUICKNET = '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971';
const INFO = {
  public_key:
    '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
  period: 3,
  genesis_time: 1692803367,
  hash: QUICKNET,
  groupHash: 'f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e',
  schemeID: 'bls-unchained-g1-rfc9380',
  metadata: { beaconID: 'quicknet' },
};
const ROUND_1000 = {
  round: 1000,
  randomness: 'fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd',
  signature:
    'b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39',
};

describe('fairness/drand', () => {
  const quicknet = chainOf(INFO, QUICKNET);

  it('[F6] what quicknet says about itself has the hash that its address ends with', () => {
    assert.equal(chainHashIn(`https://api.drand.sh/${QUICKNET}`), QUICKNET);
    assert.equal(chainHashIn('https://api.drand.sh'), null);
    assert.equal(chainHashIn(`https://api.drand.sh/${QUICKNET}/public`), null);
    assert.deepEqual(quicknet, { hash: QUICKNET, genesisMs: 1692803367000, periodMs: 3000 });
  });

  for (const change of [
    { period: 4 },
    { genesis_time: INFO.genesis_time - 3 },
    { public_key: INFO.public_key.replace('8', '9') },
    { groupHash: QUICKNET },
    { metadata: { beaconID: 'default' } },
    { metadata: undefined },
    { schemeID: 'pedersen-bls-chained' },
    { period: 3_600 },
    { period: '3' },
  ]) {
    it(`[F6] a relay that says ${JSON.stringify(change).slice(0, 50)} of the chain is not believed`, () => {
      assert.throws(() => chainOf({ ...INFO, ...change }, QUICKNET));
    });
  }

  it('[F6] a round of quicknet is taken; one with another number, randomness or signature is not', () => {
    const round = drandRoundOf(ROUND_1000, quicknet, 1000);
    assert.deepEqual(round, { chain: QUICKNET, ...ROUND_1000 });
    const upper = { ...ROUND_1000, randomness: ROUND_1000.randomness.toUpperCase() };
    assert.deepEqual(drandRoundOf({ ...upper, more: 1 }, quicknet, 1000), round);
    for (const wrong of [
      { ...ROUND_1000, round: 1001 },
      { ...ROUND_1000, randomness: ROUND_1000.randomness.replace('f', 'e') },
      { ...ROUND_1000, signature: ROUND_1000.signature.replace('b', 'a') },
      { ...ROUND_1000, signature: '' },
      { ...ROUND_1000, signature: undefined },
      { ...ROUND_1000, round: '1000' },
      [],
      null,
      'text',
    ]) {
      assert.throws(() => drandRoundOf(wrong, quicknet, 1000), JSON.stringify(wrong));
    }
  });

  it('[F6] the round is the first whose time is strictly after the lock', () => {
    assert.equal(timeOf(quicknet, 1), quicknet.genesisMs);
    assert.equal(timeOf(quicknet, 1000), quicknet.genesisMs + 999 * 3_000);
    const at = timeOf(quicknet, 1000);
    assert.deepEqual(
      [at - 1, at, at + 1, at + 2_999, at + 3_000].map((time) => roundAfter(quicknet, time)),
      [1000, 1001, 1001, 1001, 1002],
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4_000_000_000 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 0, max: 8_000_000_000_000 }),
        (genesis, period, lockedAt) => {
          const chain = { hash: '', genesisMs: genesis * 1_000, periodMs: period * 1_000 };
          const round = roundAfter(chain, lockedAt);
          assert.ok(timeOf(chain, round) > lockedAt);
          assert.ok(round === 1 || timeOf(chain, round - 1) <= lockedAt);
        },
      ),
    );
  });
});
