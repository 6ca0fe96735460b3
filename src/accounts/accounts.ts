/**
 * Who plays: the one door to accounts for HTTP and rooms. What comes in here has the shapes of
 * protocol.ts; what goes out is a session (user, access token, refresh token) or an identity.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../database/connection.ts';
import type { UserId } from '../ids.ts';
import type { Login, Registration, Session, User } from '../protocol.ts';
import { createIdentities, type Identity } from './identities.ts';
import { createPasswords, type Passwords } from './passwords.ts';
import { createRegistrations, type Entry, type OpenWallet } from './registration.ts';
import { createSessions, type Visitor } from './sessions.ts';
import { createSignIn } from './sign-in.ts';
import { createTokens } from './tokens.ts';
import { type GenerateUsername, generateUsername } from './usernames.ts';

export interface Accounts {
  /**
   * `guestToken`: the access token of a guest who becomes this player. Throws CONFLICT,
   * UNAUTHENTICATED, BUSY.
   */
  register(
    registration: Registration,
    visitor: Visitor,
    guestToken: string | undefined,
  ): Promise<Session>;
  /** Throws UNAUTHENTICATED, RATE_LIMITED, BUSY. */
  login(login: Login, visitor: Visitor): Promise<Session>;
  anonymous(visitor: Visitor): Promise<Session>;
  /** Exchanges a refresh token for a new session. Throws UNAUTHENTICATED. */
  refresh(refreshToken: string, visitor: Visitor): Promise<Session>;
  logout(refreshToken: string): Promise<void>;
  /** Throws UNAUTHENTICATED when the user is gone or blocked. */
  userdata(userId: UserId): Promise<User>;
  /** Whose access token this is. Throws UNAUTHENTICATED. */
  authenticate(token: string): Promise<Identity>;
}

export interface AccountsDeps {
  readonly database: Pick<Database, 'models' | 'transact'>;
  readonly jwtSecret: string;
  readonly openWallet: OpenWallet;
  readonly passwords?: Passwords;
  readonly generateUsername?: GenerateUsername;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Waits so many milliseconds. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

export function createAccounts(deps: AccountsDeps): Accounts {
  const { database, jwtSecret, openWallet, passwords = createPasswords(), now = Date.now } = deps;
  const tokens = createTokens(jwtSecret, now);
  const sessions = createSessions(database, now);
  const identities = createIdentities(database, tokens, now);
  const registrations = createRegistrations({
    database,
    passwords,
    sessions,
    openWallet,
    generateUsername: deps.generateUsername ?? generateUsername,
  });
  const signIn = createSignIn({ database, passwords, sessions, now, pause: deps.pause ?? delay });

  async function session({ userId, refreshToken, user: known }: Entry): Promise<Session> {
    const user = known ?? (await identities.read(userId));
    identities.remember(user);
    return { user, refreshToken, ...tokens.issueAccessToken(userId) };
  }

  return {
    async register(registration, visitor, guestToken) {
      const guest =
        guestToken === undefined ? undefined : await identities.authenticate(guestToken);
      return session(await registrations.register(registration, visitor, guest?.userId));
    },
    login: async (login, visitor) => session(await signIn(login, visitor)),
    anonymous: async (visitor) => session(await registrations.anonymous(visitor)),
    refresh: async (token, visitor) => session(await sessions.rotate(token, visitor)),
    logout: (token) => sessions.close(token),
    userdata: (userId) => identities.read(userId),
    authenticate: (token) => identities.authenticate(token),
  };
}
