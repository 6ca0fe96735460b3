/**
 * Access tokens: short-lived JWTs that say who, and nothing else. What a client sends never becomes
 * a claim; what a user may do is read from the database. Anything but exactly such a token is
 * UNAUTHENTICATED.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { AppError } from '../errors.ts';
import type { UserId } from '../ids.ts';

export const ACCESS_TOKEN_SECONDS = 15 * 60;
const ALGORITHM = 'HS256';
const ISSUER = 'roundhouse';
const AUDIENCE = 'roundhouse:players';
/** A token that is made for something else (a reset link, say) must not sign anyone in. */
const PURPOSE = 'access';
/** Far above any token made here; longer ones are not even decoded. */
const MAX_TOKEN_LENGTH = 2048;

interface Claims {
  readonly userId: UserId;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface Tokens {
  issueAccessToken(userId: UserId): { token: string; expiresIn: number };
  /**
   * Throws UNAUTHENTICATED. Does not know whether the user still exists: see
   * `accounts.authenticate`.
   */
  verifyAccessToken(token: string): Claims;
}

export function createTokens(secret: string, now: () => number = Date.now): Tokens {
  const seconds = () => Math.floor(now() / 1000);
  // A key made once: of a text jsonwebtoken first tries, at each call, whether it is some other kind of key.
  const key = createSecretKey(Buffer.from(secret));
  return {
    issueAccessToken(userId) {
      const issuedAt = seconds();
      const payload = { purpose: PURPOSE, iat: issuedAt, exp: issuedAt + ACCESS_TOKEN_SECONDS };
      const token = jwt.sign(payload, key, {
        algorithm: ALGORITHM,
        issuer: ISSUER,
        audience: AUDIENCE,
        subject: String(userId),
      });
      return { token, expiresIn: ACCESS_TOKEN_SECONDS };
    },
    verifyAccessToken(token) {
      const { sub, iat, exp, purpose } = decode(token, key, seconds());
      if (purpose !== PURPOSE || !/^[1-9]\d{0,15}$/.test(sub ?? '') || !iat || !exp)
        throw refused();
      return { userId: Number(sub) as UserId, issuedAt: iat, expiresAt: exp };
    },
  };
}

function decode(token: string, key: KeyObject, clockTimestamp: number): jwt.JwtPayload {
  if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) throw refused();
  try {
    const payload = jwt.verify(token, key, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      clockTimestamp,
      // Beside exp: not even a token signed with the right key may live longer than ours do.
      maxAge: ACCESS_TOKEN_SECONDS,
    });
    if (typeof payload === 'string') throw refused();
    return payload;
  } catch (error) {
    if (error instanceof jwt.TokenExpiredError) {
      throw new AppError('UNAUTHENTICATED', 'The token has expired; refresh it or sign in again.');
    }
    throw refused();
  }
}

function refused(): AppError {
  return new AppError('UNAUTHENTICATED', 'The token is not valid; sign in again.');
}
