/**
 * The HTTP application on a port of its own, with services that the test sets; by default there is
 * nothing there.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Accounts } from '../../src/accounts/accounts.ts';
import { AppError } from '../../src/errors.ts';
import { createHttp, type HttpDeps } from '../../src/http/index.ts';
import type { UserId } from '../../src/ids.ts';

export const PLAYER = {
  userId: 7 as UserId,
  username: 'ada',
  userType: 'player',
  roles: ['player'],
} as const;
/** The only token that the accounts of `nobody` know; it is PLAYER's. */
export const PLAYER_TOKEN = 'token-of-ada';

export interface HttpOverrides extends Partial<Omit<HttpDeps, 'config'>> {
  readonly config?: Partial<HttpDeps['config']>;
}

export interface TestServer {
  readonly url: string;
  readonly server: Server;
  /** What was logged as an error. */
  readonly logged: object[];
  /** `body` is the parsed JSON, or the text, of the answer. */
  call<T = Record<string, unknown>>(
    path: string,
    init?: RequestInit,
  ): Promise<{ response: Response; body: T }>;
  close(): Promise<void>;
}

export async function startHttp(overrides: HttpOverrides = {}): Promise<TestServer> {
  const logged: object[] = [];
  const app = createHttp({
    accounts: accountsOf({}),
    history: nothing('history'),
    wallets: nothing('wallets'),
    ledgerHead: nothing('ledgerHead') as never,
    catalogue: nothing('catalogue'),
    readOverview: nothing('readOverview') as never,
    worldTables: nothing('worldTables'),
    ownItems: nothing('ownItems'),
    inventory: nothing('inventory'),
    saves: nothing('saves'),
    matchmake: nothing('matchmake') as never,
    readiness: async () => null,
    metrics: { contentType: 'text/plain; version=0.0.4', metrics: async () => 'up 1\n' },
    webRoot: join(tmpdir(), 'roundhouse-without-a-page'),
    logger: { error: (context) => logged.push(context), warn: () => {} },
    ...overrides,
    config: {
      production: false,
      corsOrigins: [],
      trustProxy: false,
      metricsToken: undefined,
      ...overrides.config,
    },
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    server,
    logged,
    async call<T>(path: string, init?: RequestInit) {
      const response = await fetch(`${url}${path}`, init);
      const json = response.headers.get('content-type')?.includes('json') === true;
      const body = json ? await response.json() : await response.text();
      return { response, body: body as T };
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

/**
 * Accounts that know one player; the parts that are given replace the others, which must not be
 * called.
 */
export function accountsOf(parts: Partial<Accounts>): Accounts {
  return {
    ...nothing<Accounts>('accounts', ['register', 'login', 'anonymous', 'refresh', 'logout']),
    userdata: async () => ({
      id: PLAYER.userId,
      username: PLAYER.username,
      email: 'ada@example.org',
      emailVerified: false,
      userType: PLAYER.userType,
      roles: [...PLAYER.roles],
      createdAt: '2030-01-01T00:00:00.000Z',
    }),
    async authenticate(token) {
      if (token !== PLAYER_TOKEN) throw new AppError('UNAUTHENTICATED');
      return PLAYER;
    },
    ...parts,
  };
}

export function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

export function asPlayer(init: RequestInit = {}): RequestInit {
  return { ...init, headers: { ...init.headers, authorization: `Bearer ${PLAYER_TOKEN}` } };
}

/** A service that a test did not expect to be called. */
function nothing<T>(name: string, methods: string[] = []): T {
  const refuse = (method: string) => () => {
    throw new Error(`${name}.${method} was not expected`);
  };
  if (methods.length > 0) {
    return Object.fromEntries(methods.map((method) => [method, refuse(method)])) as T;
  }
  return new Proxy(() => {}, {
    get: (_target, method) => refuse(String(method)),
    apply: refuse('call'),
  }) as T;
}
