/**
 * Recomputes a round from its published proof (SPEC, fairness F1 to F9). It stands alone in one file, without imports,
 * so that it runs in a browser, in Node, in docs/verify.html (made from it by `npm run verify-page`), or pasted into a
 * console, and it shares no code with the server that drew the round. SHA-256 is written out here because browsers hide
 * `crypto.subtle` from pages served without TLS, and because a chain of many thousand steps is walked far faster without
 * a promise for each.
 */

/** What is needed of `GET /api/v1/rounds/:id/proof`. Bytes are hex. */
export interface RoundProof {
  readonly roundId: string;
  readonly game: string;
  readonly chain: { readonly commitment: string; readonly salt: string; readonly length: number };
  readonly index: number;
  readonly commitment: string;
  readonly seed: string | null;
  readonly beacon: {
    readonly chain: string;
    readonly round: number;
    readonly randomness: string;
    readonly signature: string;
  } | null;
  /** Why there is none although one was to be mixed in. */
  readonly beaconMissing?: {
    readonly chain: string;
    readonly round: number | null;
    readonly reason: string;
  } | null;
  readonly outcome: Readonly<Record<string, unknown>> | null;
}

export interface VerificationStep {
  readonly name: 'seed' | 'commitment' | 'chain' | 'beacon' | 'outcome' | 'match';
  /** null: neither right nor wrong, as this verifier does not know the game. */
  readonly ok: boolean | null;
  /** What the proof claims, and what was computed from the seed. */
  readonly expected: string;
  readonly actual: string;
}

const SEED_HEX_LENGTH = 64;
/** A chain beyond this is not walked: a false proof must not hold the reader's machine. */
const MAX_CHAIN_LENGTH = 10_000_000;
/** The walk lets other work run after this many hashes (some 20 ms). */
const HASHES_PER_TURN = 20_000;

/**
 * Every step is reported, also after one that failed. `ok` is true when all of them are right, false when one is wrong,
 * and null when none is wrong and one could not be told. Never throws for a false or damaged proof.
 */
export async function verifyRound(
  proof: RoundProof,
): Promise<{ ok: boolean | null; steps: VerificationStep[] }> {
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
    const beacon = beaconStep(proof);
    if (beacon) steps.push(beacon);
    const known = gameOf(proof.game);
    const actual = recomputedOutcome(proof, seedHex);
    if (!known) {
      const expected = JSON.stringify(proof.outcome);
      steps.push({ name: 'outcome', ok: null, expected, actual });
    } else {
      const claimed = proof.outcome ? known.claimed(proof.outcome) : 'none';
      steps.push(step('outcome', claimed, actual));
      if (known.played) steps.push({ name: 'match', ...known.played(proof.outcome ?? {}) });
    }
  }
  return { ok: verdict(steps), steps };
}

function verdict(steps: readonly VerificationStep[]): boolean | null {
  if (steps.some(({ ok }) => ok === false)) return false;
  return steps.some(({ ok }) => ok === null) ? null : true;
}

/** What one game's outcome is called in words, how it is drawn, and what was played after the draw. */
interface Recomputation {
  claimed(outcome: Readonly<Record<string, unknown>>): string;
  drawn(bytes: OutcomeBytes): string;
  played?(outcome: Readonly<Record<string, unknown>>): Omit<VerificationStep, 'name'>;
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
    claimed: ({ number }) => JSON.stringify(number) ?? 'none',
    drawn: (bytes) => String(bytes.integer(37)),
  },
  // F8: for each of eight runners the times for ten sections, the first four less far apart.
  derby: {
    claimed: ({ timesMs, sectionsMs, finish }) => JSON.stringify({ timesMs, sectionsMs, finish }),
    drawn(bytes) {
      const timesMs: number[] = [];
      const sectionsMs: number[][] = [];
      for (let runner = 1; runner <= 8; runner += 1) {
        const sections: number[] = [];
        for (let n = 1; n <= 4; n += 1) sections.push(2_240 + 10 * bytes.integer(61));
        for (let n = 5; n <= 10; n += 1) sections.push(1_940 + 10 * bytes.integer(121));
        sectionsMs.push(sections);
        timesMs.push(sections.reduce((total, time) => total + time, 0));
      }
      const finish: number[][] = [];
      for (const time of [...timesMs].sort((x, y) => x - y)) {
        const together = timesMs.flatMap((other, index) => (other === time ? [index + 1] : []));
        if (!finish.some(([first]) => first === together[0])) finish.push(together);
      }
      return JSON.stringify({ timesMs, sectionsMs, finish });
    },
  },
  // F9: the seat that begins. What follows is played, and replayed here.
  duel: {
    claimed({ setup }) {
      const { first, log } = Object(setup);
      return JSON.stringify({ first, log });
    },
    drawn: (bytes) => JSON.stringify({ first: bytes.integer(2), log: [] }),
    played: playedDuel,
  },
};

