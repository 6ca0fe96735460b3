import assert from 'node:assert/strict';
import type { Building } from '../../src/protocol.ts';
import { accountsOf, asPlayer, PLAYER, post, startHttp, type TestServer } from './server.ts';

const mill: Building = {
  id: 5,
  name: 'mill',
  title: 'Mill',
  description: 'Grinds.',
  icon: null,
  cost: 250,
  isActive: true,
  data: { width: 2, height: 1, levels: [] },
};
const good = { name: 'mill', title: 'Mill', cost: 250, data: {} };
const level = { takes: {}, seconds: 0, produces: {}, consumes: {}, storage: 0 };

describe('/api/v1/buildings', () => {
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
        buildings: answer('buildings', { items: [mill], nextCursor: null }),
        building: answer('building', mill),
        createBuilding: answer('createBuilding', mill),
        changeBuilding: answer('changeBuilding', mill),
        retireBuilding: answer('retireBuilding', { ...mill, isActive: false }),
      } as never,
    });
  });
  after(() => http.close());
  beforeEach(() => {
    asked.length = 0;
    roles = ['admin'];
  });

  async function ask(method: string, path: string, body?: unknown, init: RequestInit = asPlayer()) {
    const sent: RequestInit = body === undefined ? { method } : { ...post(body), method };
    const { response, body: answered } = await http.call(`/api/v1/buildings${path}`, {
      ...sent,
      headers: { ...sent.headers, ...init.headers },
    });
    return { status: response.status, body: answered };
  }

  /** What the service was given. */
  const argument = <T>(at: number) => (asked as unknown[][])[0]?.[at] as T;

  it('[W8] a list and a building are for everybody', async () => {
    const { body } = await ask('GET', '', undefined, {});
    assert.deepEqual(body, { items: [mill], nextCursor: null });
    assert.deepEqual((await ask('GET', '/5', undefined, {})).body, mill);
    assert.deepEqual(asked, [
      ['buildings', { limit: 20 }],
      ['building', 5],
    ]);
  });

  for (const [method, path, body] of [
    ['POST', '', good],
    ['PATCH', '/5', { cost: 300 }],
    ['DELETE', '/5', undefined],
  ] as const) {
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
      const { ip, ...who } = argument<{ ip: string }>(1);
      assert.match(ip, /127\.0\.0\.1$/);
      assert.deepEqual(who, { ...PLAYER, roles });
    });
  }

  it('[W8] a new building has a size, and levels with what they cost, take, produce and hold', async () => {
    await ask('POST', '', good);
    assert.deepEqual(argument<typeof good>(2).data, { width: 1, height: 1, levels: [level] });
    asked.length = 0;
    const levels = [
      { produces: { coin: 5 }, storage: 50 },
      { cost: 100, consumes: { wood: 1 } },
    ];
    await ask('POST', '', { ...good, data: { width: 2, height: 3, levels } });
    assert.deepEqual(argument<typeof good>(2).data, {
      ...{ width: 2, height: 3 },
      levels: levels.map((given) => ({ ...level, ...given })),
    });
  });

  it('[W8] one with all its 100 levels fits into a request', async () => {
    const things = Object.fromEntries(
      Array.from({ length: 8 }, (_, n) => [`thing-number-${n}`, 1_000_000]),
    );
    const most = { cost: 1_000_000, takes: things, produces: things, storage: 1_000_000 };
    const levels = Array.from({ length: 100 }, () => most);
    const body = JSON.stringify({ ...good, data: { levels } });
    assert.ok(body.length > 40_000);
    assert.equal((await ask('POST', '', body)).status, 201);
    const longer = JSON.stringify({ ...good, description: 'x'.repeat(30_000), data: { levels } });
    assert.equal((await ask('POST', '', longer)).status, 413);
  });

  for (const [what, body, message] of [
    ['no cost', { ...good, cost: undefined }, /^cost: /],
    ['no data', { ...good, data: undefined }, /^data: /],
    ['a title of 51 letters', { ...good, title: 'x'.repeat(51) }, /^title: /],
    ['a width of 17', { ...good, data: { width: 17 } }, /^data\.width: /],
    ['no levels', { ...good, data: { levels: [] } }, /^data\.levels: /],
    ['101 levels', { ...good, data: { levels: Array(101).fill({}) } }, /^data\.levels: /],
    [
      'a rate below zero',
      { ...good, data: { levels: [{ produces: { coin: -1 } }] } },
      /^data\.levels\.0\.produces\.coin: /,
    ],
    [
      'a thing that every object has',
      { ...good, data: { levels: [{ consumes: { constructor: 1 } }] } },
      /^data\.levels\.0\.consumes/,
    ],
    [
      '17 things',
      {
        ...good,
        data: {
          levels: [
            { takes: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`n${n}`, 1])) },
          ],
        },
      },
      /^data\.levels\.0\.takes: at most 16/,
    ],
  ] as [string, unknown, RegExp][]) {
    it(`[W8] ${what} is refused`, async () => {
      const refused = await ask('POST', '', body);
      assert.deepEqual([refused.status, refused.body.code], [400, 'BAD_REQUEST']);
      assert.match(String(refused.body.message), message);
      assert.deepEqual(asked, []);
    });
  }

  it('[W8] the name stays', async () => {
    assert.equal((await ask('PATCH', '/5', { name: 'windmill' })).status, 400);
    assert.equal((await ask('PATCH', '/mill', { cost: 1 })).status, 400);
  });
});
