/**
 * The catalogue of items and buildings: what the rules of worlds are given of it, what everybody may see, and what admins
 * do to it (W8). Nothing in it is ever deleted: what players have of it stays theirs.
 */
import type { Logger } from 'pino';
import { type Transaction, UniqueConstraintError } from 'sequelize';
import { storableAddress } from '../accounts/sessions.ts';
import type { Database } from '../database/connection.ts';
import { AppError } from '../errors.ts';
import type { WorldCatalogue } from '../games/world.ts';
import type { UserId } from '../ids.ts';
import { cursorNumber, page } from '../ledger/history.ts';
import { persist } from '../ledger/persist.ts';
import type {
  Building,
  BuildingPatch,
  Item,
  ItemPatch,
  NewBuilding,
  NewItem,
  Page,
  PageQuery,
} from '../protocol.ts';
import { CatalogueRows, MONEY } from './catalogue-rows.ts';

/** All of it is read again every other second, for the rules. */
export const MAX_ITEMS = 1_000;
export const MAX_BUILDINGS = 500;
/** Advisory lock of a transaction that adds to the catalogue, so that the bounds hold. */
const ADDING_LOCK_KEY = 4_180_226_951;

/** Who changes the catalogue, and from where. */
export interface Editor {
  readonly userId: UserId;
  readonly username: string;
  readonly ip: string | null;
}

/** What was done to an entry, for `audit_events`; `after` is the entry. */
interface Change<Entry> {
  readonly did: 'create' | 'change' | 'retire' | 'nothing';
  readonly before: Entry | null;
  readonly after: Entry;
}

const ITEM = 'id, name, title, description, icon, price, is_active AS "isActive", data';
const BUILDING = 'id, name, title, description, icon, cost, is_active AS "isActive", data';
// Of the few items of the catalogue, however many users have made of their own.
const ITEMS = 'WITH c AS MATERIALIZED (SELECT * FROM items WHERE owner_user_id IS NULL)';

export class Catalogue {
  readonly #db: Database;
  readonly #rows: CatalogueRows;

