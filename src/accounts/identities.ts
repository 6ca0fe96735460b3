/**
 * From an access token to who it is, checked against the database: a user who is gone or blocked is
 * nobody.
 */

import type { User as UserRow } from '../../models/user.ts';
import type { Database } from '../database/connection.ts';
import { AppError } from '../errors.ts';
import type { UserId } from '../ids.ts';
import type { User } from '../protocol.ts';
import type { Tokens } from './tokens.ts';

/** For so long a blocked user's token goes on working on a node that has just seen it. */
export const IDENTITY_CACHE_MS = 5_000;
const MAX_CACHED_IDENTITIES = 10_000;

export interface Identity {
  readonly userId: UserId;
  readonly username: string;
  readonly userType: User['userType'];
  readonly roles: readonly string[];
}

export interface Identities {
  /** Throws UNAUTHENTICATED. */
  authenticate(token: string): Promise<Identity>;
  /** The user as stored now, never from the cache. Throws UNAUTHENTICATED when gone or blocked. */
  read(userId: UserId): Promise<User>;
  /** Keeps what was read or written just now, in place of what was known before. */
  remember(user: User): void;
}

export function createIdentities(
  database: Pick<Database, 'models'>,
  tokens: Tokens,
  now: () => number,
): Identities {
  // In order of insertion, so that the first is the oldest.
  const cache = new Map<UserId, { identity: Promise<Identity>; until: number }>();

  async function read(userId: UserId): Promise<User> {
    const { User, Role } = database.models;
    const row = await User.findOne({
      where: { id: userId, isActive: true },
      include: [{ model: Role, as: 'roles', attributes: ['name'], through: { attributes: [] } }],
    });
    if (row === null) {
      throw new AppError('UNAUTHENTICATED', 'This account does not exist any more, or is blocked.');
    }
    return toUser(row, (row.roles ?? []).map((role) => role.name).sort());
  }

  function keep(userId: UserId, identity: Promise<Identity>): Promise<Identity> {
    cache.delete(userId);
    const entry = { identity, until: now() + IDENTITY_CACHE_MS };
    cache.set(userId, entry);
    identity.catch(() => {
      if (cache.get(userId) === entry) cache.delete(userId);
    });
    for (const oldest of cache.keys()) {
      if (cache.size <= MAX_CACHED_IDENTITIES) break;
      cache.delete(oldest);
    }
    return identity;
  }

  return {
    read,
    remember(user) {
      void keep(user.id as UserId, Promise.resolve(toIdentity(user)));
    },
    async authenticate(token) {
      const { userId } = tokens.verifyAccessToken(token);
      const known = cache.get(userId);
      if (known && known.until > now()) return known.identity;
      // The promise itself: a thousand requests of one moment are one query.
      return keep(userId, read(userId).then(toIdentity));
    },
  };
}

/** What is told of a user. */
export function toUser(row: UserRow, roles: string[]): User {
  return {
    id: row.id,
    username: row.username,
    email: row.email ?? null,
    emailVerified: row.emailVerified,
    userType: row.userType,
    roles,
    createdAt: row.createdAt.toISOString(),
  };
}

function toIdentity({ id, username, userType, roles }: User): Identity {
  return { userId: id as UserId, username, userType, roles };
}
