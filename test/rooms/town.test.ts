/** A town over real sockets: its owner on two devices, visitors, the books, and a server that is killed. */
import assert from 'node:assert/strict';
import type { Client, Room } from '@colyseus/sdk';
import { pino } from 'pino';
import { v4 as uuidv4 } from 'uuid';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import { audit } from '../../src/ledger/audit.ts';
import type {
  Building,
  GameStateEntry,
  GameStateExport,
  InventoryNews,
  Item,
  Page,
  TownBuilding,
  TownStore,
  WorldAnswer,
  WorldState,
  WorldView,
} from '../../src/protocol.ts';
import { refusal, signIn, startServer, type TestServer, until } from '../support/server.ts';

type TownState = Omit<WorldState, 'entries'> & { entries: Map<string, TownBuilding> };

interface Visitor {
  readonly client: Client;
  readonly room: Room<unknown, TownState>;
  readonly views: WorldView[];
  readonly inventories: InventoryNews[];
  readonly wallets: { balance: number; seq: number }[];
  ask(type: string, payload: object, commandId?: string): Promise<WorldAnswer>;
  left(): number | null;
}

describe('a town, over sockets', function () {
  this.timeout(60_000);
  let server: TestServer;
  let books: Database;
  let buildings: Building[];
  let items: Item[];
  const rooms: Room[] = [];

  before(async () => {
    server = await startServer();
    books = await openDatabase(server.databaseUrl, {
      poolSize: 1,
      logger: pino({ level: 'silent' }),
    });
    const { client } = await signIn(server.url);
    buildings = await all<Building>(client, '/api/v1/buildings');
    items = await all<Item>(client, '/api/v1/items');
  });
  afterEach(async () => {
    for (const room of rooms.splice(0)) {
      room.reconnection.enabled = false;
      if (room.connection.isOpen) await room.leave();
    }
  });
  after(async () => {
    const { findings } = await audit(books);
    await books.close();
    await server.dispose();
    assert.deepEqual(findings, []);
  });

  async function all<T>(client: Client, path: string): Promise<T[]> {
    return ((await client.http.get(`${path}?limit=100`)).data as Page<T>).items;
  }

  async function enter(client: Client, options: object = {}): Promise<Visitor> {
    const room = (await client.joinOrCreate('town', options)) as unknown as Visitor['room'];
    rooms.push(room as unknown as Room);
    const views: WorldView[] = [];
    const inventories: InventoryNews[] = [];
    const wallets: Visitor['wallets'] = [];
    let closed: number | null = null;
    room.onMessage('view', (view: WorldView) => views.push(view));
    room.onMessage('inventory', (news: InventoryNews) => inventories.push(news));
    room.onMessage('wallet', (wallet: { balance: number; seq: number }) => wallets.push(wallet));
    room.onLeave((code: number) => {
      closed = code;
    });
    await until(() => room.state?.world > 0, 'the state');
    return {
      client,
      room,
      views,
      inventories,
      wallets,
      ask: (type, payload, commandId = uuidv4()) =>
        room.request(type as never, { commandId, ...payload } as never) as Promise<WorldAnswer>,
      left: () => closed,
    };
  }

  async function settle(options: object = {}): Promise<Visitor> {
    return enter((await signIn(server.url)).client, options);
  }

  /** One that a new player can build, with nothing but coins. */
  const affordable = () => {
    const found = buildings.find(({ cost, data }) => {
      const [first] = data.levels as { takes: object }[];
      return cost > 0 && cost <= 200 && Object.keys(first?.takes ?? {}).length === 0;
    });
    assert.ok(found, 'there is a building for a beginner');
    return found;
  };
  const ware = () => {
    const found = items.find(({ price }) => price !== null && price > 0 && price <= 20);
    assert.ok(found?.name, 'there is an item for a beginner');
    return { ...found, name: found.name, price: found.price as number };
  };

  it('[W4] [W5] a building is bought, shown, and in the books', async () => {
    const owner = await settle();
    const { name, cost } = affordable();
    const answer = await owner.ask('build', { building: name, x: 2, y: 3 });
    assert.equal(answer.balance, 500 - cost);
    assert.equal(answer.version, 2);
    const { id, level } = answer.building as { id: number; level: number };
    assert.equal(level, 1);
    await until(() => owner.room.state.entries.has(String(id)), 'the building');
    const shown = owner.room.state.entries.get(String(id));
    assert.deepEqual([shown?.building, shown?.x, shown?.y, shown?.level], [name, 2, 3, 1]);
    await until(() => owner.wallets.at(-1)?.balance === 500 - cost, 'the wallet');
    const { state } = (
      await owner.client.http.get(`/api/v1/me/game-states/${owner.room.state.world}`)
    ).data as GameStateExport;
    const world = state.world as { buildings: { id: number; building: string }[] };
    assert.deepEqual(
      world.buildings.map((each) => [each.id, each.building]),
      [[id, name]],
    );
    assert.equal(
      (await refusal(owner.ask('build', { building: name, x: 2, y: 3 }))).code,
      'ILLEGAL_MOVE',
    );
  });

  it('[W5] [M5] a repeat answers what the first one answered, another payload is BET_CONFLICT', async () => {
    const owner = await settle();
    const { name } = affordable();
    const commandId = uuidv4();
    const first = await owner.ask('build', { building: name, x: 0, y: 0 }, commandId);
    assert.deepEqual(await owner.ask('build', { building: name, x: 0, y: 0 }, commandId), first);
    assert.deepEqual(
      await owner.ask('build', { building: name, x: 0, y: 0 }, commandId.toUpperCase()),
      first,
    );
    const other = owner.ask('build', { building: name, x: 5, y: 5 }, commandId);
    assert.equal((await refusal(other)).code, 'BET_CONFLICT');
    assert.equal(owner.room.state.entries.size, 1);
  });

  it('[W4] bad commands are answered with their codes, and change nothing', async () => {
    const owner = await settle();
    const dear = buildings.find(({ cost }) => cost > 500);
    const codeOf = async (type: string, payload: object) =>
      (await refusal(owner.ask(type, payload))).code;
    assert.equal(await codeOf('build', { building: 'no-such-thing', x: 0, y: 0 }), 'NOT_FOUND');
    assert.equal(
      await codeOf('build', { building: affordable().name, x: 16, y: 0 }),
      'BAD_REQUEST',
    );
    assert.equal(
      await codeOf('build', { building: affordable().name, x: 0.5, y: 0 }),
      'BAD_REQUEST',
    );
    assert.equal(await codeOf('build', { building: 'constructor', x: 0, y: 0 }), 'NOT_FOUND');
    if (dear) {
      const code = await codeOf('build', { building: dear.name, x: 0, y: 0 });
      assert.equal(code, 'INSUFFICIENT_FUNDS');
    }
    assert.equal(await codeOf('demolish', { id: 77 }), 'NOT_FOUND');
    assert.equal(await codeOf('collect', {}), 'ILLEGAL_MOVE');
    assert.equal(await codeOf('sell', { item: ware().name, quantity: 1 }), 'INSUFFICIENT_FUNDS');
    assert.equal(await codeOf('buy', { item: ware().name, quantity: 0 }), 'BAD_REQUEST');
    const broken = owner.room.request('build' as never, { building: 'x' } as never);
    assert.equal((await refusal(broken)).code, 'BAD_REQUEST');
    assert.equal(owner.room.state.version, 1);
    assert.deepEqual(owner.wallets, []);
  });

  it('[W7] the owner plays from two devices, and both see all of it', async () => {
    const { client } = await signIn(server.url);
    const [phone, desk] = [await enter(client), await enter(client)];
    assert.equal(phone.room.roomId, desk.room.roomId);
    const { name } = affordable();
    const { building } = await phone.ask('build', { building: name, x: 1, y: 1 });
    const key = String((building as { id: number }).id);
    await until(() => desk.room.state.entries.has(key), 'the building on the other device');
    await until(() => desk.views.some(({ entries }) => entries[key]), 'its store');
    const { price, name: item } = ware();
    const { balance } = await desk.ask('buy', { item, quantity: 2 });
    await until(() => phone.wallets.at(-1)?.balance === balance, 'the balance');
    const news = () => phone.inventories.at(-1)?.items;
    await until(() => news()?.some((each) => each.item === item) ?? false, 'the inventory');
    assert.deepEqual(news(), [{ item, quantity: 2 }]);
    assert.equal(balance, 500 - affordable().cost - 2 * price);
    // Bought over REST, seen in the town.
    const id = items.find((each) => each.name === item)?.id;
    await client.http.post(`/api/v1/items/${id}/purchase`, {
      headers: { 'Idempotency-Key': uuidv4() },
      body: { quantity: 1 },
    } as never);
    await until(() => phone.inventories.at(-1)?.items[0]?.quantity === 3, 'the purchase');
  });

  it('[W3] [W7] the store of a building is told anew when its level changes: from then on it goes another way', async () => {
    const owner = await settle();
    const { id } = (await owner.ask('build', { building: 'cottage', x: 1, y: 1 })).building as {
      id: number;
    };
    await owner.ask('buy', { item: 'plank', quantity: 5 });
    const shown = () => owner.room.state.entries.get(String(id));
    await until(() => (shown()?.readyAt ?? Infinity) < Date.now() - 100, 'the cottage to be built');
    await owner.ask('upgrade', { id });
    await until(() => shown()?.level === 2, 'the level');
    const told = () => owner.views.at(-1)?.entries[id] as TownStore | undefined;
    const levels = buildings.find(({ name }) => name === 'cottage')?.data.levels;
    const wait = (levels as { seconds: number }[])[1]?.seconds ?? 0;
    await until(
      () => (shown()?.readyAt ?? 0) - (told()?.since ?? 0) === wait * 1000,
      'a store of the moment of the upgrade',
    );
  });

  it('[W7] a town is closed to others until its owner opens it; visitors watch and may not act', async () => {
    const owner = await settle();
    const { client: other } = await signIn(server.url);
    const { world } = owner.room.state;
    await assert.rejects(other.joinOrCreate('town', { world }));
    await assert.rejects(other.joinById(owner.room.roomId));
    const setPublic = (isPublic: boolean) =>
      owner.client.http.patch(`/api/v1/me/game-states/${world}`, { body: { isPublic } } as never);
    await setPublic(true);
    await until(() => owner.room.state.isPublic, 'the open door');
    const visitor = await enter(other, { world });
    assert.equal(visitor.room.roomId, owner.room.roomId);
    await until(() => owner.room.state.players === 2, 'the visitor');
    const { building } = await owner.ask('build', { building: affordable().name, x: 4, y: 4 });
    const key = String((building as { id: number }).id);
    await until(() => visitor.room.state.entries.has(key), 'the building at the visitor');
    for (const [type, payload] of [
      ['build', { building: affordable().name, x: 9, y: 9 }],
      ['demolish', { id: Number(key) }],
      ['collect', {}],
      ['buy', { item: ware().name, quantity: 1 }],
    ] as const) {
      assert.equal((await refusal(visitor.ask(type, payload))).code, 'FORBIDDEN');
    }
    assert.deepEqual([visitor.views, visitor.inventories], [[], []]);
    visitor.room.reconnection.enabled = false;
    await setPublic(false);
    await until(() => visitor.left() !== null, 'the visitor to be sent away');
    assert.equal(owner.left(), null);
  });

  it('[W7] who only watches the own town may not act in it', async () => {
    const { client } = await signIn(server.url);
    const watcher = await enter(client, { spectate: true });
    assert.equal((await refusal(watcher.ask('collect', {}))).code, 'FORBIDDEN');
    assert.equal(watcher.views[0]?.whole, true);
  });

  it('[W9] slots are towns of their own, with one inventory and one wallet', async () => {
    const { client } = await signIn(server.url);
    const [first, second] = [await enter(client), await enter(client, { slot: 2 })];
    assert.notEqual(first.room.state.world, second.room.state.world);
    assert.deepEqual([first.room.state.slot, second.room.state.slot], [1, 2]);
    const { name, price } = ware();
    await first.ask('buy', { item: name, quantity: 1 });
    const sold = () => second.inventories.at(-1)?.items[0]?.quantity === 1;
    await until(sold, 'the inventory in the other town');
    const both = await Promise.allSettled([
      first.ask('sell', { item: name, quantity: 1 }),
      second.ask('sell', { item: name, quantity: 1 }),
    ]);
    const ends = both.map(({ status }) => status).sort();
    const sellable = items.find((each) => each.name === name)?.data.sellPrice !== null;
    assert.deepEqual(ends, sellable ? ['fulfilled', 'rejected'] : ['rejected', 'rejected']);
    assert.ok(price > 0);
    await assert.rejects(client.joinOrCreate('town', { slot: 9 }));
    await assert.rejects(client.joinOrCreate('town', { slot: 0 }));
  });

  it('[W9] a town that is deleted ends for all who are there', async () => {
    const owner = await settle();
    const { world } = owner.room.state;
    owner.room.reconnection.enabled = false;
    await owner.client.http.delete(`/api/v1/me/game-states/${world}`);
    await until(() => owner.left() !== null, 'the end');
    const again = await enter(owner.client);
    assert.notEqual(again.room.state.world, world);
    assert.equal(again.room.state.entries.size, 0);
  });

  it('[W5] [M9] after a kill -9 everything is as it was answered, and unanswered commands are asked again', async () => {
    const owner = await settle();
    const { name } = affordable();
    const commandId = uuidv4();
    const first = await owner.ask('build', { building: name, x: 7, y: 7 }, commandId);
    const { world } = owner.room.state;
    const unanswered = uuidv4();
    owner.room.reconnection.enabled = false;
    owner.ask('buy', { item: ware().name, quantity: 1 }, unanswered).catch(() => {});
    await server.kill();
    await server.restart();
    const back = await enter(owner.client);
    assert.equal(back.room.state.world, world);
    assert.equal(back.room.state.entries.size, 1);
    assert.deepEqual(await back.ask('build', { building: name, x: 7, y: 7 }, commandId), first);
    const bought = await back.ask('buy', { item: ware().name, quantity: 1 }, unanswered);
    assert.deepEqual(bought, await back.ask('buy', { item: ware().name, quantity: 1 }, unanswered));
    await until(() => back.room.state.version === 3, 'the version');
  });

  it('[W6] a save that cannot be read is set aside and reported; the next one begins anew', async () => {
    const owner = await settle();
    const { world } = owner.room.state;
    await owner.room.leave();
    await books.pool.query(`UPDATE game_states SET state = '{"format": 3}' WHERE id = $1`, [world]);
    await assert.rejects(owner.client.joinOrCreate('town'));
    const again = await enter(owner.client);
    assert.notEqual(again.room.state.world, world);
    const list = await all<GameStateEntry>(owner.client, '/api/v1/me/game-states');
    const aside = list.find(({ id }) => id === world);
    assert.ok(aside?.setAside);
    assert.match(server.output(), /snapshot set aside/);
  });
});
