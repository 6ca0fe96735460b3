/**
 * Finds secrets in whatever was collected: as they are, backwards, or written as hex, base64, a decimal number or a list
 * of bytes, at any offset. Each secret has a time from which on it is public.
 */
import { createHash, createHmac } from 'node:crypto';
import { CHAIN_LENGTH, seedsOf } from '../../src/fairness/chain.ts';

/** Something that was received. `at` is when it was all there, ms since the epoch. */
export interface Item {
  readonly from: string;
  readonly at: number;
  readonly bytes: Buffer;
}

export interface Secret {
  readonly name: string;
  /** At least eight, so that nothing has them by chance. */
  readonly bytes: Buffer;
  /** Until when it must not be seen, ms since the epoch. */
  readonly untilMs: number;
}

/** A round as the books had it when all was over. */
export interface PlayedRound {
  readonly id: string;
  readonly game: string;
  readonly roomId: string;
  readonly chain: string;
  readonly salt: string;
  readonly index: number;
  readonly commitment: string;
  /** What its seed makes of it, whether it has come to that or not. */
  readonly outcome: Record<string, unknown>;
  readonly startedMs: number;
  /** When its outcome was committed; infinite when it was not. */
  readonly endedMs: number;
}

const SEED_BYTES = 32;
const KEY_BYTES = 4;
const MIN_BYTES = 8;
/** Blocks of a round's random bytes that are looked for. */
const BLOCKS = 4;
const NEXT_SEEDS = 64;
/** Lists of an outcome that are shorter than this, as text, are met by chance. */
const MIN_LIST_TEXT = 16;

const HEX = /[0-9a-f]{16,}/gi;
const BASE64 = /[0-9a-z+/_-]{11,}/gi;
const DECIMAL = /\d{70,78}/g;
const BYTES = /\d{1,3}(?:, ?\d{1,3}){7,}/g;

/** The secrets found in what was received before they were public; one line for each secret and source. */
export function findSecrets(items: readonly Item[], secrets: readonly Secret[]): string[] {
  const known = new KnownSecrets(secrets);
  const found = new Set<string>();
  for (const { from, at, bytes } of items) {
    for (const reading of readings(bytes)) {
      for (const secret of known.in(reading)) {
        if (at < secret.untilMs) found.add(`${secret.name} in ${from}`);
      }
    }
  }
  return [...found];
}

/** Forwards and backwards, by the first four bytes; of 24 bits of these a map of bits says at once when there is none. */
class KnownSecrets {
  readonly #byStart = new Map<number, { secret: Secret; backwards: boolean }[]>();
  readonly #starts = new Uint8Array(2 ** 24 / 8);

  constructor(secrets: readonly Secret[]) {
    for (const secret of secrets) {
      const { bytes, name } = secret;
      if (bytes.length < MIN_BYTES) throw new RangeError(`${name} is too short`);
      this.#enter(bytes.readUInt32BE(), { secret, backwards: false });
      this.#enter(bytes.readUInt32LE(bytes.length - KEY_BYTES), { secret, backwards: true });
    }
  }

