/**
 * Sign-ins that last: refresh tokens, of which only the SHA-256 is stored. A token works once: it
 * is exchanged for the next of its family. One that is presented again was copied, and nobody can
 * tell by whom: the whole family ends. There is no grace for a client that lost the answer: the
 * next token cannot be told again, as only its hash is kept, so that client signs in anew.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { Op, type Transaction } from 'sequelize';
import type { Database } from '../database/connection.ts';
import { AppError } from '../errors.ts';
import type { UserId } from '../ids.ts';

/** Since the last refresh: whoever comes back once a month stays signed in. */
export const REFRESH_TOKEN_DAYS = 30;
/**
 * Active sessions of one user; signing in once more ends the one that was refreshed longest ago.
 */
export const MAX_SESSIONS_PER_USER = 20;
const TOKEN_BYTES = 32;
const DAY_MS = 86_400_000;

/** Where a request comes from. */
export interface Visitor {
  readonly ip: string | null;
  /** The user agent, cut to a sane length. */
  readonly device: string | null;
}

export interface Sessions {
  /** For a user who was created in this transaction. Returns the refresh token. */
  openFirst(userId: UserId, visitor: Visitor, transaction: Transaction): Promise<string>;
  /** For a user whose row this transaction has locked. Returns the refresh token. */
  open(userId: UserId, visitor: Visitor, transaction: Transaction): Promise<string>;
  /** Exchanges a refresh token for the next one. Throws UNAUTHENTICATED. */
  rotate(token: string, visitor: Visitor): Promise<{ userId: UserId; refreshToken: string }>;
  /** Ends the session that the token belongs to; an unknown token is none. */
  close(token: string): Promise<void>;
  /** For a user whose row this transaction has locked. */
  closeAll(userId: UserId, transaction: Transaction): Promise<void>;
}

type SessionDatabase = Pick<Database, 'models' | 'transact'>;

export function createSessions(database: SessionDatabase, now: () => number): Sessions {
  const { RefreshToken } = database.models;

  async function issue(
    userId: UserId,
    family: string,
    visitor: Visitor,
    transaction: Transaction,
  ): Promise<string> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const issued = {
      userId,
      family,
      tokenHash: sha256(token),
      deviceInfo: visitor.device,
      ip: storableAddress(visitor.ip),
      expiresAt: new Date(now() + REFRESH_TOKEN_DAYS * DAY_MS),
      lastUsedAt: new Date(now()),
    };
    await RefreshToken.create(issued, { transaction });
    return token;
  }

  return {
    openFirst: (userId, visitor, transaction) => issue(userId, randomUUID(), visitor, transaction),

    async open(userId, visitor, transaction) {
      await forgetExpired(database, userId, now(), transaction);
      const active = await RefreshToken.findAll({
        where: { userId, isRevoked: false },
        order: [['id', 'ASC']],
        transaction,
      });
      for (const oldest of active.slice(
        0,
        Math.max(0, active.length - MAX_SESSIONS_PER_USER + 1),
      )) {
        await oldest.update({ isRevoked: true }, { transaction });
      }
      return issue(userId, randomUUID(), visitor, transaction);
    },

    async rotate(token, visitor) {
      const rotated = await database.transact(async (transaction) => {
        const held = await findLocked(database, token, transaction);
        if (held === null || held.expiresAt.getTime() <= now()) return null;
        const userId = held.userId as UserId;
        if (held.isRevoked) {
          await closeFamily(database, held.family, transaction);
          return null;
        }
        await held.update({ isRevoked: true, lastUsedAt: new Date(now()) }, { transaction });
        await forgetExpired(database, userId, now(), transaction);
        return { userId, refreshToken: await issue(userId, held.family, visitor, transaction) };
      });
      // After the commit: thrown inside, it would take back that the family was closed.
      if (rotated === null) {
        throw new AppError('UNAUTHENTICATED', 'This session has ended; sign in again.');
      }
      return rotated;
    },

    close: (token) =>
      database.transact(async (transaction) => {
        const held = await findLocked(database, token, transaction);
        if (held !== null) await closeFamily(database, held.family, transaction);
      }),

    async closeAll(userId, transaction) {
      const where = { userId, isRevoked: false };
      await RefreshToken.update({ isRevoked: true }, { where, transaction });
    },
  };
}

/**
 * The token's row, with its user locked. All changes to a user's sessions wait for that lock:
 * locking the token alone would let a rotation add a token to a family that is being closed.
 */
async function findLocked(database: SessionDatabase, token: string, transaction: Transaction) {
  const { RefreshToken, User } = database.models;
  const where = { tokenHash: sha256(token) };
  const found = await RefreshToken.findOne({ where, transaction });
  if (found === null) return null;
  const user = await User.findByPk(found.userId, {
    lock: transaction.LOCK.NO_KEY_UPDATE,
    transaction,
  });
  if (!user?.isActive) return null;
  return RefreshToken.findOne({ where, transaction });
}

async function closeFamily(database: SessionDatabase, family: string, transaction: Transaction) {
  const where = { family, isRevoked: false };
  await database.models.RefreshToken.update({ isRevoked: true }, { where, transaction });
}

/**
 * Revoked rows stay until they would have expired, so that their reuse is seen; later ones are only
 * weight.
 */
async function forgetExpired(
  database: SessionDatabase,
  userId: UserId,
  now: number,
  transaction: Transaction,
) {
  const where = { userId, expiresAt: { [Op.lte]: new Date(now) } };
  await database.models.RefreshToken.destroy({ where, transaction });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** PostgreSQL's inet knows no zones (`fe80::1%eth0`). */
export function storableAddress(ip: string | null): string | null {
  const plain = ip?.replace(/%.*$/, '') ?? '';
  return isIP(plain) === 0 ? null : plain;
}
