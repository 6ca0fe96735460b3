import assert from 'node:assert/strict';
import { accountsOf, post, startHttp, type TestServer } from './server.ts';

const LISTED = 'https://play.example.org';

describe('HTTP headers', () => {
  const servers: TestServer[] = [];
  const start: typeof startHttp = async (overrides) => {
    const server = await startHttp(overrides);
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST' },
  });
  const corsOf = (response: Response) =>
    [...response.headers.keys()].filter((name) => name.startsWith('access-control-'));

  it('[trap 4] no origin is reflected: none is allowed unless it is listed', async () => {
    for (const corsOrigins of [[], [LISTED]]) {
      const http = await start({ config: { corsOrigins } });
      for (const origin of ['https://evil.example', `${LISTED}.evil.example`, 'null', '*']) {
        const headers = { origin };
        const plain = await http.call('/healthz', { headers });
        const asked = await http.call('/auth/login', preflight(origin));
        assert.deepEqual([corsOf(plain.response), corsOf(asked.response)], [[], []]);
      }
    }
  });

  it('[F6] a proof may be read by a page of any origin, also from a disk, and by a listed one as ever', async () => {
    const http = await start({ config: { corsOrigins: [LISTED] } });
    const round = `/api/v1/rounds/${crypto.randomUUID()}`;
    for (const [path, origin, allowed] of [
      [`${round}/proof`, 'null', '*'],
      [`${round}/proof`, 'https://elsewhere.example', '*'],
      [`${round}/proof`, LISTED, LISTED],
      [round, 'null', null],
    ] as const) {
      const { response } = await http.call(path, { headers: { origin } });
      assert.equal(response.headers.get('access-control-allow-origin'), allowed, path);
      const credentials = response.headers.get('access-control-allow-credentials');
      assert.equal(credentials, origin === LISTED ? 'true' : null);
    }
  });

  it('a listed origin may call, as the SDKs do in a browser', async () => {
    const http = await start({ config: { corsOrigins: [LISTED] } });
    const { response } = await http.call('/matchmake/join/crash', preflight(LISTED));
    assert.equal(response.status, 204);
    assert.equal(response.headers.get('access-control-allow-origin'), LISTED);
    assert.equal(response.headers.get('access-control-allow-credentials'), 'true');
    assert.match(response.headers.get('access-control-allow-headers') ?? '', /Authorization/);
    assert.match(response.headers.get('vary') ?? '', /Origin/);
    const refused = await http.call('/api/v1/me', { headers: { origin: LISTED } });
    assert.equal(refused.response.status, 401);
    assert.equal(refused.response.headers.get('access-control-allow-origin'), LISTED);
  });

  it('the page may load scripts from here only, and open sockets', async () => {
    const http = await start();
    const { response } = await http.call('/');
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'self'/);
    assert.match(policy, /connect-src 'self' ws: wss:/);
    assert.ok(!policy.includes('unsafe'));
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(response.headers.get('x-powered-by'), null);
  });

  it('[trap 4] x-forwarded-for names the client only behind a trusted proxy', async () => {
    const ips: (string | null)[] = [];
    const accounts = accountsOf({
      anonymous: async (visitor) => {
        ips.push(visitor.ip);
        throw new Error('seen');
      },
    });
    const forged = { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9' };
    const direct = await start({ accounts });
    await direct.call('/auth/anonymous', post({}, forged));
    const proxied = await start({ accounts, config: { trustProxy: 1 } });
    await proxied.call('/auth/anonymous', post({}, forged));
    assert.deepEqual(ips, ['127.0.0.1', '203.0.113.9']);
  });
});
