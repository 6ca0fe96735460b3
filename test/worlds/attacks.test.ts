/** Live towns whose books fail, change elsewhere, or hold what nobody meant them to hold. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { v4 as uuidv4 } from 'uuid';
import { LiveWorld } from '../../rooms/world.ts';
import { AppError } from '../../src/errors.ts';
import type { RoomId } from '../../src/ids.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { recoverAbandonedRooms } from '../../src/live/recovery.ts';
import type { Snapshot } from '../../src/worlds/snapshot.ts';
import { type Player, silent } from '../ledger/fixture.ts';
import { seeded } from '../long/seeded.ts';
import { until } from '../support/server.ts';
import { CURRENCY, Towns, town } from './fixture.ts';
import { randomOrder } from './model/orders.ts';

const COINS = 100_000;
/** Of a town whose catalogue changes all the time. */
const STEPS = Number(process.env.STEPS ?? 150);

describe('worlds under attack', function () {
  this.timeout(60_000);
  let towns: Towns;
  before(async () => {
    towns = await Towns.open();
  });
  after(async () => {
    await towns.books.assertSound();
    await towns.close();
  });

  const editor = async (player: Player) => ({ userId: player.userId, username: 'ed', ip: null });
  /** The books, but for these commands. */
  function withCommands(other: Partial<Ledger['commands']>): Ledger {
    const { ledger } = towns.books;
    const commands = Object.assign(Object.create(ledger.commands), {
      inventory: ledger.commands.inventory.bind(ledger.commands),
      answerOf: ledger.commands.answerOf.bind(ledger.commands),
      ...other,
    });
    return Object.create(ledger, { commands: { value: commands }, feed: { value: ledger.feed } });
  }
  async function itemNamed(name: string) {
    const item = (await towns.catalogue()).items.get(name);
    assert.ok(item, name);
    return item;
  }
  /** An item that can be bought for coins alone. */
  async function ware() {
    const { items } = await towns.catalogue();
    const found = [...items.values()].find(({ price, isActive }) => price !== null && isActive);
    assert.ok(found);
    return found;
  }
  async function site() {
    const { buildings } = await towns.catalogue();
    const found = [...buildings.values()].find(
      ({ levels }) => Object.keys(levels[0]?.takes ?? {}).length === 0,
    );
    assert.ok(found);
    return found;
  }
  async function purchase(player: Player, item: { id: number; stack: number }, quantity: number) {
    await towns.books.ledger.commands.carryOut({
      userId: player.userId,
      commandId: uuidv4(),
      request: { type: 'purchase', item: item.id, quantity },
      currency: CURRENCY,
      world: null,
      items: [{ id: item.id, delta: quantity, most: item.stack, held: null }],
      coins: null,
      reason: 'purchase',
      answer: {},
    });
  }

  it('[W5] [R8] what is bought while the inventory is being read is known afterwards', async () => {
    const player = await towns.books.player(COINS);
    const id = await towns.save(player);
    const item = await ware();
    const { commands } = towns.books.ledger;
    let isSlow = false;
    const ledger = withCommands({
      async inventory(userId) {
        const read = await commands.inventory(userId);
        // Bought after it was read, and told before the answer is here.
        if (isSlow) await purchase(player, item, 3);
        isSlow = false;
        return read;
      },
    });
    const { live } = await towns.enter(id, { ledger });
    isSlow = true;
    await live.refresh();
    assert.equal(live.inventory.get(item.name), 3);
    await live.close();
  });

  it('[W5] [M6] an outcome that nobody knew is shown as soon as the books are there again', async () => {
    const player = await towns.books.player(COINS);
    const id = await towns.save(player);
    const { name } = await site();
    const { commands } = towns.books.ledger;
    const ledger = withCommands({
      async carryOut(command) {
        await commands.carryOut(command);
        throw new AppError('BUSY');
      },
    });
    const { live, shown } = await towns.enter(id, { ledger });
    await assert.rejects(live.command('build', uuidv4(), { building: name, x: 0, y: 0 }), {
      code: 'BUSY',
    });
    const seen = () => (shown()?.state as { buildings: object[] } | undefined)?.buildings.length;
    await until(() => seen() === 1, 'the building', 5_000);
    await live.close();
  });

  it('[W5] [M5] a repeat reads nothing anew', async () => {
    const player = await towns.books.player(COINS);
    const id = await towns.save(player);
    const item = await ware();
    const { live, shown } = await towns.enter(id);
    const commandId = uuidv4();
    const first = await live.command('buy', commandId, { item: item.name, quantity: 1 });
    const before = shown();
    assert.deepEqual(await live.command('buy', commandId, { item: item.name, quantity: 1 }), first);
    assert.equal(shown(), before, 'nothing was shown again');
    await live.close();
  });

  it('[M11] commands that waited long behind one that hangs are given up, not tried for minutes', async () => {
    const player = await towns.books.player(COINS);
    const id = await towns.save(player);
    const item = await ware();
    let clock = 1_000;
    let sent = 0;
    const gate = Promise.withResolvers<void>();
    const ledger = withCommands({
      async carryOut() {
        sent += 1;
        await gate.promise;
        throw new AppError('BUSY');
      },
    });
    const { live } = await towns.enter(id, { ledger, monotonic: () => clock });
    const all = Array.from({ length: 50 }, () =>
      live.command('buy', uuidv4(), { item: item.name, quantity: 1 }).catch((error) => error),
    );
    await until(() => sent === 1, 'the first one');
    clock += 60_000;
    gate.resolve();
    const errors = (await Promise.all(all)) as { code?: string }[];
    assert.equal(sent, 1);
    assert.ok(errors.slice(1).every(({ code }) => code === 'BUSY'));
    await live.close();
  });

  it('[W6] a town that has grown too large can be made smaller, and its owner gets in', async () => {
    const player = await towns.books.player(COINS);
    const id = await towns.save(player);
    const { name, width } = await site();
    const node = await towns.books.node();
    const first = await towns.enter(id, { node });
    await first.live.command('build', uuidv4(), { building: name, x: 0, y: 0 });
    await first.live.command('build', uuidv4(), { building: name, x: width, y: 0 });
    await first.live.close();
    const opened = await towns.saves.open(node, `room-${uuidv4()}` as RoomId, 'town', id, CURRENCY);
    let clock = 0;
    const tight = new LiveWorld(opened, {
      game: { ...town, maxSnapshotBytes: 60 },
      ledger: towns.books.ledger,
      currency: CURRENCY,
      catalogue: () => towns.catalogue(),
      load: (of) => towns.saves.load(of),
      changed: (_before: Snapshot | null) => {},
      gone: () => {},
      monotonic: () => clock,
    });
    await tight.ready();
    clock += 30 * 86_400_000;
    await tight.wake();
    await assert.rejects(tight.command('build', uuidv4(), { building: name, x: 8, y: 8 }), {
      code: 'LIMIT_EXCEEDED',
    });
    await tight.command('demolish', uuidv4(), { id: 1 });
    await tight.close();
  });

  it('[M1] [W4] prices beyond all coins are refused with a code', async () => {
    const player = await towns.books.player(COINS);
    const by = await editor(player);
    const dear = await towns.tables.createItem(by, {
      name: 'dear-thing',
      title: 'Dear',
      price: Number.MAX_SAFE_INTEGER,
      data: { stack: 1_000_000_000, sellPrice: Number.MAX_SAFE_INTEGER, recipe: null },
    });
    await towns.tables.createBuilding(by, {
      name: 'dear-house',
      title: 'Dear',
      cost: Number.MAX_SAFE_INTEGER,
      data: {
        width: 1,
        height: 1,
        levels: [{ takes: {}, seconds: 0, produces: {}, consumes: {}, storage: 0 }],
      },
    });
    const { live } = await towns.enter(await towns.save(player));
    const code = (type: string, input: Record<string, unknown>) =>
      live.command(type, uuidv4(), input).then(
        () => 'done',
        (error) => error.code ?? String(error),
      );
    assert.equal(await code('buy', { item: 'dear-thing' }), 'INSUFFICIENT_FUNDS');
    assert.equal(await code('buy', { item: 'dear-thing', quantity: 2 }), 'INSUFFICIENT_FUNDS');
    assert.equal(await code('build', { building: 'dear-house', x: 0, y: 0 }), 'INSUFFICIENT_FUNDS');
    await purchase(player, { id: dear.id, stack: 1_000_000_000 }, 1_000_000_000);
    assert.equal(live.inventory.get('dear-thing'), 1_000_000_000);
    assert.equal(await code('sell', { item: 'dear-thing' }), 'LIMIT_EXCEEDED');
    assert.equal(await code('sell', { item: 'dear-thing', quantity: 2 }), 'LIMIT_EXCEEDED');
    await live.close();
  });

  it('[M1] [W5] a wallet that is almost full takes what fits, and refuses the rest whole', async () => {
    const player = await towns.books.player(1e15 - 5);
    const by = await editor(player);
    await towns.tables.createItem(by, {
      name: 'ten-coins',
      title: 'Ten',
      data: { stack: 100, sellPrice: 10, recipe: null },
    });
    const item = await itemNamed('ten-coins');
    await purchase(player, item, 3);
    const { live } = await towns.enter(await towns.save(player));
    await assert.rejects(live.command('sell', uuidv4(), { item: 'ten-coins' }), {
      code: 'LIMIT_EXCEEDED',
    });
    assert.equal(await towns.books.balance(player), 1e15 - 5);
    assert.equal(live.inventory.get('ten-coins'), 3);
    await live.close();
  });

  it('[W6] [W8] a row with a name that no save could keep is left out', async () => {
    await towns.books.rows(
      `INSERT INTO buildings (name, title, cost, data) VALUES ('Big House', 'Big', 0, '{}')`,
    );
    const player = await towns.books.player(COINS);
    const by = await editor(player);
    // Any change makes this node read all of it.
    await towns.tables.retireItem(by, (await ware()).id).catch(() => {});
    const { buildings } = await towns.catalogue();
    assert.equal(buildings.has('Big House'), false);
  });

  it('[M9] a lost room that somebody still holds does not keep others from recovery', async () => {
    const [one, two] = await towns.books.players(2, COINS);
    const lost = await towns.books.node();
    for (const player of [one, two] as Player[]) {
      const { live } = await towns.enter(await towns.save(player), { node: lost });
      await live.close();
    }
    await towns.books.expire(lost);
    const node = await towns.books.node();
    const open = () =>
      towns.books.count('live_rooms', 'node_id = $1 AND closed_at IS NULL', [lost]);
    assert.equal(await open(), 2);
    const client = await towns.books.db.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query(
        `SELECT 1 FROM live_rooms WHERE id = (SELECT min(id) FROM live_rooms WHERE node_id = $1) FOR KEY SHARE`,
        [lost],
      );
      const recover = () =>
        recoverAbandonedRooms({
          db: towns.books.db,
          lease: { id: node } as never,
          ledger: towns.books.ledger,
          logger: silent,
          failed: new Set(),
          rulesOf: () => assert.fail(),
        });
      await recover();
      assert.equal(await open(), 1);
      await client.query('ROLLBACK');
      await recover();
      assert.equal(await open(), 0);
    } finally {
      client.release(true);
    }
  });

  it('[W8] [W5] admins who change everything at any time break no town and no books', async () => {
    const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
    console.log(`        seed ${seed}`);
    const random = seeded(seed);
    const below = (n: number) => Math.floor(random() * n);
    const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
    const own = await Towns.open();
    try {
      const player = await own.books.player(COINS);
      const by = { userId: player.userId, username: 'ed', ip: null };
      const id = await own.save(player);
      const amount = () => pick([1, 2, 7, 1_000, 1_000_000]);
      const price = () => pick([null, 0, 1, 5, 1_000, Number.MAX_SAFE_INTEGER]);
      const codes = new Map<string, number>();
      let clock = 1_000;
      let town1 = await own.enter(id, { monotonic: () => clock });
      for (let step = 0; step < STEPS; step++) {
        const catalogue = await own.catalogue();
        const items = [...catalogue.items.values()];
        const buildings = [...catalogue.buildings.values()];
        const some = (): Record<string, number> =>
          Object.fromEntries(Array.from({ length: below(3) }, () => [pick(items).name, amount()]));
        if (below(3) === 0) {
          const { id: itemId } = pick(items);
          await own.tables.changeItem(by, itemId, {
            price: price(),
            isActive: below(4) > 0,
            data: {
              stack: pick([1, 5, 999, 1_000_000_000]),
              sellPrice: price(),
              recipe: below(2)
                ? null
                : {
                    takes: some(),
                    makes: amount(),
                    at: below(2) ? null : { building: pick(buildings).name, level: 1 + below(3) },
                  },
            },
          });
        }
        if (below(3) === 0) {
          const { id: buildingId } = pick(buildings);
          const things = () => (below(2) ? { ...some(), coin: amount() } : some());
          await own.tables.changeBuilding(by, buildingId, {
            cost: price() ?? 3,
            isActive: below(4) > 0,
            data: {
              width: pick([1, 1, 2, 16]),
              height: pick([1, 1, 2, 16]),
              levels: Array.from({ length: 1 + below(3) }, () => ({
                cost: price() ?? 3,
                takes: below(2) ? {} : some(),
                seconds: pick([0, 0, 1, 3_600]),
                produces: things(),
                consumes: below(2) ? {} : some(),
                storage: pick([0, 1, 50, 1_000_000]),
              })),
            },
          });
        }
        clock += pick([0, 1, 60_000, 3_600_000, 40 * 86_400_000]);
        const { state } = (town1.shown() ?? { state: { buildings: [] } }) as {
          state: { buildings: { id: number; building: string }[] };
        };
        const held = [...town1.live.inventory.keys()];
        const order = randomOrder(random, catalogue, { buildings: state.buildings, held });
        const commandId = uuidv4();
        const ask = () =>
          town1.live.command(order.type, commandId, order.input).catch((error: unknown) => {
            if (error instanceof AppError) return { refused: error.code };
            throw error;
          });
        const answer = await ask();
        const code = 'refused' in answer ? String(answer.refused) : 'done';
        codes.set(code, (codes.get(code) ?? 0) + 1);
        if (code === 'done') assert.deepEqual(await ask(), answer);
        if (below(10) === 0) {
          await town1.live.close();
          town1 = await own.enter(id, { node: town1.opened.owned.nodeId, monotonic: () => clock });
          await town1.live.wake();
        }
      }
      await town1.live.close();
      assert.ok((codes.get('done') ?? 0) > 0, JSON.stringify([...codes]));
      assert.equal(codes.get('BUSY'), undefined);
      await own.books.assertSound();
    } finally {
      await own.close();
    }
  });
});
