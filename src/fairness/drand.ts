/**
 * What a drand chain's public answers say, and whether they are what they claim (F6). Pure. The signature itself is not
 * checked here: that takes pairings on BLS12-381, which drand's own tools do.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';

/** A chain of a longer period would keep a round waiting for longer than players do. */
const MAX_PERIOD_S = 30;
/** A chain with this id, or with none, is one whose hash does not cover its id. */
const DEFAULT_BEACON_ID = 'default';
const HASH = /^[0-9a-f]{64}$/i;

/** When a chain's rounds are: round 1 at `genesisMs`, milliseconds since the epoch, and one each `periodMs`. */
export interface DrandChain {
  /** Of all that is fixed about the chain; hex. */
  readonly hash: string;
  readonly genesisMs: number;
  readonly periodMs: number;
}

/** A round of the chain as it was used; bytes are lower case hex. */
export interface DrandRound {
  readonly chain: string;
  readonly round: number;
  /** SHA-256 of the signature: what is mixed into the draw. */
  readonly randomness: string;
  readonly signature: string;
}

/** What `/info` answers. Other schemes have other signatures, and chained ones need their predecessors. */
const Info = z.object({
  hash: z.string().regex(HASH).toLowerCase(),
  public_key: z.hex().length(192),
  period: z.int().min(1).max(MAX_PERIOD_S),
  genesis_time: z.int().min(1),
  groupHash: z.hex().max(128),
  schemeID: z.literal('bls-unchained-g1-rfc9380'),
  metadata: z.object({ beaconID: z.string().max(100) }).optional(),
});

const PublicRound = z.object({
  round: z.int(),
  randomness: z.string().regex(HASH).toLowerCase(),
  signature: z.hex().length(96).toLowerCase(),
});

/** The chain's hash, which ends the address of each of its relays; null when there is none. */
export function chainHashIn(url: string): string | null {
  return /\/([0-9a-f]{64})$/i.exec(url)?.[1]?.toLowerCase() ?? null;
}

/** @throws Error when `info` does not describe the chain of that hash */
export function chainOf(info: unknown, hash: string): DrandChain {
  const { period, genesis_time: genesis, public_key: key, groupHash, metadata } = Info.parse(info);
  const fixed = Buffer.alloc(12);
  fixed.writeUInt32BE(period, 0);
  fixed.writeBigInt64BE(BigInt(genesis), 4);
  const id = metadata?.beaconID ?? DEFAULT_BEACON_ID;
  const computed = createHash('sha256')
    .update(fixed)
    .update(Buffer.from(key, 'hex'))
    .update(Buffer.from(groupHash, 'hex'))
    .update(id === DEFAULT_BEACON_ID ? '' : id)
    .digest('hex');
  if (computed !== hash) throw new Error(`this is the chain ${computed}, not ${hash}`);
  return { hash, genesisMs: genesis * 1_000, periodMs: period * 1_000 };
}

/** When a round is made, in milliseconds since the epoch. */
export function timeOf({ genesisMs, periodMs }: DrandChain, round: number): number {
  return genesisMs + (round - 1) * periodMs;
}

/** The first round whose time is strictly after `atMs`. */
export function roundAfter({ genesisMs, periodMs }: DrandChain, atMs: number): number {
  return Math.max(1, Math.floor((atMs - genesisMs) / periodMs) + 2);
}

/** @throws Error when `answer` is not that round, or its randomness does not come from its signature */
export function drandRoundOf(answer: unknown, chain: DrandChain, round: number): DrandRound {
  const { randomness, signature, ...answered } = PublicRound.parse(answer);
  if (answered.round !== round) throw new Error(`round ${answered.round} instead of ${round}`);
  const computed = createHash('sha256').update(Buffer.from(signature, 'hex')).digest('hex');
  if (computed !== randomness) throw new Error('the randomness is not that of the signature');
  return { chain: chain.hash, round, randomness, signature };
}
