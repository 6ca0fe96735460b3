/**
 * Recomputes a round from its published proof (SPEC, fairness F1 to F8). It stands alone: no imports, so that
 * it runs unchanged in a browser, in Node, or pasted into a console, and it shares no code with the server that drew
 * the round. SHA-256 is written out here because browsers hide `crypto.subtle` from pages served without TLS, and
 * because a chain of many thousand steps is walked far faster without a promise for each.
 */

/** What is needed of `GET /api/v1/rounds/:id/proof`. Bytes are hex. */
export interface RoundProof {
  readonly roundId: string;
  readonly game: string;
  readonly chain: { readonly commitment: string; readonly salt: string; readonly length: number };
  readonly index: number;
  readonly commitment: string;
  readonly seed: string | null;
  readonly beacon: string | null;
  readonly outcome: Readonly<Record<string, unknown>> | null;
}

export interface VerificationStep {
  readonly name: 'seed' | 'commitment' | 'chain' | 'outcome';
  readonly ok: boolean;
  /** What the proof claims, and what was computed from the seed. */
  readonly expected: string;
  readonly actual: string;
}

const SEED_HEX_LENGTH = 64;
/** A chain beyond this is not walked: a false proof must not hold the reader's machine. */
const MAX_CHAIN_LENGTH = 10_000_000;
/** The walk lets other work run after this many hashes (some 20 ms). */
const HASHES_PER_TURN = 20_000;

/** Every step is reported, also after one that failed. Never throws for a false or damaged proof. */
export async function verifyRound(
  proof: RoundProof,
): Promise<{ ok: boolean; steps: VerificationStep[] }> {
  const seedHex = proof.seed?.toLowerCase() ?? '';
  const seedOk = seedHex.length === SEED_HEX_LENGTH && isHex(seedHex);
  const steps: VerificationStep[] = [
    {
      name: 'seed',
      ok: seedOk,
      expected: '32 bytes, published after the round',
      actual: proof.seed ?? 'not published',
    },
  ];
  if (seedOk) {
    const seed = fromHex(seedHex);
    steps.push(step('commitment', proof.commitment.toLowerCase(), toHex(sha256(seed))));
    steps.push(step('chain', proof.chain.commitment.toLowerCase(), await chainStart(seed, proof)));
    steps.push(step('outcome', claimedOutcome(proof), recomputedOutcome(proof, seedHex)));
  }
  return { ok: steps.every((s) => s.ok), steps };
}

/** What one game's outcome is called in words, and how it is drawn. */
interface Recomputation {
  claimed(outcome: Readonly<Record<string, unknown>>): string;
  drawn(bytes: OutcomeBytes): string;
}

const GAMES: Readonly<Record<string, Recomputation>> = {
  // F4: at least 1.00, and at most what a double holds exactly.
  crash: {
    claimed: ({ crashPoint: point }) =>
      Number.isInteger(point) ? inHundredths(point as number) : 'none',
    drawn(bytes) {
      const r = bytes.take(8).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) >> 12n;
      const all = 1n << 52n;
      const point = (99n * all) / (all - r);
      return inHundredths(Math.max(100, Math.min(Number(point), Number.MAX_SAFE_INTEGER)));
    },
  },
  // F7: one of 37 pockets.
  roulette: {
    claimed: ({ number }) => String(number),
    drawn: (bytes) => String(bytes.integer(37)),
  },
  // F8: for each of eight runners three parts of its time and two bends.
  derby: {
    claimed: ({ timesMs, bends, finish }) => JSON.stringify({ timesMs, bends, finish }),
    drawn(bytes) {
      const timesMs: number[] = [];
      const bends: number[][] = [];
      for (let runner = 1; runner <= 8; runner += 1) {
        const parts = bytes.integer(100) + bytes.integer(100) + bytes.integer(100);
        timesMs.push(24_000 + 10 * parts);
        bends.push([bytes.integer(2_001) - 1_000, bytes.integer(2_001) - 1_000]);
      }
      const finish: number[][] = [];
      for (const time of [...timesMs].sort((x, y) => x - y)) {
        const together = timesMs.flatMap((other, index) => (other === time ? [index + 1] : []));
        if (!finish.some(([first]) => first === together[0])) finish.push(together);
      }
      return JSON.stringify({ timesMs, bends, finish });
    },
  },
};

