import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { joinCrash, until } from '../support/server.ts';
import { CODE, guest, post, RawClient, seatFor, socketPath, strangers } from './attacker.ts';
import { type Scene, startScene } from './scene.ts';
import { openTcp, upgrade } from './tcp.ts';

const HALF_OPEN = 300;
const EARLY_LEAVERS = 40;

describe('sockets without a right to a seat, at a real server', function () {
  this.timeout(60_000);
  let scene: Scene;
  const clients: RawClient[] = [];
  before(async () => {
    scene = await startScene();
  });
  after(() => scene.close());
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
  });

  it('[R5] seats and session ids that were made up, taken before, or are of another are refused', async () => {
    await scene.attack('made-up seats', async () => {
      const seat = await seatFor(await guest(scene.server.url));
      const path = (sessionId: string, roomId = seat.roomId, more = '') =>
        socketPath({ ...seat, sessionId, roomId }, more);
      const names = [
        '',
        'x',
        '__proto__',
        'constructor',
        'toString',
        '%00',
        '%',
        'a'.repeat(2_000),
        '../..',
      ];
      const tokens = ['', '__proto__', 'constructor', 'x', '%00'];
      const paths = [
        ...names.map((name) => path(name)),
        ...names.map((name) => path(seat.sessionId, encodeURIComponent(name))),
        ...tokens.map((token) => path('x', seat.roomId, `&reconnectionToken=${token}`)),
        ...tokens.map((token) =>
          path('__proto__', seat.roomId, `&reconnectionToken=${token}&skipHandshake=1`),
        ),
        `/${seat.processId}/${seat.roomId}`,
        '/',
        '//',
        '*',
        '/?',
        '/a/b/c',
        `/x/__proto__?sessionId=x`,
        'http://[::1',
        '//[',
        `/${'x'.repeat(8_000)}`,
        '/%',
        `/${seat.processId}/${seat.roomId}?sessionId=%ff`,
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
      for (const more of [
        '',
        '&reconnectionToken=x',
        '&skipHandshake=1',
        `&reconnectionToken=${owner.reconnectionToken}x`,
      ]) {
        const thief = new RawClient(scene.server.url, seat, more);
        await thief.closed();
        assert.equal(thief.reconnectionToken, '');
      }
      assert.equal(
        (await owner.request('bet', { betId: crypto.randomUUID(), amount: 5 })).ok,
        true,
      );
    });
  });

  it('[R5] one seat taken by many sockets at the same instant is taken once', async () => {
    await scene.attack('one seat for many', async () => {
      const seat = await seatFor(await guest(scene.server.url));
      const sockets = Array.from({ length: 20 }, () => new RawClient(scene.server.url, seat));
      clients.push(...sockets);
      await until(
        () => sockets.filter((each) => each.closeCode !== undefined).length === 19,
        '19 refusals',
      );
      const owner = sockets.find(({ closeCode }) => closeCode === undefined) as RawClient;
      await until(() => owner.reconnectionToken !== '', 'the seat');
      owner.send([CODE.join]);
      assert.equal(
        (await owner.request('bet', { betId: crypto.randomUUID(), amount: 5 })).ok,
        true,
      );
    });
  });

  it('[R5] tokens of reconnection that are none answer with a code, by HTTP too', async () => {
    await scene.attack('made-up reconnections', async () => {
      const client = await RawClient.join(await guest(scene.server.url));
      clients.push(client);
      const url = `${scene.server.url}/matchmake/reconnect/${client.seat.roomId}`;
      for (const reconnectionToken of [
        undefined,
        null,
        5,
        '',
        {},
        [],
        { toString: 1 },
        ['__proto__'],
        true,
      ]) {
        const { status, body } = await post(url, { reconnectionToken });
        assert.deepEqual(
          [status, body.reason],
          [400, 'BAD_REQUEST'],
          JSON.stringify(reconnectionToken),
        );
      }
      for (const reconnectionToken of [
        '__proto__',
        'constructor',
        'x',
        client.seat.sessionId,
        'x'.repeat(3_000),
      ]) {
        const { status, body } = await post(url, { reconnectionToken });
        assert.deepEqual([status, body.reason], [404, 'NOT_FOUND'], reconnectionToken);
      }
      for (const room of ['constructor', '__proto__', 'nothing']) {
        const { status } = await post(`${scene.server.url}/matchmake/reconnect/${room}`, {
          reconnectionToken: 'x',
        });
        assert.equal(status, 404, room);
      }
      assert.ok(client.isOpen);
    });
  });

  it(`[R5] ${HALF_OPEN} upgrades that stop halfway cost nobody anything`, async () => {
    await scene.attack('half-open upgrades', async () => {
      const head =
        'GET /a/b?sessionId=c HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
      const halves = [
        head,
        '',
        'G',
        `${head}Sec-WebSocket-Version: 13\r\n\r\n`,
        `${head}Sec-WebSocket-Key: x\r\n\r\n`,
      ];
      const sockets = await Promise.all(
        Array.from({ length: HALF_OPEN }, (_, index) =>
          openTcp(scene.server.port, halves[index % halves.length]),
        ),
      );
      await delay(500);
      for (const socket of sockets) socket.destroy();
    });
  });

  it('[R5] sockets that go away while they join leave no seat behind', async () => {
    await scene.attack('early leaves', async () => {
      const guests = await strangers(scene.server.url, EARLY_LEAVERS);
      await Promise.all(
        guests.map(async (who, index) => {
          const client = new RawClient(scene.server.url, await seatFor(who, { table: 'early' }));
          await new Promise((resolve) => client.socket.once('open', resolve));
          await delay(index % 4);
          await client.close();
        }),
      );
      const player = await joinCrash(scene.server.url, { table: 'early' });
      await until(() => player.room.state?.players === 1, 'only one to be at the table');
      await player.room.leave();
    });
  });
});
