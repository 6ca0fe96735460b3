import assert from 'node:assert/strict';
import { AppError } from '../../src/errors.ts';
import type { Item } from '../../src/protocol.ts';
import { asPlayer, PLAYER, post, startHttp, type TestServer } from './server.ts';

const kite: Item = {
  id: 9,
  name: null,
  title: 'Kite',
  description: null,
  icon: null,
  price: null,
  isActive: true,
  data: {},
};

describe('/api/v1/me/items', () => {
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
      ownItems: {
        list: answer('list', { items: [kite], nextCursor: null }),
        one: answer('one', kite),
        create: answer('create', kite),
        change: answer('change', kite),
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
    const { response, body: answered } = await http.call(`/api/v1/me/items${path}`, asPlayer(sent));
    return { status: response.status, body: answered };
  }

  it('[W9] makes, shows, changes and deletes items of who asks', async () => {
    const text = { description: 'It flies.', icon: null };
    const made = await ask('POST', '', { title: ' Kite ', ...text, data: { a: [1, null] } });
    assert.deepEqual(made, { status: 201, body: kite });
    assert.equal((await ask('GET', '?limit=2')).body.nextCursor, null);
    assert.deepEqual((await ask('GET', '/9')).body, kite);
    assert.deepEqual((await ask('PATCH', '/9', { data: {} })).body, kite);
    assert.deepEqual(await ask('DELETE', '/9'), { status: 200, body: {} });
    assert.deepEqual(asked, [
      ['create', PLAYER.userId, { title: 'Kite', ...text, data: { a: [1, null] } }],
      ['list', PLAYER.userId, { limit: 2 }],
      ['one', PLAYER.userId, 9],
      ['change', PLAYER.userId, 9, { data: {} }],
      ['remove', PLAYER.userId, 9],
    ]);
    for (const method of ['GET', 'DELETE']) {
      assert.equal((await ask(method, '/404')).body.code, 'NOT_FOUND');
    }
  });

  it('[W9] needs a token', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['POST', ''],
      ['GET', '/9'],
      ['PATCH', '/9'],
      ['DELETE', '/9'],
    ] as const) {
      const init = method === 'POST' || method === 'PATCH' ? post({}) : {};
      const { response } = await http.call(`/api/v1/me/items${path}`, { ...init, method });
      assert.equal(response.status, 401, method);
    }
    assert.deepEqual(asked, []);
  });

  for (const [what, body] of [
    ['no title', {}],
    ['a title of 201 letters', { title: 'x'.repeat(201) }],
    ['a name', { title: 'Kite', name: 'kite' }],
    ['a price', { title: 'Kite', price: 5 }],
    ['an owner', { title: 'Kite', ownerUserId: 8 }],
    ['data that is a list', { title: 'Kite', data: [1] }],
    ['a key of 101 letters', { title: 'Kite', data: { ['k'.repeat(101)]: 1 } }],
  ] as [string, object][]) {
    it(`[W9] ${what} is refused`, async () => {
      assert.equal((await ask('POST', '', body)).body.code, 'BAD_REQUEST');
      assert.deepEqual(asked, []);
    });
  }

  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  for (const [what, data] of [
    ['a NUL', '"a\\u0000b"'],
    ['a NUL in a key', '{"a\\u0000": 1}'],
    ['half of a surrogate pair', '"\\ud83d"'],
    ['a number beyond all', '1e999'],
    ['more levels than anybody needs', nested(40)],
    ['so many levels that a stack would not hold them', nested(7_000)],
  ] as [string, string][]) {
    it(`[A6] a body with ${what} is refused before anybody reads it`, async () => {
      for (const [method, path] of [
        ['POST', ''],
        ['PATCH', '/9'],
      ] as const) {
        const refused = await ask(method, path, `{"title": "Kite", "data": {"a": ${data}}}`);
        assert.deepEqual([refused.status, refused.body.code], [400, 'BAD_REQUEST']);
        assert.match(String(refused.body.message), /^The body holds /);
      }
      assert.deepEqual(asked, []);
      assert.deepEqual(http.logged, []);
    });
  }

  it('[W9] whole pairs, deep data and 16 KiB of it are taken', async () => {
    const data = { a: '\u{1f3e1}', b: JSON.parse(nested(28)), c: 'x'.repeat(16_000) };
    assert.equal((await ask('POST', '', { title: '\u{1f3e1}', data })).status, 201);
    assert.deepEqual(asked[0]?.[2], { title: '\u{1f3e1}', data });
    const more = { title: 'Kite', data: { c: 'x'.repeat(33_000) } };
    assert.equal((await ask('POST', '', more)).body.code, 'PAYLOAD_TOO_LARGE');
  });
});
