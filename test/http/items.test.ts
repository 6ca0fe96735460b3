import assert from 'node:assert/strict';
import { AppError } from '../../src/errors.ts';
import type { Item } from '../../src/protocol.ts';
import { accountsOf, asPlayer, PLAYER, post, startHttp, type TestServer } from './server.ts';

const plank: Item = {
  id: 3,
  name: 'plank',
  title: 'Plank',
  description: null,
  icon: null,
  price: 12,
  isActive: true,
  data: { stack: 99 },
};

describe('/api/v1/items', () => {
  let http: TestServer;
  let roles: readonly string[] = [];
  const asked: unknown[][] = [];
  const answer =
    <T>(name: string, value: T) =>
    async (...args: unknown[]) => {
      asked.push([name, ...args]);
      return value;
    };
  before(async () => {
    http = await startHttp({
      accounts: accountsOf({ authenticate: async () => ({ ...PLAYER, roles }) }),
      worldTables: {
        items: answer('items', { items: [plank], nextCursor: '3' }),
        item: answer('item', plank),
        async createItem(editor: object, given: { name: string }) {
          if (given.name === 'taken') throw new AppError('CONFLICT');
          return answer('createItem', plank)(editor, given);
        },
        async changeItem(editor: object, id: number, patch: object) {
          if (id === 404) throw new AppError('NOT_FOUND');
          return answer('changeItem', plank)(editor, id, patch);
        },
        retireItem: answer('retireItem', { ...plank, isActive: false }),
      } as never,
    });
  });
  after(() => http.close());
  beforeEach(() => {
    asked.length = 0;
    roles = ['admin', 'player'];
  });

  async function ask(method: string, path: string, body?: unknown, init: RequestInit = asPlayer()) {
    const sent: RequestInit = body === undefined ? { method } : { ...post(body), method };
    const headers = { ...sent.headers, ...init.headers };
    const { response, body: answered } = await http.call(`/api/v1/items${path}`, {
      ...sent,
      headers,
    });
    return { status: response.status, body: answered };
  }
  /** Who asks, as `audit_events` will have it. */
  const editor = () => {
    const [, given] = asked[0] as [string, { ip: string }];
    const { ip, ...who } = given;
    assert.match(ip, /127\.0\.0\.1$/);
    return who;
  };

  it('[W8] a list and an item are for everybody', async () => {
    assert.deepEqual(await ask('GET', '?limit=1&cursor=2', undefined, {}), {
      ...{ status: 200, body: { items: [plank], nextCursor: '3' } },
    });
    assert.deepEqual((await ask('GET', '/3', undefined, {})).body, plank);
    assert.deepEqual(asked, [
      ['items', { limit: 1, cursor: '2' }],
      ['item', 3],
    ]);
    assert.equal((await ask('GET', '/plank', undefined, {})).status, 400);
    assert.equal((await ask('GET', '?limit=101', undefined, {})).status, 400);
  });

  const writes: [string, string, unknown][] = [
    ['POST', '', { name: 'plank', title: 'Plank' }],
    ['PATCH', '/3', { title: 'Plank' }],
    ['DELETE', '/3', undefined],
  ];
  for (const [method, path, body] of writes) {
    it(`[W8] ${method} is for admins`, async () => {
      for (const given of [[], ['player'], ['support'], ['operator', 'player']]) {
        roles = given;
        const refused = await ask(method, path, body);
        assert.deepEqual([refused.status, refused.body.code], [403, 'FORBIDDEN']);
      }
      assert.equal((await ask(method, path, body, {})).status, 401);
      assert.deepEqual(asked, []);
      roles = ['admin'];
      assert.equal((await ask(method, path, body)).status, method === 'POST' ? 201 : 200);
      assert.deepEqual(editor(), { ...PLAYER, roles });
    });
  }

  it('[W8] what is not said of a new item has its usual value', async () => {
    await ask('POST', '', {
      name: 'plank',
      title: ' Plank ',
      data: { sellPrice: 4, colour: 'red' },
    });
    const [, , given] = asked[0] as unknown[];
    const data = { stack: 999, sellPrice: 4, recipe: null, colour: 'red' };
    assert.deepEqual(given, { name: 'plank', title: 'Plank', data });
    asked.length = 0;
    await ask('PATCH', '/3', { isActive: true, price: null });
    assert.deepEqual(asked[0]?.slice(2), [3, { isActive: true, price: null }]);
  });

  const good = { name: 'plank', title: 'Plank' };
  const recipe = { takes: { wood: 2 } };
  const wrong: [string, unknown, RegExp][] = [
    ['no name', { title: 'Plank' }, /^name: /],
    ['a name with capitals', { ...good, name: 'Plank' }, /^name: /],
    ['a name of 51 letters', { ...good, name: 'p'.repeat(51) }, /^name: /],
    ['a name that every object has', { ...good, name: 'constructor' }, /^name: /],
    ['no title', { name: 'plank' }, /^title: /],
    ['a title of blanks', { ...good, title: '  ' }, /^title: /],
    ['a price below zero', { ...good, price: -1 }, /^price: /],
    ['a price with a fraction', { ...good, price: 1.5 }, /^price: /],
    ['a price that is no safe integer', { ...good, price: 2 ** 53 }, /^price: /],
    ['a field that is none', { ...good, owner: 7 }, /owner/],
    ['a stack of none', { ...good, data: { stack: 0 } }, /^data\.stack: /],
    ['a recipe of nothing', { ...good, data: { recipe: {} } }, /^data\.recipe\.takes: /],
    [
      'a recipe of half a thing',
      { ...good, data: { recipe: { takes: { wood: 0.5 } } } },
      /^data\.recipe\.takes\.wood: /,
    ],
    [
      'a recipe with a field that is none',
      { ...good, data: { recipe: { ...recipe, gives: 3 } } },
      /gives/,
    ],
  ];
  for (const [what, body, message] of wrong) {
    it(`[W8] ${what} is refused`, async () => {
      const refused = await ask('POST', '', body);
      assert.deepEqual([refused.status, refused.body.code], [400, 'BAD_REQUEST']);
      assert.match(String(refused.body.message), message);
      assert.deepEqual(asked, []);
    });
  }

  it('[W8] the name stays, and what is refused is told with its code', async () => {
    assert.equal((await ask('PATCH', '/3', { name: 'board' })).status, 400);
    assert.equal((await ask('PATCH', '/404', { title: 'x' })).body.code, 'NOT_FOUND');
    const taken = await ask('POST', '', { ...good, name: 'taken' });
    assert.deepEqual([taken.status, taken.body.code], [409, 'CONFLICT']);
    assert.equal((await ask('DELETE', '/3')).body.isActive, false);
  });
});
