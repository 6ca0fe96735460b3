/**
 * Sign-in by e-mail and password. Whatever is wrong (the address, the password, a lock, a blocked
 * account), the answer is the same and takes the same time, so that it tells nobody which addresses
 * have accounts.
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

/**
 * So many wrong passwords in a row lock the account; in the database, so for all nodes and across
 * restarts.
 */
export const LOCK_AFTER_FAILURES = 10;
export const LOCK_MS = 15 * 60_000;
/** Attempts at one address, right or wrong, whether or not it has an account. */
export const LOGINS_PER_ACCOUNT: Allowance = { points: 20, seconds: 900 };
/** A refusal takes at least so long: noting a failure costs time that only a real account takes. */
const REFUSAL_MS = 400;

interface SignInDeps {
  readonly database: Pick<Database, 'models' | 'transact'>;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
}

export type SignIn = (login: Login, visitor: Visitor) => Promise<Entry>;

export function createSignIn(deps: SignInDeps): SignIn {
  const { database, passwords, sessions, now, pause } = deps;
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

  async function enter({ email, password }: Login, visitor: Visitor): Promise<Entry | null> {
    const user = await User.findOne({ where: hasEmail(canonicalEmail(email)) });
    const stored = user !== null && mayEnter(user) ? user.passwordHash : null;
    const { matches, outdated } = await passwords.verify(password, stored);
    if (user === null || stored === null) return null;
    if (!matches) {
      await countFailure(user.id);
      return null;
    }
    // A server too busy to hash once more lets the player in all the same, and hashes at the next
    // sign-in.
    const renewed = outdated ? await passwords.hash(password).catch(() => null) : null;
    return database.transact(async (transaction) => {
      const lock = transaction.LOCK.NO_KEY_UPDATE;
      const current = await User.findByPk(user.id, { lock, transaction });
      // Meanwhile others may have locked the account by guessing, or its owner changed the
      // password.
      if (current === null || !mayEnter(current) || current.passwordHash !== stored) return null;
      const passwordHash = renewed ?? stored;
      const lastLoginAt = new Date(now());
      await current.update(
        { failedLoginAttempts: 0, lockedUntil: null, lastLoginAt, passwordHash },
        { transaction },
      );
      const userId = current.id as UserId;
      return { userId, refreshToken: await sessions.open(userId, visitor, transaction) };
    });
  }

  return async (login, visitor) => {
    await throttle(canonicalEmail(login.email));
    const started = now();
    const entry = await enter(login, visitor);
    if (entry !== null) return entry;
    await pause(Math.min(REFUSAL_MS, Math.max(0, started + REFUSAL_MS - now())));
    const text = 'Wrong e-mail or password, or too many attempts; then try again later.';
    throw new AppError('UNAUTHENTICATED', text);
  };
}
