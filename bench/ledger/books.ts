/**
 * Books in a schema of their own: players, rooms with an open round, and the ledger on them. There are two sides of
 * everything, ours and the others', so that the other ways of placing a bet do not write where ours must be sound.
 */
import { pino } from 'pino';
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import { migrateUp } from '../../src/database/migrate.ts';
import { seedCatalogue } from '../../src/database/seed.ts';
import { games } from '../../src/games/registry.ts';
import type { RoomId, RoundId, UserId, WalletId } from '../../src/ids.ts';
import { audit } from '../../src/ledger/audit.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { OwnedRoom } from '../../src/ledger/types.ts';
import { type NodeLease, takeLease } from '../../src/live/lease.ts';
import { inSchema, withClient } from '../store.ts';
import { clear, grantAll, removeRounds } from './reset.ts';

export const GAME = 'crash';
/** Never spent: a refusal is one that was asked for. */
export const GRANT = 1_000_000_000;
const CHAIN_LENGTH = 1_000_000;
const SIDES = 2;
const silent = pino({ level: 'silent' });

export interface Player {
  readonly userId: UserId;
  readonly walletId: WalletId;
}

export interface Table {
  readonly room: OwnedRoom;
  readonly roundId: RoundId;
}

export interface Size {
  readonly players: number;
  /** What "many rooms" are. */
  readonly rooms: number;
}

export interface Side {
  readonly players: readonly Player[];
  /** The first one is the hot one. */
  readonly tables: readonly Table[];
}

export class Books {
  readonly url: string;
  readonly db: Database;
  readonly ledger: Ledger;
  readonly #schema: string;
  readonly #base: string;
  readonly #lease: NodeLease;
  #sides: { ours: Side; others: Side } | undefined;

  private constructor(base: string, schema: string, db: Database, lease: NodeLease) {
    this.#base = base;
    this.#schema = schema;
    this.#lease = lease;
    this.url = db.url;
    this.db = db;
    this.ledger = new Ledger(db, { startBalance: 0, logger: silent, hasNeighbours: () => false });
  }

  /** So many players and rooms for each side. */
  static async open(base: string, schema: string, size: Size): Promise<Books> {
    await withClient(base, (client) => client.query(`CREATE SCHEMA ${schema}`));
    const url = inSchema(base, schema);
    await migrateUp(url);
    const db = await openDatabase(url, { poolSize: 2, logger: silent });
    await seedCatalogue(db.sequelize, games);
    const books = new Books(base, schema, db, await takeLease(db, undefined, silent));
    await books.#fill(size);
    return books;
  }

  get ours(): Side {
    return this.#filled().ours;
  }

  get others(): Side {
    return this.#filled().others;
  }

  async #fill({ players, rooms }: Size): Promise<void> {
    await withClient(this.url, async (client) => {
      await client.query(
        `WITH u AS (INSERT INTO users (username, user_type)
                    SELECT 'bench-' || n, 'bot' FROM generate_series(1, $1) n RETURNING id)
         INSERT INTO wallets (kind, user_id) SELECT 'user', id FROM u ORDER BY id`,
        [players * SIDES],
      );
      await grantAll(client, GRANT);
    });
    const { rows } = await this.db.pool.query<Player>(
      `SELECT id AS "walletId", user_id AS "userId" FROM wallets WHERE kind = 'user' ORDER BY id`,
    );
    // Every second one, so that both sides' rows are spread over the same pages of the indexes.
    const half = (odd: number) => rows.filter((_, index) => index % SIDES === odd);
    this.#sides = {
      ours: { players: half(0), tables: await this.#tables(rooms) },
      others: { players: half(1), tables: await this.#tables(rooms) },
    };
  }

  /** A room with a round in betting, on a chain of its own. */
  async table(): Promise<Table> {
    const roomId = `bench-${uuidv4()}` as RoomId;
    const room = await this.ledger.rounds.openRoom(this.#lease.id, roomId, GAME, 'main');
    return { room, roundId: await this.round(room, 1) };
  }

  async round(room: OwnedRoom, number: number): Promise<RoundId> {
    const chainId = uuidv7();
    await this.db.pool.query(
      `INSERT INTO fairness_chains (id, game_id, room_id, commitment, salt, length)
       VALUES ($1, $2, $3, $4, $4, $5)`,
      [chainId, room.gameId, room.roomId, 'c0'.repeat(32), CHAIN_LENGTH],
    );
    const id = uuidv7() as RoundId;
    const commitment = 'c1'.repeat(32);
    const opened = { id, number, payTableVersion: 1, chainId, chainIndex: 1, commitment };
    await this.ledger.rounds.open(room, opened);
    return id;
  }

  /** M12: what breaks a rule among all that went through the ledger; the others' rows are taken out before. */
  async unsound(): Promise<string[]> {
    await this.ledger.idle();
    const rooms = this.others.tables.map(({ room }) => room.roomId);
    await withClient(this.url, (client) => removeRounds(client, rooms));
    const { findings } = await audit(this.db);
    return findings.map(({ check, rows }) => `${check}: ${JSON.stringify(rows[0])}`);
  }

  /** Back to players who have their grant and never placed a bet. */
  async clear(): Promise<void> {
    await this.ledger.idle();
    await withClient(this.url, (client) => clear(client, GRANT));
  }

  async count(): Promise<number> {
    const { rows } = await this.db.pool.query<{ n: number }>('SELECT count(*) AS n FROM bets');
    return rows[0]?.n ?? 0;
  }

  async close(): Promise<void> {
    await this.ledger.idle();
    await this.#lease.release();
    await this.db.close();
    await withClient(this.#base, (client) => client.query(`DROP SCHEMA ${this.#schema} CASCADE`));
  }

  #filled() {
    if (!this.#sides) throw new Error('the books have no players yet');
    return this.#sides;
  }

  async #tables(count: number): Promise<Table[]> {
    const tables: Table[] = [];
    while (tables.length < count) tables.push(await this.table());
    return tables;
  }
}
