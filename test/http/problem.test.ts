import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { AppError } from '../../src/errors.ts';
import { Problem } from '../../src/protocol.ts';
import {
  accountsOf,
  asPlayer,
  type HttpOverrides,
  post,
  startHttp,
  type TestServer,
} from './server.ts';

describe('errors of the HTTP API', () => {
  const servers: TestServer[] = [];
  const start = async (overrides: HttpOverrides = {}) => {
    const server = await startHttp(overrides);
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  async function problemOf(http: TestServer, path: string, init?: RequestInit): Promise<Problem> {
    const { response, body } = await http.call(path, init);
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
    const problem = Problem.parse(body);
    assert.equal(problem.status, response.status);
    assert.equal(problem.message, problem.detail);
    return problem;
  }

  it('[A6] are problem documents with a stable code', async () => {
    const http = await start();
    assert.deepEqual(await problemOf(http, '/api/v1/nothing'), {
      type: 'urn:roundhouse:problem:not-found',
      title: 'There is no such thing.',
      status: 404,
      detail: 'There is no such thing.',
      code: 'NOT_FOUND',
      message: 'There is no such thing.',
    });
  });

  it('name the fields that are wrong', async () => {
    const http = await start();
    const body = { email: 'no address', password: 5, options: { username: 'a b' } };
    const { code, details } = await problemOf(http, '/auth/register', post(body));
    assert.equal(code, 'BAD_REQUEST');
    const fields = Object.keys(details?.fields as object);
    assert.deepEqual(fields.sort(), ['email', 'options.username', 'password']);
  });

  it('say which methods an address takes', async () => {
    const http = await start();
    const { response, body } = await http.call('/auth/login');
    assert.deepEqual([response.status, body.code], [405, 'METHOD_NOT_ALLOWED']);
    assert.equal(response.headers.get('allow'), 'POST, OPTIONS');
    const options = await http.call('/api/v1/me', { method: 'OPTIONS' });
    assert.equal(options.response.status, 204);
    assert.equal(options.response.headers.get('allow'), 'GET, HEAD, OPTIONS');
  });

  const malformed: Record<string, { path?: string; init?: RequestInit; status?: number }> = {
    'a body that is no JSON': { init: post('{"email":') },
    'a body that is only a word': { init: post('"text"') },
    'a body of another type': { init: post('email=a', { 'content-type': 'text/plain' }) },
    'a form': { init: post('email=a', { 'content-type': 'application/x-www-form-urlencoded' }) },
    'a missing body': { init: { method: 'POST' } },
    'a body in another charset': {
      init: post('{}', { 'content-type': 'application/json; charset=latin9' }),
    },
    'a compressed body': {
      init: { ...post('', { 'content-encoding': 'gzip' }), body: gzipSync(Buffer.alloc(1e6)) },
    },
    'a body over 16 KB': { init: post({ email: 'x'.repeat(17_000) }), status: 413 },
    'a broken escape in the path': { path: '/api/v1/rounds/%zz', init: {} },
    'a NUL in the query': { path: '/api/v1/me/bets?cursor=%00', init: {} },
    'an address that is too long': { path: `/api/v1/games?cursor=${'x'.repeat(3000)}`, init: {} },
  };
  for (const [name, { path = '/auth/login', init, status = 400 }] of Object.entries(malformed)) {
    it(`answer ${name} with ${status}`, async () => {
      const http = await start();
      const problem = await problemOf(http, path, init);
      assert.equal(problem.status, status);
      assert.deepEqual(http.logged, []);
    });
  }

  function send(http: TestServer, ...headers: string[]) {
    const { hostname, port } = new URL(http.url);
    const socket = connect(Number(port), hostname);
    const received: Buffer[] = [];
    socket.on('data', (data) => received.push(data));
    // A connection that is cut while it sends may also be told so.
    socket.on('error', () => {});
    const head = ['POST /auth/login HTTP/1.1', 'Host: x', 'Content-Type: application/json'];
    socket.write(`${[...head, ...headers].join('\r\n')}\r\n\r\n`);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    return { socket, closed, text: () => String(Buffer.concat(received)) };
  }

  it('close the connection of a client that announces 10 MB, at once', async () => {
    const { closed, text } = send(await start(), `Content-Length: ${10 * 1024 * 1024}`);
    await closed;
    assert.match(text(), /^HTTP\/1.1 413 /);
    assert.match(text(), /Connection: close/i);
  });

  it('cut off a client that sends without end and without announcing it', async () => {
    const { socket, closed } = send(await start(), 'Transfer-Encoding: chunked');
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    const pump = () => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', pump);
    pump();
    await closed;
  });

  it('tell nothing of what broke inside, and log it', async () => {
    const http = await start({
      history: {
        wallet: async () => {
          throw new Error('relation "wallets" does not exist');
        },
      } as never,
    });
    const { response, body } = await http.call('/api/v1/me/wallet', asPlayer());
    assert.deepEqual([response.status, body.code], [500, 'INTERNAL']);
    assert.ok(!JSON.stringify(body).includes('wallets'));
    assert.match(String((http.logged[0] as { err: Error }).err), /relation "wallets"/);
  });

  it('say BUSY, with the time to come back, while the database is away', async () => {
    const http = await start({
      isUnavailable: (error) => error instanceof Error && error.message === 'ECONNREFUSED',
      history: {
        wallet: async () => {
          throw new Error('ECONNREFUSED');
        },
      } as never,
    });
    const { response, body } = await http.call('/api/v1/me/wallet', asPlayer());
    assert.deepEqual([response.status, body.code], [503, 'BUSY']);
    assert.equal(response.headers.get('retry-after'), '1');
    assert.deepEqual(http.logged, []);
  });

  it('are raised in development for answers that their own schema does not know', async () => {
    const wallet = async () => ({ currency: 'COIN', balance: 1.5, seq: 0 });
    const strict = await start({ history: { wallet } as never });
    assert.equal((await strict.call('/api/v1/me/wallet', asPlayer())).response.status, 500);
    assert.match(String((strict.logged[0] as { err: Error }).err), /GET \/api\/v1\/me\/wallet/);
    const lenient = await start({ history: { wallet } as never, config: { production: true } });
    assert.equal((await lenient.call('/api/v1/me/wallet', asPlayer())).response.status, 200);
  });

  it('carry the details that an AppError has', async () => {
    const http = await start({
      accounts: accountsOf({
        login: async () => {
          throw new AppError('RATE_LIMITED', 'Slowly.', { retryAfterSeconds: 7 });
        },
      }),
    });
    const credentials = { email: 'ada@example.org', password: 'x' };
    const { response, body } = await http.call('/auth/login', post(credentials));
    assert.equal(response.headers.get('retry-after'), '7');
    assert.deepEqual([body.detail, body.details], ['Slowly.', { retryAfterSeconds: 7 }]);
  });
});
