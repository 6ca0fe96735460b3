/**
 * F1: a chain of seeds, h(i-1) = SHA-256(h(i)). Its end h(0) and a salt are stored before the first round; round after
 * round uses h(1), h(2), ..., so that each revealed seed hashes to the one before it. The head of a chain comes from
 * this node's secret and is never stored: who reads the database learns no seed before its time.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { persist } from '../ledger/persist.ts';
import type { OwnedRoom } from '../ledger/types.ts';
import { sha256 } from './stream.ts';

/** Rounds that one chain serves; the seeds of a chain take 32 bytes each in memory. */
export const CHAIN_LENGTH = 4_096;
const SEED_BYTES = 32;

export interface Seed {
  readonly chainId: string;
  readonly index: number;
  readonly salt: Buffer;
  /** SHA-256 of the seed, hex: shown before bets open. */
  readonly commitment: string;
  /** h(index): shown when the round is over, and not before. */
  readonly seed: Buffer;
}

/** The seeds of one room: `next()` gives one for each round and starts a new chain when the last is used up. */
export class SeedChain {
  readonly #pool: pg.Pool;
  readonly #secret: string;
  readonly #room: OwnedRoom;
  #chain: { id: string; salt: Buffer; seeds: Buffer } | undefined;
  #index = 0;

  constructor(pool: pg.Pool, secret: string, room: OwnedRoom) {
    this.#pool = pool;
    this.#secret = secret;
    this.#room = room;
  }

  async next(): Promise<Seed> {
    if (!this.#chain || this.#index === CHAIN_LENGTH) {
      this.#chain = await this.#begin();
      this.#index = 0;
    }
    this.#index += 1;
    const { id, salt, seeds } = this.#chain;
    return {
      chainId: id,
      index: this.#index,
      salt,
      commitment: link(seeds, this.#index - 1).toString('hex'),
      seed: link(seeds, this.#index),
    };
  }

  /** M8: a room that was taken over meanwhile gets no chain from its old owner. @throws AppError ROOM_MOVED, BUSY */
  async #begin(): Promise<{ id: string; salt: Buffer; seeds: Buffer }> {
    const { gameId, roomId, nodeId, fence } = this.#room;
    const id = uuidv7();
    const salt = randomBytes(SEED_BYTES);
    const seeds = seedsOf(chainHead(this.#secret, id, salt), CHAIN_LENGTH);
    await persist(() =>
      this.#pool.query(
        `INSERT INTO fairness_chains (id, game_id, room_id, commitment, salt, length)
         SELECT $1, $2, $3, $4, $5, $6 FROM assert_owner($7, $3, $8) ON CONFLICT (id) DO NOTHING`,
        [
          id,
          gameId,
          roomId,
          link(seeds, 0).toString('hex'),
          salt.toString('hex'),
          CHAIN_LENGTH,
          nodeId,
          fence,
        ],
      ),
    );
    return { id, salt, seeds };
  }
}

function chainHead(secret: string, chainId: string, salt: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`chain ${chainId} `).update(salt).digest();
}

/** h(0) .. h(length), 32 bytes each, from the head h(length). */
export function seedsOf(head: Uint8Array, length: number): Buffer {
  const seeds = Buffer.alloc((length + 1) * SEED_BYTES);
  let seed: Uint8Array = head;
  for (let index = length; index >= 0; index--) {
    seeds.set(seed, index * SEED_BYTES);
    seed = sha256(seed);
  }
  return seeds;
}

function link(seeds: Buffer, index: number): Buffer {
  return seeds.subarray(index * SEED_BYTES, (index + 1) * SEED_BYTES);
}
