import assert from 'node:assert/strict';
import { AppError } from '../../src/errors.ts';
import { accountsOf, asPlayer, PLAYER, post, startHttp, type TestServer } from './server.ts';

const KEY = '0190a1b2-0000-4000-8000-00000000000a';
const OPERATOR = { ...PLAYER, roles: ['operator', 'player'] };

describe('POST /api/v1/wallets/:id/adjust', () => {
  let http: TestServer;
  let roles: readonly string[] = OPERATOR.roles;
  const asked: unknown[] = [];
  before(async () => {
    http = await startHttp({
      accounts: accountsOf({ authenticate: async () => ({ ...OPERATOR, roles }) }),
      wallets: {
        async adjust({ ip: _, ...wanted }) {
          asked.push(wanted);
          if (wanted.walletId === 404) throw new AppError('NOT_FOUND');
          return { id: wanted.walletId, userId: 9, currency: 'COIN', balance: 460, seq: 2 };
        },
      },
    });
  });
  after(() => http.close());
  beforeEach(() => {
    asked.length = 0;
    roles = OPERATOR.roles;
  });

  async function adjust(
    body: unknown = { amount: -40, reason: 'paid twice' },
    headers: Record<string, string> = { 'Idempotency-Key': KEY },
    id = '3',
  ) {
    const path = `/api/v1/wallets/${id}/adjust`;
    const { response, body: answer } = await http.call(path, asPlayer(post(body, headers)));
    return { status: response.status, body: answer };
  }

  it('[A7] answers the wallet after it, with the key as the id of the posting', async () => {
    const { status, body } = await adjust(undefined, { 'idempotency-key': KEY.toUpperCase() });
    assert.equal(status, 200);
    assert.deepEqual(body, { id: 3, userId: 9, currency: 'COIN', balance: 460, seq: 2 });
    const actorId = PLAYER.userId;
    assert.deepEqual(asked, [{ id: KEY, walletId: 3, amount: -40, reason: 'paid twice', actorId }]);
  });

  it('[A7] is for operators and admins', async () => {
    for (const [given, expected] of [
      [['admin'], 200],
      [['operator'], 200],
      [['support', 'player'], 403],
      [['player'], 403],
      [[], 403],
    ] as const) {
      roles = given;
      const { status, body } = await adjust();
      assert.equal(status, expected, given.join());
      if (expected === 403) assert.equal(body.code, 'FORBIDDEN');
    }
    assert.equal(asked.length, 2);
    const { response } = await http.call('/api/v1/wallets/3/adjust', post({}));
    assert.equal(response.status, 401);
  });

  it('needs a key that is a UUID, an amount and a reason', async () => {
    const good = { amount: 5, reason: 'a present' };
    const key = { 'Idempotency-Key': KEY };
    const wrong: [unknown, Record<string, string>, string, RegExp][] = [
      [good, {}, '3', /^Idempotency-Key: /],
      [good, { 'Idempotency-Key': 'again' }, '3', /^Idempotency-Key: /],
      [{ ...good, amount: 0 }, key, '3', /^amount: not zero/],
      [{ ...good, amount: 1.5 }, key, '3', /^amount: /],
      [{ ...good, amount: 2 ** 53 }, key, '3', /^amount: /],
      [{ ...good, amount: '5' }, key, '3', /^amount: /],
      [{ amount: 5 }, key, '3', /^reason: /],
      [{ ...good, reason: '  ' }, key, '3', /^reason: /],
      [{ ...good, reason: 'x'.repeat(501) }, key, '3', /^reason: /],
      [good, key, 'mine', /^id: /],
      [good, key, '-3', /^id: /],
    ];
    for (const [body, headers, id, message] of wrong) {
      const answer = await adjust(body, headers, id);
      assert.deepEqual([answer.status, answer.body.code], [400, 'BAD_REQUEST']);
      assert.match(String(answer.body.message), message);
    }
    assert.deepEqual(asked, []);
    assert.equal((await adjust(undefined, undefined, '404')).status, 404);
  });

  it('[A7] says in OpenAPI that the header must be there', async () => {
    const { body } = await http.call('/openapi.json');
    const { paths } = body as { paths: Record<string, { post: { parameters: object[] } }> };
    const { parameters } = paths['/api/v1/wallets/{id}/adjust']?.post ?? { parameters: [] };
    assert.deepEqual(
      parameters.map(({ schema: _, ...rest }: { schema?: object }) => rest),
      [
        { name: 'id', in: 'path', required: true },
        { name: 'Idempotency-Key', in: 'header', required: true },
      ],
    );
  });
});
