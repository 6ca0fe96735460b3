/** What a user has, and buying more of it from the shop (W9). */
import type pg from 'pg';
import { AppError } from '../errors.ts';
import type { UserId } from '../ids.ts';
import { InventoryChanged } from '../ledger/commands.ts';
import { cursorNumber, page } from '../ledger/history.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { persist } from '../ledger/persist.ts';
import {
  type InventoryItem,
  ItemData,
  type Page,
  type PageQuery,
  type Purchased,
} from '../protocol.ts';

export interface WantedPurchase {
  readonly userId: UserId;
  /** The client's own name for it (M5). */
  readonly commandId: string;
  readonly itemId: number;
  readonly quantity: number;
}

interface ShopRow {
  readonly name: string;
  readonly title: string;
  readonly price: number | null;
  readonly isActive: boolean;
  readonly data: unknown;
}

/** What is asked for, at the price of now. */
interface Offer {
  readonly name: string;
  readonly title: string;
  readonly price: number;
  /** The most that a player may have. */
  readonly stack: number;
}

type HoldingRow = InventoryItem['item'] & { readonly quantity: number };

export class Inventory {
  readonly #pool: pg.Pool;
  readonly #ledger: Pick<Ledger, 'commands' | 'currencies'>;

  constructor(pool: pg.Pool, ledger: Pick<Ledger, 'commands' | 'currencies'>) {
    this.#pool = pool;
    this.#ledger = ledger;
  }

  /** By the item's id, which is the cursor too. @throws AppError BAD_REQUEST */
  async list(userId: UserId, { limit, cursor }: PageQuery): Promise<Page<InventoryItem>> {
    const { rows } = await persist(() =>
      this.#pool.query<HoldingRow>(
        `SELECT i.id, i.name, i.title, i.icon, h.quantity
         FROM user_inventories h JOIN items i ON i.id = h.item_id
         WHERE h.user_id = $1 AND h.quantity > 0 AND h.item_id > $2 ORDER BY h.item_id LIMIT $3`,
        [userId, cursorNumber(cursor) ?? 0, limit + 1],
      ),
    );
    const { items, nextCursor } = page(rows, limit, ({ id }) => String(id));
    return { items: items.map(({ quantity, ...item }) => ({ item, quantity })), nextCursor };
  }

  /**
   * Once per `commandId`: a repeat answers what the first one answered, whatever has become of the price since (M5).
   * @throws AppError NOT_FOUND, ILLEGAL_MOVE when it is not for sale, INSUFFICIENT_FUNDS, LIMIT_EXCEEDED, BET_CONFLICT,
   * BUSY
   */
  async purchase(wanted: WantedPurchase): Promise<Purchased> {
    const { userId, commandId, itemId, quantity } = wanted;
    const { commands, currencies } = this.#ledger;
    const request = { type: 'purchase', item: itemId, quantity };
    const offer = await this.#offer(itemId, quantity);
    if (offer instanceof AppError) {
      const first = await commands.answerOf(userId, commandId, request);
      if (first === null) throw offer;
      return first as Purchased;
    }
    const { name: item, title, price, stack } = offer;
    try {
      const { answer } = await commands.carryOut({
        userId,
        commandId,
        request,
        currency: currencies.usual,
        world: null,
        items: [{ id: itemId, delta: quantity, most: stack, held: null }],
        coins: price === 0 ? null : { category: 'purchase', amount: price },
        reason: 'purchase',
        answer: { item, quantity, price },
      });
      return answer as Purchased;
    } catch (error) {
      if (!(error instanceof InventoryChanged)) throw error;
      throw new AppError('LIMIT_EXCEEDED', `${title}: a player has at most ${stack}.`);
    }
  }

  /** Or why there is none. @throws AppError NOT_FOUND */
  async #offer(itemId: number, quantity: number): Promise<Offer | AppError> {
    const { rows } = await persist(() =>
      this.#pool.query<ShopRow>(
        `SELECT name, title, price, is_active AS "isActive", data FROM items
         WHERE id = $1 AND owner_user_id IS NULL`,
        [itemId],
      ),
    );
    const [row] = rows;
    if (!row) throw new AppError('NOT_FOUND');
    const data = ItemData.safeParse(row.data);
    if (!row.isActive || row.price === null || !data.success) {
      return new AppError('ILLEGAL_MOVE', `${row.title} is not for sale.`);
    }
    const price = row.price * quantity;
    // M1: nobody has so much.
    if (!Number.isSafeInteger(price)) return new AppError('INSUFFICIENT_FUNDS');
    return { name: row.name, title: row.title, price, stack: data.data.stack };
  }
}
