import assert from 'node:assert/strict';
import { createHmac, hash } from 'node:crypto';
import fc from 'fast-check';
import { drawFrom } from '../../src/fairness/stream.ts';
import {
  crashMultiplier,
  type RoundProof,
  readProof,
  recompute,
  verifyRound,
} from '../../src/fairness/verifier.ts';
import { crash, multiplierAt } from '../../src/games/crash.ts';
import type { RoundId } from '../../src/ids.ts';

const SALT = 'a1'.repeat(32);
const ROUND = '0190c8f4-7a5b-7c1d-9e2f-0123456789ab';
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((b) => Buffer.from(b).toString('hex'));

/** F2 once more, from the text of the rule, on Node's own hashes. */
function firstBlock(seed: string, salt: string, id: string, beacon: string | null): Buffer {
  const beaconBytes = Buffer.from(beacon ?? '', 'hex');
  return createHmac('sha256', Buffer.from(seed, 'hex'))
    .update(Buffer.from(salt, 'hex'))
    .update(Buffer.of(beaconBytes.length))
    .update(beaconBytes)
    .update(Buffer.from(id.replaceAll('-', ''), 'hex'))
    .update(Buffer.from('00000000', 'hex'))
    .digest();
}

/** F4 likewise. */
function pointFromTheRules(seed: string, salt: string, id: string, beacon: string | null): number {
  const block = firstBlock(seed, salt, id, beacon);
  const r = BigInt(`0x${block.subarray(0, 8).toString('hex').slice(0, 13)}`);
  const point = (99n * 2n ** 52n) / (2n ** 52n - r);
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(point < 100n ? 100n : point > most ? most : point);
}

/** A chain h(0) .. h(length) that ends in `seed`, and the proof of the round that used h(index). */
async function proofOf(length: number, index: number): Promise<RoundProof> {
  const chain = [Buffer.from('5e'.repeat(32), 'hex')];
  for (let i = 0; i < length; i += 1) chain.push(hash('sha256', chain[i] as Buffer, 'buffer'));
  chain.reverse();
  const seed = (chain[index] as Buffer).toString('hex');
  return {
    roundId: ROUND,
    game: 'crash',
    chain: { commitment: (chain[0] as Buffer).toString('hex'), salt: SALT, length },
    index,
    commitment: hash('sha256', chain[index] as Buffer, 'hex'),
    seed,
    beacon: null,
    outcome: { crashPoint: pointFromTheRules(seed, SALT, ROUND, null) },
  };
}

/** 187 -> "1.87". */
const inWords = (hundredths: number) =>
  `${BigInt(hundredths) / 100n}.${String(hundredths % 100).padStart(2, '0')}`;

const failed = async (proof: RoundProof) =>
  (await verifyRound(proof)).steps.filter((s) => s.ok === false).map((s) => s.name);

