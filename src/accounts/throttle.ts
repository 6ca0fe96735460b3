/**
 * How often one address or one account may do something. Counted in this process' memory: a second
 * node doubles the allowance, and a restart forgets it; what must outlive both (the lock of an
 * account) stands in the database.
 */
import { isIPv6 } from 'node:net';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../errors.ts';

export interface Allowance {
  /** So many times in so many seconds, for each key. */
  readonly points: number;
  readonly seconds: number;
}

/** Throws RATE_LIMITED with `details.retryAfterSeconds` once the key's allowance is used up. */
export type Throttle = (key: string) => Promise<void>;

export function createThrottle({ points, seconds }: Allowance): Throttle {
  const limiter = new RateLimiterMemory({ points, duration: seconds });
  return async (key) => {
    try {
      await limiter.consume(key);
    } catch (refusal) {
      if (refusal instanceof Error) throw refusal;
      const { msBeforeNext } = refusal as RateLimiterRes;
      const retryAfterSeconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
      throw new AppError('RATE_LIMITED', undefined, { retryAfterSeconds });
    }
  };
}

/** One key per client: an IPv4 address, or the /64 that one IPv6 customer has to himself. */
export function addressKey(ip: string | undefined): string {
  if (ip === undefined) return 'unknown';
  if (!isIPv6(ip)) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  return mapped ?? `${ipv6Groups(ip).slice(0, 4).join(':')}::/64`;
}

function ipv6Groups(ip: string): string[] {
  const [head = '', tail] = ip.toLowerCase().replace(/%.*$/, '').split('::');
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left.map(canonical);
  const right = tail === '' ? [] : tail.split(':');
  // A dotted tail counts as two groups; it is never among the first four that matter here.
  const missing = 8 - left.length - right.length - (tail.includes('.') ? 1 : 0);
  return [...left, ...Array<string>(Math.max(0, missing)).fill('0'), ...right].map(canonical);
}

function canonical(group: string): string {
  return group.replace(/^0+(?=.)/, '');
}
