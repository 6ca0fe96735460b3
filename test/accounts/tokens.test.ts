import assert from 'node:assert/strict';
import jwt from 'jsonwebtoken';
import { ACCESS_TOKEN_SECONDS, createTokens } from '../../src/accounts/tokens.ts';
import type { UserId } from '../../src/ids.ts';
import { JWT_SECRET } from './fixture.ts';

const NOW = Date.UTC(2030, 0, 1);
const clock = { now: NOW };
const tokens = createTokens(JWT_SECRET, () => clock.now);
const user = 42 as UserId;

/** The claims of a good token, for an attacker who changes one of them. */
const good = {
  sub: '42',
  iss: 'roundhouse',
  aud: 'roundhouse:players',
  purpose: 'access',
  iat: NOW / 1000,
  exp: NOW / 1000 + ACCESS_TOKEN_SECONDS,
};
type Claims = Record<string, unknown>;

function without(claim: string): Claims {
  return Object.fromEntries(Object.entries(good).filter(([name]) => name !== claim));
}

function unsigned(claims: Claims): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}

describe('access tokens', () => {
  beforeEach(() => {
    clock.now = NOW;
  });

  it('[A2] say who, and nothing else, for fifteen minutes', () => {
    const { token, expiresIn } = tokens.issueAccessToken(user);
    assert.equal(expiresIn, 900);
    assert.deepEqual(jwt.decode(token), good);
    assert.deepEqual(tokens.verifyAccessToken(token), {
      userId: 42,
      issuedAt: good.iat,
      expiresAt: good.exp,
    });
  });

  it('[A2] expire to the second', () => {
    const { token } = tokens.issueAccessToken(user);
    clock.now = NOW + ACCESS_TOKEN_SECONDS * 1000 - 1;
    tokens.verifyAccessToken(token);
    clock.now = NOW + ACCESS_TOKEN_SECONDS * 1000;
    assert.throws(() => tokens.verifyAccessToken(token), {
      code: 'UNAUTHENTICATED',
      message: /expired/,
    });
  });

  const signed = (claims: Claims, options: jwt.SignOptions = {}, secret = JWT_SECRET) =>
    jwt.sign(claims, secret, { algorithm: 'HS256', ...options });
  const attacks: Record<string, () => string> = {
    'without a signature (alg none)': () => unsigned(good),
    'signed with another key': () => signed(good, {}, 'another secret of 32 characters..'),
    'signed with another algorithm': () => signed(good, { algorithm: 'HS512' }),
    'of another issuer': () => signed({ ...good, iss: 'elsewhere' }),
    'for another audience': () => signed({ ...good, aud: 'roundhouse:mail' }),
    'for another purpose': () => signed({ ...good, purpose: 'password_reset' }),
    'without a purpose': () => signed(without('purpose')),
    'without an audience': () => signed(without('aud')),
    'without an expiry': () => signed(without('exp')),
    'without a subject': () => signed(without('sub')),
    'that lives longer than ours do': () =>
      signed({ ...good, iat: good.iat - 86_400, exp: good.exp + 86_400 }),
    'of user 0': () => signed({ ...good, sub: '0' }),
    'of a user id that is no number': () => signed({ ...good, sub: '42 OR 1=1' }),
    'of a user id in another spelling': () => signed({ ...good, sub: '4.2e1' }),
    'that is far too long': () => signed({ ...good, filler: 'x'.repeat(5_000) }),
    'whose payload is text': () => jwt.sign('42', JWT_SECRET),
    'that is none': () => 'not.a.token',
    'that is empty': () => '',
  };
  for (const [name, attack] of Object.entries(attacks)) {
    it(`refuse one ${name}`, () => {
      assert.throws(() => tokens.verifyAccessToken(attack()), { code: 'UNAUTHENTICATED' });
    });
  }

  it('accept the model that the attacks change', () => {
    assert.equal(tokens.verifyAccessToken(signed(good)).userId, 42);
  });
});
