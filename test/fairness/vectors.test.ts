import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { crashPoint, type RoundProof, verifyRound } from '../../src/fairness/verifier.ts';
import { crash } from '../../src/games/crash.ts';
import {
  drawOf,
  makeVectors,
  VECTORS_FILE,
  type VectorInput,
  type Vectors,
} from './make-vectors.ts';

describe('fairness/vectors', () => {
  const vectors: Vectors = JSON.parse(readFileSync(VECTORS_FILE, 'utf8'));

  it('[F2] [F4] there are 500 golden rounds or more, with and without a beacon, over the whole range', () => {
    const points = vectors.crash.map((vector) => vector.crashPoint);
    assert.ok(points.length >= 500);
    assert.ok(points.includes(100) && Math.max(...points) > 10_000);
    const beacons = vectors.crash.filter(({ beacon }) => beacon !== null);
    assert.ok(beacons.length > 100 && beacons.length < 400);
    assert.equal(Math.max(...beacons.map(({ beacon }) => (beacon ?? '').length / 2)), 255);
  });

  it("[F2] [F3] [F4] the server's stream draws them, and makes the very same file again", () => {
    for (const vector of vectors.crash) {
      assert.equal(crash.draw(drawOf(vector)).crashPoint, vector.crashPoint);
    }
    assert.deepEqual(makeVectors(), vectors);
  });

  it('[F2] [F4] [Bug 18] the stand-alone verifier computes the same crash points', async () => {
    for (const { seed, salt, roundId, beacon, crashPoint: golden } of vectors.crash) {
      assert.equal(await crashPoint(seed, salt, roundId, beacon), golden);
    }
  });

  it("[F1] [F2] the stand-alone verifier accepts them as proofs, and none of them with another's outcome", async () => {
    for (const [i, vector] of vectors.crash.slice(0, 100).entries()) {
      const { seed, salt, roundId, beacon, commitment } = vector;
      const proof = (outcome: number): RoundProof => ({
        roundId,
        game: 'crash',
        chain: { commitment, salt, length: 1 },
        index: 1,
        commitment,
        seed,
        beacon,
        outcome: { crashPoint: outcome },
      });
      assert.equal((await verifyRound(proof(vector.crashPoint))).ok, true);
      const other = vectors.crash[i + 1]?.crashPoint;
      if (other !== vector.crashPoint)
        assert.equal((await verifyRound(proof(other ?? 1))).ok, false);
    }
  });

  it("[F3] integers and what follows them are those of the rule's text", () => {
    for (const vector of vectors.integers) {
      const take = bytesOf(vector);
      const drawn = vector.drawn.map(() => integerFrom(take, vector.n));
      assert.deepEqual(drawn, vector.drawn, `n = ${vector.n}`);
      assert.equal(String(Buffer.from(take(8)).readBigUInt64BE() >> 12n), vector.bits52);
    }
  });

  it("[F3] shuffles are those of the rule's text", () => {
    for (const vector of vectors.shuffles) {
      const take = bytesOf(vector);
      const items = Array.from({ length: vector.length }, (_, i) => i);
      for (let i = items.length - 1; i > 0; i--) {
        const j = integerFrom(take, i + 1);
        [items[i], items[j]] = [items[j] as number, items[i] as number];
      }
      assert.deepEqual(items, vector.shuffled);
    }
  });
});

/** F2 once more, from the text of SPEC: the bytes of a round, one after the other. */
function bytesOf({ seed, salt, roundId, beacon }: VectorInput): (length: number) => number[] {
  const bytes: number[] = [];
  let block = 0;
  return (length) => {
    while (bytes.length < length) {
      const beaconHex = beacon ?? '';
      const beaconLength = (beaconHex.length / 2).toString(16).padStart(2, '0');
      const counter = block.toString(16).padStart(8, '0');
      const message = salt + beaconLength + beaconHex + roundId.replaceAll('-', '') + counter;
      bytes.push(...createHmac('sha256', Buffer.from(seed, 'hex')).update(message, 'hex').digest());
      block += 1;
    }
    return bytes.splice(0, length);
  };
}

/** F3 once more, in whole numbers without limits. */
function integerFrom(take: (length: number) => number[], n: number): number {
  const most = (2n ** 32n / BigInt(n)) * BigInt(n);
  for (;;) {
    const value = BigInt(`0x${Buffer.from(take(4)).toString('hex')}`);
    if (value < most) return Number(value % BigInt(n));
  }
}
