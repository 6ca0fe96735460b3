/**
 * The random bytes of a round and the numbers drawn from them. Encodings are fixed in SPEC.md and by golden vectors
 * that `verifier.ts`, written apart from this file, reads too.
 */
import { createHash, createHmac } from 'node:crypto';
import type { RoundId } from '../ids.ts';
import type { Draw } from './draw.ts';

const TWO_32 = 2 ** 32;
const SEED_BYTES = 32;
const SALT_BYTES = 32;
const ROUND_ID_BYTES = 16;
const MAX_BEACON_BYTES = 255;

export function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/**
 * F2: block c is HMAC-SHA256(key = seed, message = salt | beacon length | beacon | round id | c); salt 32 bytes, beacon
 * length one byte (0 without a beacon), round id the UUID's 16 bytes, c four bytes big-endian from 0.
 */
export function drawFrom(
  seed: Uint8Array,
  salt: Uint8Array,
  roundId: RoundId,
  beacon?: Uint8Array,
): Draw {
  const beaconBytes = beacon ?? new Uint8Array(0);
  const id = Buffer.from(roundId.replaceAll('-', ''), 'hex');
  // Other lengths would make two rounds' messages one, or silently draw from something else than was published.
  if (seed.length !== SEED_BYTES || salt.length !== SALT_BYTES || id.length !== ROUND_ID_BYTES) {
    throw new RangeError('a seed and a salt have 32 bytes, a round id has 16');
  }
  if (beaconBytes.length > MAX_BEACON_BYTES) throw new RangeError('a beacon has at most 255 bytes');
  const prefix = Buffer.concat([salt, Buffer.from([beaconBytes.length]), beaconBytes, id]);
  let buffered = Buffer.alloc(0);
  let counter = 0;

  function take(length: number): Buffer {
    while (buffered.length < length) {
      const suffix = Buffer.alloc(4);
      suffix.writeUInt32BE(counter);
      counter += 1;
      const block = createHmac('sha256', seed).update(prefix).update(suffix).digest();
      buffered = Buffer.concat([buffered, block]);
    }
    const taken = buffered.subarray(0, length);
    buffered = buffered.subarray(length);
    return taken;
  }

  /** F3: 32 bits at a time; those at or above the largest multiple of n are thrown away. */
  function integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > TWO_32)
      throw new RangeError('n must be from 1 to 2^32');
    const limit = TWO_32 - (TWO_32 % n);
    for (;;) {
      const value = take(4).readUInt32BE();
      if (value < limit) return value % n;
    }
  }

  return {
    bits52: () => take(8).readBigUInt64BE() >> 12n,
    integer,
    shuffle(items) {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = integer(last + 1);
        const swapped = shuffled[last] as (typeof shuffled)[number];
        shuffled[last] = shuffled[other] as (typeof shuffled)[number];
        shuffled[other] = swapped;
      }
      return shuffled;
    },
  };
}
