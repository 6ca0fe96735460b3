import assert from 'node:assert/strict';
import { AppError } from '../../src/errors.ts';
import type { GameStateEntry } from '../../src/protocol.ts';
import { asPlayer, PLAYER, post, startHttp, type TestServer } from './server.ts';

const TIME = '2030-01-01T00:00:00.000Z';
const entry: GameStateEntry = {
  id: 4,
  game: 'town',
  slot: 1,
  title: 'Home',
  isPublic: false,
  version: 7,
  lastSaved: TIME,
  createdAt: TIME,
  setAside: null,
};
const broken: GameStateEntry = {
  ...entry,
  id: 2,
  setAside: { at: TIME, reason: 'It is no object.' },
};
const state = { format: 3, at: 0, world: {} };

describe('/api/v1/me/game-states', () => {
  let http: TestServer;
  const asked: unknown[][] = [];
  const answer =
    <T>(name: string, value: T) =>
    async (...args: unknown[]) => {
      asked.push([name, ...args]);
      if (args[1] === 404) throw new AppError('NOT_FOUND');
      return value;
    };
  before(async () => {
    http = await startHttp({
      saves: {
        list: answer('list', { items: [broken, entry], nextCursor: null }),
        one: answer('one', { ...entry, state }),
        async openSlot(userId, wish) {
          if (wish.slot === 1) throw new AppError('CONFLICT');
          return answer('openSlot', entry)(userId, wish);
        },
        change: answer('change', entry),
        remove: answer('remove', undefined),
      },
    });
  });
  after(() => http.close());
  beforeEach(() => {
    asked.length = 0;
  });

  async function ask(method: string, path: string, body?: unknown) {
    const sent: RequestInit = body === undefined ? { method } : { ...post(body), method };
    const { response, body: answered } = await http.call(
      `/api/v1/me/game-states${path}`,
      asPlayer(sent),
    );
    return { status: response.status, body: answered };
  }

  it('[W9] lists, opens, exports, changes and deletes the saves of who asks', async () => {
    const list = await ask('GET', '');
    assert.deepEqual(list.body, { items: [broken, entry], nextCursor: null });
    const wish = { game: 'town', slot: 2, title: 'Home', isPublic: true };
    assert.deepEqual(await ask('POST', '', wish), { status: 201, body: entry });
    assert.deepEqual((await ask('GET', '/4')).body, { ...entry, state });
    const patch = { title: ' Home ', isPublic: false };
    assert.deepEqual((await ask('PATCH', '/4', patch)).body, entry);
    assert.deepEqual(await ask('DELETE', '/4'), { status: 200, body: {} });
    assert.deepEqual(asked, [
      ['list', PLAYER.userId, { limit: 20 }],
      ['openSlot', PLAYER.userId, wish],
      ['one', PLAYER.userId, 4],
      ['change', PLAYER.userId, 4, { title: 'Home', isPublic: false }],
      ['remove', PLAYER.userId, 4],
    ]);
  });

  it('[W9] needs a token', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['POST', ''],
      ['GET', '/4'],
      ['PATCH', '/4'],
      ['DELETE', '/4'],
    ] as const) {
      const init = method === 'POST' || method === 'PATCH' ? post({}) : {};
      const { response } = await http.call(`/api/v1/me/game-states${path}`, { ...init, method });
      assert.equal(response.status, 401, method);
    }
    assert.deepEqual(asked, []);
  });

  it('[W9] what is refused is told with its code', async () => {
    const taken = await ask('POST', '', { game: 'town', slot: 1 });
    assert.deepEqual([taken.status, taken.body.code], [409, 'CONFLICT']);
    for (const method of ['GET', 'DELETE']) {
      assert.equal((await ask(method, '/404')).body.code, 'NOT_FOUND');
    }
    assert.equal((await ask('PATCH', '/404', {})).body.code, 'NOT_FOUND');
    asked.length = 0;
    for (const [method, path, body] of [
      ['POST', '', {}],
      ['POST', '', { game: 'Town!' }],
      ['POST', '', { game: 'town', slot: 0 }],
      ['POST', '', { game: 'town', state }],
      ['PATCH', '/4', { state }],
      ['PATCH', '/4', { title: 'x'.repeat(51) }],
      ['PATCH', '/home', {}],
    ] as const) {
      const refused = await ask(method, path, body);
      assert.deepEqual([refused.status, refused.body.code], [400, 'BAD_REQUEST']);
    }
    assert.deepEqual(asked, []);
  });
});
