import assert from 'node:assert/strict';
import { v4 as uuidv4 } from 'uuid';
import type { RoomId, UserId } from '../../src/ids.ts';
import { type Books, code, type Player } from '../ledger/fixture.ts';
import { CURRENCY, Towns, town } from './fixture.ts';

const DAY_MS = 86_400_000;
const PAGE = { limit: 100 };

describe('worlds/saves', () => {
  let towns: Towns;
  let books: Books;

  before(async () => {
    towns = await Towns.open();
    books = towns.books;
  });
  after(() => towns.close());

  const list = async ({ userId }: Player) => (await towns.saves.list(userId, PAGE)).items;

  it('[W9] slots are opened by number or the first free one, up to their number', async () => {
    const player = await books.player();
    const { userId } = player;
    const third = await towns.saves.openSlot(userId, { game: 'town', slot: 3, title: 'Third' });
    assert.deepEqual(
      [third.slot, third.title, third.isPublic, third.version],
      [3, 'Third', false, 1],
    );
    assert.equal((await towns.saves.openSlot(userId, { game: 'town' })).slot, 1);
    assert.equal((await towns.saves.openSlot(userId, { game: 'town' })).slot, 2);
    assert.equal((await towns.saves.openSlot(userId, { game: 'town' })).slot, 4);
    await assert.rejects(towns.saves.openSlot(userId, { game: 'town', slot: 3 }), code('CONFLICT'));
    await assert.rejects(
      towns.saves.openSlot(userId, { game: 'town', slot: town.slots + 1 }),
      code('LIMIT_EXCEEDED'),
    );
    await assert.rejects(towns.saves.openSlot(userId, { game: 'crash' }), code('NOT_FOUND'));
    while ((await list(player)).length < town.slots)
      await towns.saves.openSlot(userId, { game: 'town' });
    await assert.rejects(towns.saves.openSlot(userId, { game: 'town' }), code('LIMIT_EXCEEDED'));
  });

  it('[W9] who asks for a slot many times at once has it once', async () => {
    const player = await books.player();
    const ids = await Promise.all(Array.from({ length: 10 }, () => towns.save(player)));
    assert.equal(new Set(ids).size, 1);
    const opened = await Promise.allSettled(
      Array.from({ length: 12 }, () => towns.saves.openSlot(player.userId, { game: 'town' })),
    );
    const slots = (await list(player)).map(({ slot }) => slot);
    assert.equal(new Set(slots).size, slots.length);
    assert.ok(slots.length <= town.slots);
    assert.ok(opened.filter(({ status }) => status === 'fulfilled').length >= slots.length - 1);
  });

  it("[W7] [W9] a save is its owner's: others cannot read, change or delete it, and enter only where it is public", async () => {
    const [owner, other] = await books.pair();
    const id = await towns.save(owner);
    const enter = (userId: UserId) => towns.saves.mayEnter(userId, town, id);
    await assert.rejects(towns.saves.one(other.userId, id), code('NOT_FOUND'));
    await assert.rejects(
      towns.saves.change(other.userId, id, { isPublic: true }),
      code('NOT_FOUND'),
    );
    await assert.rejects(towns.saves.remove(other.userId, id), code('NOT_FOUND'));
    assert.deepEqual([await enter(owner.userId), await enter(other.userId)], [true, false]);
    const changed = await towns.saves.change(owner.userId, id, { isPublic: true, title: 'Home' });
    assert.deepEqual([changed.isPublic, changed.title, changed.version], [true, 'Home', 1]);
    assert.equal(await enter(other.userId), true);
    assert.deepEqual(towns.changed.splice(0), [id]);
    await towns.saves.remove(owner.userId, id);
    assert.equal(await enter(owner.userId), false);
    assert.deepEqual(towns.changed.splice(0), [id]);
  });

  it('[W6] a snapshot that cannot be read is set aside: never overwritten, and its slot is free', async () => {
    const player = await books.player();
    for (const state of [
      '{"format": 3, "at": 5, "world": {"nextId": "x", "buildings": []}}',
      '{"format": 1, "at": 5, "world": {"buildings": 7}}',
      '[]',
      '{}',
    ]) {
      const id = await towns.save(player);
      await books.rows('UPDATE game_states SET state = $2::jsonb WHERE id = $1', [id, state]);
      await assert.rejects(towns.enter(id), code('CORRUPT_SNAPSHOT'));
      // As the room does.
      await towns.saves.setAside(id, 'unreadable');
      const entry = (await list(player)).find((each) => each.id === id);
      assert.equal(entry?.setAside?.reason, 'unreadable');
      assert.deepEqual((await towns.saves.one(player.userId, id)).state, JSON.parse(state));
      await assert.rejects(
        books.rows(`UPDATE game_states SET state = '{}', version = version + 1 WHERE id = $1`, [
          id,
        ]),
        { code: '23001' },
      );
      assert.notEqual(await towns.save(player), id);
      await towns.saves.remove(player.userId, await towns.save(player));
    }
    towns.changed.splice(0);
  });

  it('[W6] a snapshot of a newer server is left to it', async () => {
    const player = await books.player();
    const id = await towns.save(player);
    const state = '{"format": 99, "at": 5, "world": {}}';
    await books.rows('UPDATE game_states SET state = $2::jsonb WHERE id = $1', [id, state]);
    await assert.rejects(towns.enter(id), code('BUSY'));
    assert.equal(await towns.save(player), id);
  });

  it('[W1] a town goes on while its owner is away, for at most as long as the rules say, and goes on again when the owner comes', async () => {
    const player = await books.player();
    const id = await towns.save(player);
    const back = async (ms: number) => {
      await books.rows(
        `UPDATE game_states SET state = jsonb_set(state, '{at}', to_jsonb((state->>'at')::bigint - $2::bigint)) WHERE id = $1`,
        [id, ms],
      );
    };
    await back(365 * DAY_MS);
    let clock = 0;
    const { live, shown } = await towns.enter(id, { monotonic: () => clock });
    const version = live.version;
    assert.equal(shown(), null);
    await live.wake();
    assert.equal(live.version, version + 1);
    const woken = shown();
    assert.equal(woken?.at, live.now());
    clock += town.absenceMs;
    await live.wake();
    assert.equal(live.version, version + 1);
    clock += 1;
    await live.wake();
    assert.equal(live.version, version + 2);
    await live.close();
  });

  it('[W1] a clock that went back produces nothing and takes nothing', async () => {
    const player = await books.player();
    const id = await towns.save(player);
    await books.rows(
      `UPDATE game_states SET state = jsonb_set(state, '{at}', to_jsonb((state->>'at')::bigint + $2::bigint)) WHERE id = $1`,
      [id, 365 * DAY_MS],
    );
    const { live } = await towns.enter(id);
    const { state, at } = await live.present();
    assert.deepEqual(state, town.create());
    assert.equal(at, live.now());
    await live.close();
  });

  it('[W5] a room whose save was deleted ends, and its commands are refused', async () => {
    const player = await books.player();
    const id = await towns.save(player);
    const { live, gone } = await towns.enter(id);
    await towns.saves.remove(player.userId, id);
    const order = live.command('buy', uuidv4(), { item: 'wood', quantity: 1 });
    await assert.rejects(order, code('NOT_FOUND'));
    assert.equal(gone(), 1);
    assert.equal(await books.balance(player), 500);
    assert.equal(await books.count('commands', 'user_id = $1', [player.userId]), 0);
    await live.close();
    towns.changed.splice(0);
  });

  it('[M9] rooms of worlds that a lost node left are closed, all at once, with their stays', async () => {
    const node = await books.node();
    const players = await books.players(5);
    const rooms: RoomId[] = [];
    for (const player of players) {
      const room = `room-${uuidv4()}` as RoomId;
      rooms.push(room);
      await towns.saves.open(node, room, 'town', await towns.save(player), CURRENCY);
      await books.rows(
        `INSERT INTO game_sessions (user_id, game_id, room_id, session_key)
         SELECT $1, id, $2, 'key' FROM games WHERE name = 'town'`,
        [player.userId, room],
      );
    }
    const next = await books.node();
    const closed = async () =>
      (await books.row<{ n: number }>('SELECT close_lost_worlds($1) AS n', [next])).n;
    assert.equal(await closed(), 0);
    await books.expire(node);
    assert.equal(await closed(), 5);
    assert.equal(await closed(), 0);
    const open = 'room_id = ANY ($1) AND closed_at IS NULL';
    assert.equal(await books.count('live_rooms', open, [rooms]), 0);
    assert.equal(
      await books.count('game_sessions', 'room_id = ANY ($1) AND ended_at IS NULL', [rooms]),
      0,
    );
  });

  it('[W5] who opens a save waits for the last command of the owner before, and the owner writes nothing after it', async () => {
    const player = await books.player(1_000);
    const id = await towns.save(player);
    const node = await books.node();
    const { live } = await towns.enter(id, { node });
    await live.command('buy', uuidv4(), { item: 'wood', quantity: 1 });
    const { reached, before } = await books.inTransaction(async (client) => {
      await client.query('SELECT 1 FROM wallets WHERE id = $1 FOR UPDATE', [player.walletId]);
      const inFlight = live.command('buy', uuidv4(), { item: 'wood', quantity: 1 });
      inFlight.catch(() => {});
      await books.waiting();
      await books.expire(node);
      const opening = towns.enter(id);
      opening.catch(() => {});
      await books.waiting(2);
      return { reached: opening, before: inFlight };
    });
    const { version } = (await before) as { version: number };
    const next = await reached;
    assert.equal(next.live.version, version);
    await assert.rejects(
      live.command('buy', uuidv4(), { item: 'wood', quantity: 1 }),
      code('ROOM_MOVED'),
    );
    await live.close();
    await next.live.close();
  });
});
