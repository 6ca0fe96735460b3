/** Commands that move coins and items: all of it or nothing, once, whatever happens beside them. */
import assert from 'node:assert/strict';
import { v4 as uuidv4 } from 'uuid';
import type { RoomId } from '../../src/ids.ts';
import {
  type CommandToCarryOut,
  InventoryChanged,
  VersionChanged,
} from '../../src/ledger/commands.ts';
import type { HoldingChange, OwnedWorld } from '../../src/ledger/types.ts';
import { CURRENCY, Towns, town } from '../worlds/fixture.ts';
import { faulty } from './faulty.ts';
import { type Books, code, type Player } from './fixture.ts';

const STACK = 50;

describe('ledger/commands', () => {
  let towns: Towns;
  let books: Books;
  let wood: number;
  let stone: number;

  before(async () => {
    towns = await Towns.open();
    books = towns.books;
    const made = (name: string) =>
      books.row<{ id: number }>(
        `INSERT INTO items (name, title, data) VALUES ($1, $1, '{"stack": ${STACK}}') RETURNING id`,
        [`test-${name}`],
      );
    wood = (await made('wood')).id;
    stone = (await made('stone')).id;
  });
  after(() => towns.close());

  type Wish = Partial<CommandToCarryOut> & Pick<CommandToCarryOut, 'userId'>;
  const order = (wish: Wish): CommandToCarryOut => ({
    commandId: uuidv4(),
    request: { type: 'test' },
    currency: CURRENCY,
    world: null,
    items: [],
    coins: null,
    reason: 'test',
    answer: {},
    ...wish,
  });
  const carryOut = (wish: Wish, ledger = books.ledger) => ledger.commands.carryOut(order(wish));
  const has = async ({ userId }: Player, item: number) =>
    (
      await books.rows<{ quantity: number }>(
        'SELECT quantity FROM user_inventories WHERE user_id = $1 AND item_id = $2',
        [userId, item],
      )
    )[0]?.quantity ?? 0;
  const give = ({ userId }: Player, item: number, delta: number) =>
    carryOut({ userId, items: [{ id: item, delta, most: STACK, held: null }] });

  /** A save in a room of a node of its own. */
  async function open(player: Player): Promise<OwnedWorld & { version: number }> {
    const id = await towns.save(player);
    const room = `room-${uuidv4()}` as RoomId;
    const node = await books.node();
    const opened = await towns.saves.open(node, room, town.name, id, CURRENCY);
    return { ...opened.owned, version: opened.version };
  }

  it('[W5] coins, items, their changes and the answer are written together', async () => {
    const player = await books.player(100);
    const { userId } = player;
    const told: HoldingChange[] = [];
    const stop = books.ledger.feed.subscribeInventory(userId, (change) => told.push(change));
    const { first, answer } = await carryOut({
      userId,
      items: [
        { id: wood, delta: 5, most: STACK, held: null },
        { id: stone, delta: 2, most: STACK, held: null },
      ],
      coins: { category: 'purchase', amount: 60 },
      answer: { bought: true },
    });
    stop();
    assert.equal(first, true);
    assert.deepEqual(answer, {
      bought: true,
      currency: CURRENCY,
      balance: 40,
      inventory: [
        { item: 'test-wood', quantity: 5 },
        { item: 'test-stone', quantity: 2 },
      ],
    });
    assert.deepEqual(
      told.map(({ item, quantity }) => [item, quantity]),
      [
        ['test-wood', 5],
        ['test-stone', 2],
      ],
    );
    assert.equal(await books.balance(player), 40);
    await books.assertSound();
  });

  it('[W5] when one part is refused, nothing is written', async () => {
    const player = await books.player(100);
    const { userId } = player;
    const world = await open(player);
    const items = [{ id: wood, delta: 5, most: STACK, held: null }];
    const before = await books.contents();
    const snapshot = JSON.stringify({ format: town.format, at: 1, world: town.create() });
    const refused: [Wish, (error: { code?: string }) => boolean][] = [
      [{ userId, items, coins: { category: 'purchase', amount: 101 } }, code('INSUFFICIENT_FUNDS')],
      [{ userId, items: [...items, { id: stone, delta: -1, most: STACK, held: null }] }, isChanged],
      [{ userId, items: [{ id: wood, delta: STACK + 1, most: STACK, held: null }] }, isChanged],
      [{ userId, items: [{ id: wood, delta: 1, most: STACK, held: 1 }] }, isChanged],
      [
        {
          userId,
          items,
          coins: { category: 'purchase', amount: 50 },
          world: { owned: world, version: world.version + 1, snapshot },
        },
        (error) => error instanceof VersionChanged,
      ],
      [
        {
          userId,
          items,
          world: { owned: { ...world, fence: 2 }, version: world.version, snapshot },
        },
        code('ROOM_MOVED'),
      ],
    ];
    for (const [wish, matches] of refused) await assert.rejects(carryOut(wish), matches);
    assert.equal(await books.contents(), before);
    assert.equal(await has(player, wood), 0);
    assert.equal(await books.count('commands', 'user_id = $1', [userId]), 0);
    assert.equal((await towns.saves.load(world.stateId))?.version, world.version);
  });

  it('[W5] [M5] a repeat answers what the first one answered, whatever became of the rest since', async () => {
    const player = await books.player(100);
    const { userId } = player;
    const wish = order({
      userId,
      items: [{ id: wood, delta: 3, most: STACK, held: null }],
      coins: { category: 'purchase', amount: 100 },
    });
    const { answer } = await books.ledger.commands.carryOut(wish);
    await give(player, wood, -3);
    const again = await books.ledger.commands.carryOut(wish);
    assert.deepEqual(again, { first: false, answer });
    assert.deepEqual(
      await books.ledger.commands.answerOf(userId, wish.commandId, wish.request),
      answer,
    );
    const other = { ...wish, request: { type: 'another' } };
    await assert.rejects(books.ledger.commands.carryOut(other), code('BET_CONFLICT'));
    await assert.rejects(
      books.ledger.commands.answerOf(userId, wish.commandId, other.request),
      code('BET_CONFLICT'),
    );
    // The ids are each player's own.
    const stranger = await books.player(100);
    assert.equal(
      (await books.ledger.commands.carryOut({ ...wish, userId: stranger.userId })).first,
      true,
    );
    await books.assertSound();
  });

  it('[W5] the same keys in another order are the same request', async () => {
    const player = await books.player(100);
    const wish = order({ userId: player.userId, request: { type: 'x', at: { a: 1, b: [1, 2] } } });
    await books.ledger.commands.carryOut(wish);
    const swapped = { ...wish, request: { at: { b: [1, 2], a: 1 }, type: 'x' } };
    assert.equal((await books.ledger.commands.carryOut(swapped)).first, false);
  });

  it('[W5] [M5] an answer that is lost is asked for again: once before, once after the commit', async () => {
    for (const faults of [['before'], ['after'], ['before', 'after', 'after']] as const) {
      const player = await books.player(100);
      const ledger = books.ledgerOn(faulty(books.db, /carry_out/, [...faults]));
      const told: number[] = [];
      const stop = ledger.feed.subscribe(player.userId, ({ balance }) => told.push(balance));
      await carryOut(
        {
          userId: player.userId,
          items: [{ id: wood, delta: 1, most: STACK, held: null }],
          coins: { category: 'purchase', amount: 10 },
        },
        ledger,
      );
      stop();
      assert.equal(await books.balance(player), 90);
      assert.equal(await has(player, wood), 1);
      assert.deepEqual(told, [90]);
    }
  });

  it('[W5] the last coin and the last item are spent once, however many ask at once', async () => {
    const player = await books.player(100);
    const { userId } = player;
    await give(player, wood, 10);
    const { ledger } = await books.another();
    const sell = (index: number) =>
      carryOut(
        {
          userId,
          items: [{ id: wood, delta: -4, most: STACK, held: null }],
          coins: { category: 'sale', amount: 7 },
        },
        index % 2 ? ledger : books.ledger,
      );
    const buy = (index: number) =>
      carryOut(
        {
          userId,
          items: [{ id: stone, delta: 1, most: STACK, held: null }],
          coins: { category: 'purchase', amount: 60 },
        },
        index % 2 ? ledger : books.ledger,
      );
    const ends = await Promise.allSettled([
      ...Array.from({ length: 10 }, (_, index) => sell(index)),
      ...Array.from({ length: 10 }, (_, index) => buy(index)),
    ]);
    const sold = ends.slice(0, 10).filter(({ status }) => status === 'fulfilled').length;
    const bought = ends.slice(10).filter(({ status }) => status === 'fulfilled').length;
    assert.equal(sold, 2);
    assert.ok(bought === 1, `${bought} bought`);
    assert.equal(await has(player, wood), 2);
    assert.equal(await has(player, stone), bought);
    assert.equal(await books.balance(player), 100 + 2 * 7 - bought * 60);
    await books.assertSound();
    await books.closeOthers();
  });

  it('[W5] the same command sent at once by many is carried out once', async () => {
    const player = await books.player(100);
    const { ledger } = await books.another();
    const wish = order({
      userId: player.userId,
      items: [{ id: wood, delta: 2, most: STACK, held: null }],
      coins: { category: 'purchase', amount: 30 },
    });
    const ends = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? ledger : books.ledger).commands.carryOut(wish),
      ),
    );
    assert.equal(ends.filter(({ first }) => first).length, 1);
    assert.equal(new Set(ends.map(({ answer }) => JSON.stringify(answer))).size, 1);
    assert.equal(await books.balance(player), 70);
    await books.closeOthers();
  });

  it('[W5] [M8] an owner whose room was taken over, or whose lease has run out, writes nothing', async () => {
    const player = await books.player(100);
    const { version, ...owned } = await open(player);
    const snapshot = JSON.stringify({ format: town.format, at: 1, world: town.create() });
    const wish = { userId: player.userId, world: { owned, version, snapshot } };
    await books.expire(owned.nodeId);
    await assert.rejects(carryOut(wish), code('BUSY'));
    const next = await open(player);
    await books.renew(owned.nodeId);
    await assert.rejects(carryOut(wish), code('ROOM_MOVED'));
    assert.equal(
      (await carryOut({ ...wish, world: { owned: next, version, snapshot } })).first,
      true,
    );
  });

  it('[W5] a save that lives on another node is not opened', async () => {
    const player = await books.player(100);
    const { stateId, nodeId } = await open(player);
    const open2 = () =>
      books.row('SELECT * FROM open_world($1, $2, $3, $4, $5)', [
        '00000000-0000-7000-8000-000000000001',
        `room-${uuidv4()}`,
        town.name,
        stateId,
        CURRENCY,
      ]);
    await assert.rejects(open2(), { code: 'RH009' });
    assert.ok(nodeId);
  });

  it('[W5] a room carries out commands on its own save only', async () => {
    const [one, two] = await books.pair(100);
    const { version, ...owned } = await open(one);
    const other = await open(two);
    const snapshot = JSON.stringify({ format: town.format, at: 1, world: town.create() });
    for (const wish of [
      {
        userId: one.userId,
        world: { owned: { ...owned, stateId: other.stateId }, version, snapshot },
      },
      { userId: two.userId, world: { owned, version, snapshot } },
    ]) {
      await assert.rejects(carryOut(wish));
    }
    assert.equal((await towns.saves.load(other.stateId))?.version, other.version);
    assert.equal((await towns.saves.load(owned.stateId))?.version, version);
  });

  it('[W6] a snapshot beyond all bounds is refused', async () => {
    const player = await books.player(100);
    const { version, ...owned } = await open(player);
    const snapshot = JSON.stringify({ format: 1, at: 1, world: 'x'.repeat(300_000) });
    const wish = { userId: player.userId, world: { owned, version, snapshot } };
    await assert.rejects(carryOut(wish), { code: 'RH002' });
  });

  it('[M4] commands are append-only', async () => {
    const player = await books.player(100);
    await give(player, wood, 1);
    for (const sql of [
      "UPDATE commands SET answer = '{}'",
      'DELETE FROM commands',
      'TRUNCATE commands',
    ]) {
      await assert.rejects(books.rows(sql), { code: '23001' });
    }
  });
});

function isChanged(error: object): boolean {
  return error instanceof InventoryChanged;
}
