import assert from 'node:assert/strict';
import type { UserId } from '../../src/ids.ts';
import type { Session } from '../../src/protocol.ts';
import { type AccountsFixture, openAccounts, START_BALANCE, VISITOR } from './fixture.ts';

const PASSWORD = 'correct horse';

describe('registration', () => {
  let fixture: AccountsFixture;
  before(async () => {
    fixture = await openAccounts();
  });
  after(() => fixture.close());

  const register = (email: string, username?: string, guest?: Session) =>
    fixture.accounts.register(
      { email, password: PASSWORD, options: username === undefined ? undefined : { username } },
      VISITOR,
      guest?.token,
    );
  const walletsOf = (userId: number) =>
    fixture.rows<{ id: number; balance: number }>(
      `SELECT id, balance FROM wallets WHERE user_id = ${userId}`,
    );
  const countUsers = async () =>
    (await fixture.rows<{ count: number }>('SELECT count(*) FROM users'))[0]?.count;

  it('makes a player with a wallet, the player role and a session', async () => {
    const session = await register('Ada@Example.org', 'ada');
    const { id, createdAt, ...user } = session.user;
    assert.deepEqual(user, {
      username: 'ada',
      email: 'ada@example.org',
      emailVerified: false,
      userType: 'player',
      roles: ['player'],
    });
    assert.ok(Date.parse(createdAt) > 0);
    assert.equal(session.expiresIn, 900);
    assert.equal((await walletsOf(id))[0]?.balance, START_BALANCE);
    const identity = await fixture.accounts.authenticate(session.token);
    assert.deepEqual(identity, {
      userId: id,
      username: 'ada',
      userType: 'player',
      roles: ['player'],
    });
  });

  it('stores no password and no refresh token, only their hashes', async () => {
    const session = await register('hashes@example.org');
    const [user] = await fixture.rows(`SELECT * FROM users WHERE id = ${session.user.id}`);
    const tokens = await fixture.rows(
      `SELECT *, host(ip) AS host FROM refresh_tokens WHERE user_id = ${session.user.id}`,
    );
    const stored = JSON.stringify([user, tokens]);
    assert.ok(!stored.includes(PASSWORD) && !stored.includes(session.refreshToken));
    assert.match(String(user?.password_hash), /^\$argon2id\$/);
    assert.equal(tokens[0]?.device_info, VISITOR.device);
    assert.equal(tokens[0]?.host, VISITOR.ip);
  });

  it('refuses an e-mail address or a username that is taken, in any case', async () => {
    await register('taken@example.org', 'Taken');
    const emailTaken = { code: 'CONFLICT', details: { fields: { email: 'taken' } } };
    await assert.rejects(register('TAKEN@example.org'), emailTaken);
    const usernameTaken = { code: 'CONFLICT', details: { fields: { username: 'taken' } } };
    await assert.rejects(register('free@example.org', 'tAKEN'), usernameTaken);
    await assert.rejects(register('free@example.org', 'Support'), { code: 'CONFLICT' });
  });

  it('lets one of many who register the same address at once in', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => register('race@example.org')),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    assert.equal(refused.length, 9);
    for (const { reason } of refused) assert.equal(reason.code, 'CONFLICT');
  });

  it('makes a name that shows nothing of the e-mail address', async () => {
    const { user } = await register('very.private@example.org');
    assert.match(user.username, /^player-[a-z2-9]{6}$/);
  });

  it('makes another name when the generated one is taken, and gives up after a few', async () => {
    const names = ['guest-aaaaaa', 'guest-aaaaaa', 'guest-bbbbbb'];
    const accounts = fixture.variant({ generateUsername: () => names.shift() ?? 'guest-bbbbbb' });
    assert.equal((await accounts.anonymous(VISITOR)).user.username, 'guest-aaaaaa');
    assert.equal((await accounts.anonymous(VISITOR)).user.username, 'guest-bbbbbb');
    await assert.rejects(accounts.anonymous(VISITOR), { code: 'CONFLICT' });
  });

  it('[A5] [M2] creates no user whose wallet could not be opened', async () => {
    const before = await countUsers();
    const accounts = fixture.variant({
      openWallet: async () => {
        throw new Error('no money today');
      },
    });
    await assert.rejects(accounts.anonymous(VISITOR), /no money today/);
    assert.equal(await countUsers(), before);
  });

  describe('of a guest', () => {
    it('[A4] keeps the user id, the wallet and the generated name', async () => {
      const guest = await fixture.accounts.anonymous(VISITOR);
      assert.match(guest.user.username, /^guest-[a-z2-9]{6}$/);
      assert.deepEqual([guest.user.userType, guest.user.email], ['guest', null]);
      const wallets = await walletsOf(guest.user.id);
      const player = await register('was.guest@example.org', undefined, guest);
      assert.equal(player.user.id, guest.user.id);
      assert.equal(player.user.userType, 'player');
      assert.equal(player.user.username, guest.user.username);
      assert.deepEqual(player.user.roles, ['player']);
      assert.deepEqual(await walletsOf(player.user.id), wallets);
      const again = await fixture.accounts.login(
        { email: 'was.guest@example.org', password: PASSWORD },
        VISITOR,
      );
      assert.equal(again.user.id, guest.user.id);
    });

    it('shows at once, although identities are cached', async () => {
      const guest = await fixture.accounts.anonymous(VISITOR);
      assert.equal((await fixture.accounts.authenticate(guest.token)).userType, 'guest');
      const player = await register('cached@example.org', 'cached', guest);
      const identity = await fixture.accounts.authenticate(player.token);
      assert.deepEqual([identity.userType, identity.username], ['player', 'cached']);
    });

    it('[trap 5] ends the sessions that others may hold of the guest', async () => {
      const guest = await fixture.accounts.anonymous(VISITOR);
      await register('prepared@example.org', undefined, guest);
      await assert.rejects(fixture.accounts.refresh(guest.refreshToken, VISITOR), {
        code: 'UNAUTHENTICATED',
      });
    });

    it('[A4] [trap 5] is refused for an account that is not a guest, and changes nothing', async () => {
      const victim = await register('victim@example.org', 'victim');
      const conflict = { code: 'CONFLICT' };
      await assert.rejects(register('attacker@example.org', 'attacker', victim), conflict);
      assert.deepEqual(await fixture.accounts.userdata(victim.user.id as UserId), victim.user);
      const attacker = { email: 'attacker@example.org', password: PASSWORD };
      const refused = { code: 'UNAUTHENTICATED' };
      await assert.rejects(fixture.accounts.login(attacker, VISITOR), refused);
    });

    it('[trap 5] is refused with an expired or a broken token', async () => {
      const guest = await fixture.accounts.anonymous(VISITOR);
      const refused = { code: 'UNAUTHENTICATED' };
      const broken = { ...guest, token: `${guest.token}x` };
      await assert.rejects(register('late@example.org', undefined, broken), refused);
      fixture.clock.now += guest.expiresIn * 1000;
      await assert.rejects(register('late@example.org', undefined, guest), refused);
    });

    it('gives a guest who registers twice at once one account', async () => {
      const guest = await fixture.accounts.anonymous(VISITOR);
      const outcomes = await Promise.allSettled(
        ['first@example.org', 'second@example.org'].map((email) =>
          register(email, undefined, guest),
        ),
      );
      assert.deepEqual(outcomes.map((outcome) => outcome.status).sort(), ['fulfilled', 'rejected']);
    });

    it('is refused for a blocked guest', async () => {
      const guest = await fixture.accounts.anonymous(VISITOR);
      await fixture.rows(`UPDATE users SET is_active = false WHERE id = ${guest.user.id}`);
      const refused = { code: 'UNAUTHENTICATED' };
      await assert.rejects(register('blocked@example.org', undefined, guest), refused);
    });
  });
});
