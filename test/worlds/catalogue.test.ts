import assert from 'node:assert/strict';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../../src/database/connection.ts';
import type { UserId } from '../../src/ids.ts';
import {
  BuildingData,
  ItemData,
  type NewBuilding,
  type NewItem,
  type PageQuery,
} from '../../src/protocol.ts';
import { Catalogue, type Editor, MAX_BUILDINGS, MAX_ITEMS } from '../../src/worlds/catalogue.ts';
import { CATALOGUE_MS } from '../../src/worlds/catalogue-rows.ts';
import { type Books, code, openBooks } from '../ledger/fixture.ts';

const WHOLE: PageQuery = { limit: 100 };

function newItem(name: string, more: Partial<NewItem> = {}): NewItem {
  return { name, title: name, data: ItemData.parse({}), ...more };
}
function newBuilding(name: string, more: Partial<NewBuilding> = {}): NewBuilding {
  return { name, title: name, cost: 100, data: BuildingData.parse({}), ...more };
}

describe('worlds/catalogue', () => {
  let books: Books;
  let admin: Editor;
  const clock = { now: 1_000 };
  const warned: object[] = [];

  before(async () => {
    books = await openBooks();
    const { userId } = await books.player();
    admin = { userId, username: 'ada', ip: '192.0.2.7' };
  });
  after(() => books.close());
  beforeEach(async () => {
    warned.length = 0;
    await books.rows('DELETE FROM items');
    await books.rows('DELETE FROM buildings');
  });

  const catalogueOn = (db: Database = books.db) => {
    const logger = { warn: (context: object) => warned.push(context) } as unknown as Logger;
    return new Catalogue(db, logger, () => clock.now);
  };

  /** What the books know of changes of one entry. */
  const audited = (entity: string, id: number) =>
    books.rows<{ before: object | null; after: object | null } & Record<string, unknown>>(
      `SELECT actor_user_id AS "userId", actor, action, host(ip) AS ip, before, after FROM audit_events
       WHERE entity = $1 AND entity_id = $2 ORDER BY id`,
      [entity, String(id)],
    );

  it('[W8] an item is added, changed and retired, and each leaves a row of who did what', async () => {
    const catalogue = catalogueOn();
    const data = { ...ItemData.parse({ stack: 20 }), colour: 'brown' };
    const made = await catalogue.createItem(admin, newItem('plank', { price: 12, data }));
    const { id, ...rest } = made;
    const text = { name: 'plank', title: 'plank', description: null, icon: null };
    assert.deepEqual(rest, { ...text, price: 12, isActive: true, data });

    const changed = await catalogue.changeItem(admin, id, { title: 'Plank', price: null });
    assert.deepEqual(changed, { ...made, title: 'Plank', price: null });
    assert.deepEqual(await catalogue.item(id), changed);

    const retired = await catalogue.retireItem(admin, id);
    assert.deepEqual(retired, { ...changed, isActive: false });
    assert.deepEqual(await catalogue.retireItem(admin, id), retired);
    const back = await catalogue.changeItem(admin, id, { isActive: true });

    const by = { userId: admin.userId, actor: 'ada', ip: '192.0.2.7' };
    assert.deepEqual(await audited('item', id), [
      { ...by, action: 'item.create', before: null, after: made },
      { ...by, action: 'item.change', before: made, after: changed },
      { ...by, action: 'item.retire', before: changed, after: retired },
      { ...by, action: 'item.change', before: retired, after: back },
    ]);
  });

  it('[W8] so is a building', async () => {
    const catalogue = catalogueOn();
    const level = { takes: { plank: 2 }, seconds: 60, produces: { coin: 5 }, storage: 50 };
    const data = BuildingData.parse({ width: 2, levels: [level] });
    const made = await catalogue.createBuilding(admin, newBuilding('mill', { data, cost: 250 }));
    assert.deepEqual(made.data, data);
    const changed = await catalogue.changeBuilding(admin, made.id, { cost: 300, icon: 'M' });
    assert.deepEqual(changed, { ...made, cost: 300, icon: 'M' });
    const retired = await catalogue.retireBuilding(admin, made.id);
    assert.deepEqual(await catalogue.building(made.id), retired);
    const notes = await audited('building', made.id);
    assert.deepEqual(
      notes.map(({ action, before, after }) => [action, before, after]),
      [
        ['building.create', null, made],
        ['building.change', made, changed],
        ['building.retire', changed, retired],
      ],
    );
  });

  it('[W8] a change without its note in the books is none', async () => {
    const catalogue = catalogueOn();
    const nobody = { ...admin, userId: 999_999_999 as UserId };
    await assert.rejects(catalogue.createItem(nobody, newItem('ghost')), /foreign key/);
    const { id } = await catalogue.createItem(admin, newItem('real'));
    await assert.rejects(catalogue.changeItem(nobody, id, { title: 'Other' }), /foreign key/);
    await assert.rejects(catalogue.retireItem(nobody, id), /foreign key/);
    const { items } = await catalogue.items(WHOLE);
    assert.deepEqual(
      items.map(({ name, title }) => [name, title]),
      [['real', 'real']],
    );
  });

  it('[W8] an address that the database cannot hold is left out of the note', async () => {
    const catalogue = catalogueOn();
    const from = async (ip: string | null) => {
      const { id } = await catalogue.createItem({ ...admin, ip }, newItem('from-afar'));
      const [note] = await audited('item', id);
      await books.rows('DELETE FROM items');
      return note?.ip;
    };
    assert.equal(await from('fe80::1%eth0'), 'fe80::1');
    assert.equal(await from('somewhere'), null);
    assert.equal(await from(null), null);
  });

  it('[W8] a name is given once, also when its item is retired, and never that of money', async () => {
    const catalogue = catalogueOn();
    const { id } = await catalogue.createItem(admin, newItem('nail'));
    await assert.rejects(catalogue.createItem(admin, newItem('nail')), code('CONFLICT'));
    await catalogue.retireItem(admin, id);
    await assert.rejects(catalogue.createItem(admin, newItem('nail')), code('CONFLICT'));
    await assert.rejects(catalogue.createItem(admin, newItem('coin')), code('BAD_REQUEST'));
    await catalogue.createBuilding(admin, newBuilding('smithy'));
    await assert.rejects(catalogue.createBuilding(admin, newBuilding('smithy')), code('CONFLICT'));
    await catalogue.createBuilding(admin, newBuilding('nail'));
  });

  it('[W8] lists are pages by id of what is not retired; what is nobody finds', async () => {
    const catalogue = catalogueOn();
    const names = ['a', 'b', 'c', 'd', 'e'];
    const ids: number[] = [];
    for (const name of names) {
      ids.push((await catalogue.createItem(admin, newItem(name))).id);
      await catalogue.createBuilding(admin, newBuilding(name));
    }
    await catalogue.retireItem(admin, ids[1] as number);
    const seen: (string | null)[] = [];
    for (let cursor: string | null = '0'; cursor !== null; ) {
      const page = await catalogue.items({ limit: 2, cursor });
      seen.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor;
    }
    assert.deepEqual(seen, ['a', 'c', 'd', 'e']);
    const { items, nextCursor } = await catalogue.buildings({ limit: 5 });
    assert.deepEqual([items.map(({ name }) => name), nextCursor], [names, null]);
    await assert.rejects(catalogue.items({ limit: 1, cursor: 'x' }), code('BAD_REQUEST'));
    const missing = 987_654;
    for (const ask of [
      () => catalogue.item(missing),
      () => catalogue.building(missing),
      () => catalogue.changeItem(admin, missing, { title: 'x' }),
      () => catalogue.changeBuilding(admin, missing, { title: 'x' }),
      () => catalogue.retireItem(admin, missing),
      () => catalogue.retireBuilding(admin, missing),
    ]) {
      await assert.rejects(ask, code('NOT_FOUND'));
    }
  });

  it('[W8] an item of a user is nothing of the catalogue', async () => {
    const catalogue = catalogueOn();
    const { id } = await books.row<{ id: number }>(
      `INSERT INTO items (name, title, owner_user_id) VALUES ('mine', 'Mine', $1) RETURNING id`,
      [admin.userId],
    );
    assert.deepEqual((await catalogue.items(WHOLE)).items, []);
    assert.equal((await catalogue.current()).items.size, 0);
    await assert.rejects(catalogue.item(id), code('NOT_FOUND'));
    await assert.rejects(catalogue.changeItem(admin, id, { price: 1 }), code('NOT_FOUND'));
    await assert.rejects(catalogue.retireItem(admin, id), code('NOT_FOUND'));
  });

  it('[W8] two admins at once: the note of one begins where the other one ended', async () => {
    const catalogue = catalogueOn();
    const { id } = await catalogue.createItem(admin, newItem('rope', { price: 1 }));
    let changing: Promise<unknown> | undefined;
    await books.inTransaction(async (client) => {
      await client.query('UPDATE items SET price = 2 WHERE id = $1', [id]);
      changing = catalogue.changeItem(admin, id, { price: 3 });
      await books.waiting();
    });
    await changing;
    const { before, after } = (await audited('item', id)).at(-1) ?? {};
    assert.deepEqual(
      [before, after].map((entry) => (entry as { price?: number } | null)?.price),
      [2, 3],
    );
  });

  it('[W8] the catalogue has an end, also for two admins at once', async () => {
    const catalogue = catalogueOn();
    const fill = (table: string, count: number, columns: string, values: string) =>
      books.rows(
        `INSERT INTO ${table} (name, title${columns}) SELECT 'n' || n, 't'${values} FROM generate_series(1, $1) n`,
        [count],
      );
    await fill('items', MAX_ITEMS - 1, '', '');
    await fill('buildings', MAX_BUILDINGS - 1, ', cost', ', 1');
    for (const made of [
      await Promise.allSettled(
        ['x', 'y'].map((name) => catalogue.createItem(admin, newItem(name))),
      ),
      await Promise.allSettled(
        ['x', 'y'].map((name) => catalogue.createBuilding(admin, newBuilding(name))),
      ),
    ]) {
      const refused = made.filter((each) => each.status === 'rejected');
      assert.equal(refused.length, 1);
      assert.ok(code('LIMIT_EXCEEDED')(refused[0]?.reason));
    }
    assert.equal(await books.count('items'), MAX_ITEMS);
    assert.equal(await books.count('buildings'), MAX_BUILDINGS);
  });

  it('[W8] rules are given the whole catalogue, retired ones too, with what a row does not say', async () => {
    const catalogue = catalogueOn();
    const recipe = { takes: { wood: 2 }, makes: 3, at: { building: 'mill', level: 2 } };
    const data = ItemData.parse({ stack: 50, sellPrice: 4, recipe });
    const { id } = await catalogue.createItem(admin, newItem('plank', { price: 9, data }));
    await catalogue.retireItem(admin, id);
    await books.rows(`INSERT INTO items (name, title) VALUES ('wood', 'Wood')`);
    const level = { produces: { wood: 60 }, storage: 10 };
    const levels = [{ ...level, cost: 7 }, { ...level, cost: 80 }, level];
    const built = await catalogue.createBuilding(
      admin,
      newBuilding('mill', { cost: 500, data: BuildingData.parse({ height: 3, levels }) }),
    );

    const { items, buildings } = await catalogue.current();
    const title = 'plank';
    assert.deepEqual(items.get('plank'), {
      ...{ id, name: 'plank', title, isActive: false, price: 9, sellPrice: 4, stack: 50, recipe },
    });
    const wood = items.get('wood');
    assert.deepEqual(
      [wood?.isActive, wood?.price, wood?.sellPrice, wood?.stack, wood?.recipe],
      [true, null, null, 999, null],
    );
    const { levels: read, ...mill } = buildings.get('mill') ?? { levels: [] };
    assert.deepEqual(mill, {
      ...{ id: built.id, name: 'mill', title: 'mill', isActive: true, width: 1, height: 3 },
    });
    const each = { takes: {}, seconds: 0, produces: { wood: 60 }, consumes: {}, storage: 10 };
    assert.deepEqual(read, [
      { ...each, cost: 500 },
      { ...each, cost: 80 },
      { ...each, cost: 0 },
    ]);
  });

  it('[W8] a row that cannot be read is left out and complained about once, until it changes', async () => {
    const catalogue = catalogueOn();
    const { id } = await books.row<{ id: number }>(
      `INSERT INTO items (name, title, data) VALUES ('odd', 'Odd', '{"stack": "many"}') RETURNING id`,
    );
    await books.rows(
      `INSERT INTO buildings (name, title, cost, data) VALUES ('odd', 'Odd', 1, '{"levels": []}')`,
    );
    await books.rows(`INSERT INTO items (name, title) VALUES ('coin', 'Coin'), ('even', 'Even')`);
    for (let times = 0; times < 3; times++) {
      clock.now += CATALOGUE_MS;
      const { items, buildings } = await catalogue.current();
      assert.deepEqual([...items.keys(), ...buildings.keys()], ['even']);
      assert.equal(warned.length, 3);
    }
    assert.ok(warned.some((context) => (context as { item?: number }).item === id));
    await books.rows(`UPDATE items SET data = '{}' WHERE id = $1`, [id]);
    clock.now += CATALOGUE_MS;
    assert.deepEqual([...(await catalogue.current()).items.keys()], ['odd', 'even']);
    assert.equal(warned.length, 3);
  });

  it('[W8] it is read again when it is old, once for all who ask', async () => {
    let reads = 0;
    const query = (...given: [string]) => {
      reads += 1;
      return books.db.pool.query(...given);
    };
    const catalogue = catalogueOn({ ...books.db, pool: { query } as unknown as pg.Pool });
    const first = await Promise.all([catalogue.current(), catalogue.current()]);
    assert.equal(first[0], first[1]);
    await books.rows(`INSERT INTO items (name, title) VALUES ('late', 'Late')`);
    clock.now += CATALOGUE_MS - 1;
    assert.equal(await catalogue.current(), first[0]);
    assert.equal(reads, 1);
    clock.now += 1;
    assert.ok((await catalogue.current()).items.has('late'));
    assert.equal(reads, 2);
  });

  it('[W8] a change of this node is seen at once, also by who asks while an older read is under way', async () => {
    const gate = Promise.withResolvers<void>();
    let isOpen = false;
    const query = async (...given: [string]) => {
      const result = await books.db.pool.query(...given);
      if (!isOpen) await gate.promise;
      return result;
    };
    const catalogue = catalogueOn({ ...books.db, pool: { query } as unknown as pg.Pool });
    const before = catalogue.current();
    const { id } = await catalogue.createItem(admin, newItem('new'));
    isOpen = true;
    const during = await catalogue.current();
    assert.ok(during.items.has('new'));
    gate.resolve();
    await before;
    assert.equal(await catalogue.current(), during);
    await catalogue.changeItem(admin, id, { price: 8 });
    assert.equal((await catalogue.current()).items.get('new')?.price, 8);
  });
});
