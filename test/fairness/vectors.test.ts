import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { verifyRound } from '../../src/fairness/verifier.ts';
import { games } from '../../src/games/registry.ts';
import {
  makeVectors,
  proofOf,
  VECTORS_FILE,
  type VectorInput,
  type VectorRound,
  type Vectors,
} from './make-vectors.ts';

describe('fairness/vectors', function () {
  this.timeout(60_000);
  const vectors: Vectors = JSON.parse(readFileSync(VECTORS_FILE, 'utf8'));

  it('[F2] there are 10,000 golden rounds or more, of every game that draws, with and without a beacon', () => {
    const count = (groups: Vectors['groups']) =>
      groups.reduce((sum, { rounds }) => sum + rounds.length, 0);
    assert.ok(count(vectors.groups) >= 10_000);
    assert.deepEqual(
      [...new Set(vectors.groups.map(({ game }) => game))],
      games.map(({ name }) => name),
    );
    const beacons = vectors.groups.filter(({ beacon }) => beacon !== null);
    assert.ok(count(beacons) > 2_000 && count(beacons) < 8_000);
    const mixed = vectors.integers.map(({ beacon }) => (beacon ?? '').length / 2);
    assert.equal(Math.max(...mixed), 255);
  });

  it('[F9] duels end in every way that there is', () => {
    const duels = vectors.groups.filter(({ game }) => game === 'duel');
    const endings = duels.flatMap(({ rounds }) => rounds.map(({ outcome }) => outcome.ending));
    const all = ['agreed', 'drawn', 'left', 'resigned', 'time', 'won'];
    assert.deepEqual([...new Set(endings)].sort(), all);
  });

  it("[F2] [F3] [F4] [F7] [F8] [F9] the server's stream makes the very same file again", () => {
    assert.deepEqual(makeVectors(), vectors);
  });

  it("[F1] [F2] [F4] [F7] [F8] [F9] [Bug 18] the stand-alone verifier accepts each of them as a proof, and none of them with another's outcome", async () => {
    for (const group of vectors.groups) {
      for (const [at, round] of group.rounds.entries()) {
        const proof = proofOf(group, round);
        assert.equal((await verifyRound(proof)).ok, true, round.roundId);
        if (at % 10 > 0) continue;
        const other = group.rounds.find((one) => !isDeepStrictEqual(drawn(one), drawn(round)));
        assert.equal((await verifyRound({ ...proof, outcome: other?.outcome ?? null })).ok, false);
      }
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

/** What of an outcome follows from the seed: of a match only how it is set up. */
function drawn({ outcome }: VectorRound): unknown {
  return outcome.setup ?? outcome;
}

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