describe('fairness/verifier', () => {
  it('[F1] a true proof passes, at the first, a middle and the last index of its chain', async () => {
    for (const index of [1, 17, 40]) {
      const { ok, steps } = await verifyRound(await proofOf(40, index));
      assert.equal(ok, true, JSON.stringify(steps));
      assert.deepEqual(
        steps.map((s) => s.name),
        ['seed', 'commitment', 'chain', 'outcome'],
      );
    }
  });

  it('[F1] a chain longer than one turn of the walk is walked to its start', async () => {
    assert.deepEqual(await failed(await proofOf(45_000, 45_000)), []);
  });

  it('[F1] each false claim fails its own step', async () => {
    const proof = await proofOf(9, 5);
    const other = 'c0'.repeat(32);
    assert.deepEqual(await failed({ ...proof, commitment: other }), ['commitment']);
    assert.deepEqual(await failed({ ...proof, index: 4 }), ['chain']);
    const chain = { ...proof.chain, commitment: other };
    assert.deepEqual(await failed({ ...proof, chain }), ['chain']);
    assert.deepEqual(await failed({ ...proof, outcome: { crashPoint: 99_999_999 } }), ['outcome']);
    assert.deepEqual(await failed({ ...proof, outcome: null }), ['outcome']);
    assert.deepEqual(await failed({ ...proof, roundId: ROUND.replace('0', 'f') }), ['outcome']);
    assert.deepEqual(await failed({ ...proof, seed: other }), ['commitment', 'chain', 'outcome']);
  });

  it('a damaged or unfinished proof is answered, not thrown', async () => {
    const proof = await proofOf(3, 2);
    assert.deepEqual(await failed({ ...proof, seed: null }), ['seed']);
    assert.deepEqual(await failed({ ...proof, seed: 'abc' }), ['seed']);
    assert.deepEqual(await failed({ ...proof, index: 10 ** 9 }), ['chain']);
    assert.deepEqual(await failed({ ...proof, index: 0 }), ['chain']);
    const chain = { ...proof.chain, salt: 'not hex' };
    assert.deepEqual(await failed({ ...proof, chain }), ['outcome']);
    assert.deepEqual(await failed({ ...proof, game: 'roulette' }), ['outcome']);
    assert.deepEqual(await failed({ ...proof, game: 'duel' }), ['outcome', 'match']);
    assert.deepEqual(await failed({ ...proof, outcome: { crashPoint: 1.5 } }), ['outcome']);
    const outcome = { number: { toString: 1 }, setup: null, moves: {}, ending: { toString: 1 } };
    for (const game of ['crash', 'roulette', 'derby']) {
      assert.deepEqual(await failed({ ...proof, game, outcome }), ['outcome']);
    }
    assert.deepEqual(await failed({ ...proof, game: 'duel', outcome }), ['outcome', 'match']);
  });

  it('[F6] of a game that it does not know, it checks all but the outcome, and says so', async () => {
    for (const game of ['coin', 'constructor']) {
      const proof = { ...(await proofOf(9, 5)), game, outcome: { side: 'heads' } };
      const { ok, steps } = await verifyRound(proof);
      assert.equal(ok, null);
      assert.deepEqual(
        steps.map((s) => [s.name, s.ok]),
        [
          ['seed', true],
          ['commitment', true],
          ['chain', true],
          ['outcome', null],
        ],
      );
      const { expected, actual } = steps.at(-1) as (typeof steps)[number];
      assert.equal(expected, '{"side":"heads"}');
      const block = firstBlock(proof.seed as string, SALT, ROUND, null).toString('hex');
      assert.match(actual, new RegExp(`rules of "${game}" are not known.*${block}`));
      const wrong = await verifyRound({ ...proof, commitment: 'c0'.repeat(32) });
      assert.equal(wrong.ok, false);
    }
  });

  it('[F6] a text that is no proof is refused with the reason', async () => {
    const proof = await proofOf(3, 2);
    assert.deepEqual(readProof(JSON.stringify(proof, null, 2)), proof);
    const without = (name: keyof RoundProof) => JSON.stringify({ ...proof, [name]: undefined });
    const chain = { ...proof.chain, salt: 'a1', length: '3' };
    for (const [text, reason] of [
      ['', /^This is not JSON/],
      ['{"roundId":', /^This is not JSON/],
      ['[]', /braces/],
      ['null', /braces/],
      ['"proof"', /braces/],
      ['{"code":"NOT_FOUND","status":404}', /error that the server answered: NOT_FOUND/],
      ['{}', /roundId must.*game must.*chain.commitment must.*index must.*seed must.*outcome must/],
      [without('seed'), /no proof: seed must be text or null\.$/],
      [without('chain'), /chain\.commitment.*chain\.salt.*chain\.length/],
      [JSON.stringify({ ...proof, chain }), /: chain\.salt must.*; chain\.length must.*number\.$/],
      [JSON.stringify({ ...proof, index: 1.5 }), /index must be a whole number/],
      [JSON.stringify({ ...proof, outcome: [1] }), /outcome must be an object or null/],
      [JSON.stringify({ ...proof, beacon: 'a1' }), /beacon must be an object or null/],
    ] as const) {
      assert.throws(() => readProof(text), { name: 'Error', message: reason }, text);
    }
  });

  it('[F2] [F4] the crash point is the one of the rules, for any seed, salt, round and beacon', async () => {
    const beacons = fc.option(fc.integer({ min: 1, max: 255 }).chain(hex));
    await fc.assert(
      fc.asyncProperty(hex(32), hex(32), fc.uuid(), beacons, async (seed, salt, id, beacon) => {
        const point = pointFromTheRules(seed, salt, id, beacon);
        assert.equal(recompute('crash', seed, salt, id, beacon), inWords(point));
        assert.ok(point >= 100);
      }),
    );
  });

  it('[F2] [Bug 18] the verifier and the server do not drift apart', async () => {
    const beacons = fc.option(fc.integer({ min: 1, max: 255 }).chain(hex));
    await fc.assert(
      fc.asyncProperty(hex(32), hex(32), fc.uuid(), beacons, async (seed, salt, id, beacon) => {
        const bytes = (text: string) => Buffer.from(text, 'hex');
        const mixed = beacon === null ? undefined : bytes(beacon);
        const draw = drawFrom(bytes(seed), bytes(salt), id as RoundId, mixed);
        const { crashPoint } = crash.draw(draw);
        assert.equal(recompute('crash', seed, salt, id, beacon), inWords(crashPoint));
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 150_000 }), (ms) => {
        assert.equal(crashMultiplier(ms), multiplierAt(ms));
      }),
    );
  });

  it('[F4] the multiplier starts at 1.00, follows e^(0.00006 t) and never falls', () => {
    assert.equal(crashMultiplier(-50), 100);
    assert.equal(crashMultiplier(0), 100);
    assert.equal(crashMultiplier(11_552), 199);
    assert.equal(crashMultiplier(11_553), 200);
    assert.equal(crashMultiplier(38_377), 1000);
    let last = 100;
    for (let t = 0; t < 120_000; t += 7) {
      const next = crashMultiplier(t);
      assert.ok(next >= last);
      last = next;
    }
  });
});
