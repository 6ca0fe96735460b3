/** Items of a user's own: nothing of the catalogue, not for sale, and nobody else's business (W9). */
import type { Transaction } from 'sequelize';
import type { Database } from '../database/connection.ts';
import { AppError } from '../errors.ts';
import type { UserId } from '../ids.ts';
import { cursorNumber, page } from '../ledger/history.ts';
import { persist } from '../ledger/persist.ts';
import type { Item, NewOwnItem, OwnItemPatch, Page, PageQuery } from '../protocol.ts';
import { itemOf, said } from './catalogue.ts';

export const MAX_OWN_ITEMS = 100;
/** As JSON, the way in which the database writes it: a short number may be a long one there. */
export const MAX_OWN_DATA_BYTES = 16 * 1024;

export class OwnItems {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Oldest first; the cursor is the last one's id. @throws AppError BAD_REQUEST */
  async list(userId: UserId, { limit, cursor }: PageQuery): Promise<Page<Item>> {
    const rows = await this.#rows('owner_user_id = $1 AND id > $2 ORDER BY id LIMIT $3', [
      userId,
      cursorNumber(cursor) ?? 0,
      limit + 1,
    ]);
    return page(rows, limit, ({ id }) => String(id));
  }

  /** @throws AppError NOT_FOUND, also for another user's */
  async one(userId: UserId, id: number): Promise<Item> {
    const [row] = await this.#rows('owner_user_id = $1 AND id = $2', [userId, id]);
    if (!row) throw new AppError('NOT_FOUND');
    return row;
  }

  /** @throws AppError LIMIT_EXCEEDED */
  create(userId: UserId, { title, description, icon, data }: NewOwnItem): Promise<Item> {
    return this.#db.transact(async (transaction) => {
      const { Item, User } = this.#db.models;
      // Whoever adds another one of this user's waits here, so that the bound holds.
      const lock = transaction.LOCK.NO_KEY_UPDATE;
      const owner = await User.findByPk(userId, { attributes: ['id'], lock, transaction });
      if (owner === null) throw new AppError('UNAUTHENTICATED');
      const ownerUserId = userId;
      if ((await Item.count({ where: { ownerUserId }, transaction })) >= MAX_OWN_ITEMS) {
        throw new AppError('LIMIT_EXCEEDED', `At most ${MAX_OWN_ITEMS} items of one's own.`);
      }
      const text = { title, description: description ?? null, icon: icon ?? null };
      const row = await Item.create(
        { ...text, ownerUserId, name: null, price: null, data: data ?? {} },
        { transaction },
      );
      await this.#assertSmall(transaction, row.id);
      return itemOf(row);
    });
  }

  /** @throws AppError NOT_FOUND, LIMIT_EXCEEDED */
  change(userId: UserId, id: number, patch: OwnItemPatch): Promise<Item> {
    return this.#db.transact(async (transaction) => {
      const row = await this.#locked(transaction, userId, id);
      await row.update(said(patch), { transaction });
      await this.#assertSmall(transaction, id);
      return itemOf(row);
    });
  }

  /** For good; one that is or was in an inventory is retired instead. @throws AppError NOT_FOUND */
  async remove(userId: UserId, id: number): Promise<void> {
    await this.#db.transact(async (transaction) => {
      const { UserInventory, InventoryChange } = this.#db.models;
      const row = await this.#locked(transaction, userId, id);
      const used = { where: { itemId: id }, attributes: ['id'], transaction };
      const isUsed =
        (await UserInventory.findOne(used)) !== null ||
        (await InventoryChange.findOne(used)) !== null;
      if (isUsed) await row.update({ isActive: false }, { transaction });
      else await row.destroy({ transaction });
    });
  }

  async #rows(where: string, values: unknown[]): Promise<Item[]> {
    const text = `SELECT id, name, title, description, icon, price, is_active AS "isActive", data
      FROM items WHERE ${where}`;
    return (await persist(() => this.#db.pool.query<Item>(text, values))).rows;
  }

  /** FOR UPDATE: whoever puts it into an inventory at this moment waits, and finds it gone. */
  async #locked(transaction: Transaction, userId: UserId, id: number) {
    const lock = transaction.LOCK.UPDATE;
    const where = { id, ownerUserId: userId };
    const row = await this.#db.models.Item.findOne({ where, lock, transaction });
    if (row === null) throw new AppError('NOT_FOUND');
    return row;
  }

  async #assertSmall(transaction: Transaction, id: number): Promise<void> {
    const [[size]] = (await this.#db.sequelize.query(
      'SELECT octet_length(data::text) AS bytes FROM items WHERE id = $1',
      { bind: [id], transaction },
    )) as [[{ bytes: number }], unknown];
    if (size.bytes > MAX_OWN_DATA_BYTES) {
      throw new AppError('LIMIT_EXCEEDED', `data: at most ${MAX_OWN_DATA_BYTES} bytes of JSON`);
    }
  }
}