  #enter(start: number, entry: { secret: Secret; backwards: boolean }): void {
    const bits = start >>> 8;
    this.#starts[bits >>> 3] = (this.#starts[bits >>> 3] as number) | (1 << (bits & 7));
    const others = this.#byStart.get(start);
    if (others) others.push(entry);
    else this.#byStart.set(start, [entry]);
  }

  *in(reading: Buffer): Generator<Secret> {
    let start = 0;
    for (let end = 1; end <= reading.length; end++) {
      start = ((start << 8) | (reading[end - 1] as number)) >>> 0;
      const bits = start >>> 8;
      if (end < KEY_BYTES || ((this.#starts[bits >>> 3] as number) & (1 << (bits & 7))) === 0)
        continue;
      for (const { secret, backwards } of this.#byStart.get(start) ?? []) {
        const offset = end - KEY_BYTES;
        const window = Buffer.from(reading.subarray(offset, offset + secret.bytes.length));
        if (backwards) window.reverse();
        if (secret.bytes.equals(window)) yield secret;
      }
    }
  }
}

/**
 * For each window of 32 bytes that was received while a round was open: whether it hashes to the round's commitment. This
 * needs no knowledge of the server's secret, and would find a seed wherever it came from.
 */
export function findPreimages(items: readonly Item[], rounds: readonly PlayedRound[]): string[] {
  const open = new Map(rounds.map((round) => [round.commitment, round]));
  const hashed = new Set<string>();
  const found = new Set<string>();
  for (const { from, at, bytes } of items) {
    for (const reading of readings(bytes)) {
      for (const window of windowsOf(reading)) {
        const key = window.toString('latin1');
        if (hashed.has(key)) continue;
        hashed.add(key);
        const round = open.get(createHash('sha256').update(window).digest('hex'));
        if (round && at < round.endedMs) found.add(`${from} opens the commitment of ${round.id}`);
      }
    }
  }
  return [...found];
}

/**
 * All that a round's outcome can be computed from, and the seeds of later rounds, from which the earlier ones follow: of
 * one chain of each game all of them, of the others the next ones and the head.
 */
export function secretsOf(rounds: readonly PlayedRound[], fairnessSecret: string): Secret[] {
  const secrets: Secret[] = [
    {
      name: 'the fairness secret',
      bytes: Buffer.from(fairnessSecret),
      untilMs: Number.POSITIVE_INFINITY,
    },
  ];
  const whole = new Set<string>();
  for (const [chain, ofChain] of Map.groupBy(rounds, (round) => round.chain)) {
    const [{ salt }] = ofChain as [PlayedRound];
    const seeds = chainOf(fairnessSecret, chain, salt);
    const seedAt = (index: number) => seeds.subarray(index * SEED_BYTES, (index + 1) * SEED_BYTES);
    const byIndex = new Map(ofChain.map((round) => [round.index, round]));
    const first = Math.min(...byIndex.keys());
    const [{ game }] = ofChain as [PlayedRound];
    const isWhole = !whole.has(game);
    whole.add(game);
    for (let index = first; index <= CHAIN_LENGTH; index++) {
      if (!isWhole && index === first + NEXT_SEEDS) index = CHAIN_LENGTH;
      const round = byIndex.get(index);
      const name = round ? `the seed of ${round.game} ${round.id}` : `seed ${index} of ${chain}`;
      secrets.push({
        name,
        bytes: seedAt(index),
        untilMs: round?.endedMs ?? Number.POSITIVE_INFINITY,
      });
    }
    for (const round of ofChain) secrets.push(...drawnSecrets(round, seedAt(round.index)));
  }
  return secrets;
}

/** F1: h(0) to h(length) of a chain of the node that has this secret. */
export function chainOf(fairnessSecret: string, chain: string, salt: string): Buffer {
  const head = createHmac('sha256', fairnessSecret).update(`chain ${chain} `);
  return seedsOf(head.update(Buffer.from(salt, 'hex')).digest(), CHAIN_LENGTH);
}

/** F2: the round's random bytes without a beacon, and what is long enough of its outcome. */
function drawnSecrets(round: PlayedRound, seed: Buffer): Secret[] {
  const untilMs = round.endedMs;
  const secrets: Secret[] = [];
  for (let block = 0; block < BLOCKS; block++) {
    const bytes = createHmac('sha256', seed)
      .update(Buffer.from(`${round.salt}00${round.id.replaceAll('-', '')}`, 'hex'))
      .update(Buffer.from([0, 0, 0, block]))
      .digest();
    const name = `block ${block} of ${round.game} ${round.id}`;
    secrets.push({ name, bytes, untilMs });
    // The first eight are all that some draws take.
    if (block === 0) secrets.push({ name, bytes: bytes.subarray(0, MIN_BYTES), untilMs });
  }
  for (const list of listsIn(round.outcome)) {
    const name = `${JSON.stringify(list)} of ${round.game} ${round.id}`;
    for (const bytes of writingsOf(list)) secrets.push({ name, bytes, untilMs });
  }
  return secrets;
}

function* listsIn(value: unknown): Generator<unknown[]> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value) && JSON.stringify(value).length >= MIN_LIST_TEXT) yield value;
  for (const part of Object.values(value)) yield* listsIn(part);
}

/** A list as JSON writes it, as PostgreSQL writes it, and as plain numbers of one, two and eight bytes. */
function writingsOf(list: unknown[]): Buffer[] {
  const text = JSON.stringify(list);
  const flat = list.flat(Number.POSITIVE_INFINITY as 1).map(Number);
  const words = Uint16Array.from(flat);
  const writings = [
    Buffer.from(text),
    Buffer.from(text.replaceAll(',', ', ')),
    Buffer.from(words.buffer),
    Buffer.from(words.buffer.slice(0)).swap16(),
    Buffer.from(Float64Array.from(flat).buffer),
  ];
  if (flat.every((number) => number < 256)) writings.push(Buffer.from(flat));
  return writings.filter((bytes) => bytes.length >= MIN_BYTES);
}

/** The bytes themselves, and everything in them that may stand for other bytes. */
function* readings(bytes: Buffer): Generator<Buffer> {
  yield bytes;
  const text = bytes.toString('latin1');
  for (const [run] of text.matchAll(HEX)) {
    yield Buffer.from(run, 'hex');
    yield Buffer.from(run.slice(1), 'hex');
  }
  for (const [run] of text.matchAll(BASE64)) {
    for (let skip = 0; skip < 4; skip++) yield Buffer.from(run.slice(skip), 'base64');
  }
  for (const [run] of text.matchAll(DECIMAL)) {
    for (const digits of [run, [...run].reverse().join('')]) {
      yield Buffer.from(
        BigInt(digits)
          .toString(16)
          .padStart(2 * SEED_BYTES, '0'),
        'hex',
      );
    }
  }
  for (const [run] of text.matchAll(BYTES)) yield Buffer.from(run.split(',').map(Number));
}

/** Every 32 bytes that follow each other, but for those that are all text: random bytes are not. */
function* windowsOf(reading: Buffer): Generator<Buffer> {
  let textLength = 0;
  for (let end = 1; end <= reading.length; end++) {
    const byte = reading[end - 1] as number;
    const isText = (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d;
    textLength = isText ? textLength + 1 : 0;
    if (end >= SEED_BYTES && textLength < SEED_BYTES) yield reading.subarray(end - SEED_BYTES, end);
  }
}
