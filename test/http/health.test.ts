import assert from 'node:assert/strict';
import { startHttp, type TestServer } from './server.ts';

describe('health', () => {
  let http: TestServer;
  let reason: string | null = null;
  const observed: object[] = [];
  before(async () => {
    http = await startHttp({
      readiness: async () => reason,
      config: { metricsToken: 'a long metrics token' },
      observe: ({ method, path, status }) => observed.push({ method, path, status }),
    });
  });
  after(() => http.close());
  const metrics = (authorization?: string) =>
    http.call('/metrics', authorization === undefined ? {} : { headers: { authorization } });

  it('/healthz says that the process answers', async () => {
    assert.deepEqual((await http.call('/healthz')).body, { status: 'ok' });
  });

  it('/readyz is 503 with the reason while the node cannot serve', async () => {
    assert.deepEqual((await http.call('/readyz')).body, { status: 'ready' });
    reason = 'migrations pending: 0006-bets';
    const { response, body } = await http.call('/readyz');
    assert.deepEqual([response.status, body.detail], [503, reason]);
  });

  it('/metrics asks for its token where one is set', async () => {
    assert.equal((await metrics()).response.status, 401);
    assert.equal((await metrics('Bearer another token')).response.status, 401);
    assert.equal((await metrics('Bearer a')).response.status, 401);
    const { response, body } = await metrics('Bearer a long metrics token');
    assert.deepEqual([response.status, body], [200, 'up 1\n']);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  });

  it('/metrics is open where none is set', async () => {
    const open = await startHttp();
    try {
      assert.equal((await open.call('/metrics')).response.status, 200);
    } finally {
      await open.close();
    }
  });

  it('every answer of the route table is observed, under its pattern', async () => {
    observed.length = 0;
    await http.call('/api/v1/me/bets/5');
    assert.deepEqual(observed, [{ method: 'get', path: '/api/v1/me/bets/:betId', status: 401 }]);
  });
});