function gameOf(name: string): Recomputation | undefined {
  return Object.hasOwn(GAMES, name) ? GAMES[name] : undefined;
}

/**
 * The outcome of a round in words: "1.87" for crash, "17" for roulette, JSON for the derby and for the setup of a duel;
 * of a game that is not known here, the bytes from which its rules draw.
 */
export function recompute(
  game: string,
  seedHex: string,
  saltHex: string,
  roundId: string,
  beaconHex: string | null,
): string {
  const bytes = new OutcomeBytes(fromHex(seedHex), saltHex, roundId, beaconHex);
  const known = gameOf(game);
  if (known) return known.drawn(bytes);
  const begin = toHex(Uint8Array.from(bytes.take(32)));
  return `the rules of "${game}" are not known here; they draw from the bytes ${begin} ...`;
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

/** Whether the moves of a duel are legal, and end it as its outcome says. */
function playedDuel({
  setup,
  moves,
  winner,
  ending,
}: Readonly<Record<string, unknown>>): Omit<VerificationStep, 'name'> {
  const whoWins = winner === null ? 'nobody wins' : `seat ${JSON.stringify(winner)} wins`;
  const expected = `ending ${JSON.stringify(ending)}, ${whoWins}`;
  const { first } = Object(setup);
  if (first !== 0 && first !== 1) return { ok: false, expected, actual: 'nobody begins' };
  if (!Array.isArray(moves)) return { ok: false, expected, actual: 'there is no list of moves' };
  const { state, words } = replayedDuel(first, moves);
  return { ok: endsAs(ending, winner, state), expected, actual: words };
}

/** `row 0`: the last move completed a row of seat 0. `turn 0`: nobody has a row, columns are free, and it is its turn. */
type DuelState = `row ${0 | 1}` | `turn ${0 | 1}` | 'full' | 'illegal';

/** Only a row wins by the rules and only a full board is drawn by them; all other endings break a match off. */
function endsAs(ending: unknown, winner: unknown, state: DuelState): boolean {
  const open = state === 'turn 0' || state === 'turn 1';
  if (ending === 'drawn') return winner === null && state === 'full';
  if (ending === 'agreed') return winner === null && open;
  if (winner !== 0 && winner !== 1) return false;
  if (ending === 'won') return state === `row ${winner}`;
  // Time runs for the seat whose turn it is.
  if (ending === 'time') return open && state !== `turn ${winner}`;
  return (ending === 'resigned' || ending === 'left') && open;
}

/**
 * Connect Four on seven columns of six cells. Each seat's discs are bits of one number: cell `height` of column c is bit
 * 7c + height, and every seventh bit stays empty, so that no row goes on from one column's top to the next one's foot.
 */
function replayedDuel(
  first: 0 | 1,
  moves: readonly unknown[],
): { state: DuelState; words: string } {
  const discs: [bigint, bigint] = [0n, 0n];
  const heights = [0, 0, 0, 0, 0, 0, 0];
  let seat = first;
  let end: 'row 0' | 'row 1' | 'full' | undefined;
  for (const [index, move] of moves.entries()) {
    const illegal = (why: string) =>
      ({ state: 'illegal', words: `move ${index + 1} is not legal: ${why}` }) as const;
    if (end) return illegal('the match was over');
    const { column } = Object(move);
    const height = Number.isInteger(column) ? heights[column] : undefined;
    if (height === undefined) return illegal('there is no such column');
    if (height === 6) return illegal(`column ${column} is full`);
    discs[seat] |= 1n << BigInt(7 * column + height);
    heights[column] = height + 1;
    if (hasFour(discs[seat])) end = `row ${seat}`;
    else if (heights.every((cells) => cells === 6)) end = 'full';
    seat = seat === 0 ? 1 : 0;
  }
  const count = moves.length === 1 ? '1 legal move' : `${moves.length} legal moves`;
  if (!end) return { state: `turn ${seat}`, words: `${count}, no row, seat ${seat} to move` };
  if (end === 'full') return { state: end, words: `${count}, no row, the board is full` };
  return { state: end, words: `${count}, the last one completes a row of seat ${end.slice(4)}` };
}

/** Four bits at the same distance: upright 1, level 7, on the diagonals 6 and 8. */
function hasFour(discs: bigint): boolean {
  return [1n, 6n, 7n, 8n].some((distance) => {
    const pairs = discs & (discs >> distance);
    return (pairs & (pairs >> (2n * distance))) !== 0n;
  });
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

/**
 * F6: the randomness is SHA-256 of the signature; who signed is checked with drand's tools. That a beacon was missing is
 * told, and makes no round wrong. Null for a round without either.
 */
function beaconStep({ beacon, beaconMissing }: RoundProof): VerificationStep | null {
  if (!beacon && !beaconMissing) return null;
  const { chain, round, reason } = Object(beacon ?? beaconMissing);
  const name = 'beacon';
  if (!beacon) {
    const expected = `${round === null ? 'a round' : `round ${round}`} of the drand chain ${chain}`;
    const actual = `not there (${reason}): drawn from the seed alone`;
    return { name, ok: true, expected, actual };
  }
  const { randomness, signature } = Object(beacon);
  const expected = String(randomness).toLowerCase();
  if (beaconMissing) return { name, ok: false, expected, actual: 'said to be missing as well' };
  if (!isHex(String(signature))) return { name, ok: false, expected, actual: 'no signature' };
  return step(name, expected, toHex(sha256(fromHex(String(signature)))));
}

function recomputedOutcome({ game, chain, roundId, beacon }: RoundProof, seedHex: string): string {
  try {
    return recompute(game, seedHex, chain.salt, roundId, beacon ? String(beacon.randomness) : null);
  } catch (error) {
    return error instanceof Error ? error.message : 'damaged';
  }
}

/**
 * The text of a proof, read with care.
 * @throws Error that says in words what is wrong with it
 */
export function readProof(text: string): RoundProof {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not JSON (${(error as Error).message}).`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('This is JSON, but no proof: a proof is an object in braces.');
  }
  const proof = value as Record<string, unknown>;
  const { roundId, game, chain, index, commitment, seed, beacon, outcome, code } = proof;
  if (typeof code === 'string' && roundId === undefined) {
    throw new Error(`This is no proof, but an error that the server answered: ${code}.`);
  }
  const { commitment: start, salt, length } = Object(chain);
  const faults = [
    isUuid(roundId) ? '' : 'roundId must be a UUID',
    typeof game === 'string' ? '' : 'game must be the name of a game',
    isHash(start) ? '' : 'chain.commitment must be 64 hexadecimal digits',
    isHash(salt) ? '' : 'chain.salt must be 64 hexadecimal digits',
    Number.isSafeInteger(length) ? '' : 'chain.length must be a whole number',
    Number.isSafeInteger(index) ? '' : 'index must be a whole number',
    isHash(commitment) ? '' : 'commitment must be 64 hexadecimal digits',
    typeof seed === 'string' || seed === null ? '' : 'seed must be text or null',
    isFlat(beacon) ? '' : 'beacon must be an object or null',
    isFlat(proof.beaconMissing) ? '' : 'beaconMissing must be an object or null',
    typeof outcome === 'object' && !Array.isArray(outcome)
      ? ''
      : 'outcome must be an object or null',
  ].filter((fault) => fault !== '');
  if (faults.length > 0) throw new Error(`This is JSON, but no proof: ${faults.join('; ')}.`);
  return value as RoundProof;
}

/** null, or fields with plain values. */
function isFlat(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return (
    typeof value === 'object' && Object.values(value).every((field) => Object(field) !== field)
  );
}

function isUuid(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);
}

function isHash(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value);
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
