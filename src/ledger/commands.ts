/**
 * Commands that move a user's coins and items and, in a world, change its save: once per id, all in one transaction (M5),
 * which is one call of the SQL function `carry_out`.
 */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { v5 as uuidv5 } from 'uuid';
import { AppError } from '../errors.ts';
import type { UserId } from '../ids.ts';
import { persist } from './persist.ts';
import type { HoldingChange, OwnedWorld, WalletChange } from './types.ts';

/** An entry of the inventory that a command changes. */
export interface ItemMove {
  readonly id: number;
  /** Below zero: taken. Never zero. */
  readonly delta: number;
  /** The most that the user may have; only held against what is added. */
  readonly most: number;
  /** How many the user was taken to have; null: that did not matter. */
  readonly held: number | null;
}

export interface CommandToCarryOut {
  readonly userId: UserId;
  /** The client's own name for it, unique per user. */
  readonly commandId: string;
  /** What makes it another request; plain JSON. */
  readonly request: object;
  readonly currency: string;
  /** The save with its new snapshot, and the version that it was made from. */
  readonly world: {
    readonly owned: OwnedWorld;
    readonly version: number;
    readonly snapshot: string;
  } | null;
  readonly items: readonly ItemMove[];
  /** Paid to the shop, got from it, or granted, in minor units, above zero. */
  readonly coins: {
    readonly category: 'purchase' | 'sale' | 'grant';
    readonly amount: number;
  } | null;
  /** For the inventory's changes and the posting. */
  readonly reason: string;
  /** The books add `currency`, `balance`, `inventory` and, of a world, `version`. */
  readonly answer: object;
}

/** Where a user's coins go to or come from. */
const BANKS = { purchase: 'shop', sale: 'shop', grant: 'grant' } as const;
/** Ids of postings are made of commands' in this namespace. */
const NAMESPACE = '7a0d6f35-51d3-4c1e-8b0f-6a2f1a4be0c9';

/** The save is at another version, or gone: whoever asked reads it again. */
export class VersionChanged extends Error {}
/** The inventory is not what the asker took it for. */
export class InventoryChanged extends Error {}

interface Row {
  readonly first: boolean;
  readonly answer: object;
  readonly balance: number | null;
  readonly seq: number | null;
  readonly changes: readonly { item: string; quantity: number; seq: number }[];
}

export class Commands {
  readonly #pool: pg.Pool;
  readonly #publish: (changes: readonly (WalletChange | HoldingChange)[]) => void;
  /** Publishes what a user has now. */
  readonly #retell: (userId: UserId) => Promise<void>;

  constructor(
    pool: pg.Pool,
    publish: (changes: readonly (WalletChange | HoldingChange)[]) => void,
    retell: (userId: UserId) => Promise<void>,
  ) {
    this.#pool = pool;
    this.#publish = publish;
    this.#retell = retell;
  }

  /**
   * `first` is false when the books had this command before, also by this call when an answer of theirs was lost; the
   * answer is the first one's.
   * @throws VersionChanged, InventoryChanged; AppError BET_CONFLICT, INSUFFICIENT_FUNDS, LIMIT_EXCEEDED, ROOM_MOVED, BUSY
   */
  async carryOut(command: CommandToCarryOut): Promise<{ first: boolean; answer: object }> {
    const { userId, currency, coins } = command;
    let sent = 0;
    const values = valuesOf(command);
    const row = await persist(async () => {
      sent += 1;
      const { rows } = await this.#pool.query<Row>({ name: 'carry_out', text: CARRY_OUT, values });
      return rows[0] as Row;
    }).catch(understand);
    if (row.first) {
      const changes: (WalletChange | HoldingChange)[] = row.changes.map((change) => ({
        userId,
        ...change,
      }));
      const { balance, seq } = row;
      if (coins !== null && balance !== null && seq !== null) {
        changes.push({ userId, currency, balance, seq });
      }
      this.#publish(changes);
    } else if (sent > 1) {
      // Perhaps a repeat of ours, after a lost answer: nobody was told yet.
      await this.#retell(userId);
    }
    return { first: row.first, answer: row.answer };
  }

  /** What the books answered to this command; null when they do not have it. @throws AppError BET_CONFLICT, BUSY */
  async answerOf(userId: UserId, commandId: string, request: object): Promise<object | null> {
    const { rows } = await persist(() =>
      this.#pool.query<{ hash: string; answer: object }>(
        'SELECT request_hash AS hash, answer FROM commands WHERE user_id = $1 AND id = $2',
        [userId, commandId],
      ),
    );
    const [row] = rows;
    if (row && row.hash !== hashOf(request)) throw conflict();
    return row?.answer ?? null;
  }

  /** What a user has of the catalogue's items, by name. */
  async inventory(userId: UserId): Promise<Map<string, number>> {
    const { rows } = await persist(() =>
      this.#pool.query<{ name: string; quantity: number }>(
        `SELECT i.name, h.quantity FROM user_inventories h JOIN items i ON i.id = h.item_id
         WHERE h.user_id = $1 AND i.owner_user_id IS NULL AND h.quantity > 0 ORDER BY i.id`,
        [userId],
      ),
    );
    return new Map(rows.map(({ name, quantity }) => [name, quantity]));
  }
}

const CARRY_OUT = `SELECT * FROM carry_out($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
  $18, $19, $20)`;

function valuesOf(command: CommandToCarryOut): unknown[] {
  const { userId, commandId, world, coins } = command;
  const items = command.items.toSorted((a, b) => a.id - b.id);
  const amount = coins === null ? 0 : checked(coins.amount);
  return [
    userId,
    commandId,
    hashOf(command.request),
    JSON.stringify(command.answer),
    command.currency,
    world?.owned.nodeId ?? null,
    world?.owned.roomId ?? null,
    world?.owned.fence ?? null,
    world?.owned.stateId ?? null,
    world?.version ?? null,
    world?.snapshot ?? null,
    items.map(({ id }) => id),
    items.map(({ delta }) => delta),
    items.map(({ most }) => most),
    items.map(({ held }) => held),
    command.reason,
    uuidv5(`${userId} ${commandId.toLowerCase()}`, NAMESPACE),
    coins?.category ?? null,
    coins && BANKS[coins.category],
    coins?.category === 'purchase' ? -amount : amount,
  ];
}

/** M1 */
function checked(amount: number): number {
  if (!Number.isSafeInteger(amount) || amount <= 0) {
    throw new RangeError(`${amount} is no amount of minor units`);
  }
  return amount;
}

function understand(error: unknown): never {
  const { code } = error as { code?: string };
  if (code === 'RH009') throw new VersionChanged();
  if (code === 'RH010') throw new InventoryChanged();
  throw error instanceof AppError && error.code === 'BET_CONFLICT' ? conflict() : error;
}

function conflict(): AppError {
  return new AppError('BET_CONFLICT', 'This id was used for another command.');
}

/** Of the request as JSON with its keys in order: the same request in another order of keys is the same. */
function hashOf(request: object): string {
  return createHash('sha256').update(JSON.stringify(request, inOrder)).digest('hex');
}

function inOrder(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
