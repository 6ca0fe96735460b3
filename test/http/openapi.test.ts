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
  'GET /api/v1/me/transactions',
  'GET /api/v1/me/bets',
  'GET /api/v1/me/bets/{betId}',
  'GET /api/v1/games',
  'GET /api/v1/games/{name}/rounds',
  'GET /api/v1/rounds/{id}',
  'GET /api/v1/rounds/{id}/proof',
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
  'GET /openapi.json',
];

describe('GET /openapi.json', () => {
  let http: TestServer;
  let api: any;
  before(async () => {
    http = await startHttp();
    ({ body: api } = await http.call('/openapi.json'));
  });
  after(() => http.close());

  it('is OpenAPI 3.1 and lists every operation', () => {
    assert.equal(api.openapi, '3.1.0');
    const listed = Object.entries<object>(api.paths).flatMap(([path, operations]) =>
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
        .reduce((node, part) => node?.[part], api);
      assert.ok(target, reference);
    }
  });

  it('names every parameter of a path, and says who may call', () => {
    for (const [path, operations] of Object.entries<any>(api.paths)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const operation of Object.values<any>(operations)) {
        const described = (operation.parameters ?? [])
          .filter((parameter: any) => parameter.in === 'path' && parameter.required)
          .map((parameter: any) => parameter.name);
        assert.deepEqual(described, names, path);
        const needsUser = path.startsWith('/api/v1/me') || path === '/auth/userdata';
        assert.equal(operation.security?.[0]?.user !== undefined, needsUser, path);
      }
    }
  });

  it('describes an answer by the shape that checks it', () => {
    const schema = api.paths['/api/v1/me/wallet'].get.responses[200].content['application/json'];
    assert.deepEqual(schema, { schema: { $ref: '#/components/schemas/Wallet' } });
    const { properties, required } = api.components.schemas.Wallet;
    assert.deepEqual(Object.keys(properties), ['currency', 'balance', 'seq']);
    assert.deepEqual(required, ['currency', 'balance', 'seq']);
    assert.equal(properties.balance.type, 'integer');
  });

  it('is readable at /docs, with files of this server only', async () => {
    const { response, body } = await http.call('/docs');
    assert.equal(response.status, 200);
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'self'/);
    assert.ok(!/script-src/.test(policy));
    const files = [...String(body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
    assert.equal(files.length, 4);
    for (const path of files) {
      const file = await http.call(String(path));
      assert.equal(file.response.status, 200, path);
    }
    assert.ok(!/<script>/.test(body) && !/ on\w+=/.test(body));
  });
});
