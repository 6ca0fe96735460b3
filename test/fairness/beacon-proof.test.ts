import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { type Beacon, beaconBytes } from '../../src/fairness/beacon.ts';
import { SeedChain } from '../../src/fairness/chain.ts';
import { drawFrom } from '../../src/fairness/stream.ts';
import { type RoundProof, verifyRound } from '../../src/fairness/verifier.ts';
import type { RoundId } from '../../src/ids.ts';
import { History } from '../../src/ledger/history.ts';
import type { OwnedRoom } from '../../src/ledger/types.ts';
import { type Books, crash, openBooks } from '../ledger/fixture.ts';
import { drandRound } from '../support/drand.ts';

const CHAIN = 'c4'.repeat(32);
const MIXED: Beacon = { chain: CHAIN, ...drandRound(1_000) };

describe('fairness: a beacon in the books and in the proof', () => {
  let books: Books;
  let room: OwnedRoom;
  let chain: SeedChain;
  let number = 0;
  before(async () => {
    books = await openBooks();
    room = await books.room();
    chain = new SeedChain(books.db.pool, 'a secret of this node that no table holds', room);
  });
  after(() => books.close());

  /** A round that was drawn with this beacon, and said to be drawn with `told`. */
  async function proofWith(beacon: Beacon | null, told = beacon): Promise<RoundProof> {
    const { rounds } = books.ledger;
    const { seed, salt, index, ...published } = await chain.next();
    const id = uuidv7() as RoundId;
    number += 1;
    const opened = { id, number, payTableVersion: 1, chainIndex: index, ...published };
    await rounds.open(room, opened);
    await rounds.lock(room, id);
    const outcome = crash.draw(drawFrom(seed, salt, id, beaconBytes(beacon)));
    await rounds.end(room, id, outcome, seed.toString('hex'), told);
    // A repeat, with whatever else, changes nothing.
    await rounds.end(room, id, { crashPoint: 1 }, '00'.repeat(32), null);
    await rounds.close(room, id);
    return new History(books.db.pool).proof(id);
  }

  const wrong = async (proof: RoundProof) =>
    (await verifyRound(proof)).steps.filter(({ ok }) => ok !== true).map(({ name }) => name);
  const names = async (proof: RoundProof) =>
    (await verifyRound(proof)).steps.map(({ name }) => name);

  it('[F6] the proof of a round with a beacon has it, and holds', async () => {
    const proof = await proofWith(MIXED);
    assert.deepEqual(proof.beacon, MIXED);
    assert.equal(proof.beaconMissing, null);
    assert.deepEqual(await wrong(proof), []);
    assert.deepEqual(await names(proof), ['seed', 'commitment', 'chain', 'beacon', 'outcome']);
  });

  it('[F6] the proof of a round whose beacon was missing says so, and holds', async () => {
    for (const round of [1_000, null]) {
      const proof = await proofWith({ chain: CHAIN, round, missing: 'timeout' });
      assert.equal(proof.beacon, null);
      assert.deepEqual(proof.beaconMissing, { chain: CHAIN, round, reason: 'timeout' });
      assert.deepEqual(await wrong(proof), []);
      const { steps } = await verifyRound(proof);
      const told = steps.find(({ name }) => name === 'beacon');
      assert.match(told?.actual ?? '', /timeout/);
      assert.ok(told?.expected.includes(CHAIN));
    }
  });

  it('[F6] the proof of a round without one says nothing of a beacon', async () => {
    const proof = await proofWith(null);
    assert.deepEqual([proof.beacon, proof.beaconMissing], [null, null]);
    assert.deepEqual(await names(proof), ['seed', 'commitment', 'chain', 'outcome']);
    assert.deepEqual(await wrong(proof), []);
  });

  it('[F6] no other beacon, none, or one that was not used makes the same round', async () => {
    const proof = await proofWith(MIXED);
    const beacon = proof.beacon as NonNullable<RoundProof['beacon']>;
    const other = { chain: CHAIN, ...drandRound(1_001) };
    const beaconMissing = { chain: CHAIN, round: 1_000, reason: 'timeout' };
    assert.deepEqual(await wrong({ ...proof, beacon: other }), ['outcome']);
    assert.deepEqual(await wrong({ ...proof, beacon: null }), ['outcome']);
    assert.deepEqual(await wrong({ ...proof, beacon: null, beaconMissing }), ['outcome']);
    assert.deepEqual(await wrong({ ...proof, beaconMissing }), ['beacon']);
    const randomness = randomBytes(32).toString('hex');
    assert.deepEqual(await wrong({ ...proof, beacon: { ...beacon, randomness } }), [
      'beacon',
      'outcome',
    ]);
    for (const signature of ['ab', '', 'no hex', null as unknown as string]) {
      assert.deepEqual(await wrong({ ...proof, beacon: { ...beacon, signature } }), ['beacon']);
    }
    for (const damaged of ['text', {}, 7, [], { randomness: 'zz' }]) {
      const found = await wrong({ ...proof, beacon: damaged as never });
      assert.deepEqual(found, ['beacon', 'outcome'], JSON.stringify(damaged));
    }
    assert.deepEqual(await wrong(await proofWith(null, MIXED)), ['outcome']);
    assert.deepEqual(await wrong(await proofWith(MIXED, null)), ['outcome']);
  });
});
