import assert from 'node:assert/strict';
import { v4 as uuidv4 } from 'uuid';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { Purchased } from '../../src/protocol.ts';
import { Inventory } from '../../src/worlds/inventory.ts';
import { faulty } from '../ledger/faulty.ts';
import { type Books, code, openBooks, type Player } from '../ledger/fixture.ts';

const WHOLE = { limit: 100 };

describe('worlds/inventory', () => {
  let books: Books;
  let inventory: Inventory;
  let player: Player;
  let items = 0;

  before(async () => {
    books = await openBooks();
    inventory = new Inventory(books.db.pool, books.ledger);
  });
  after(async () => {
    await books.assertSound();
    await books.close();
  });
  beforeEach(async () => {
    player = await books.player(1_000);
  });

  async function stock(price: number | null, data: object = {}): Promise<number> {
    items += 1;
    const { id } = await books.row<{ id: number }>(
      'INSERT INTO items (name, title, icon, price, data) VALUES ($1, $1, $2, $3, $4) RETURNING id',
      [`item-${items}`, 'I', price, JSON.stringify(data)],
    );
    return id;
  }
  const buy = (itemId: number, quantity = 1, commandId = uuidv4(), { userId } = player) =>
    inventory.purchase({ userId, commandId, itemId, quantity });
  const has = async (itemId: number, { userId } = player) => {
    const { items: held } = await inventory.list(userId, WHOLE);
    return held.find(({ item }) => item.id === itemId)?.quantity ?? 0;
  };
  const commandsOf = ({ userId } = player) => books.count('commands', 'user_id = $1', [userId]);

  it('[W9] a purchase moves coins to the shop and items into the inventory', async () => {
    const itemId = await stock(30);
    const item = `item-${items}`;
    assert.deepEqual(await buy(itemId, 4), {
      ...{ item, quantity: 4, price: 120, currency: 'COIN', balance: 880 },
      inventory: [{ item, quantity: 4 }],
    });
    assert.deepEqual((await buy(itemId)).inventory, [{ item, quantity: 5 }]);
    assert.equal(await books.balance(player), 850);
    const changes = await books.rows(
      `SELECT delta, quantity_after AS "after", reason FROM inventory_changes WHERE item_id = $1 ORDER BY id`,
      [itemId],
    );
    assert.deepEqual(changes, [
      { delta: 4, after: 4, reason: 'purchase' },
      { delta: 1, after: 5, reason: 'purchase' },
    ]);
  });

  it('[W9] a repeat answers what the first one answered, whatever became of the item since', async () => {
    const itemId = await stock(30);
    const key = uuidv4();
    const first = await buy(itemId, 2, key);
    assert.deepEqual(await buy(itemId, 2, key), first);
    for (const change of [
      'price = 31',
      'price = NULL',
      'price = 9007199254740991',
      'price = 30, is_active = false',
      `is_active = true, data = '{"stack": 1}'`,
      `data = '{"stack": "none"}'`,
    ]) {
      await books.rows(`UPDATE items SET ${change} WHERE id = $1`, [itemId]);
      assert.deepEqual(await buy(itemId, 2, key), first, change);
      await assert.rejects(buy(itemId, 3, key), code('BET_CONFLICT'), change);
    }
    await assert.rejects(buy(await stock(30), 2, key), code('BET_CONFLICT'));
    assert.deepEqual([await has(itemId), await books.balance(player)], [2, 940]);

    // The ids are each player's own.
    const other = await books.player(1_000);
    const another = await stock(30);
    await buy(another, 2, key, other);
    assert.equal(await has(another, other), 2);
  });

  it('[W9] at the price of the moment', async () => {
    const itemId = await stock(30);
    assert.equal((await buy(itemId)).price, 30);
    await books.rows('UPDATE items SET price = 45 WHERE id = $1', [itemId]);
    assert.equal((await buy(itemId)).price, 45);
    assert.equal(await books.balance(player), 925);
  });

  it('[W9] what cannot be bought is refused, and the key is free again', async () => {
    const key = uuidv4();
    const retired = await stock(30);
    await books.rows('UPDATE items SET is_active = false WHERE id = $1', [retired]);
    await assert.rejects(buy(retired, 1, key), code('ILLEGAL_MOVE'));
    await assert.rejects(buy(await stock(null), 1, key), code('ILLEGAL_MOVE'));
    await assert.rejects(buy(await stock(5, { stack: 'odd' }), 1, key), code('ILLEGAL_MOVE'));
    await assert.rejects(buy(987_654, 1, key), code('NOT_FOUND'));
    const { id: own } = await books.row<{ id: number }>(
      `INSERT INTO items (title, price, owner_user_id) VALUES ('Mine', 1, $1) RETURNING id`,
      [player.userId],
    );
    await assert.rejects(buy(own, 1, key), code('NOT_FOUND'));
    await assert.rejects(buy(await stock(501), 2, key), code('INSUFFICIENT_FUNDS'));
    const dear = await stock(Number.MAX_SAFE_INTEGER);
    await assert.rejects(buy(dear, 2, key), code('INSUFFICIENT_FUNDS'));
    const small = await stock(1, { stack: 3 });
    await assert.rejects(buy(small, 4, key), code('LIMIT_EXCEEDED'));

    assert.deepEqual(await inventory.list(player.userId, WHOLE), { items: [], nextCursor: null });
    assert.deepEqual([await books.balance(player), await commandsOf()], [1_000, 0]);
    assert.deepEqual((await buy(small, 3, key)).balance, 997);
    await assert.rejects(buy(small), code('LIMIT_EXCEEDED'));
  });

  it('[W9] what costs nothing moves no coins', async () => {
    const gift = await stock(0);
    const { price, balance } = await buy(gift, 7);
    assert.deepEqual([price, balance, await has(gift)], [0, 1_000, 7]);
    assert.equal(await books.count('transactions', 'wallet_id = $1', [player.walletId]), 1);
  });

  it('[W9] the same key many times at once is one purchase', async () => {
    const itemId = await stock(30);
    const key = uuidv4();
    const answers = await Promise.all(Array.from({ length: 20 }, () => buy(itemId, 1, key)));
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.deepEqual(
      [await has(itemId), await books.balance(player), await commandsOf()],
      [1, 970, 1],
    );
  });

  it('[W9] many at once buy as many as there are coins for, and as the stack holds', async () => {
    for (const itemId of [await stock(300), await stock(10, { stack: 3 })]) {
      const made = await Promise.allSettled(Array.from({ length: 8 }, () => buy(itemId)));
      assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 3);
      assert.equal(await has(itemId), 3);
    }
    assert.equal(await books.balance(player), 70);
  });

  it('[W9] an answer that was lost is asked for again, and nothing is bought twice', async () => {
    const itemId = await stock(30);
    const lossy: Ledger = books.ledgerOn(faulty(books.db, /carry_out/, ['after', 'before']));
    const { userId } = player;
    const wanted = { userId, commandId: uuidv4(), itemId, quantity: 2 };
    const bought: Purchased = await new Inventory(books.db.pool, lossy).purchase(wanted);
    assert.deepEqual([bought.balance, await has(itemId)], [940, 2]);
    assert.equal(await books.balance(player), 940);
  });

  it('[W9] the inventory is pages by item, without what is used up', async () => {
    const ids = [await stock(1), await stock(1), await stock(1)];
    for (const [index, id] of ids.toReversed().entries()) await buy(id, index + 1);
    const used = await stock(1);
    await books.rows(
      'INSERT INTO user_inventories (user_id, item_id, quantity) VALUES ($1, $2, 0)',
      [player.userId, used],
    );
    const first = await inventory.list(player.userId, { limit: 2 });
    assert.deepEqual(
      first.items.map(({ item, quantity }) => [item.id, item.icon, quantity]),
      [
        [ids[0], 'I', 3],
        [ids[1], 'I', 2],
      ],
    );
    const { items: rest, nextCursor } = await inventory.list(player.userId, {
      limit: 2,
      cursor: first.nextCursor ?? '',
    });
    const name = `item-${items - 1}`;
    const last = { id: ids[2], name, title: name, icon: 'I' };
    assert.deepEqual([rest, nextCursor], [[{ item: last, quantity: 1 }], null]);
    const bad = inventory.list(player.userId, { limit: 2, cursor: 'x' });
    await assert.rejects(bad, code('BAD_REQUEST'));
  });
});
