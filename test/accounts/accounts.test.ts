import assert from 'node:assert/strict';
import { type AccountsFixture, openAccounts, VISITOR } from './fixture.ts';

describe('accounts', () => {
  let fixture: AccountsFixture;
  before(async () => {
    fixture = await openAccounts(1);
  });
  after(() => fixture.close());

  it('never take a second connection inside a transaction: a pool of one is enough', async () => {
    const { accounts } = fixture;
    const players = Array.from({ length: 5 }, async (_, number) => {
      const credentials = { email: `player${number}@example.org`, password: 'correct horse' };
      const guest = await accounts.anonymous(VISITOR);
      await accounts.register(credentials, VISITOR, guest.token);
      await accounts.login({ ...credentials, password: 'wrong horse' }, VISITOR).catch(() => {});
      const session = await accounts.login(credentials, VISITOR);
      const next = await accounts.refresh(session.refreshToken, VISITOR);
      await accounts.authenticate(next.token);
      await accounts.logout(next.refreshToken);
      return next.user.id;
    });
    assert.equal(new Set(await Promise.all(players)).size, 5);
  });
});
