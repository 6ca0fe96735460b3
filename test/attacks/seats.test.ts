import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Seats } from '../../rooms/seats.ts';
import type { UserId } from '../../src/ids.ts';
import { joinCrash, startServer, until } from '../support/server.ts';
import {
  askForSeat,
  CODE,
  type Guest,
  guest,
  type HttpAnswer,
  RawClient,
  type Seat,
  strangers,
} from './attacker.ts';
import { type Scene, startScene } from './scene.ts';

const RESERVATIONS = 5_000;
/** Requests under way at once. */
const LANES = 50;
const SEATS_PER_PLAYER = 8;
const CONNECTIONS_PER_PLAYER = 20;
const MAX_TABLES = 200;
const SEAT_MS = 10_000;
/** An address and a player may ask so often; seen from the tests, seats come slower than this. */
const MANY_GUESTS = 100;

describe('seats that nobody takes, at a real server', function () {
  this.timeout(120_000);
  let scene: Scene;
  /** Asks for all he can get. */
  let greedy: Guest;
  const clients: RawClient[] = [];
  before(async () => {
    scene = await startScene();
    greedy = await guest(scene.server.url, '10.2.0.1');
  });
  after(() => scene.close());
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
  });

  /** Asks `count` times, LANES at once, and counts the answers by their code. */
  async function askMany(count: number, ask: (index: number) => Promise<HttpAnswer>) {
    const codes: Record<string, number> = {};
    const seats: Seat[] = [];
    let next = 0;
    const lane = async () => {
      while (next < count) {
        const { status, body } = await ask(next++);
        const code = status === 200 ? 'OK' : (body.reason ?? `HTTP ${status}`);
        codes[code] = (codes[code] ?? 0) + 1;
        if (status === 200) seats.push(body as unknown as Seat);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    console.log(`        answers: ${JSON.stringify(codes)}`);
    return { codes, seats };
  }

  const rooms = () => scene.metric('roundhouse_rooms{name="crash"}');

  let left: { seat: Seat; at: number } | undefined;
  it(`[R5] ${RESERVATIONS} seats for one player: ${SEATS_PER_PLAYER} wait for him, the rest is RATE_LIMITED`, async () => {
    await scene.attack('seats of one player', async () => {
      const { codes, seats } = await askMany(RESERVATIONS, () => askForSeat(greedy));
      assert.deepEqual(Object.keys(codes).sort(), ['OK', 'RATE_LIMITED']);
      assert.ok(seats.length >= SEATS_PER_PLAYER, `${seats.length} seats`);
      // At most 8 at any time, each for 10 s.
      assert.ok(seats.length <= 4 * SEATS_PER_PLAYER, `${seats.length} seats`);
      left = { seat: seats[0] as Seat, at: performance.now() };
    });
  });

  it('[R5] at most 20 connections of one player; two are fine, and one that leaves makes room', async () => {
    await scene.attack('connections of one player', async () => {
      const who = await guest(scene.server.url);
      const join = async () => {
        let client: RawClient | undefined;
        await until(async () => {
          const { status, body } = await askForSeat(who);
          if (body.reason === 'RATE_LIMITED') return false;
          assert.equal(status, 200, JSON.stringify(body));
          client = new RawClient(scene.server.url, body as unknown as Seat);
          return true;
        }, 'a seat');
        const joined = client as RawClient;
        await until(() => joined.reconnectionToken !== '', 'joined');
        joined.send([CODE.join]);
        clients.push(joined);
        return joined;
      };
      for (let tab = 0; tab < CONNECTIONS_PER_PLAYER; tab++) await join();
      await until(
        async () => (await askForSeat(who)).body.reason === 'LIMIT_EXCEEDED',
        'a refusal',
      );
      const [first, second] = clients as [RawClient, RawClient];
      const betId = crypto.randomUUID();
      assert.equal((await first.request('bet', { betId, amount: 5 })).ok, true);
      assert.equal((await second.request('betStatus', { betId })).ok, true);
      second.send([CODE.leave]);
      await second.closed();
      await join();
    });
  });

  it(`[R5] ${RESERVATIONS} seats for many guests, half of them at made-up tables: bounded, and others still join`, async () => {
    await scene.attack('seats of many guests', async () => {
      const guests = await strangers(scene.server.url, MANY_GUESTS);
      const { codes, seats } = await askMany(RESERVATIONS, (index) =>
        askForSeat(guests[index % MANY_GUESTS] as Guest, index % 2 ? { table: `t${index}` } : {}),
      );
      const opened = new Set(seats.map(({ roomId }) => roomId)).size;
      console.log(`        ${opened} tables opened`);
      assert.deepEqual(Object.keys(codes).sort(), ['BUSY', 'OK', 'RATE_LIMITED']);
      assert.ok(seats.length >= MANY_GUESTS, `${seats.length} seats`);
      assert.ok(opened <= MAX_TABLES, `${opened} tables`);
      assert.ok((await rooms()) <= MAX_TABLES);
      const other = await joinCrash(scene.server.url);
      await other.phase('betting');
      assert.equal((await other.bet(5)).balance, 495);
      await other.room.leave();
    });
  });

  it('[R5] a seat that no socket took within 10 s is gone, and its player may have another', async () => {
    assert.ok(left);
    const { seat, at } = left;
    await delay(Math.max(0, SEAT_MS + 500 - (performance.now() - at)));
    const late = new RawClient(scene.server.url, seat);
    await late.closed();
    assert.equal(late.reconnectionToken, '', 'an expired seat cannot be taken');
    const { status } = await askForSeat(greedy);
    assert.equal(status, 200);
  });

  it('[R5] 5,000 seats that wait are enough for all players together', async () => {
    const seats = new Seats();
    const reserve = (id: number) =>
      seats.reserve((id % 1_000) as UserId, async () => ({ sessionId: `${id}` }));
    for (let id = 0; id < 5_000; id++) await reserve(id);
    await assert.rejects(reserve(5_000), { code: 'BUSY' });
    seats.connected(7 as UserId, '7');
    await reserve(5_000);
    seats.close();
    await reserve(5_001);
    seats.close();
  });

  it('[R5] whoever opened all tables that there may be does not keep others from the default one', async () => {
    const own = await startServer({ env: { TRUST_PROXY: 'true' } });
    try {
      const guests = await strangers(own.url, MAX_TABLES / SEATS_PER_PLAYER);
      const seats = await Promise.all(
        guests.flatMap((who, index) =>
          Array.from({ length: SEATS_PER_PLAYER }, (_, at) =>
            askForSeat(who, { table: `t${index}-${at}` }),
          ),
        ),
      );
      assert.ok(seats.every(({ status }) => status === 200));
      const [another] = (await strangers(own.url, 1)) as [Guest];
      assert.equal((await askForSeat(another, { table: 'one-more' })).body.reason, 'BUSY');
      const player = await joinCrash(own.url);
      await player.phase('betting');
      assert.equal((await player.bet(5)).balance, 495);
      await player.room.leave();
    } finally {
      await own.dispose();
    }
  });
});
