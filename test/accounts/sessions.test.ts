import assert from 'node:assert/strict';
import { IDENTITY_CACHE_MS } from '../../src/accounts/identities.ts';
import { MAX_SESSIONS_PER_USER, REFRESH_TOKEN_DAYS } from '../../src/accounts/sessions.ts';
import type { UserId } from '../../src/ids.ts';
import { type AccountsFixture, openAccounts, VISITOR } from './fixture.ts';

const REFUSED = { code: 'UNAUTHENTICATED' };
const CREDENTIALS = { email: 'ada@example.org', password: 'correct horse' };
const DAY_MS = 86_400_000;

describe('sessions', () => {
  let fixture: AccountsFixture;
  before(async () => {
    fixture = await openAccounts();
    await fixture.accounts.register(CREDENTIALS, VISITOR, undefined);
  });
  after(() => fixture.close());

  const guest = () => fixture.accounts.anonymous(VISITOR);
  const refresh = (token: string) => fixture.accounts.refresh(token, VISITOR);
  const activeOf = async (userId: number) =>
    (
      await fixture.rows(
        `SELECT id FROM refresh_tokens WHERE user_id = ${userId} AND NOT is_revoked`,
      )
    ).length;

  it('[A3] go on with a refresh token, which works once and gives the next', async () => {
    const first = await guest();
    const second = await refresh(first.refreshToken);
    assert.equal(second.user.id, first.user.id);
    assert.notEqual(second.refreshToken, first.refreshToken);
    await fixture.accounts.authenticate(second.token);
    const third = await refresh(second.refreshToken);
    assert.equal(third.user.id, first.user.id);
    assert.equal(await activeOf(first.user.id), 1);
  });

  it('[A3] end as a family when a used token is presented again', async () => {
    const stolen = await guest();
    const thief = await refresh(stolen.refreshToken);
    await assert.rejects(refresh(stolen.refreshToken), REFUSED);
    await assert.rejects(refresh(thief.refreshToken), REFUSED);
    assert.equal(await activeOf(stolen.user.id), 0);
  });

  it('of another sign-in live on when one family ends', async () => {
    const phone = await fixture.accounts.login(CREDENTIALS, VISITOR);
    const laptop = await fixture.accounts.login(CREDENTIALS, VISITOR);
    await refresh(phone.refreshToken);
    await assert.rejects(refresh(phone.refreshToken), REFUSED);
    await refresh(laptop.refreshToken);
  });

  it('leave no live token when the same one is used many times at once', async () => {
    const { refreshToken, user } = await guest();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => refresh(refreshToken)),
    );
    const served = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    assert.equal(served.length, 1);
    assert.equal(await activeOf(user.id), 0);
  });

  it('leave no live token when a reuse races the rotation of the next one', async () => {
    for (let run = 0; run < 10; run++) {
      const first = await guest();
      const second = await refresh(first.refreshToken);
      await Promise.allSettled([refresh(second.refreshToken), refresh(first.refreshToken)]);
      assert.equal(await activeOf(first.user.id), 0);
    }
  });

  it('end when they are not refreshed for 30 days, and leave no rows behind', async () => {
    const { refreshToken, user } = await fixture.accounts.login(CREDENTIALS, VISITOR);
    fixture.clock.now += REFRESH_TOKEN_DAYS * DAY_MS;
    await assert.rejects(refresh(refreshToken), REFUSED);
    await fixture.accounts.login(CREDENTIALS, VISITOR);
    const rows = await fixture.rows(`SELECT id FROM refresh_tokens WHERE user_id = ${user.id}`);
    assert.equal(rows.length, 1);
  });

  it('are at most twenty a user: one more ends the one refreshed longest ago', async () => {
    const accounts = fixture.variant({});
    const opened = [];
    for (let count = 0; count < MAX_SESSIONS_PER_USER; count++) {
      // Another instance each time: the attempts at one address are limited, too.
      opened.push(await fixture.variant({}).login(CREDENTIALS, VISITOR));
    }
    const [oldest, second, ...others] = opened;
    assert.ok(oldest && second);
    const refreshed = await accounts.refresh(oldest.refreshToken, VISITOR);
    const last = await accounts.login(CREDENTIALS, VISITOR);
    assert.equal(await activeOf(last.user.id), MAX_SESSIONS_PER_USER);
    await assert.rejects(refresh(second.refreshToken), REFUSED);
    await refresh(refreshed.refreshToken);
    await refresh(others[0]?.refreshToken ?? '');
  });

  it('end with a sign-out, which says nothing of unknown tokens', async () => {
    const { refreshToken } = await guest();
    await fixture.accounts.logout(refreshToken);
    await assert.rejects(refresh(refreshToken), REFUSED);
    await fixture.accounts.logout(refreshToken);
    await fixture.accounts.logout('unknown');
  });

  it('are refused for an unknown token', async () => {
    await assert.rejects(refresh('unknown'), REFUSED);
  });

  for (const [fate, change] of [
    ['blocked', 'is_active = false'],
    ['deleted', 'deleted_at = now()'],
  ] as const) {
    it(`and access tokens end for a ${fate} user, within the time of the cache`, async () => {
      const { token, refreshToken, user } = await guest();
      await fixture.accounts.authenticate(token);
      await fixture.rows(`UPDATE users SET ${change} WHERE id = ${user.id}`);
      await fixture.accounts.authenticate(token);
      fixture.clock.now += IDENTITY_CACHE_MS;
      await assert.rejects(fixture.accounts.authenticate(token), REFUSED);
      await assert.rejects(fixture.accounts.userdata(user.id as UserId), REFUSED);
      await assert.rejects(refresh(refreshToken), REFUSED);
    });
  }

  it('ask the database once for many requests of one moment', async () => {
    const { token } = await guest();
    fixture.clock.now += IDENTITY_CACHE_MS;
    const { User } = fixture.database.models;
    let finds = 0;
    User.addHook('beforeFind', 'count', () => {
      finds += 1;
    });
    try {
      await Promise.all(Array.from({ length: 50 }, () => fixture.accounts.authenticate(token)));
    } finally {
      User.removeHook('beforeFind', 'count');
    }
    assert.equal(finds, 1);
  });
});
