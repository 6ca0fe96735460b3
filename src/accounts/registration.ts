/** New users: guests, players, and guests who become players and keep everything. */
import { type Transaction, UniqueConstraintError } from 'sequelize';
import type { Database } from '../database/connection.ts';
import { AppError } from '../errors.ts';
import type { UserId } from '../ids.ts';
import type { Registration, User } from '../protocol.ts';
import { canonicalEmail, hasEmail } from './email.ts';
import { toUser } from './identities.ts';
import type { Passwords } from './passwords.ts';
import type { Sessions, Visitor } from './sessions.ts';
import { assertMayBeChosen, type GenerateUsername } from './usernames.ts';

/**
 * Of nearly a billion generated names, five in a row that are taken mean something else is wrong.
 */
const NAME_ATTEMPTS = 5;
const PLAYER_ROLE = 'player';

/**
 * Gives a new user a wallet with the starting grant, inside the transaction that creates the user.
 */
export type OpenWallet = (userId: UserId, transaction: Transaction) => Promise<void>;

/** A user who has just come in, with the refresh token of the session. */
export interface Entry {
  readonly userId: UserId;
  readonly refreshToken: string;
  /** Where it is known without reading it. */
  readonly user?: User;
}

export interface Registrations {
  anonymous(visitor: Visitor): Promise<Entry>;
  /**
   * With `guestId`, that guest becomes the player: same id, wallet and belongings; the guest's
   * other sessions end. Throws CONFLICT: the e-mail or the username is taken, or the account is no
   * guest's.
   */
  register(registration: Registration, visitor: Visitor, guestId?: UserId): Promise<Entry>;
}

interface RegistrationDeps {
  readonly database: Pick<Database, 'models' | 'transact'>;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly openWallet: OpenWallet;
  readonly generateUsername: GenerateUsername;
}

type Transact = <T>(work: (username: string, transaction: Transaction) => Promise<T>) => Promise<T>;

export function createRegistrations(deps: RegistrationDeps): Registrations {
  const { database, passwords, sessions } = deps;
  const { User } = database.models;

  async function upgrade(
    guestId: UserId,
    login: { email: string; passwordHash: string; username?: string },
    visitor: Visitor,
    transaction: Transaction,
  ): Promise<Entry> {
    const lock = transaction.LOCK.NO_KEY_UPDATE;
    const guest = await User.findByPk(guestId, { lock, transaction });
    if (guest?.isActive !== true) throw new AppError('UNAUTHENTICATED');
    if (guest.userType !== 'guest') {
      throw new AppError('CONFLICT', 'This account is registered already; sign out first.');
    }
    await guest.update({ ...login, userType: 'player' }, { transaction });
    await grantPlayerRole(deps, guestId, transaction);
    // Whoever else holds a token of the guest must not come along into the account.
    await sessions.closeAll(guestId, transaction);
    return { userId: guestId, refreshToken: await sessions.open(guestId, visitor, transaction) };
  }

  return {
    anonymous: (visitor) =>
      named(
        deps,
        'guest',
        undefined,
      )((username, transaction) =>
        createUser(deps, { username, userType: 'guest' }, visitor, transaction),
      ),

    async register({ email: given, password, options }, visitor, guestId) {
      const email = canonicalEmail(given);
      const username = options?.username;
      if (username !== undefined) assertMayBeChosen(username);
      // Before the costly hash; the unique index has the last word.
      if (await User.findOne({ where: hasEmail(email), paranoid: false })) throw taken('email');
      const login = { email, passwordHash: await passwords.hash(password) };
      if (guestId !== undefined) {
        const chosen = username === undefined ? login : { ...login, username };
        const work = (t: Transaction) => upgrade(guestId, chosen, visitor, t);
        return database.transact(work).catch((error) => {
          throw takenError(error);
        });
      }
      return named(
        deps,
        'player',
        username,
      )((name, transaction) =>
        createUser(deps, { ...login, username: name, userType: 'player' }, visitor, transaction),
      );
    },
  };
}

interface NewUser {
  readonly username: string;
  readonly userType: 'guest' | 'player';
  readonly email?: string;
  readonly passwordHash?: string;
}

async function createUser(
  deps: RegistrationDeps,
  fields: NewUser,
  visitor: Visitor,
  transaction: Transaction,
): Promise<Entry> {
  const user = await deps.database.models.User.create(fields as never, { transaction });
  const userId = user.id as UserId;
  if (fields.userType === 'player') await grantPlayerRole(deps, userId, transaction);
  const refreshToken = await deps.sessions.openFirst(userId, visitor, transaction);
  // Last: it locks the account that all grants come from.
  await deps.openWallet(userId, transaction);
  const roles = fields.userType === 'player' ? [PLAYER_ROLE] : [];
  return { userId, refreshToken, user: toUser(user, roles) };
}

async function grantPlayerRole(
  { database }: RegistrationDeps,
  userId: UserId,
  transaction: Transaction,
): Promise<void> {
  const { Role, UserRole } = database.models;
  const role = await Role.findOne({
    where: { name: PLAYER_ROLE },
    rejectOnEmpty: true,
    transaction,
  });
  await UserRole.create({ userId, roleId: role.id }, { transaction });
}

/**
 * A transaction with a name: the chosen one, or a generated one, and then another while it is
 * taken.
 */
function named(
  { database, generateUsername }: RegistrationDeps,
  userType: 'guest' | 'player',
  chosen: string | undefined,
): Transact {
  return async (work) => {
    for (let attempt = 1; ; attempt++) {
      const username = chosen ?? generateUsername(userType);
      try {
        return await database.transact((transaction) => work(username, transaction));
      } catch (error) {
        const mayRetry = chosen === undefined && attempt < NAME_ATTEMPTS;
        if (mayRetry && violatedIndex(error) === 'users_username') continue;
        throw takenError(error);
      }
    }
  };
}

function takenError(error: unknown): unknown {
  const index = violatedIndex(error);
  if (index === 'users_email') return taken('email');
  if (index === 'users_username') return taken('username');
  return error;
}

function taken(field: 'email' | 'username'): AppError {
  const name = field === 'email' ? 'e-mail address' : 'username';
  return new AppError('CONFLICT', `This ${name} is taken.`, { fields: { [field]: 'taken' } });
}

function violatedIndex(error: unknown): string | undefined {
  if (!(error instanceof UniqueConstraintError)) return undefined;
  return (error.parent as { constraint?: string }).constraint;
}
