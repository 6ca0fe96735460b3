/** Who plays here: entering as a guest, registering, signing in and out, and keeping the token fresh. */
import type { Session, User } from '../../../src/protocol.ts';
import { client } from '../client.ts';
import { toFailure } from '../failure.ts';
import { createStore } from '../store.ts';
import {
  currentTokens,
  followOtherTabs,
  keepTokens,
  msUntilRenewal,
  renewTokens,
  type Tokens,
} from './tokens.ts';

export type SessionState =
  | { status: 'starting' }
  | { status: 'signedOut' }
  | { status: 'signedIn'; user: User };

export const session = createStore<SessionState>({ status: 'starting' });

const START_RETRY_MS = 2000;
/** Renewal timers are laid no further apart than this, so that a sleeping laptop notices soon after it wakes. */
const LONGEST_TIMER_MS = 60_000;
/** Where browsers have no locks, the tabs' timers must not go off together: the first renews, the others find it done. */
const TAB_DELAY_MS = 1000 + Math.random() * 10_000;
/** The part of a token's life after which it is renewed. */
const RENEW_AFTER = 0.7;
let renewalTimer: ReturnType<typeof setTimeout> | undefined;

/** Takes up the session that this browser had, if any. */
export async function startSession(): Promise<void> {
  followOtherTabs(onOtherTab);
  await resume();
}

export async function enterAsGuest(): Promise<void> {
  enter(await answered(client.auth.signInAnonymously()));
}

/** A guest who registers keeps user id, wallet and bets: the guest's token travels with the request. */
export async function register(email: string, password: string, name: string): Promise<void> {
  await ensureFreshToken();
  const options = name === '' ? {} : { username: name };
  enter(await answered(client.auth.registerWithEmailAndPassword(email, password, options)));
}

export async function signIn(email: string, password: string): Promise<void> {
  enter(await answered(client.auth.signInWithEmailAndPassword(email, password)));
}

export async function signOut(): Promise<void> {
  const refreshToken = currentTokens()?.refreshToken;
  if (refreshToken !== undefined) {
    // Best effort: offline, the token dies by its own expiry.
    await client.http.post('/auth/logout', { body: { refreshToken } }).catch(() => undefined);
  }
  leave();
}

/** Before a call that carries the token: renews it when it is about to expire. */
export async function ensureFreshToken(): Promise<void> {
  const tokens = currentTokens();
  if (tokens !== null && msUntilRenewal(tokens) === 0) await renew(tokens.token);
}

/** After a call was answered UNAUTHENTICATED. A session that cannot be renewed is over. */
export async function renewAfterRefusal(): Promise<void> {
  await renew(client.http.authToken ?? '');
}

async function resume(): Promise<void> {
  const tokens = currentTokens();
  if (tokens === null) return leave();
  keepTokens(tokens);
  try {
    await ensureFreshToken();
    const { user } = await client.auth.getUserData<User>();
    settle(user);
  } catch (error) {
    const { code } = toFailure(error);
    if (code === 'UNAUTHENTICATED') await renewAfterRefusal().then(resume, () => leave());
    else if (code === 'NOT_FOUND' || code === 'FORBIDDEN') leave();
    else setTimeout(resume, START_RETRY_MS);
  }
}

async function renew(rejected: string): Promise<void> {
  try {
    await renewTokens(rejected, async (refreshToken) => {
      const answer = await client.http.post('/auth/refresh', { body: { refreshToken } });
      return tokensOf(answer.data as Session);
    });
    scheduleRenewal();
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code === 'UNAUTHENTICATED' || failure.code === 'FORBIDDEN') leave();
    throw failure;
  }
}

function scheduleRenewal(): void {
  clearTimeout(renewalTimer);
  const tokens = currentTokens();
  if (tokens === null) return;
  const wait = Math.min(msUntilRenewal(tokens) + TAB_DELAY_MS, LONGEST_TIMER_MS);
  renewalTimer = setTimeout(() => {
    ensureFreshToken()
      .catch(() => undefined)
      .finally(scheduleRenewal);
  }, wait);
}

function enter(answer: Session): void {
  keepTokens(tokensOf(answer));
  settle(answer.user);
}

function settle(user: User): void {
  session.set({ status: 'signedIn', user });
  scheduleRenewal();
}

function leave(): void {
  clearTimeout(renewalTimer);
  keepTokens(null);
  session.set({ status: 'signedOut' });
}

function onOtherTab(tokens: Tokens | null): void {
  const state = session.get();
  if (tokens === null) {
    leave();
    return;
  }
  client.http.authToken = tokens.token;
  const sameUser = state.status === 'signedIn' && state.user.id === tokens.userId;
  // The same user may have turned from guest to player: ask again who it is. Another user's tables are not ours.
  if (sameUser || state.status !== 'signedIn') void resume();
  else location.reload();
}

function tokensOf(answer: Session): Tokens {
  const { user, token, refreshToken, expiresIn } = answer;
  return {
    userId: user.id,
    token,
    refreshToken,
    renewAt: Date.now() + expiresIn * RENEW_AFTER * 1000,
  };
}

async function answered(call: Promise<unknown>): Promise<Session> {
  try {
    return (await call) as Session;
  } catch (error) {
    throw toFailure(error);
  }
}
