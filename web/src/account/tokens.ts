/**
 * The tokens of this browser, shared by its tabs through localStorage. A refresh token is good for one use, so two
 * tabs must not spend the same one: renewals take a lock where the browser has locks, and each first looks whether
 * another tab has already renewed.
 */
import { client } from '../client.ts';
import { Failure } from '../failure.ts';

export interface Tokens {
  readonly userId: number;
  readonly token: string;
  readonly refreshToken: string;
  /** When to renew, by this machine's clock, ms: well before the token expires. */
  readonly renewAt: number;
}

const KEY = 'roundhouse-session';
const LOCK = 'roundhouse-renewal';

let inMemory: Tokens | null = null;

export function currentTokens(): Tokens | null {
  try {
    const stored = localStorage.getItem(KEY);
    inMemory = stored === null ? null : (JSON.parse(stored) as Tokens);
  } catch {
    // Storage is blocked: this tab keeps its tokens to itself.
  }
  return inMemory;
}

export function keepTokens(tokens: Tokens | null): void {
  inMemory = tokens;
  // The SDK reads `token`; its type does not say that undefined is allowed.
  client.http.authToken = tokens?.token;
  try {
    // The SDK's own copy would outlive a renewal and be used at the next start.
    localStorage.removeItem(client.auth.settings.key);
    if (tokens === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify(tokens));
  } catch {
    // As above.
  }
}

export function msUntilRenewal(tokens: Tokens): number {
  return Math.max(0, tokens.renewAt - Date.now());
}

let renewal: Promise<Tokens> | null = null;

/** New tokens in place of `rejected` (the token that was refused, or is about to expire). */
export function renewTokens(rejected: string, exchange: Exchange): Promise<Tokens> {
  renewal ??= withLock(() => renewOnce(rejected, exchange)).finally(() => {
    renewal = null;
  });
  return renewal;
}
export type Exchange = (refreshToken: string) => Promise<Tokens>;

async function renewOnce(rejected: string, exchange: Exchange): Promise<Tokens> {
  const tokens = currentTokens();
  if (tokens === null) throw new Failure('UNAUTHENTICATED', 'Signed out.');
  if (tokens.token !== rejected) {
    keepTokens(tokens);
    return tokens;
  }
  const renewed = await exchange(tokens.refreshToken);
  keepTokens(renewed);
  return renewed;
}

function withLock<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? navigator.locks.request(LOCK, work) : work();
}

/** Calls `changed` when another tab signed in, renewed or signed out. */
export function followOtherTabs(changed: (tokens: Tokens | null) => void): void {
  addEventListener('storage', (event) => {
    if (event.key === KEY || event.key === null) changed(currentTokens());
  });
}
