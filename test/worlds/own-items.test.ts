import assert from 'node:assert/strict';
import { v4 as uuidv4 } from 'uuid';
import type { UserId } from '../../src/ids.ts';
import { MAX_OWN_DATA_BYTES, MAX_OWN_ITEMS, OwnItems } from '../../src/worlds/own-items.ts';
import { type Books, code, openBooks } from '../ledger/fixture.ts';

const WHOLE = { limit: 100 };

describe('worlds/own-items', () => {
  let books: Books;
  let items: OwnItems;
  let userId: UserId;

  before(async () => {
    books = await openBooks();
    items = new OwnItems(books.db);
  });
  after(() => books.close());
  beforeEach(async () => {
    ({ userId } = await books.player());
  });

  const exists = async (id: number) => (await books.count('items', 'id = $1', [id])) === 1;

  it('[W9] a user makes, reads, changes and deletes items of their own', async () => {
    const data = { maker: 'ada', parts: [1, 2.5, { deep: [null, true] }] };
    const made = await items.create(userId, { title: 'Kite', data });
    const { id, ...rest } = made;
    const text = { name: null, title: 'Kite', description: null, icon: null };
    assert.deepEqual(rest, { ...text, price: null, isActive: true, data });
    assert.deepEqual(await items.one(userId, id), made);

    const changed = await items.change(userId, id, { description: 'It flies.', data: { a: 1 } });
    assert.deepEqual(changed, { ...made, description: 'It flies.', data: { a: 1 } });
    const cleared = await items.change(userId, id, { description: null });
    assert.deepEqual(cleared, { ...changed, description: null });

    const other = await items.create(userId, { title: 'Kite' });
    assert.deepEqual(other.data, {});
    assert.deepEqual(await items.list(userId, WHOLE), {
      items: [cleared, other],
      nextCursor: null,
    });
    const first = await items.list(userId, { limit: 1 });
    assert.deepEqual(first, { items: [cleared], nextCursor: String(id) });
    const second = await items.list(userId, { limit: 1, cursor: String(id) });
    assert.deepEqual(second, { items: [other], nextCursor: null });

    await items.remove(userId, id);
    assert.equal(await exists(id), false);
    await assert.rejects(items.remove(userId, id), code('NOT_FOUND'));
    await assert.rejects(items.list(userId, { limit: 1, cursor: 'x' }), code('BAD_REQUEST'));
  });

  it('[W9] nobody else finds them, and nobody takes an item of the catalogue for an own one', async () => {
    const { id } = await items.create(userId, { title: 'Kite' });
    const { userId: stranger } = await books.player();
    const { id: stock } = await books.row<{ id: number }>(
      `INSERT INTO items (name, title) VALUES ('stock', 'Stock') RETURNING id`,
    );
    for (const [who, what] of [
      [stranger, id],
      [userId, stock],
    ] as const) {
      await assert.rejects(items.one(who, what), code('NOT_FOUND'));
      await assert.rejects(items.change(who, what, { title: 'Mine' }), code('NOT_FOUND'));
      await assert.rejects(items.remove(who, what), code('NOT_FOUND'));
      assert.ok(await exists(what));
    }
    assert.deepEqual((await items.list(stranger, WHOLE)).items, []);
  });

  it(`[W9] a user has at most ${MAX_OWN_ITEMS}, also when many are made at once`, async () => {
    const left = 3;
    await books.rows(
      `INSERT INTO items (title, owner_user_id) SELECT 'one of many', $1 FROM generate_series(1, $2)`,
      [userId, MAX_OWN_ITEMS - left],
    );
    let making: Promise<PromiseSettledResult<unknown>[]> | undefined;
    await books.inTransaction(async (client) => {
      await client.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId]);
      making = Promise.allSettled(
        Array.from({ length: 10 }, () => items.create(userId, { title: 'another one' })),
      );
      // Nobody counts before it is their turn.
      await books.waiting(2);
    });
    const made = (await making) ?? [];
    const refused = made.filter((each) => each.status === 'rejected');
    assert.equal(made.length - refused.length, left);
    for (const { reason } of refused) assert.ok(code('LIMIT_EXCEEDED')(reason));
    assert.equal(await books.count('items', 'owner_user_id = $1', [userId]), MAX_OWN_ITEMS);
    const { userId: other } = await books.player();
    await items.create(other, { title: 'unhindered' });
  });

  it('[W9] their data is bounded in the form that the database gives it', async () => {
    // {"a": "..."} around the text.
    const whole = { a: 'x'.repeat(MAX_OWN_DATA_BYTES - 9) };
    const { id } = await items.create(userId, { title: 'Full', data: whole });
    const long = { a: `${whole.a}x` };
    // Six characters of JSON each, 301 digits each in the database.
    const swollen = { a: Array.from({ length: 100 }, () => 1e300) };
    for (const data of [long, swollen]) {
      const made = items.create(userId, { title: 'Too full', data });
      await assert.rejects(made, code('LIMIT_EXCEEDED'));
      await assert.rejects(items.change(userId, id, { data }), code('LIMIT_EXCEEDED'));
    }
    const { items: kept } = await items.list(userId, WHOLE);
    assert.deepEqual(
      kept.map(({ data }) => data),
      [whole],
    );
  });

  it('[W9] one that is or was in an inventory is retired instead of deleted', async () => {
    const held = await items.create(userId, { title: 'Held' });
    await books.rows(
      'INSERT INTO user_inventories (user_id, item_id, quantity) VALUES ($1, $2, 1)',
      [userId, held.id],
    );
    const given = await items.create(userId, { title: 'Given away' });
    await books.rows(
      `INSERT INTO inventory_changes (user_id, item_id, delta, quantity_after, command_id, reason)
       VALUES ($1, $2, 1, 1, $3, 'a present')`,
      [userId, given.id, uuidv4()],
    );
    for (const item of [held, given]) {
      await items.remove(userId, item.id);
      assert.deepEqual(await items.one(userId, item.id), { ...item, isActive: false });
    }
  });

  it('[W9] who puts one into an inventory while it is deleted is waited for', async () => {
    const { id } = await items.create(userId, { title: 'Wanted' });
    let removal: Promise<void> | undefined;
    await books.inTransaction(async (client) => {
      await client.query(
        'INSERT INTO user_inventories (user_id, item_id, quantity) VALUES ($1, $2, 1)',
        [userId, id],
      );
      removal = items.remove(userId, id);
      await books.waiting();
    });
    await removal;
    assert.equal((await items.one(userId, id)).isActive, false);
  });

  it('[W9] a user who is gone makes none', async () => {
    await books.rows('UPDATE users SET deleted_at = now() WHERE id = $1', [userId]);
    await assert.rejects(items.create(userId, { title: 'Late' }), code('UNAUTHENTICATED'));
  });
});
