/**
 * Sign-in by e-mail and password. Whatever is wrong (the address, the password, a lock, a blocked account), the answer
 * is the same and takes the same time, so that it tells nobody which addresses have accounts.
 */
import type { Database } from '../database/connection.ts';
import { AppError } from '../errors.ts';
import type { UserId } from '../ids.ts';
import type { Login } from '../protocol.ts';
import { canonicalEmail, hasEmail } from './email.ts';
import type { Passwords } from './passwords.ts';
import type { Entry } from './registration.ts';
import type { Sessions, Visitor } from './sessions.ts';
import { type Allowance, createThrottle } from './throttle.ts';

/** So many wrong passwords in a row lock the account; in the database, so for all nodes and across restarts. */
export const LOCK_AFTER_FAILURES = 10;
export const LOCK_MS = 15 * 60_000;
/** Attempts at one address, right or wrong, whether or not it has an account. */
export const LOGINS_PER_ACCOUNT: Allowance = { points: 20, seconds: 900 };

interface SignInDeps {
  readonly database: Pick<Database, 'models' | 'transact'>;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly now: () => number;
}

export type SignIn = (login: Login, visitor: Visitor) => Promise<Entry>;

export function createSignIn({ database, passwords, sessions, now }: SignInDeps): SignIn {
  const { User } = database.models;
  const throttle = createThrottle(LOGINS_PER_ACCOUNT);
  const mayEnter = (user: { isActive: boolean; lockedUntil: Date | null } | null) =>
    user?.isActive === true && (user.lockedUntil === null || user.lockedUntil.getTime() <= now());

  async function countFailure(userId: number): Promise<void> {
    await database.transact(async (transaction) => {
      const lock = transaction.LOCK.NO_KEY_UPDATE;
      const user = await User.findByPk(userId, { lock, transaction });
      // Locked meanwhile: attempts that were under way neither count nor unlock.
      if (user === null || !mayEnter(user)) return;
      // A lock that has run out takes the failures before it along.
      const failures = 1 + (user.lockedUntil === null ? user.failedLoginAttempts : 0);
      const locks = failures >= LOCK_AFTER_FAILURES;
      const lockedUntil = locks ? new Date(now() + LOCK_MS) : null;
      await user.update({ failedLoginAttempts: failures, lockedUntil }, { transaction });
    });
  }

  return async ({ email, password }, visitor) => {
    const address = canonicalEmail(email);
    await throttle(address);
    const user = await User.findOne({ where: hasEmail(address) });
    const stored = user !== null && mayEnter(user) ? user.passwordHash : null;
    const { matches, outdated } = await passwords.verify(password, stored);
    if (user === null || stored === null) throw refused();
    if (!matches) {
      await countFailure(user.id);
      throw refused();
    }
    // A server too busy to hash once more lets the player in all the same, and hashes at the next sign-in.
    const renewed = outdated ? await passwords.hash(password).catch(() => null) : null;
    const entry = await database.transact(async (transaction) => {
      const lock = transaction.LOCK.NO_KEY_UPDATE;
      const current = await User.findByPk(user.id, { lock, transaction });
      // Meanwhile others may have locked the account by guessing, or its owner changed the password.
      if (current === null || !mayEnter(current) || current.passwordHash !== stored) return null;
      await current.update(
        {
          failedLoginAttempts: 0,
          lockedUntil: null,
          lastLoginAt: new Date(now()),
          passwordHash: renewed ?? stored,
        },
        { transaction },
      );
      const userId = current.id as UserId;
      return { userId, refreshToken: await sessions.open(userId, visitor, transaction) };
    });
    if (entry === null) throw refused();
    return entry;
  };
}

function refused(): AppError {
  const text =
    'Wrong e-mail or password, or too many attempts; in the latter case try again later.';
  return new AppError('UNAUTHENTICATED', text);
}
