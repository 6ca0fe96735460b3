import assert from 'node:assert/strict';
import { AppError } from '../../src/errors.ts';
import type { Purchased } from '../../src/protocol.ts';
import { asPlayer, PLAYER, post, startHttp, type TestServer } from './server.ts';

const KEY = '0190a1b2-0000-4000-8000-00000000000a';
const purchased: Purchased = {
  item: 'plank',
  quantity: 2,
  price: 24,
  currency: 'COIN',
  balance: 476,
  inventory: [{ item: 'plank', quantity: 5 }],
};
const held = { item: { id: 3, name: 'plank', title: 'Plank', icon: null }, quantity: 5 };

describe('the inventory over HTTP', () => {
  let http: TestServer;
  const asked: unknown[] = [];
  before(async () => {
    http = await startHttp({
      inventory: {
        async list(...given) {
          asked.push(given);
          return { items: [held], nextCursor: '3' };
        },
        async purchase(wanted) {
          asked.push(wanted);
          if (wanted.itemId === 404) throw new AppError('NOT_FOUND');
          if (wanted.itemId === 5) throw new AppError('ILLEGAL_MOVE', 'Gold is not for sale.');
          return purchased;
        },
      },
    });
  });
  after(() => http.close());
  beforeEach(() => {
    asked.length = 0;
  });

  async function buy(
    body: unknown = { quantity: 2 },
    headers: Record<string, string> = { 'Idempotency-Key': KEY },
    id = '3',
  ) {
    const path = `/api/v1/items/${id}/purchase`;
    const { response, body: answer } = await http.call(path, asPlayer(post(body, headers)));
    return { status: response.status, body: answer };
  }

  it('[W9] GET /me/inventory is a page of what who asks has', async () => {
    const path = '/api/v1/me/inventory?limit=1&cursor=2';
    const { body } = await http.call(path, asPlayer());
    assert.deepEqual(body, { items: [held], nextCursor: '3' });
    assert.deepEqual(asked, [[PLAYER.userId, { limit: 1, cursor: '2' }]]);
    assert.equal((await http.call(path)).response.status, 401);
  });

  it('[W9] a purchase answers what was bought, with the key as its name', async () => {
    const { status, body } = await buy(undefined, { 'idempotency-key': KEY.toUpperCase() });
    assert.deepEqual([status, body], [200, purchased]);
    await buy({});
    const wanted = { userId: PLAYER.userId, commandId: KEY, itemId: 3 };
    assert.deepEqual(asked, [
      { ...wanted, quantity: 2 },
      { ...wanted, quantity: 1 },
    ]);
  });

  it('[W9] a purchase needs a token, a key that is a UUID and a sane quantity', async () => {
    const key = { 'Idempotency-Key': KEY };
    const wrong: [unknown, Record<string, string>, string, RegExp][] = [
      [{}, {}, '3', /^Idempotency-Key: /],
      [{}, { 'Idempotency-Key': 'again' }, '3', /^Idempotency-Key: /],
      [{ quantity: 0 }, key, '3', /^quantity: /],
      [{ quantity: -1 }, key, '3', /^quantity: /],
      [{ quantity: 1.5 }, key, '3', /^quantity: /],
      [{ quantity: '2' }, key, '3', /^quantity: /],
      [{ quantity: 1_000_001 }, key, '3', /^quantity: /],
      [{ price: 1 }, key, '3', /price/],
      [{}, key, 'plank', /^id: /],
      [{}, key, '0', /^id: /],
    ];
    for (const [body, headers, id, message] of wrong) {
      const refused = await buy(body, headers, id);
      assert.deepEqual([refused.status, refused.body.code], [400, 'BAD_REQUEST']);
      assert.match(String(refused.body.message), message);
    }
    const path = '/api/v1/items/3/purchase';
    assert.equal((await http.call(path, post({}, key))).response.status, 401);
    assert.deepEqual(asked, []);
  });

  it('[W9] what is refused is told with its code', async () => {
    assert.equal((await buy({}, undefined, '404')).status, 404);
    const refused = await buy({}, undefined, '5');
    assert.deepEqual([refused.status, refused.body.code], [422, 'ILLEGAL_MOVE']);
  });
});
