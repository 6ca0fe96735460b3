import assert from 'node:assert/strict';
import { startHttp, type TestServer } from './server.ts';

const OPERATIONS = [
  'POST /auth/register',
  'POST /auth/login',
  'POST /auth/anonymous',
  'GET /auth/userdata',
  'POST /auth/refresh',
  'POST /auth/logout',
  'GET /api/v1/me',
  'GET /api/v1/me/wallet',
  'GET /api/v1/me/wallets',
  'GET /api/v1/me/transactions',
  'GET /api/v1/me/bets',
  'GET /api/v1/me/bets/{betId}',
  'GET /api/v1/me/inventory',
  'GET /api/v1/me/items',
  'POST /api/v1/me/items',
  'GET /api/v1/me/items/{id}',
  'PATCH /api/v1/me/items/{id}',
  'DELETE /api/v1/me/items/{id}',
  'GET /api/v1/me/game-states',
  'POST /api/v1/me/game-states',
  'GET /api/v1/me/game-states/{id}',
  'PATCH /api/v1/me/game-states/{id}',
  'DELETE /api/v1/me/game-states/{id}',
  'GET /api/v1/items',
  'POST /api/v1/items',
  'GET /api/v1/items/{id}',
  'PATCH /api/v1/items/{id}',
  'DELETE /api/v1/items/{id}',
  'POST /api/v1/items/{id}/purchase',
  'GET /api/v1/buildings',
  'POST /api/v1/buildings',
  'GET /api/v1/buildings/{id}',
  'PATCH /api/v1/buildings/{id}',
  'DELETE /api/v1/buildings/{id}',
  'POST /api/v1/wallets/{id}/adjust',
  'GET /api/v1/ledger/head',
  'GET /api/v1/games',
  'GET /api/v1/games/{name}/rounds',
  'GET /api/v1/rounds/{id}',
  'GET /api/v1/rounds/{id}/proof',
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
  'GET /openapi.json',
];

interface Operation {
  readonly parameters?: {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
  }[];
  readonly responses: Record<string, { readonly content: Record<string, unknown> }>;
  readonly security?: Record<string, unknown>[];
}
interface Schema {
  readonly properties: Record<string, { readonly type: string }>;
  readonly required: string[];
}
interface Api {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Schema> };
}

describe('GET /openapi.json', () => {
  let http: TestServer;
  let api: Api;
  before(async () => {
    http = await startHttp();
    ({ body: api } = await http.call<Api>('/openapi.json'));
  });
  after(() => http.close());

  it('[A6] is OpenAPI 3.1 and lists every operation', () => {
    assert.equal(api.openapi, '3.1.0');
    const listed = Object.entries(api.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual(listed.sort(), OPERATIONS.toSorted());
  });

  it('refers only to shapes that it holds', () => {
    const references = JSON.stringify(api).match(/#\/[^"]+/g) ?? [];
    assert.ok(references.length > 10);
    for (const reference of references) {
      const target = reference
        .split('/')
        .slice(1)
        .reduce<unknown>((node, part) => (node as Record<string, unknown>)?.[part], api);
      assert.ok(target, reference);
    }
  });

  it('names every parameter of a path, and says who may call', () => {
    for (const [path, operations] of Object.entries(api.paths)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const [method, operation] of Object.entries(operations)) {
        const described = (operation.parameters ?? [])
          .filter((parameter) => parameter.in === 'path' && parameter.required)
          .map((parameter) => parameter.name);
        assert.deepEqual(described, names, path);
        const needsUser =
          /^\/api\/v1\/(me|wallets)|^\/auth\/userdata$/.test(path) ||
          (/^\/api\/v1\/(items|buildings)/.test(path) && method !== 'get');
        assert.equal(operation.security?.[0]?.user !== undefined, needsUser, path);
      }
    }
  });

  it('[A6] describes an answer by the shape that checks it', () => {
    const operation = api.paths['/api/v1/me/wallet']?.get;
    assert.deepEqual(operation?.responses[200]?.content['application/json'], {
      schema: { $ref: '#/components/schemas/Wallet' },
    });
    const wallet = api.components.schemas.Wallet;
    assert.deepEqual(Object.keys(wallet?.properties ?? {}), ['currency', 'balance', 'seq']);
    assert.deepEqual(wallet?.required, ['currency', 'balance', 'seq']);
    assert.equal(wallet?.properties.balance?.type, 'integer');
  });

  it('is readable at /docs, with files of this server only', async () => {
    const { response, body } = await http.call<string>('/docs');
    assert.equal(response.status, 200);
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'self'/);
    assert.ok(!/script-src/.test(policy));
    const files = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
    assert.equal(files.length, 4);
    for (const path of files) {
      const file = await http.call(String(path));
      assert.equal(file.response.status, 200, path);
    }
    assert.ok(!/<script>/.test(body) && !/ on\w+=/.test(body));
  });
});
