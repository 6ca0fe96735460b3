import assert from 'node:assert/strict';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../support/server.ts';
import {
  CODE,
  dataFrame,
  type Guest,
  guest,
  post,
  RawClient,
  requestFrame,
  seatFor,
  socketPath,
} from './attacker.ts';
import { type Scene, startScene } from './scene.ts';
import { OPCODE, upgrade, wsFrame } from './tcp.ts';

const TEN_MEGABYTES = 10 * 2 ** 20;
const FLOOD_PER_SECOND = 10_000;
const FLOOD_SECONDS = 3;
const TICK_MS = 20;
const CLOSE_FLOOD = 4008;
const CLOSE_TOO_BIG = 1009;
const PAYLOAD_TOO_LARGE = 413;

describe('floods, against a real server', function () {
  this.timeout(90_000);
  let scene: Scene;
  const clients: RawClient[] = [];
  before(async () => {
    scene = await startScene();
  });
  after(() => scene.close());
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
  });

  async function join(who?: Guest): Promise<RawClient> {
    const client = await RawClient.join(who ?? (await guest(scene.server.url)));
    clients.push(client);
    return client;
  }

  const status = () => dataFrame('betStatus', { betId: crypto.randomUUID() });

  it('[R3] more than 60 commands in a second: the rest is RATE_LIMITED, each is answered, none is closed', async () => {
    await scene.attack('200 commands in a second', async () => {
      const client = await join();
      const bets = Array.from({ length: 200 }, () =>
        client.request('bet', { betId: 'x', amount: 5 }),
      );
      const codes = (await Promise.all(bets)).map(({ payload }) => payload.code);
      const limited = codes.filter((code) => code === 'RATE_LIMITED').length;
      // BUSY: more than 50 of them came in one piece.
      const others = codes.filter((code) => code !== 'RATE_LIMITED');
      assert.ok(others.every((code) => code === 'BAD_REQUEST' || code === 'BUSY'));
      // The second may turn once while they are on their way.
      assert.ok(limited >= 200 - 2 * 60 && limited <= 200 - 55, `${limited} of 200`);
      await delay(1_100);
      assert.equal(
        (await client.request('betStatus', { betId: crypto.randomUUID() })).payload.code,
        'NOT_FOUND',
      );
    });
  });

  it('[R3] more than 300 frames in a second close the connection with 4008', async () => {
    await scene.attack('1,000 frames at once', async () => {
      for (const frame of [
        status(),
        Buffer.from([CODE.ping]),
        Buffer.from([CODE.join]),
        Buffer.alloc(0),
      ]) {
        const client = await join();
        for (let sent = 0; sent < 1_000; sent++) client.send(frame);
        await client.closed();
        assert.equal(client.closeCode, CLOSE_FLOOD);
      }
      assert.ok((await scene.metric('roundhouse_connections_cut_total{reason="flood"}')) >= 4);
    });
  });

  it(`[R3] ${FLOOD_PER_SECOND} messages a second from one client that always comes back`, async () => {
    let sent = 0;
    let cuts = 0;
    await scene.attack('10,000 messages a second', async () => {
      const who = await guest(scene.server.url);
      let client = await join(who);
      let coming: Promise<void> | undefined;
      const comeBack = async () => {
        cuts += 1;
        const { seat, reconnectionToken } = client;
        const next = new RawClient(who.url, seat, `&reconnectionToken=${reconnectionToken}`);
        clients.push(next);
        await until(
          () => next.reconnectionToken !== '' || next.closeCode !== undefined,
          'a way back',
        );
        // Not taken back: a new seat, as long as there are any for this player.
        client = next.closeCode === undefined ? next : await join(who).catch(() => client);
        client.send([CODE.join]);
      };
      const started = performance.now();
      const messages = [status(), dataFrame('bet', { betId: crypto.randomUUID(), amount: 1 })];
      while (performance.now() - started < FLOOD_SECONDS * 1_000) {
        const due = ((performance.now() - started) / 1_000) * FLOOD_PER_SECOND;
        for (; sent < due; sent++) client.send(messages[sent % 2] as Buffer);
        if (!client.isOpen) {
          coming ??= comeBack().finally(() => {
            coming = undefined;
          });
        }
        await delay(TICK_MS);
      }
      await coming;
    });
    console.log(`        ${sent} messages, cut off ${cuts} times`);
    assert.ok(cuts > 0);
  });

  it('[R3] a frame of 10 MB closes its connection with 1009, and so does one of 4,097 bytes', async () => {
    await scene.attack('frames of 10 MB', async () => {
      for (const size of [4_097, 65_536, TEN_MEGABYTES]) {
        const client = await join();
        client.send(Buffer.alloc(size, CODE.data));
        await client.closed();
        assert.equal(client.closeCode, CLOSE_TOO_BIG, String(size));
      }
      const client = await join();
      const padded = requestFrame(1, 'betStatus', { betId: 'x'.repeat(4_096 - 30) });
      assert.ok(padded.length > 4_050 && padded.length <= 4_096, String(padded.length));
      client.send(padded);
      assert.equal(
        (await client.answer(1)).payload.code,
        'BAD_REQUEST',
        'the largest frame is read',
      );
    });
  });

  it('[R3] fragments are one frame together, and closed when that is too large', async () => {
    await scene.attack('fragments', async () => {
      const fragmented = await join();
      const whole = requestFrame(1, 'betStatus', { betId: crypto.randomUUID() });
      for (let at = 0; at < whole.length; at++) {
        fragmented.send(whole.subarray(at, at + 1), { fin: at === whole.length - 1 });
      }
      assert.equal((await fragmented.answer(1)).payload.code, 'NOT_FOUND');

      const tooBig = await join();
      for (let sent = 0; sent < 10 && tooBig.isOpen; sent++)
        tooBig.send(Buffer.alloc(500), { fin: false });
      await tooBig.closed();
      assert.equal(tooBig.closeCode, CLOSE_TOO_BIG);
    });
  });

  for (const [name, opcode, reading] of [
    ['pings, from a client that reads no pongs', OPCODE.ping, false],
    ['pings', OPCODE.ping, true],
    ['pongs', OPCODE.pong, true],
    ['fragments without an end', OPCODE.continuation, true],
  ] as const) {
    it(`[R3] a flood of ${name} is cut off`, async () => {
      await scene.attack(name, async () => {
        const seat = await seatFor(await guest(scene.server.url));
        const client = await upgrade(scene.server.port, socketPath(seat), { reading });
        const isFragment = opcode === OPCODE.continuation;
        if (isFragment)
          client.socket.write(wsFrame(OPCODE.binary, Buffer.alloc(0), { fin: false }));
        const many = Buffer.concat(
          Array(1_000).fill(wsFrame(opcode, Buffer.alloc(0), { fin: !isFragment })),
        );
        const deadline = performance.now() + 10_000;
        while (!client.isClosed && performance.now() < deadline) {
          if (client.socket.writableLength < many.length) client.socket.write(many);
          await delay(1);
        }
        assert.ok(client.isClosed);
      });
    });
  }

  const BODIES_GO_TO = [
    '/matchmake/joinOrCreate/crash',
    '/matchmake/reconnect/crash',
    '/auth/anonymous',
    '/auth/login',
    '/auth/register',
    '/auth/refresh',
  ];

  it('[R3] bodies of 10 MB over HTTP are refused with 413 or cut off, with their length announced or not', async () => {
    await scene.attack('bodies of 10 MB', async () => {
      const who = await guest(scene.server.url);
      for (const path of BODIES_GO_TO) {
        for (const announced of [true, false]) {
          const status = await sendLargeBody(scene.server.port, path, who.headers, announced);
          assert.ok(status === PAYLOAD_TOO_LARGE || status === 'cut off', `${path}: ${status}`);
        }
      }
    });
  });

  it('[R3] JSON made to be costly, compressed bodies and other types are refused', async () => {
    await scene.attack('JSON bombs', async () => {
      const who = await guest(scene.server.url);
      const fits = 3_900;
      const bombs: Record<string, string> = {
        'arrays in arrays': '['.repeat(fits / 2) + ']'.repeat(fits / 2),
        'objects in objects': `${'{"a":'.repeat(fits / 6)}1${'}'.repeat(fits / 6)}`,
        'a table that is deep': `{"table":${'['.repeat(1_900)}${']'.repeat(1_900)}}`,
        'not ended': '['.repeat(fits),
        'a number of 3,800 digits': `{"table":${'9'.repeat(3_800)}}`,
        'a key of every object': '{"__proto__":{"table":5},"table":{"__proto__":1}}',
        'a table with a null byte': '{"table":"\\u0000"}',
        'spectate as a text': '{"spectate":"true"}',
      };
      for (const [name, body] of Object.entries(bombs)) {
        const { status } = await post(`${who.url}/matchmake/joinOrCreate/crash`, body, who.headers);
        const code = name === 'objects in objects' ? [200] : [400];
        assert.ok(code.includes(status), `${name}: ${status}`);
        await delay(210);
      }
      for (const path of BODIES_GO_TO.slice(2)) {
        const { status } = await post(`${who.url}${path}`, bombs['arrays in arrays'] as string);
        assert.equal(status, 400, path);
      }
      const zipped = { ...who.headers, 'content-encoding': 'gzip' };
      assert.ok((await post(`${who.url}/auth/login`, 'x'.repeat(100), zipped)).status >= 400);
    });
  });
});

/** Sends 10 MB as fast as they are taken; the status of the answer, or that the connection was cut off before one. */
function sendLargeBody(
  port: number,
  path: string,
  headers: Record<string, string>,
  announced: boolean,
): Promise<number | 'cut off'> {
  return new Promise((resolve) => {
    const length = announced ? { 'content-length': String(TEN_MEGABYTES) } : {};
    const sending = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', ...length },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
        sending.destroy();
      },
    );
    sending.on('error', () => resolve('cut off'));
    const chunk = Buffer.alloc(64 * 1024, ' ');
    let left = TEN_MEGABYTES / chunk.length;
    const send = () => {
      while (left > 0 && !sending.destroyed) {
        left -= 1;
        if (!sending.write(chunk)) {
          sending.once('drain', send);
          return;
        }
      }
      if (!sending.destroyed) sending.end();
    };
    send();
  });
}
