/** Towns under attack: owners who flood, visitors who will not go, nodes that lose touch with the books. */
import assert from 'node:assert/strict';
import pg from 'pg';
import { v4 as uuidv4 } from 'uuid';
import { openDatabase } from '../../src/database/connection.ts';
import { audit } from '../../src/ledger/audit.ts';
import { createLogger } from '../../src/log.ts';
import { createTestDatabase } from '../support/database.ts';
import { startRedis } from '../support/redis.ts';
import { startServer, type TestServer, until } from '../support/server.ts';
import { type Guest, guest, post, RawClient, requestFrame } from './attacker.ts';
import { type Scene, startScene } from './scene.ts';

const TOWN = 'joinOrCreate/town';
const PRIVATE = 4020;
/** More commands than are counted in a second, and less than close the connection. */
const FLOOD = 58;
const FLOODERS = 12;
const SECONDS = 2;

async function send(who: Guest, method: string, path: string, body?: object): Promise<number> {
  const response = await fetch(`${who.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...who.headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  await response.text();
  return response.status;
}

async function saveOf(who: Guest): Promise<number> {
  const response = await fetch(`${who.url}/api/v1/me/game-states`, { headers: who.headers });
  const { items } = (await response.json()) as { items: { id: number; setAside: object | null }[] };
  assert.equal(items[0]?.setAside, null);
  return items[0]?.id as number;
}

const setPublic = async (who: Guest, id: number, isPublic: boolean) =>
  assert.equal(await send(who, 'PATCH', `/api/v1/me/game-states/${id}`, { isPublic }), 200);

describe('towns under attack', function () {
  this.timeout(90_000);
  let scene: Scene;
  let server: TestServer;
  let db: pg.Pool;
  const open: RawClient[] = [];

  before(async () => {
    scene = await startScene();
    server = scene.server;
    db = new pg.Pool({ connectionString: server.databaseUrl, max: 2 });
  });
  afterEach(async () => {
    for (const client of open.splice(0)) await client.close();
  });
  after(async () => {
    const books = await openDatabase(server.databaseUrl, {
      poolSize: 1,
      logger: createLogger('silent'),
    });
    const { findings } = await audit(books);
    await books.close();
    await db.end();
    await scene.close();
    assert.deepEqual(findings, []);
  });

  async function enter(who: Guest, options: object = {}): Promise<RawClient> {
    const client = await RawClient.join(who, options, TOWN);
    open.push(client);
    return client;
  }
  async function openTown(): Promise<{ owner: Guest; room: RawClient; id: number }> {
    const owner = await guest(server.url);
    const room = await enter(owner);
    const id = await saveOf(owner);
    await setPublic(owner, id, true);
    return { owner, room, id };
  }
  const openRooms = async (id: number) => {
    const { rows } = await db.query(
      `SELECT room_id FROM live_rooms WHERE table_name = $1 AND name = 'town' AND closed_at IS NULL`,
      [String(id)],
    );
    return rows.length;
  };

  it('[W1] [M8] a room that could not be closed in the books is closed later, so that other nodes may open its save', async () => {
    const owner = await guest(server.url);
    const room = await enter(owner);
    const id = await saveOf(owner);
    assert.equal(await openRooms(id), 1);
    // The lease is gone for a moment, as after a pause of the process.
    const expire = () =>
      db.query(`UPDATE server_nodes SET lease_expires_at = clock_timestamp() - interval '1 s'`);
    await expire();
    room.send([12]);
    await room.closed();
    await until(
      async () => {
        if (/room not closed/.test(server.output())) return true;
        await expire();
        return false;
      },
      'the failure',
      10_000,
    );
    await until(async () => (await openRooms(id)) === 0, 'the end of the room', 15_000);
  });

  it('[W6] a save from a newer server is not set aside, and opens when it can be read', async () => {
    const owner = await guest(server.url);
    const room = await enter(owner);
    const id = await saveOf(owner);
    room.send([12]);
    await room.closed();
    await until(async () => (await openRooms(id)) === 0, 'the end of the room');
    const set = (format: number) =>
      db.query(`UPDATE game_states SET state = jsonb_set(state, '{format}', $2) WHERE id = $1`, [
        id,
        String(format),
      ]);
    await set(4);
    const refused = await post(`${server.url}/matchmake/${TOWN}`, {}, owner.headers);
    assert.deepEqual([refused.status, refused.body.reason], [503, 'BUSY']);
    assert.equal(await saveOf(owner), id);
    await set(3);
    assert.ok((await enter(owner)).isOpen);
  });

  it('[W7] no visitor stays in a town that is closed: there, dropped, or on the way in', async () => {
    const { owner, id } = await openTown();
    const here = await enter(await guest(server.url), { world: id });
    const dropped = await enter(await guest(server.url), { world: id });
    dropped.socket.terminate();
    await dropped.closed();
    const coming = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const who = await guest(server.url);
        const seat = await post(`${server.url}/matchmake/${TOWN}`, { world: id }, who.headers);
        return new RawClient(server.url, seat.body as never);
      }),
    );
    open.push(...coming);
    for (const client of coming) client.socket.on('message', () => client.send([10]));
    await setPublic(owner, id, false);
    await here.closed();
    assert.equal(here.closeCode, PRIVATE);
    for (const client of coming) await client.closed();
    const token = { reconnectionToken: dropped.reconnectionToken };
    const { roomId } = dropped.seat;
    const seat = await post(`${server.url}/matchmake/reconnect/${roomId}`, token);
    if (seat.status === 200) {
      const path = `&reconnectionToken=${dropped.reconnectionToken}`;
      const back = new RawClient(server.url, seat.body as never, path);
      open.push(back);
      await back.closed();
      assert.ok(back.messages.every(({ type }) => type === 'wallet'));
    }
    // A seat of before, by the room's id: it does not let anybody in either.
    const late = await guest(server.url);
    const by = await post(`${server.url}/matchmake/joinById/${roomId}`, {}, late.headers);
    if (by.status === 200) {
      const intruder = new RawClient(server.url, by.body as never);
      open.push(intruder);
      await intruder.closed();
      assert.equal(intruder.messages.length, 0);
    }
  });

  it('[W7] the room being wrong about it, the books keep strangers out', async () => {
    const { room, id } = await openTown();
    // As when it was closed while the room was in the making, and nobody told the room.
    await db.query('UPDATE game_states SET is_public = false WHERE id = $1', [id]);
    const stranger = await guest(server.url);
    const path = `${server.url}/matchmake/joinById/${room.seat.roomId}`;
    const seat = await post(path, {}, stranger.headers);
    assert.equal(seat.status, 200);
    const client = new RawClient(server.url, seat.body as never);
    open.push(client);
    await client.closed();
    assert.equal(client.reconnectionToken, '');
  });

  it('[R8] [W7] an owner whose connection dropped is told all of it again', async () => {
    const owner = await guest(server.url);
    const room = await enter(owner);
    const desk = await enter(owner);
    room.socket.terminate();
    await room.closed();
    const { ok } = await desk.request('build', {
      commandId: uuidv4(),
      building: 'house',
      x: 1,
      y: 1,
    });
    const bought = await desk.request('buy', { commandId: uuidv4(), item: 'wheat' });
    const token = { reconnectionToken: room.reconnectionToken };
    const seat = await post(`${server.url}/matchmake/reconnect/${room.seat.roomId}`, token);
    assert.equal(seat.status, 200);
    const more = `&reconnectionToken=${room.reconnectionToken}`;
    const back = new RawClient(server.url, seat.body as never, more);
    open.push(back);
    await until(() => back.reconnectionToken !== '', 'the seat');
    back.send([10]);
    await until(
      () =>
        back.messages.some(({ type, payload }) => type === 'inventory' && payload.whole === true),
      'the inventory',
    );
    const last = (type: string) => back.messages.findLast((message) => message.type === type);
    const views = Object.keys(last('view')?.payload.entries as object);
    assert.equal(views.length, ok ? 1 : 0);
    const items = last('inventory')?.payload.items as object[];
    assert.equal(items.length, bought.ok ? 1 : 0);
    assert.ok(ok || bought.ok, JSON.stringify(bought));
  });

  it('[R3] owners who flood with refused and repeated commands keep nobody from playing', async () => {
    const owners = await Promise.all(Array.from({ length: FLOODERS }, () => guest(server.url)));
    const rooms = await Promise.all(owners.map((owner) => enter(owner)));
    const again = { commandId: uuidv4(), item: 'wheat', quantity: 1 };
    await scene.attack('refusals and repeats in towns', async () => {
      for (let second = 0; second < SECONDS; second++) {
        for (const room of rooms) {
          for (let n = 0; n < FLOOD; n++) {
            const at = second * FLOOD + n + 1;
            const refused = { commandId: uuidv4(), id: 77 };
            room.send(
              n % 2 ? requestFrame(at, 'demolish', refused) : requestFrame(at, 'buy', again),
            );
          }
        }
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
      for (const room of rooms) {
        await until(() => room.answers.size >= FLOOD * SECONDS, 'all answers', 30_000);
        assert.ok(room.isOpen);
        const answers = [...room.answers.values()];
        const codes = new Set(answers.map(({ ok, payload }) => (ok ? 'ok' : payload.code)));
        codes.delete('BUSY');
        assert.deepEqual([...codes].sort(), ['NOT_FOUND', 'ok']);
        const told = answers.filter(({ ok }) => ok).map(({ payload }) => payload.version);
        assert.deepEqual(new Set(told), new Set([2]), 'every repeat was told the first answer');
      }
    });
  });
});

describe('one town, two nodes', function () {
  this.timeout(90_000);
  const undo: (() => Promise<unknown>)[] = [];
  let a: TestServer;
  let b: TestServer;
  const open: RawClient[] = [];

  before(async () => {
    const database = await createTestDatabase({ migrated: true });
    undo.push(() => database.drop());
    const redis = await startRedis();
    undo.push(() => redis.stop());
    const options = {
      databaseUrl: database.url,
      env: { REDIS_URL: redis.url, JWT_SECRET: 'one-secret-for-both-nodes-0123456789' },
    };
    [a, b] = await Promise.all([startServer(options), startServer(options)]);
    undo.push(() => Promise.all([a.dispose(), b.dispose()]));
  });
  after(async () => {
    for (const client of open) await client.close();
    for (const step of undo.reverse()) await step();
  });

  it('[N1] [W7] [M9] devices at both nodes meet in one room, hear of changes, and get in again after a kill', async () => {
    const one = await guest(a.url);
    const other: Guest = { ...one, url: b.url };
    const first = await join(one);
    const second = await join(other);
    assert.equal(first.seat.roomId, second.seat.roomId);
    const id = await saveOf(one);
    for (const [who, isPublic] of [
      [one, true],
      [other, false],
      [one, true],
    ] as const) {
      await setPublic(who, id, isPublic);
    }
    const visitor = await join(await guest(b.url), { world: id });
    await setPublic(other, id, false);
    await visitor.closed();
    assert.equal(visitor.closeCode, PRIVATE);
    const commandId = uuidv4();
    const answer = await second.request('buy', { commandId, item: 'wheat' });
    assert.equal(answer.ok, true, JSON.stringify(answer));
    // The node that has the room is gone; the other one lets the owner in once the lease has run out.
    const [victim, survivor] = first.url === a.url ? [a, b] : [b, a];
    await victim.kill();
    const who: Guest = { ...one, url: survivor.url };
    const back = Promise.withResolvers<RawClient>();
    await until(
      () =>
        join(who).then(
          (client) => {
            back.resolve(client);
            return true;
          },
          () => false,
        ),
      'the town on the other node',
      40_000,
    );
    const repeated = await (await back.promise).request('buy', { commandId, item: 'wheat' });
    assert.deepEqual(repeated.payload, answer.payload);
  });

  /** By way of any node, to the one that has the room. */
  async function join(who: Guest, options: object = {}): Promise<RawClient & { url: string }> {
    const { status, body } = await post(`${who.url}/matchmake/${TOWN}`, options, who.headers);
    assert.equal(status, 200, JSON.stringify(body));
    const url = `http://${body.publicAddress}`;
    const client = Object.assign(new RawClient(url, body as never), { url });
    open.push(client);
    await until(() => client.reconnectionToken !== '' || client.closeCode !== undefined, 'a seat');
    assert.equal(client.closeCode, undefined, 'the seat was refused');
    client.send([10]);
    return client;
  }
});
