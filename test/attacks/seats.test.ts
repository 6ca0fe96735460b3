import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  askForSeat,
  CODE,
  type Guest,
  guest,
  type HttpAnswer,
  post,
  RawClient,
  type Seat,
  seatFor,
  socketPath,
} from './attacker.ts';
import { type Scene, startScene } from './scene.ts';
import { openTcp, upgrade } from './tcp.ts';
import { joinCrash, until } from '../support/server.ts';
import { Seats } from '../../rooms/seats.ts';
import type { UserId } from '../../src/ids.ts';

const RESERVATIONS = 5_000;
/** Requests under way at once. */
const LANES = 50;
const SEATS_PER_PLAYER = 8;
const CONNECTIONS_PER_PLAYER = 20;
const MAX_TABLES = 200;
const SEAT_MS = 10_000;
/** An address and a player may ask so often; seen from the tests, seats come slower than this. */
const MANY_GUESTS = 100;
const HALF_OPEN = 300;

interface Listing {
  readonly clients: number;
  readonly metadata: { readonly table: string };
}

describe('seats that nobody takes, at a real server', function () {
  this.timeout(120_000);
  let scene: Scene;
  const clients: RawClient[] = [];
  before(async () => {
    scene = await startScene();
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

  /** Guests that seem to come from other addresses than the bystander. */
  async function strangers(count: number): Promise<Guest[]> {
    const guests: Guest[] = [];
    for (let at = 0; at < count; at += LANES) {
      const some = Array.from({ length: Math.min(LANES, count - at) }, (_, i) => guest(scene.server.url, `10.1.${at}.${i}`));
      guests.push(...(await Promise.all(some)));
    }
    return guests;
  }

  const rooms = () => scene.metric('roundhouse_rooms{name="crash"}');

  let greedy: Guest;
  let left: { seat: Seat; at: number } | undefined;
  before(async () => {
    [greedy] = (await strangers(1)) as [Guest];
  });

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

  it(`[R5] ${RESERVATIONS} seats for many guests: bounded, told so, and others still join`, async () => {
    await scene.attack('seats of many guests', async () => {
      const guests = await strangers(MANY_GUESTS);
      const { codes, seats } = await askMany(RESERVATIONS, (index) => askForSeat(guests[index % MANY_GUESTS] as Guest));
      assert.deepEqual(Object.keys(codes).sort(), ['OK', 'RATE_LIMITED']);
      assert.ok(seats.length >= MANY_GUESTS, `${seats.length} seats`);
      const other = await joinCrash(scene.server.url, { table: 'calm' });
      await other.phase('betting');
      assert.equal((await other.bet(5)).balance, 495);
      await other.room.leave();
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
      await until(async () => (await askForSeat(who)).body.reason === 'LIMIT_EXCEEDED', 'a refusal');
      const [first, second] = clients as [RawClient, RawClient];
      const betId = crypto.randomUUID();
      assert.equal((await first.request('bet', { betId, amount: 5 })).ok, true);
      assert.equal((await second.request('betStatus', { betId })).ok, true);
      second.send([CODE.leave]);
      await second.closed();
      await join();
    });
  });

  it('[R5] seats and session ids that were made up, taken before, or are of another are refused', async () => {
    await scene.attack('made-up seats', async () => {
      const seat = await seatFor(await guest(scene.server.url));
      const path = (sessionId: string, roomId = seat.roomId, more = '') =>
        socketPath({ ...seat, sessionId, roomId }, more);
      const names = ['', 'x', '__proto__', 'constructor', 'toString', '%00', '%', 'a'.repeat(2_000), '../..'];
      const tokens = ['', '__proto__', 'constructor', 'x', '%00'];
      const paths = [
        ...names.map((name) => path(name)),
        ...names.map((name) => path(seat.sessionId, encodeURIComponent(name))),
        ...tokens.map((token) => path('x', seat.roomId, `&reconnectionToken=${token}`)),
        ...tokens.map((token) => path('__proto__', seat.roomId, `&reconnectionToken=${token}&skipHandshake=1`)),
        `/${seat.processId}/${seat.roomId}`, '/', '//', '*', '/?', '/a/b/c', `/x/__proto__?sessionId=x`,
        'http://[::1', '//[', `/${'x'.repeat(8_000)}`, '/%', `/${seat.processId}/${seat.roomId}?sessionId=%ff`,
      ];
      await Promise.all(
        paths.map(async (each) => {
          const client = await upgrade(scene.server.port, each);
          // It is told an error, or goodbye; a well-behaved client would say goodbye then.
          await until(() => client.isClosed || client.received > 0, `an end for ${each}`);
          client.close();
        }),
      );
      const owner = new RawClient(scene.server.url, seat);
      clients.push(owner);
      await until(() => owner.reconnectionToken !== '', 'the owner to be seated');
      owner.send([CODE.join]);
      for (const more of ['', '&reconnectionToken=x', '&skipHandshake=1', `&reconnectionToken=${owner.reconnectionToken}x`]) {
        const thief = new RawClient(scene.server.url, seat, more);
        await thief.closed();
        assert.equal(thief.reconnectionToken, '');
      }
      assert.equal((await owner.request('bet', { betId: crypto.randomUUID(), amount: 5 })).ok, true);
    });
  });

  it('[R5] one seat taken by many sockets at the same instant is taken once', async () => {
    await scene.attack('one seat for many', async () => {
      const seat = await seatFor(await guest(scene.server.url));
      const sockets = Array.from({ length: 20 }, () => new RawClient(scene.server.url, seat));
      clients.push(...sockets);
      await until(() => sockets.filter((each) => each.closeCode !== undefined).length === 19, '19 refusals');
      const owner = sockets.find(({ closeCode }) => closeCode === undefined) as RawClient;
      await until(() => owner.reconnectionToken !== '', 'the seat');
      owner.send([CODE.join]);
      assert.equal((await owner.request('bet', { betId: crypto.randomUUID(), amount: 5 })).ok, true);
    });
  });

  it('[R5] tokens of reconnection that are none answer with a code, by HTTP too', async () => {
    await scene.attack('made-up reconnections', async () => {
      const client = await RawClient.join(await guest(scene.server.url));
      clients.push(client);
      const url = `${scene.server.url}/matchmake/reconnect/${client.seat.roomId}`;
      for (const reconnectionToken of [undefined, null, 5, '', {}, [], { toString: 1 }, ['__proto__'], true]) {
        const { status, body } = await post(url, { reconnectionToken });
        assert.deepEqual([status, body.reason], [400, 'BAD_REQUEST'], JSON.stringify(reconnectionToken));
      }
      for (const reconnectionToken of ['__proto__', 'constructor', 'x', client.seat.sessionId, 'x'.repeat(3_000)]) {
        const { status, body } = await post(url, { reconnectionToken });
        assert.deepEqual([status, body.reason], [404, 'NOT_FOUND'], reconnectionToken);
      }
      for (const room of ['constructor', '__proto__', 'nothing']) {
        const { status } = await post(`${scene.server.url}/matchmake/reconnect/${room}`, { reconnectionToken: 'x' });
        assert.equal(status, 404, room);
      }
      assert.ok(client.isOpen);
    });
  });

  it('[R7] tokens that are none, of nobody or expired, and rooms that are none, answer with a code', async () => {
    await scene.attack('made-up tokens', async () => {
      const who = await guest(scene.server.url);
      const [head = '', body = '', signature = ''] = who.token.split('.');
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
      const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const none = encoded({ alg: 'none', typ: 'JWT' });
      const tokens = [
        '', 'x', 'null', who.token.slice(0, -3), `${head}.${body}.`, `${none}.${body}.`, `${none}.${body}.${signature}`,
        `${head}.${encoded({ ...claims, sub: '1' })}.${signature}`,
        `${head}.${encoded({ ...claims, exp: 4_000_000_000 })}.${signature}`, 'x'.repeat(4_000),
      ];
      for (const token of tokens) {
        const headers = { authorization: `Bearer ${token}` };
        const { status, body: answer } = await askForSeat({ ...who, headers });
        assert.deepEqual([status, answer.reason], [401, 'UNAUTHENTICATED'], token.slice(0, 40));
      }
      assert.equal((await askForSeat({ ...who, headers: {} })).body.reason, 'UNAUTHENTICATED');
      const [other] = await strangers(1);
      for (const target of ['joinOrCreate/constructor', 'create/__proto__', 'join/toString', 'joinById/constructor']) {
        assert.equal((await askForSeat(other as Guest, {}, target)).body.reason, 'NOT_FOUND', target);
      }
      for (const options of [{ table: '../x' }, { table: '' }, { table: 5 }, { spectate: 1 }, { table: ['main'] }]) {
        assert.equal((await askForSeat(who, options)).body.reason, 'BAD_REQUEST', JSON.stringify(options));
      }
    });
  });

  it(`[R5] ${HALF_OPEN} upgrades that stop halfway cost nobody anything`, async () => {
    await scene.attack('half-open upgrades', async () => {
      const head = 'GET /a/b?sessionId=c HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
      const halves = [head, '', 'G', `${head}Sec-WebSocket-Version: 13\r\n\r\n`, `${head}Sec-WebSocket-Key: x\r\n\r\n`];
      const sockets = await Promise.all(
        Array.from({ length: HALF_OPEN }, (_, index) => openTcp(scene.server.port, halves[index % halves.length])),
      );
      await delay(500);
      for (const socket of sockets) socket.destroy();
    });
  });

  it('[R5] sockets that go away while they join leave no seat behind', async () => {
    await scene.attack('early leaves', async () => {
      const guests = await strangers(40);
      await Promise.all(
        guests.map(async (who, index) => {
          const client = new RawClient(scene.server.url, await seatFor(who, { table: 'early' }));
          await new Promise((resolve) => client.socket.once('open', resolve));
          await delay(index % 4);
          await client.close();
        }),
      );
      const watcher = await RawClient.join(await guest(scene.server.url), {}, 'joinOrCreate/lobby');
      clients.push(watcher);
      const clientsAt = () => {
        const listings = watcher.messages.flatMap(({ type, payload }) => {
          if (type === 'rooms') return payload as unknown as Listing[];
          return type === '+' ? [(payload as unknown as [string, Listing])[1]] : [];
        });
        return listings.findLast(({ metadata }) => metadata.table === 'early')?.clients;
      };
      await until(() => clientsAt() === 0, 'nobody at the table');
    });
  });

  it(`[R5] seats at ${RESERVATIONS} made-up tables open no more than ${MAX_TABLES} tables, and "main" stays open to all`, async () => {
    await scene.attack('made-up tables', async () => {
      const guests = await strangers(MANY_GUESTS);
      const { codes, seats } = await askMany(RESERVATIONS, (index) =>
        askForSeat(guests[index % MANY_GUESTS] as Guest, { table: `t${index}` }),
      );
      const opened = new Set(seats.map(({ roomId }) => roomId)).size;
      console.log(`        ${opened} tables opened`);
      assert.deepEqual(Object.keys(codes).sort(), ['BUSY', 'OK', 'RATE_LIMITED']);
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
    const reserve = (id: number) => seats.reserve((id % 1_000) as UserId, async () => ({ sessionId: `${id}` }));
    for (let id = 0; id < 5_000; id++) await reserve(id);
    await assert.rejects(reserve(5_000), { code: 'BUSY' });
    seats.connected(7 as UserId, '7');
    await reserve(5_000);
    seats.close();
    await reserve(5_001);
    seats.close();
  });
});
