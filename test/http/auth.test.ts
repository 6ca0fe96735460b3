import assert from 'node:assert/strict';
import { Client } from '@colyseus/sdk';
import fc from 'fast-check';
import jwt from 'jsonwebtoken';
import type { Session } from '../../src/protocol.ts';
import { type AccountsFixture, JWT_SECRET, openAccounts } from '../accounts/fixture.ts';
import { post, startHttp, type TestServer } from './server.ts';

const PASSWORD = 'correct horse';

describe('POST /auth', () => {
  let fixture: AccountsFixture;
  let http: TestServer;
  before(async () => {
    fixture = await openAccounts();
    http = await startHttp({ accounts: fixture.accounts });
  });
  after(async () => {
    await http.close();
    await fixture.close();
  });

  /** The SDK keeps the last token for all clients of a process; each test begins signed out. */
  function newClient(token?: string) {
    const client = new Client(http.url);
    client.auth.token = token as string;
    return client;
  }
  const signUp = async (client: ReturnType<typeof newClient>, email: string, options?: object) =>
    (await client.auth.registerWithEmailAndPassword(email, PASSWORD, options)) as Session;
  const userRow = async (id: number) =>
    (await fixture.rows(`SELECT * FROM users WHERE id = ${id}`))[0];

  describe('with an unmodified SDK client', () => {
    it('registers, signs in and tells who it is', async () => {
      const registered = await signUp(newClient(), 'ada@example.org', { username: 'ada' });
      assert.equal(registered.user.username, 'ada');
      const client = newClient();
      const { user } = await client.auth.signInWithEmailAndPassword('ada@example.org', PASSWORD);
      assert.deepEqual(user, registered.user);
      assert.deepEqual(await client.auth.getUserData(), { user });
    });

    it('enters as a guest, and the guest becomes a player who keeps everything', async () => {
      const client = newClient();
      const guest = await client.auth.signInAnonymously();
      assert.equal(guest.user.userType, 'guest');
      const player = await signUp(client, 'grace@example.org', { username: 'grace' });
      assert.equal(player.user.id, guest.user.id);
      assert.equal((await client.auth.getUserData()).user.userType, 'player');
    });

    it('enters as a guest whatever the options are', async () => {
      for (const options of [undefined, null, {}, 'text', [1, 2]]) {
        const { user } = await newClient().auth.signInAnonymously(options);
        assert.equal(user.userType, 'guest');
      }
    });

    it('gets errors as text that can be shown', async () => {
      const client = newClient();
      const refused = client.auth.signInWithEmailAndPassword('nobody@example.org', PASSWORD);
      await assert.rejects(refused, { code: 401, message: /Wrong e-mail or password/ });
      const weak = client.auth.registerWithEmailAndPassword('weak@example.org', 'short');
      await assert.rejects(weak, { code: 400, message: /8 to 200/ });
      await assert.rejects(newClient('nonsense').auth.getUserData(), { code: 401 });
    });
  });

  describe('takeover attempts', () => {
    it('[A2] [trap 5] options of a guest never become claims or columns', async () => {
      const victim = await signUp(newClient(), 'victim@example.org', { username: 'victim' });
      const { token, user } = (await newClient().auth.signInAnonymously({
        id: victim.user.id,
        userId: victim.user.id,
        sub: String(victim.user.id),
        email: 'victim@example.org',
        username: 'victim2',
        roles: ['admin'],
        userType: 'player',
        isSuperuser: true,
        is_superuser: true,
        purpose: 'password_reset',
        exp: 4_102_444_800,
      })) as Session;
      const { iat, exp, ...claims } = jwt.decode(token) as jwt.JwtPayload;
      assert.deepEqual(claims, {
        sub: String(user.id),
        iss: 'roundhouse',
        aud: 'roundhouse:players',
        purpose: 'access',
      });
      assert.equal((exp ?? 0) - (iat ?? 0), 900);
      assert.notEqual(user.id, victim.user.id);
      assert.deepEqual([user.userType, user.email, user.roles], ['guest', null, []]);
      assert.match(user.username, /^guest-/);
      assert.equal((await userRow(user.id))?.is_superuser, false);
    });

    it('[trap 5] options of a registration choose a username and nothing else', async () => {
      const options = {
        username: 'chosen',
        userType: 'service',
        emailVerified: true,
        isSuperuser: true,
        roles: ['admin'],
        id: 1,
        passwordHash: 'x',
      };
      const { user } = await signUp(newClient(), 'plain@example.org', options);
      const expected = ['chosen', 'player', false, ['player']];
      assert.deepEqual([user.username, user.userType, user.emailVerified, user.roles], expected);
      assert.equal((await userRow(user.id))?.is_superuser, false);
    });

    it('[trap 5] a body cannot name the guest that is upgraded', async () => {
      const guest = (await newClient().auth.signInAnonymously()) as Session;
      const body = {
        email: 'thief@example.org',
        password: PASSWORD,
        guestUserId: guest.user.id,
        userId: guest.user.id,
        token: guest.token,
        options: { guestUserId: guest.user.id, token: guest.token },
      };
      const { body: session } = await http.call<Session>('/auth/register', post(body));
      assert.notEqual(session.user.id, guest.user.id);
      assert.equal((await userRow(guest.user.id))?.user_type, 'guest');
    });

    it('[trap 5] a player cannot be upgraded into another account', async () => {
      const client = newClient();
      const player = await signUp(client, 'owner@example.org', { username: 'owner' });
      await assert.rejects(signUp(client, 'other@example.org', { username: 'other' }), {
        code: 409,
      });
      const row = await userRow(player.user.id);
      assert.deepEqual([row?.email, row?.username], ['owner@example.org', 'owner']);
    });

    it('[trap 5] a token made elsewhere opens nothing', async () => {
      const { user } = await signUp(newClient(), 'target@example.org');
      const now = Math.floor(fixture.clock.now / 1000);
      const good = { sub: String(user.id), purpose: 'access', iat: now, exp: now + 600 };
      const named = { issuer: 'roundhouse', audience: 'roundhouse:players' } as const;
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const unsigned = { ...good, iss: named.issuer, aud: named.audience };
      const forged = [
        jwt.sign(good, 'colyseus', { ...named }),
        jwt.sign(good, JWT_SECRET, { ...named, audience: 'roundhouse:reset' }),
        jwt.sign({ ...good, purpose: 'password_reset' }, JWT_SECRET, named),
        jwt.sign({ ...good, iat: now - 7200, exp: now - 1 }, JWT_SECRET, named),
        `${part({ alg: 'none', typ: 'JWT' })}.${part(unsigned)}.`,
      ];
      for (const token of forged) {
        await assert.rejects(newClient(token).auth.getUserData(), { code: 401 });
        const upgrade = signUp(newClient(token), 'forged@example.org');
        await assert.rejects(upgrade, { code: 401 });
      }
      const control = jwt.sign(good, JWT_SECRET, named);
      assert.equal((await newClient(control).auth.getUserData()).user.id, user.id);
    });

    it('[trap 5] an expired guest token upgrades nobody', async () => {
      const client = newClient();
      const { expiresIn } = (await client.auth.signInAnonymously()) as Session;
      fixture.clock.now += expiresIn * 1000;
      await assert.rejects(signUp(client, 'late@example.org'), { code: 401, message: /expired/ });
    });
  });

  it('refresh exchanges a token once; its reuse ends the session', async () => {
    const { refreshToken } = (await newClient().auth.signInAnonymously()) as Session;
    const first = await http.call<Session>('/auth/refresh', post({ refreshToken }));
    assert.equal(first.response.status, 200);
    await newClient(first.body.token).auth.getUserData();
    const reuse = await http.call('/auth/refresh', post({ refreshToken }));
    assert.deepEqual([reuse.response.status, reuse.body.code], [401, 'UNAUTHENTICATED']);
    const next = await http.call('/auth/refresh', post({ refreshToken: first.body.refreshToken }));
    assert.equal(next.response.status, 401);
  });

  it('logout ends the session', async () => {
    const { refreshToken } = (await newClient().auth.signInAnonymously()) as Session;
    const { response, body } = await http.call('/auth/logout', post({ refreshToken }));
    assert.deepEqual([response.status, body], [200, true]);
    const refresh = await http.call('/auth/refresh', post({ refreshToken }));
    assert.equal(refresh.response.status, 401);
  });

  it('answers are kept by no cache', async () => {
    const { response } = await http.call('/auth/anonymous', post({}));
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(response.headers.get('set-cookie'), null);
  });

  it('answers any JSON with a session or a problem, never with a failure', async function () {
    this.timeout(20_000);
    const credentials = fc.record(
      {
        email: fc.oneof(fc.emailAddress(), fc.string(), fc.jsonValue()),
        password: fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.jsonValue()),
        options: fc.oneof(fc.record({ username: fc.string() }), fc.jsonValue()),
        refreshToken: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const path = fc.constantFrom('register', 'login', 'anonymous', 'refresh', 'logout');
    await fc.assert(
      fc.asyncProperty(path, fc.oneof(credentials, fc.jsonValue()), async (name, body) => {
        const { response } = await http.call(`/auth/${name}`, post(JSON.stringify(body)));
        assert.ok(response.status < 500, `${name} answered ${response.status}`);
      }),
      { numRuns: 100, examples: [['login', { email: 'a\0b@example.org', password: 'x' }]] },
    );
    assert.deepEqual(http.logged, []);
  });

  it('sign-ins from one address are limited, and say when to come back', async () => {
    const limited = await startHttp({ accounts: fixture.accounts });
    try {
      const statuses = new Set<number>();
      let last: Response | undefined;
      for (let tries = 0; tries <= 200; tries++) {
        const email = `nobody${tries}@example.org`;
        last = (await limited.call('/auth/login', post({ email, password: PASSWORD }))).response;
        statuses.add(last.status);
      }
      assert.deepEqual([...statuses], [401, 429]);
      const seconds = Number(last?.headers.get('retry-after'));
      assert.ok(seconds > 0 && seconds <= 600, `retry after ${seconds}`);
    } finally {
      await limited.close();
    }
  });
});
