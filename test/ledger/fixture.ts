/** Books on a database of their own, and what a test of the ledger puts into them: players, nodes, rooms, rounds, bets. */
import assert from 'node:assert/strict';
import type pg from 'pg';
import { pino } from 'pino';
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import { seedCatalogue } from '../../src/database/seed.ts';
import type { Code } from '../../src/errors.ts';
import { games, roundByName } from '../../src/games/registry.ts';
import type { BetId, NodeId, RoomId, RoundId, UserId, WalletId } from '../../src/ids.ts';
import { audit } from '../../src/ledger/audit.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { settle } from '../../src/ledger/settlement.ts';
import type { OwnedRoom, PlaceBet, ResolveBet } from '../../src/ledger/types.ts';
import { createTestDatabase } from '../support/database.ts';

export const silent = pino({ level: 'silent' });
export const crash = roundByName('crash');

const START_BALANCE = 500;
const CHAIN_LENGTH = 1_000;
const LEASE = '1 hour';
const WAIT_TIMEOUT_MS = 10_000;

export interface Player {
  readonly userId: UserId;
  readonly walletId: WalletId;
}

export class Books {
  readonly db: Database;
  readonly ledger: Ledger;
  readonly #drop: () => Promise<void>;
  readonly #others: Database[] = [];
  #users = 0;

  constructor(db: Database, drop: () => Promise<void>) {
    this.db = db;
    this.ledger = this.ledgerOn(db);
    this.#drop = drop;
  }

  /** Another process, as far as the database can tell: its own connections and its own batches. */
  async another(): Promise<{ db: Database; ledger: Ledger }> {
    const db = await openDatabase(this.db.url, { poolSize: 2, logger: silent });
    this.#others.push(db);
    return { db, ledger: this.ledgerOn(db) };
  }

  ledgerOn(db: Database): Ledger {
    return new Ledger(db, {
      startBalance: START_BALANCE,
      logger: silent,
      hasNeighbours: () => false,
    });
  }

