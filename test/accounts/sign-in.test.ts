import assert from 'node:assert/strict';
import type { Accounts } from '../../src/accounts/accounts.ts';
import { createPasswords } from '../../src/accounts/passwords.ts';
import { LOCK_AFTER_FAILURES, LOCK_MS, LOGINS_PER_ACCOUNT } from '../../src/accounts/sign-in.ts';
import { AppError } from '../../src/errors.ts';
import { type AccountsFixture, CHEAP_COST, openAccounts, VISITOR } from './fixture.ts';

const PASSWORD = 'correct horse';
const WRONG = 'battery staple';

describe('sign-in', () => {
  let fixture: AccountsFixture;
  before(async () => {
    fixture = await openAccounts();
  });
  after(() => fixture.close());

  async function newPlayer(email: string): Promise<number> {
    const registration = { email, password: PASSWORD };
    return (await fixture.accounts.register(registration, VISITOR, undefined)).user.id;
  }
  const login = (email: string, password: string, accounts: Accounts = fixture.accounts) =>
    accounts.login({ email, password }, VISITOR);
  async function refusal(email: string, password: string): Promise<object> {
    const error = await login(email, password).then(
      () => assert.fail('signed in'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof AppError);
    return { code: error.code, message: error.message, details: error.details };
  }
  const attemptsOf = async (id: number) =>
    (await fixture.rows(`SELECT failed_login_attempts AS n FROM users WHERE id = ${id}`))[0]?.n;

  it('takes the address in any case and notes when', async () => {
    const id = await newPlayer('ada@example.org');
    assert.equal((await login('ADA@example.org', PASSWORD)).user.id, id);
    const [row] = await fixture.rows(`SELECT last_login_at AS at FROM users WHERE id = ${id}`);
    assert.deepEqual(row?.at, new Date(fixture.clock.now));
  });

  it('[A1] says the same of a wrong password, an unknown address and a blocked account', async () => {
    const blocked = await newPlayer('blocked@example.org');
    const deleted = await newPlayer('deleted@example.org');
    await newPlayer('known@example.org');
    await fixture.rows(`UPDATE users SET is_active = false WHERE id = ${blocked}`);
    await fixture.rows(`UPDATE users SET deleted_at = now() WHERE id = ${deleted}`);
    const expected = await refusal('known@example.org', WRONG);
    assert.equal((expected as { code: string }).code, 'UNAUTHENTICATED');
    for (const [email, password] of [
      ['nobody@example.org', WRONG],
      ['blocked@example.org', PASSWORD],
      ['deleted@example.org', PASSWORD],
    ] as const) {
      assert.deepEqual(await refusal(email, password), expected);
    }
  });

  it('[A1] compares a password for an unknown address too, so that the time tells nothing', async () => {
    await newPlayer('timed@example.org');
    fixture.compared.length = 0;
    fixture.pauses.length = 0;
    await refusal('timed@example.org', WRONG);
    await refusal('unknown@example.org', WRONG);
    assert.equal(fixture.compared.length, 2);
    assert.match(String(fixture.compared[0]), /^\$argon2id\$/);
    assert.equal(fixture.compared[1], null);
    // The clock stands still here, so both have all of the time to wait that a refusal takes.
    assert.deepEqual(fixture.pauses, [400, 400]);
  });

  it('[A1] locks the account for a while after too many failures, and does not say so', async () => {
    const id = await newPlayer('locked@example.org');
    const expected = await refusal('locked@example.org', WRONG);
    for (let failures = 2; failures <= LOCK_AFTER_FAILURES; failures++) {
      assert.deepEqual(await refusal('locked@example.org', WRONG), expected);
    }
    assert.equal(await attemptsOf(id), LOCK_AFTER_FAILURES);
    assert.deepEqual(await refusal('locked@example.org', PASSWORD), expected);
    fixture.clock.now += LOCK_MS;
    await refusal('locked@example.org', WRONG);
    assert.equal(await attemptsOf(id), 1);
    assert.equal((await login('locked@example.org', PASSWORD)).user.id, id);
    assert.equal(await attemptsOf(id), 0);
  });

  it('counts wrong passwords that are tried at the same time', async () => {
    const id = await newPlayer('parallel@example.org');
    const tries = Array.from({ length: LOCK_AFTER_FAILURES }, () =>
      refusal('parallel@example.org', WRONG),
    );
    await Promise.all(tries);
    await refusal('parallel@example.org', PASSWORD);
    assert.equal(await attemptsOf(id), LOCK_AFTER_FAILURES);
  });

  it('does not let a right guess in that was under way when the account was locked', async () => {
    const id = await newPlayer('underway@example.org');
    const real = createPasswords({ cost: CHEAP_COST });
    const accounts = fixture.variant({
      passwords: {
        hash: real.hash,
        async verify(password, stored) {
          const until = `to_timestamp(${fixture.clock.now / 1000 + 60})`;
          await fixture.rows(`UPDATE users SET locked_until = ${until} WHERE id = ${id}`);
          return real.verify(password, stored);
        },
      },
    });
    await assert.rejects(login('underway@example.org', PASSWORD, accounts), {
      code: 'UNAUTHENTICATED',
    });
  });

  it('hashes the password anew when the cost has changed', async () => {
    const id = await newPlayer('renewed@example.org');
    const hashOf = async () =>
      String((await fixture.rows(`SELECT password_hash AS h FROM users WHERE id = ${id}`))[0]?.h);
    const dearer = createPasswords({ cost: { ...CHEAP_COST, passes: 2 } });
    const accounts = fixture.variant({ passwords: dearer });
    await login('renewed@example.org', PASSWORD, accounts);
    const renewed = await hashOf();
    assert.match(renewed, /m=8,t=2,p=1/);
    await login('renewed@example.org', PASSWORD, accounts);
    assert.equal(await hashOf(), renewed);
  });

  it('lets nobody try one address without end, whether or not it has an account', async () => {
    await newPlayer('stormed@example.org');
    for (const email of ['stormed@example.org', 'nobody.at.all@example.org']) {
      for (let tries = 0; tries < LOGINS_PER_ACCOUNT.points; tries++) await refusal(email, WRONG);
      const { code } = (await refusal(email.toUpperCase(), WRONG)) as { code: string };
      assert.equal(code, 'RATE_LIMITED');
    }
  });
});
