import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CODE,
  dataFrame,
  guest,
  RawClient,
  requestFrame,
  seatFor,
  socketPath,
} from './attacker.ts';
import { type Scene, startScene } from './scene.ts';
import { OPCODE, type TcpClient, upgrade, wsFrame } from './tcp.ts';

const CLIENTS = 5;
/** Two missed pings, 4 s apart, and the tick at which that is seen; with time to spare. */
const PINGS_MISSED_MS = 14_000;
/** The kernel takes a few megabytes for a connection before the server's own buffer begins to fill. */
const FILL_TIMEOUT_MS = 60_000;
const HANDSHAKE_MS = 10_000;
/** Just below the rate that closes a connection. */
const FRAMES_EACH_TICK = 24;
const TICK_MS = 100;
/** Whatever is wrong with a command, these come back in its answer. */
const LONG = '\u3042'.repeat(64);
const QUESTION = dataFrame(LONG, { betId: LONG, commandId: LONG, matchId: LONG });
const JOINED = wsFrame(OPCODE.binary, Buffer.from([CODE.join]));

describe('clients that do not take what is sent to them, at a real server', function () {
  this.timeout(120_000);
  let scene: Scene;
  before(async () => {
    scene = await startScene();
  });
  after(() => scene.close());

  const cut = (reason: string) =>
    scene.metric(`roundhouse_connections_cut_total{reason="${reason}"}`);
  const many = <T>(make: () => Promise<T>) => Promise.all(Array.from({ length: CLIENTS }, make));

  /** A seat taken by hand; the socket is never read again after the answer to its upgrade. */
  async function deaf(): Promise<TcpClient> {
    const seat = await seatFor(await guest(scene.server.url));
    const client = await upgrade(scene.server.port, socketPath(seat), { reading: false });
    assert.equal(client.status, 101);
    return client;
  }

  /** Writes to them until each is cut off: a socket that is not read does not hear of its end, nor when it may join. */
  async function writeUntilCutOff(clients: TcpClient[], bytes: Buffer, timeoutMs: number) {
    const started = performance.now();
    while (!clients.every(({ isClosed }) => isClosed)) {
      assert.ok(performance.now() - started < timeoutMs, `not cut off within ${timeoutMs} ms`);
      for (const { isClosed, socket } of clients) {
        if (!isClosed) socket.write(Buffer.concat([JOINED, bytes]));
      }
      await delay(TICK_MS);
    }
    return performance.now() - started;
  }

  async function readNothing() {
    const clients = await many(deaf);
    const ms = await writeUntilCutOff(clients, Buffer.alloc(0), PINGS_MISSED_MS);
    assert.ok(ms > 4_000, 'not before two pings');
  }

  /** They answer pings that they have not read, and ask for as much as they may. */
  async function askAndNeverRead() {
    const clients = await many(deaf);
    const pong = wsFrame(OPCODE.pong, Buffer.alloc(0));
    const questions = Buffer.concat([
      ...Array(FRAMES_EACH_TICK).fill(wsFrame(OPCODE.binary, QUESTION)),
      pong,
    ]);
    const ms = await writeUntilCutOff(clients, questions, FILL_TIMEOUT_MS);
    console.log(`        a buffer was full after ${(ms / 1_000).toFixed(1)} s`);
    // All are cut off; but a server that was held up sees two ticks as one, and takes that for a flood.
    assert.ok((await cut('slow reader')) > 0);
  }

  /** They read, but never say that they have joined, so that all answers wait for them. */
  async function neverJoin() {
    const clients = await many(async () =>
      RawClient.joinWithoutAnswer(await guest(scene.server.url)),
    );
    const started = performance.now();
    while (clients.some(({ isOpen }) => isOpen)) {
      assert.ok(performance.now() - started < HANDSHAKE_MS + 5_000, 'cut off in time');
      for (const client of clients) {
        for (let sent = 0; sent < FRAMES_EACH_TICK; sent++) client.send(QUESTION);
      }
      await delay(TICK_MS);
    }
    // As above.
    assert.ok((await cut('no handshake')) > 0);
    for (const client of clients) assert.equal(client.messages.length, 0);
  }

  /** Slow, but honest. */
  async function readLate() {
    const client = await RawClient.join(await guest(scene.server.url));
    client.socket.pause();
    for (let sent = 0; sent < 50; sent++)
      client.send(requestFrame(sent + 1_000, 'bet', { betId: 'x' }));
    await delay(3_000);
    client.socket.resume();
    const { payload } = await client.request('betStatus', { betId: crypto.randomUUID() });
    assert.equal(payload.code, 'NOT_FOUND');
    assert.equal(client.answers.size, 51);
    await client.close();
  }

  it('[R4] who reads nothing, who asks and never reads, and who never joins is cut off; who reads late is not', async () => {
    await scene.attack('those who do not read', async () => {
      await Promise.all([readNothing(), askAndNeverRead(), neverJoin(), readLate()]);
    });
  });
});