  async closeOthers(): Promise<void> {
    await Promise.all(this.#others.splice(0).map((db) => db.close()));
  }

  async close(): Promise<void> {
    await this.closeOthers();
    await this.db.close();
    await this.#drop();
  }

  async rows<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.db.pool.query<Row>(sql, values)).rows;
  }

  async row<Row extends object>(sql: string, values: unknown[] = []): Promise<Row> {
    const [row] = await this.rows<Row>(sql, values);
    assert.ok(row, `no row: ${sql}`);
    return row;
  }

  async player(balance = START_BALANCE): Promise<Player> {
    this.#users += 1;
    const username = `player-${this.#users}-${process.pid}`;
    return this.row<Player>(
      `WITH u AS (INSERT INTO users (username) VALUES ($1) RETURNING id)
       SELECT id AS "userId", open_wallet(id, $2, $3) AS "walletId" FROM u`,
      [username, balance, uuidv7()],
    );
  }

  players(count: number, balance = START_BALANCE): Promise<Player[]> {
    return Promise.all(Array.from({ length: count }, () => this.player(balance)));
  }

  async pair(balance = START_BALANCE): Promise<[Player, Player]> {
    return [await this.player(balance), await this.player(balance)];
  }

  async node(lease = LEASE): Promise<NodeId> {
    const { id } = await this.row<{ id: NodeId }>(
      `INSERT INTO server_nodes (id, hostname, pid, lease_expires_at)
       VALUES ($1, 'a-test', 1, clock_timestamp() + $2::interval) RETURNING id`,
      [uuidv7(), lease],
    );
    return id;
  }

  /** As if the node had not renewed for longer than its lease. */
  async expire(node: NodeId): Promise<void> {
    await this.rows(
      `UPDATE server_nodes SET lease_expires_at = clock_timestamp() - interval '1 ms' WHERE id = $1`,
      [node],
    );
  }

  /** As if it had come back. */
  async renew(node: NodeId): Promise<void> {
    await this.rows(
      'UPDATE server_nodes SET lease_expires_at = clock_timestamp() + $2::interval WHERE id = $1',
      [node, LEASE],
    );
  }

  async room(node?: NodeId): Promise<OwnedRoom> {
    const owner = node ?? (await this.node());
    const roomId = `room-${uuidv4()}` as RoomId;
    return this.ledger.rounds.openRoom(owner, roomId, 'crash', 'main');
  }

  /** A round in betting, on a chain of its own. */
  async round(room: OwnedRoom, number = 1): Promise<RoundId> {
    const id = uuidv7() as RoundId;
    await this.ledger.rounds.open(room, { ...(await this.roundToOpen(room)), id, number });
    return id;
  }

  async roundToOpen(room: OwnedRoom) {
    const chainId = uuidv7();
    await this.rows(
      `INSERT INTO fairness_chains (id, game_id, room_id, commitment, salt, length)
       VALUES ($1, $2, $3, $4, $4, $5)`,
      [chainId, room.gameId, room.roomId, 'c0'.repeat(32), CHAIN_LENGTH],
    );
    const commitment = 'c1'.repeat(32);
    const id = uuidv7() as RoundId;
    return { id, number: 1, payTableVersion: 1, chainId, chainIndex: 1, commitment };
  }

  /** A room with a round in betting. */
  async table(): Promise<{ room: OwnedRoom; roundId: RoundId }> {
    const room = await this.room();
    return { room, roundId: await this.round(room) };
  }

  async lockAndEnd(room: OwnedRoom, roundId: RoundId, crashPoint: number): Promise<void> {
    await this.ledger.rounds.lock(room, roundId);
    await this.ledger.rounds.end(room, roundId, { crashPoint }, '5e'.repeat(32));
  }

  async settle(room: OwnedRoom, roundId: RoundId, crashPoint: number | null) {
    if (crashPoint !== null) await this.lockAndEnd(room, roundId, crashPoint);
    return settle(this.ledger, crash, room, roundId, crashPoint === null ? null : { crashPoint });
  }

  async balance(owner: Player | WalletId): Promise<number> {
    const id = typeof owner === 'number' ? owner : owner.walletId;
    return (await this.row<{ balance: number }>('SELECT balance FROM wallets WHERE id = $1', [id]))
      .balance;
  }

  async count(table: string, where = 'true', values: unknown[] = []): Promise<number> {
    const sql = `SELECT count(*) AS n FROM ${table} WHERE ${where}`;
    return (await this.row<{ n: number }>(sql, values)).n;
  }

  /** Rows of every table that money is in: the same before and after means that nothing was written. */
  async contents(): Promise<string> {
    const tables = ['wallets', 'postings', 'transactions', 'rounds', 'bets', 'live_rooms'];
    const parts = tables.map((t) => `SELECT '${t}' || (x.*)::text AS line FROM ${t} x`);
    const lines = await this.rows<{ line: string }>(`${parts.join(' UNION ALL ')} ORDER BY line`);
    return lines.map(({ line }) => line).join('\n');
  }

  /** M12 */
  async assertSound(): Promise<void> {
    const { findings } = await audit(this.db);
    assert.deepEqual(findings, []);
  }

  /** Waits until as many statements of others as said wait for a lock. */
  async waiting(count = 1): Promise<void> {
    await until(async () => {
      const { n } = await this.row<{ n: number }>(
        `SELECT count(DISTINCT pid) AS n FROM pg_locks WHERE NOT granted AND pid IN
           (SELECT pid FROM pg_stat_activity WHERE datname = current_database())`,
      );
      return n >= count;
    });
  }

  /** Breaks the books as no statement of the program can: triggers are off. */
  async corrupt(...statements: string[]): Promise<void> {
    await this.inTransaction(async (client) => {
      await client.query('SET LOCAL session_replication_role = replica');
      for (const statement of statements) await client.query(statement);
    });
  }

  async inTransaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.db.pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  }
}

export async function openBooks(): Promise<Books> {
  const { url, drop } = await createTestDatabase({ migrated: true });
  const db = await openDatabase(url, { poolSize: 2, logger: silent });
  await seedCatalogue(db.sequelize, games);
  return new Books(db, drop);
}

export function bet(
  table: { room: OwnedRoom; roundId: RoundId },
  { userId, walletId }: Player,
  amount: number,
  selection: object = {},
  betId = uuidv7(),
): PlaceBet {
  const { room, roundId } = table;
  const sessionId = null;
  return { room, roundId, betId: betId as BetId, userId, walletId, sessionId, amount, selection };
}

/** A player's cash-out of `placed` at `multiplier` hundredths. */
export function cashOut(placed: PlaceBet, multiplier: number): ResolveBet {
  const { room, roundId, betId, amount } = placed;
  const payout = Math.floor((amount * multiplier) / 100);
  return { room, roundId, betId, status: 'cashed', by: 'player', multiplier, payout };
}

/** For `assert.rejects`: an AppError with this code. */
export function code(expected: Code) {
  return (error: { code?: string }) => {
    assert.equal(error.code, expected, String(error));
    return true;
  };
}

/** Waits for a condition that something under way will make true. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + WAIT_TIMEOUT_MS;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, 'waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
