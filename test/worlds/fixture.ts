/** Books with a catalogue and saved towns, and live towns without rooms around them. */
import { v4 as uuidv4 } from 'uuid';
import { LiveWorld } from '../../rooms/world.ts';
import { seedCatalogue, seedWorldTables } from '../../src/database/seed.ts';
import { worldByName, worlds } from '../../src/games/registry.ts';
import { buildings, items } from '../../src/games/town/tables.ts';
import type { WorldCatalogue, WorldGame } from '../../src/games/world.ts';
import type { NodeId, RoomId } from '../../src/ids.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { Catalogue } from '../../src/worlds/catalogue.ts';
import { type OpenedSave, Saves } from '../../src/worlds/saves.ts';
import type { Snapshot } from '../../src/worlds/snapshot.ts';
import { type Books, openBooks, type Player, silent } from '../ledger/fixture.ts';

export const CURRENCY = 'COIN';
export const town = worldByName('town') as WorldGame;

export interface LiveTown {
  readonly live: LiveWorld;
  readonly opened: OpenedSave;
  /** What was shown last; null before anything was. */
  shown(): Snapshot | null;
  /** How often it was told that the save is gone. */
  gone(): number;
}

export interface OpenOptions {
  readonly node?: NodeId;
  readonly ledger?: Ledger;
  readonly monotonic?: () => number;
}

export class Towns {
  readonly books: Books;
  readonly saves: Saves;
  readonly tables: Catalogue;
  /** Saves of which it was said that they were changed from outside. */
  readonly changed: number[] = [];

  private constructor(books: Books) {
    this.books = books;
    this.saves = new Saves(books.db.pool, {
      worldByName,
      changed: (_game, id) => void this.changed.push(id),
    });
    this.tables = new Catalogue(books.db, silent);
  }

  static async open(): Promise<Towns> {
    const books = await openBooks();
    await seedCatalogue(books.db.sequelize, worlds);
    await seedWorldTables(books.db.sequelize, { items, buildings });
    return new Towns(books);
  }

  close(): Promise<void> {
    return this.books.close();
  }

  catalogue(): Promise<WorldCatalogue> {
    return this.tables.current();
  }

  save({ userId }: Player, slot = 1): Promise<number> {
    return this.saves.inSlot(userId, town, slot);
  }

  /** The save in a room of its own, as after every join to a town that nobody is at. */
  async enter(stateId: number, options: OpenOptions = {}): Promise<LiveTown> {
    const node = options.node ?? (await this.books.node());
    const roomId = `room-${uuidv4()}` as RoomId;
    const opened = await this.saves.open(node, roomId, town.name, stateId, CURRENCY);
    let last: Snapshot | null = null;
    let ends = 0;
    const live = new LiveWorld(opened, {
      game: town,
      ledger: options.ledger ?? this.books.ledger,
      currency: CURRENCY,
      catalogue: () => this.catalogue(),
      load: (id) => this.saves.load(id),
      changed: (_before, shown) => {
        last = shown;
      },
      gone: () => {
        ends += 1;
      },
      ...(options.monotonic ? { monotonic: options.monotonic } : {}),
    });
    await live.ready();
    return { live, opened, shown: () => last, gone: () => ends };
  }
}
