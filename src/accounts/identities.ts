/** From an access token to who it is, checked against the database: a user who is gone or blocked is nobody. */
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
  /** After a change to the user on this node. */
  forget(userId: UserId): void;
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
    return {
      id: row.id,
      username: row.username,
      email: row.email,
      emailVerified: row.emailVerified,
      userType: row.userType,
      roles: (row.roles ?? []).map((role) => role.name).sort(),
      createdAt: row.createdAt.toISOString(),
    };
  }

  return {
    read,
    forget(userId) {
      cache.delete(userId);
    },
    async authenticate(token) {
      const { userId } = tokens.verifyAccessToken(token);
      const known = cache.get(userId);
      if (known && known.until > now()) return known.identity;
      cache.delete(userId);
      // The promise itself: a thousand requests of one moment are one query.
      const entry = { identity: read(userId).then(toIdentity), until: now() + IDENTITY_CACHE_MS };
      cache.set(userId, entry);
      entry.identity.catch(() => {
        if (cache.get(userId) === entry) cache.delete(userId);
      });
      for (const oldest of cache.keys()) {
        if (cache.size <= MAX_CACHED_IDENTITIES) break;
        cache.delete(oldest);
      }
      return entry.identity;
    },
  };
}

function toIdentity({ id, username, userType, roles }: User): Identity {
  return { userId: id as UserId, username, userType, roles };
}