/** The outcome of a round in words: "1.87" for crash, "17" for roulette, JSON for the derby. */
export function recompute(
  game: string,
  seedHex: string,
  saltHex: string,
  roundId: string,
  beaconHex: string | null,
): string {
  const known = Object.hasOwn(GAMES, game) ? GAMES[game] : undefined;
  if (!known) return `cannot recompute the game "${game}"`;
  return known.drawn(new OutcomeBytes(fromHex(seedHex), saltHex, roundId, beaconHex));
}

/** F2 and F3: the bytes of a round one after the other, and integers from them. */
class OutcomeBytes {
  readonly #block: (counter: number) => Uint8Array;
  #counter = 0;
  #left: number[] = [];

  constructor(seed: Uint8Array, saltHex: string, roundId: string, beaconHex: string | null) {
    this.#block = (counter) => outcomeBlock(seed, saltHex, roundId, beaconHex, counter);
  }

  take(length: number): number[] {
    while (this.#left.length < length) this.#left.push(...this.#block(this.#counter++));
    return this.#left.splice(0, length);
  }

  integer(n: number): number {
    const all = 2 ** 32;
    for (;;) {
      const value = this.take(4).reduce((sum, byte) => sum * 256 + byte, 0);
      if (value < all - (all % n)) return value % n;
    }
  }
}

/** The multiplier in hundredths `elapsedMs` after lock: floor(100 * e^(0.00006 t)), at least 100. */
export function crashMultiplier(elapsedMs: number): number {
  return Math.max(100, Math.floor(100 * Math.exp(0.00006 * elapsedMs)));
}

/** F2: block `counter` of the outcome's bytes: HMAC(seed, salt | beacon length, beacon | round id | counter). */
function outcomeBlock(
  seed: Uint8Array,
  saltHex: string,
  roundId: string,
  beaconHex: string | null,
  counter: number,
): Uint8Array {
  const beacon = fromHex(beaconHex ?? '');
  if (beacon.length > 255) throw new RangeError('a beacon is at most 255 bytes');
  const counterBytes = new Uint8Array(4);
  new DataView(counterBytes.buffer).setUint32(0, counter);
  const id = fromHex(roundId.replaceAll('-', ''));
  return hmacSha256(
    seed,
    concat(fromHex(saltHex), Uint8Array.of(beacon.length), beacon, id, counterBytes),
  );
}

/** F1: h(0), which is SHA-256 applied `index` times to the seed h(index). */
async function chainStart(seed: Uint8Array, proof: RoundProof): Promise<string> {
  const { index } = proof;
  const most = Math.min(proof.chain.length, MAX_CHAIN_LENGTH);
  if (!Number.isInteger(index) || index < 1 || index > most) return `no such index: ${index}`;
  let hash = seed;
  for (let i = 1; i <= index; i += 1) {
    hash = sha256(hash);
    if (i % HASHES_PER_TURN === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return toHex(hash);
}

function claimedOutcome({ game, outcome }: RoundProof): string {
  if (!outcome || !Object.hasOwn(GAMES, game)) return 'none';
  return (GAMES[game] as Recomputation).claimed(outcome);
}

function recomputedOutcome({ game, chain, roundId, beacon }: RoundProof, seedHex: string): string {
  try {
    return recompute(game, seedHex, chain.salt, roundId, beacon);
  } catch (error) {
    return error instanceof Error ? error.message : 'damaged';
  }
}

function step(name: VerificationStep['name'], claimed: string, actual: string): VerificationStep {
  return { name, ok: claimed === actual, expected: claimed, actual };
}

/** 187 -> "1.87". */
function inHundredths(value: number): string {
  const hundredths = BigInt(value);
  return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, '0')}`;
}

function isHex(text: string): boolean {
  return text.length % 2 === 0 && /^[0-9a-f]*$/i.test(text);
}

function fromHex(text: string): Uint8Array {
  if (!isHex(text)) throw new TypeError(`not hex: ${text.slice(0, 80)}`);
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function concat(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** RFC 2104 for keys of at most 64 bytes. */
function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  if (key.length > 64) throw new RangeError('a key is at most 64 bytes');
  const padded = concat(key, new Uint8Array(64 - key.length));
  const inner = padded.map((byte) => byte ^ 0x36);
  const outer = padded.map((byte) => byte ^ 0x5c);
  return sha256(concat(outer, sha256(concat(inner, message))));
}

/** FIPS 180-4, 4.2.2 and 5.3.3: fractional parts of cube and square roots of the first primes, computed exactly. */
const PRIMES = firstPrimes(64);
const ROUND_CONSTANTS = Int32Array.from(PRIMES, (p) => fractionOfRoot(p, 3n));
const INITIAL_HASH = Int32Array.from(PRIMES.slice(0, 8), (p) => fractionOfRoot(p, 2n));

/** FIPS 180-4, section 6.2, for messages below 2^29 bytes. */
function sha256(message: Uint8Array): Uint8Array {
  const blocks = Math.ceil((message.length + 9) / 64);
  const padded = new Uint8Array(blocks * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, message.length * 8);

  const hash = INITIAL_HASH.slice();
  const w = new Int32Array(64);
  for (let offset = 0; offset < padded.length; offset += 64) {
    for (let t = 0; t < 16; t += 1) w[t] = view.getInt32(offset + 4 * t);
    compress(hash, w);
  }
  const digest = new Uint8Array(32);
  const out = new DataView(digest.buffer);
  for (let i = 0; i < 8; i += 1) out.setInt32(4 * i, at(hash, i));
  return digest;
}

/** Indices below stay within the arrays; `at` says so to the type checker. */
const at = (words: Int32Array, i: number): number => words[i] as number;

function compress(hash: Int32Array, w: Int32Array): void {
  for (let t = 16; t < 64; t += 1) {
    const x = at(w, t - 15);
    const y = at(w, t - 2);
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[t] = at(w, t - 16) + s0 + at(w, t - 7) + s1;
  }
  let a = at(hash, 0);
  let b = at(hash, 1);
  let c = at(hash, 2);
  let d = at(hash, 3);
  let e = at(hash, 4);
  let f = at(hash, 5);
  let g = at(hash, 6);
  let h = at(hash, 7);
  for (let t = 0; t < 64; t += 1) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const choice = (e & f) ^ (~e & g);
    const t1 = (h + s1 + choice + at(ROUND_CONSTANTS, t) + at(w, t)) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + s0 + majority) | 0;
  }
  hash[0] = at(hash, 0) + a;
  hash[1] = at(hash, 1) + b;
  hash[2] = at(hash, 2) + c;
  hash[3] = at(hash, 3) + d;
  hash[4] = at(hash, 4) + e;
  hash[5] = at(hash, 5) + f;
  hash[6] = at(hash, 6) + g;
  hash[7] = at(hash, 7) + h;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function firstPrimes(count: number): bigint[] {
  const primes: bigint[] = [];
  for (let n = 2n; primes.length < count; n += 1n) {
    if (primes.every((p) => n % p !== 0n)) primes.push(n);
  }
  return primes;
}

/** The first 32 bits after the point of the k-th root of p: floor(root(p * 2^(32k))) mod 2^32. */
function fractionOfRoot(p: bigint, k: bigint): number {
  const target = p << (32n * k);
  let low = 0n;
  let high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** k <= target) low = middle;
    else high = middle;
  }
  return Number(low & 0xffffffffn);
}