  /** `now` in ms, monotonic. */
  constructor(db: Database, logger: Pick<Logger, 'warn'>, now = () => performance.now()) {
    this.#db = db;
    this.#rows = new CatalogueRows(db.pool, {
      now,
      broken: (row, reason) =>
        logger.warn({ ...row, reason }, 'an entry of the catalogue cannot be read; it is left out'),
    });
  }

  /** As it was less than CATALOGUE_MS ago, with all that this node has changed. @throws AppError BUSY */
  current(): Promise<WorldCatalogue> {
    return this.#rows.current();
  }

  /** Those that are not retired, oldest first; the cursor is the last one's id. @throws AppError BAD_REQUEST */
  items(query: PageQuery): Promise<Page<Item>> {
    return this.#page<Item>(`${ITEMS} SELECT ${ITEM} FROM c`, query);
  }

  /** Also a retired one. @throws AppError NOT_FOUND */
  item(id: number): Promise<Item> {
    return this.#one<Item>(`SELECT ${ITEM} FROM items WHERE id = $1 AND owner_user_id IS NULL`, id);
  }

  /** As `items`. */
  buildings(query: PageQuery): Promise<Page<Building>> {
    return this.#page<Building>(`SELECT ${BUILDING} FROM buildings`, query);
  }

  /** As `item`. */
  building(id: number): Promise<Building> {
    return this.#one<Building>(`SELECT ${BUILDING} FROM buildings WHERE id = $1`, id);
  }

  /** @throws AppError BAD_REQUEST, CONFLICT when the name is taken, LIMIT_EXCEEDED */
  async createItem(editor: Editor, given: NewItem): Promise<Item> {
    if (given.name === MONEY) {
      throw new AppError('BAD_REQUEST', `name: "${MONEY}" is the name of money`);
    }
    return this.#write(editor, 'item', async (transaction) => {
      await this.#assertRoom(transaction, 'items', MAX_ITEMS);
      const { description = null, icon = null, price = null } = given;
      const values = { ...given, description, icon, price, ownerUserId: null };
      const row = await this.#db.models.Item.create(values, { transaction });
      return { did: 'create', before: null, after: itemOf(row) };
    });
  }

  /** @throws AppError NOT_FOUND */
  changeItem(editor: Editor, id: number, patch: ItemPatch): Promise<Item> {
    return this.#write(editor, 'item', async (transaction) => {
      const row = await this.#lockedItem(transaction, id);
      const before = itemOf(row);
      await row.update(said(patch), { transaction });
      return { did: 'change', before, after: itemOf(row) };
    });
  }

  /** No more of it is to be had; what players have stays. Retiring it again changes nothing. @throws AppError NOT_FOUND */
  retireItem(editor: Editor, id: number): Promise<Item> {
    return this.#write(editor, 'item', async (transaction) => {
      const row = await this.#lockedItem(transaction, id);
      const before = itemOf(row);
      if (before.isActive) await row.update({ isActive: false }, { transaction });
      return { did: before.isActive ? 'retire' : 'nothing', before, after: itemOf(row) };
    });
  }

  /** @throws AppError CONFLICT when the name is taken, LIMIT_EXCEEDED */
  createBuilding(editor: Editor, given: NewBuilding): Promise<Building> {
    return this.#write(editor, 'building', async (transaction) => {
      await this.#assertRoom(transaction, 'buildings', MAX_BUILDINGS);
      const { description = null, icon = null } = given;
      const values = { ...given, description, icon };
      const row = await this.#db.models.Building.create(values, { transaction });
      return { did: 'create', before: null, after: buildingOf(row) };
    });
  }

  /** @throws AppError NOT_FOUND */
  changeBuilding(editor: Editor, id: number, patch: BuildingPatch): Promise<Building> {
    return this.#write(editor, 'building', async (transaction) => {
      const row = await this.#lockedBuilding(transaction, id);
      const before = buildingOf(row);
      await row.update(said(patch), { transaction });
      return { did: 'change', before, after: buildingOf(row) };
    });
  }

  /** Those that stand go on, new ones are not built. Retiring it again changes nothing. @throws AppError NOT_FOUND */
  retireBuilding(editor: Editor, id: number): Promise<Building> {
    return this.#write(editor, 'building', async (transaction) => {
      const row = await this.#lockedBuilding(transaction, id);
      const before = buildingOf(row);
      if (before.isActive) await row.update({ isActive: false }, { transaction });
      return { did: before.isActive ? 'retire' : 'nothing', before, after: buildingOf(row) };
    });
  }

  /** W8: the change and the note of it, both or neither; rules on this node know it from then on. */
  async #write<Entry extends Item | Building>(
    editor: Editor,
    entity: 'item' | 'building',
    work: (transaction: Transaction) => Promise<Change<Entry>>,
  ): Promise<Entry> {
    try {
      return await this.#db.transact(async (transaction) => {
        const { did, before, after } = await work(transaction);
        if (did !== 'nothing') {
          const noted = { action: `${entity}.${did}`, entity, entityId: String(after.id) };
          const actor = { actorUserId: editor.userId, actor: editor.username };
          await this.#db.models.AuditEvent.create(
            { ...actor, ...noted, before, after, ip: storableAddress(editor.ip) },
            { transaction },
          );
        }
        return after;
      });
    } catch (error) {
      if (!(error instanceof UniqueConstraintError)) throw error;
      throw new AppError('CONFLICT', 'This name is taken.', { fields: { name: 'taken' } });
    } finally {
      // Also after an error: it may be that only the answer to the commit was lost.
      this.#rows.forget();
    }
  }

  async #assertRoom(
    transaction: Transaction,
    what: 'items' | 'buildings',
    most: number,
  ): Promise<void> {
    const { models, sequelize } = this.#db;
    await sequelize.query('SELECT pg_advisory_xact_lock($1)', {
      bind: [ADDING_LOCK_KEY],
      transaction,
    });
    const count =
      what === 'items'
        ? await models.Item.count({ where: { ownerUserId: null }, transaction })
        : await models.Building.count({ transaction });
    if (count >= most) {
      throw new AppError('LIMIT_EXCEEDED', `The catalogue has at most ${most} ${what}.`);
    }
  }

  async #lockedItem(transaction: Transaction, id: number) {
    const lock = transaction.LOCK.NO_KEY_UPDATE;
    const where = { id, ownerUserId: null };
    const row = await this.#db.models.Item.findOne({ where, lock, transaction });
    if (row === null) throw new AppError('NOT_FOUND');
    return row;
  }

  async #lockedBuilding(transaction: Transaction, id: number) {
    const lock = transaction.LOCK.NO_KEY_UPDATE;
    const row = await this.#db.models.Building.findByPk(id, { lock, transaction });
    if (row === null) throw new AppError('NOT_FOUND');
    return row;
  }

  async #page<Entry extends Item | Building>(
    select: string,
    { limit, cursor }: PageQuery,
  ): Promise<Page<Entry>> {
    const text = `${select} WHERE is_active AND id > $1 ORDER BY id LIMIT $2`;
    const values = [cursorNumber(cursor) ?? 0, limit + 1];
    const { rows } = await persist(() => this.#db.pool.query<Entry>(text, values));
    return page(rows, limit, ({ id }) => String(id));
  }

  async #one<Entry extends Item | Building>(text: string, id: number): Promise<Entry> {
    const { rows } = await persist(() => this.#db.pool.query<Entry>(text, [id]));
    if (!rows[0]) throw new AppError('NOT_FOUND');
    return rows[0];
  }
}

/** What is told of an item's row. */
export function itemOf({ id, name, title, description, icon, price, isActive, data }: Item): Item {
  return { id, name, title, description, icon, price, isActive, data };
}

function buildingOf(row: Building): Building {
  const { id, name, title, description, icon, cost, isActive, data } = row;
  return { id, name, title, description, icon, cost, isActive, data };
}

/** A patch without the fields that it does not name. */
export function said<Patch extends object>(
  patch: Patch,
): { [Field in keyof Patch]?: Exclude<Patch[Field], undefined> } {
  const fields = Object.entries(patch).filter(([, value]) => value !== undefined);
  return Object.fromEntries(fields) as {
    [Field in keyof Patch]?: Exclude<Patch[Field], undefined>;
  };
}
