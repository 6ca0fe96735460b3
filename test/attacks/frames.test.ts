import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { pack } from 'msgpackr';
import { joinCrash } from '../support/server.ts';
import {
  CODE,
  dataFrame,
  guest,
  RawClient,
  requestFrame,
  seatFor,
  socketPath,
} from './attacker.ts';
import { bytesFrom, type Scene, startScene } from './scene.ts';
import { OPCODE, upgrade, wsFrame } from './tcp.ts';

/** Below the rate at which a connection is closed, with room for what the client sends besides. */
const FRAMES_PER_SECOND = 200;
const RANDOM_FRAMES = 2_000;
const MUTATED_FRAMES = 2_000;
const ATTACKERS = 5;
const CODE_MASK = 0x1f;
const BAD_REQUEST = 'BAD_REQUEST';

describe('frames that nobody should send, to a real server', function () {
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

  async function join(): Promise<RawClient> {
    const client = await RawClient.join(await guest(scene.server.url));
    clients.push(client);
    return client;
  }

  /** Sends the frames from a few clients at once, each below the rate that closes a connection. */
  async function sendAll(frames: readonly Uint8Array[], senders = ATTACKERS): Promise<RawClient[]> {
    const joined = await Promise.all(Array.from({ length: senders }, join));
    await Promise.all(
      joined.map(async (client, index) => {
        const own = frames.filter((_, at) => at % senders === index);
        for (let at = 0; at < own.length; at += FRAMES_PER_SECOND / 4) {
          for (const frame of own.slice(at, at + FRAMES_PER_SECOND / 4)) client.send(frame);
          await delay(250);
        }
      }),
    );
    return joined;
  }

  /** Still connected, and a command is answered. */
  async function assertServed(client: RawClient): Promise<void> {
    assert.ok(client.isOpen, `closed with ${client.closeCode}`);
    await delay(1_000);
    const { payload } = await client.request('betStatus', { betId: crypto.randomUUID() });
    assert.equal(payload.code, 'NOT_FOUND');
  }

  it('[R2] the empty frame, and every byte as a frame of its own, close no connection', async () => {
    await scene.attack('one-byte frames', async () => {
      const single = Array.from({ length: 256 }, (_, byte) => Buffer.from([byte]));
      const frames = single.filter((frame) => (frame.readUInt8() & CODE_MASK) !== CODE.leave);
      const [client] = await sendAll([Buffer.alloc(0), ...frames], 1);
      await assertServed(client as RawClient);
      const unread =
        client?.messages.filter(({ payload }) => payload.code === BAD_REQUEST).length ?? 0;
      // 8 bytes mean "leave", 8 "joined" and 8 "ping": these are understood, and all others are answered.
      const refused = client?.messages.filter(({ payload }) => payload.ok === false).length ?? 0;
      assert.equal(refused, 1 + 256 - 3 * 8);
      assert.ok(unread > 0);
    });
  });

  it('[R2] a command cut off at any byte answers BAD_REQUEST, or nothing happened', async () => {
    await scene.attack('cut-off frames', async () => {
      const betId = crypto.randomUUID();
      const whole = (id: number) => requestFrame(id, 'bet', { betId, amount: 5 });
      const frames = Array.from({ length: whole(7_000).length - 1 }, (_, length) =>
        whole(7_000 + length).subarray(0, length + 1),
      );
      const [client] = await sendAll(frames, 1);
      await assertServed(client as RawClient);
      const { payload } = await (client as RawClient).request('betStatus', { betId });
      assert.equal(payload.code, 'NOT_FOUND');
    });
  });

  it(`[R2] ${RANDOM_FRAMES} frames of random bytes, and ${MUTATED_FRAMES} with a few bytes changed`, async () => {
    const seed = Number(process.env.ATTACK_SEED ?? randomInt(1, 2 ** 31));
    console.log(`        ATTACK_SEED=${seed}`);
    await scene.attack('random frames', async () => {
      const random = bytesFrom(seed);
      const number = (below: number) => random(4).readUInt32LE() % below;
      const codes = [
        CODE.data,
        CODE.request,
        CODE.bytes,
        CODE.inputReliable,
        CODE.inputUnreliable,
        CODE.response,
      ];
      const anyBytes = Array.from({ length: RANDOM_FRAMES }, () => {
        const bytes = random(1 + number(120));
        if (number(2) === 0) bytes[0] = codes[number(codes.length)] as number;
        if ((bytes.readUInt8() & CODE_MASK) === CODE.leave) bytes[0] = CODE.request;
        return bytes;
      });
      const changed = Array.from({ length: MUTATED_FRAMES }, () => {
        const type = ['bet', 'cashout', 'betStatus'][number(3)] as string;
        const frame = requestFrame(number(2 ** 31), type, {
          betId: crypto.randomUUID(),
          amount: 1 + number(500),
        });
        for (let changes = 1 + number(4); changes > 0; changes--) {
          frame[1 + number(frame.length - 1)] = number(256);
        }
        return frame;
      });
      for (const client of await sendAll([...anyBytes, ...changed], 8)) {
        assert.ok(client.isOpen, `closed with ${client.closeCode}`);
        assert.deepEqual(
          client.unreadable.map((b) => b.toString('latin1')),
          [],
          'every answer can be read',
        );
      }
    });
  });

  const DEPTH = 4_000;
  const nested = (byte: number, tail: number[] = [0xc0]) =>
    Buffer.from([...Array(DEPTH).fill(byte), ...tail]);
  const bet = dataFrame('bet');
  const HUGE = [0xff, 0xff, 0xff, 0xff];
  const PAYLOADS: Record<string, Buffer> = {
    'arrays in arrays': nested(0x91),
    'maps in maps': Buffer.from(Array(2_000).fill([0x81, 0xa0]).flat()),
    'arrays in arrays without an end': nested(0x91, []),
    'extensions in extensions': Buffer.from(Array(600).fill([0xc9, 0, 0, 1, 0, 0x65]).flat()),
    'an array of 4 billion': Buffer.from([0xdd, ...HUGE, 1, 2, 3]),
    'an array of 100 million': Buffer.from([0xdd, 0x05, 0xf5, 0xe1, 0x00, 1]),
    'a map of 4 billion': Buffer.from([0xdf, ...HUGE, 0xa1, 0x61, 1]),
    'a text of 4 billion bytes': Buffer.from([0xdb, ...HUGE, 0x61]),
    'binary of 4 billion bytes': Buffer.from([0xc6, ...HUGE, 0x61]),
    'an extension of 4 billion bytes': Buffer.from([0xc9, ...HUGE, 0x74, 0x61]),
    'a bundle of texts that points before its beginning': Buffer.from([
      0xd6, 0x62, 0xff, 0xff, 0xff, 0xf0, 0x90,
    ]),
    'a definition of a record': Buffer.from([
      0xd5, 0x72, 0x40, 0x00, 0x92, 0xa1, 0x61, 0xa1, 0x62, 1, 2,
    ]),
    'a pattern that is none': Buffer.from([0xd4, 0x78, 0x00, 0x92, 0xa1, 0x28, 0xa0]),
    'an error with a name of every object': Buffer.from([
      0xd4,
      0x65,
      0x00,
      0x93,
      0xa9,
      ...Buffer.from('__proto__'),
      0xa0,
      0xa0,
    ]),
    'a reference to itself': Buffer.from([0xd6, 0x69, 0, 0, 0, 1, 0x91, 0xd6, 0x70, 0, 0, 0, 1]),
    'a reference to nothing': Buffer.from([0xd6, 0x70, 0, 0, 0, 9]),
    'a large integer': Buffer.from([0xc8, 0x0f, 0x00, 0x42, ...Array(0xf00).fill(0xff)]),
    'two payloads': Buffer.concat([pack({}), pack({})]),
  };

  it('[R2] deep nesting, huge declared lengths and odd extensions answer BAD_REQUEST', async () => {
    await scene.attack('hostile payloads', async () => {
      for (const [name, payload] of Object.entries(PAYLOADS)) {
        const client = await join();
        client.send(Buffer.concat([bet, payload]));
        client.send(Buffer.concat([requestFrame(7_000, 'bet'), payload]));
        const { payload: answer } = await client.request('betStatus', {
          betId: crypto.randomUUID(),
        });
        assert.equal(answer.code, 'NOT_FOUND', name);
        const codes = client.messages
          .filter(({ type }) => type.endsWith(':result'))
          .map((m) => m.payload.code);
        if (client.answers.has(7_000)) codes.push(client.answers.get(7_000)?.payload.code);
        assert.deepEqual(codes, [BAD_REQUEST, BAD_REQUEST], name);
        await client.close();
      }
    });
  });

  it('[R2] huge declared lengths of the type, and request ids that are none', async () => {
    await scene.attack('hostile headers', async () => {
      const client = await join();
      const frames = [
        [CODE.data, 0xdb, ...HUGE],
        [CODE.data, 0xdb, ...HUGE, 0x62],
        [CODE.data, 0xda, 0xff, 0xff, 0x62],
        [CODE.data, 0xd9, 0xff, 0x62],
        [CODE.data, 0xbf, 0x62],
        [CODE.data, 0xa3, 0xff, 0xfe, 0xfd],
        [CODE.request, 0xa1, 0x31, 0xa3, ...Buffer.from('bet')],
        [CODE.request, 0xc0, 0xa3, ...Buffer.from('bet')],
        [CODE.request, 0xcb, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f, 0xa3, ...Buffer.from('bet')],
        [CODE.request, 0xcb, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f, 0xa3, ...Buffer.from('bet')],
        [CODE.request, 0xff, 0xa3, ...Buffer.from('bet')],
        [CODE.request, 0xcf, ...HUGE, ...HUGE, 0xa1, 0x62],
        [CODE.request],
        [CODE.request, 0xcd, 1],
      ];
      for (const frame of frames) client.send(frame);
      await assertServed(client);
      const refused = client.messages.filter(({ payload }) => payload.code === BAD_REQUEST).length;
      assert.ok(refused + client.answers.size - 1 >= frames.length, 'each is answered');
    });
  });

  it("[R2] a client's definition of a record changes nothing for what others send", async () => {
    await scene.attack('definitions of records', async () => {
      const other = await joinCrash(scene.server.url);
      const client = await join();
      // Ids 0x40 to 0x7f are the integers 64 to 127 for everyone who defines no records.
      for (let id = 0x40; id < 0x80; id++) {
        client.send(
          Buffer.concat([bet, Buffer.from([0xd5, 0x72, id, 0x00, 0x91, 0xa1, 0x61, 0x01])]),
        );
        if (id % 16 === 0) assert.equal((await other.bet(id)).amount, id);
      }
      await other.room.leave();
    });
  });

  it('[R2] text frames are frames that cannot be read', async () => {
    await scene.attack('text frames', async () => {
      const client = await join();
      for (const text of ['', 'hello', '{"type":"bet","amount":5}', '\0'.repeat(4_000), '日本']) {
        client.send(Buffer.from(text), { binary: false });
      }
      await assertServed(client);
    });
  });

  it('[R2] what breaks the WebSocket protocol closes that connection and no other', async () => {
    await scene.attack('broken WebSocket frames', async () => {
      const payload = Buffer.from([CODE.ping]);
      const broken: Record<string, Buffer> = {
        'not masked': wsFrame(OPCODE.binary, payload, { masked: false }),
        'reserved bits': wsFrame(OPCODE.binary, payload, { reservedBits: 7 }),
        'a reserved opcode': wsFrame(3, payload),
        'a continuation of nothing': wsFrame(OPCODE.continuation, payload),
        'a new message inside another': Buffer.concat([
          wsFrame(OPCODE.binary, payload, { fin: false }),
          wsFrame(OPCODE.binary, payload),
        ]),
        'a ping in fragments': wsFrame(OPCODE.ping, payload, { fin: false }),
        'a ping of 126 bytes': wsFrame(OPCODE.ping, Buffer.alloc(126)),
        'a close code that is none': wsFrame(OPCODE.close, Buffer.from([0, 1])),
        'a close of one byte': wsFrame(OPCODE.close, Buffer.from([3])),
        'a length above 2^53': wsFrame(OPCODE.binary, payload, { declaredLength: 2 ** 53 }),
        'text that is no UTF-8': wsFrame(OPCODE.text, Buffer.from([0xff, 0xfe])),
        'HTTP again': Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
      };
      for (const [name, bytes] of Object.entries(broken)) {
        const seat = await seatFor(await guest(scene.server.url));
        const client = await upgrade(scene.server.port, socketPath(seat));
        assert.equal(client.status, 101);
        client.socket.write(bytes);
        client.socket.end();
        await client.closed().catch(() => assert.fail(`${name}: not closed`));
      }
    });
  });
});
