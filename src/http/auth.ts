/** Signing up, in and out, with the paths and payloads that the SDKs' `client.auth` sends. */
import { z } from 'zod';
import type { Accounts } from '../accounts/accounts.ts';
import type { Allowance } from '../accounts/throttle.ts';
import {
  AnonymousEntry,
  Login,
  RefreshRequest,
  Registration,
  Session,
  UserData,
} from '../protocol.ts';
import { type Route, route } from './route.ts';

/**
 * A guest costs a user and a wallet, no password hash; a load test makes a thousand from one
 * address in a minute.
 */
const GUESTS_PER_ADDRESS: Allowance = { points: 3_000, seconds: 600 };
/** Each costs a password hash and says whether an e-mail address is taken. */
const REGISTRATIONS_PER_ADDRESS: Allowance = { points: 100, seconds: 600 };
/** One address may be a whole school; each account has its own, stricter allowance besides. */
const LOGINS_PER_ADDRESS: Allowance = { points: 200, seconds: 600 };
/** As many as guests: each of them refreshes about once in that time. */
const REFRESHES_PER_ADDRESS: Allowance = { points: 3_000, seconds: 600 };

export function authRoutes(accounts: Accounts): Route[] {
  return [
    route({
      method: 'post',
      path: '/auth/register',
      summary: "Create an account. With a guest's token, that guest becomes the account.",
      auth: 'none',
      perAddress: REGISTRATIONS_PER_ADDRESS,
      body: Registration,
      response: Session,
      handler: ({ body, visitor, token }) => accounts.register(body, visitor, token),
    }),
    route({
      method: 'post',
      path: '/auth/login',
      summary: 'Sign in with e-mail and password',
      auth: 'none',
      perAddress: LOGINS_PER_ADDRESS,
      body: Login,
      response: Session,
      handler: ({ body, visitor }) => accounts.login(body, visitor),
    }),
    route({
      method: 'post',
      path: '/auth/anonymous',
      summary: 'Enter as a new guest',
      auth: 'none',
      perAddress: GUESTS_PER_ADDRESS,
      body: AnonymousEntry,
      response: Session,
      handler: ({ visitor }) => accounts.anonymous(visitor),
    }),
    route({
      method: 'get',
      path: '/auth/userdata',
      summary: 'Who the token belongs to',
      auth: 'user',
      response: UserData,
      handler: async ({ identity }) => ({ user: await accounts.userdata(identity.userId) }),
    }),
    route({
      method: 'post',
      path: '/auth/refresh',
      summary: 'Exchange the refresh token, which works once, for a new session',
      auth: 'none',
      perAddress: REFRESHES_PER_ADDRESS,
      body: RefreshRequest,
      response: Session,
      handler: ({ body, visitor }) => accounts.refresh(body.refreshToken, visitor),
    }),
    route({
      method: 'post',
      path: '/auth/logout',
      summary: 'End the session that the refresh token belongs to',
      auth: 'none',
      perAddress: REFRESHES_PER_ADDRESS,
      body: RefreshRequest,
      response: z.literal(true),
      handler: async ({ body }) => {
        await accounts.logout(body.refreshToken);
        return true as const;
      },
    }),
  ];
}
