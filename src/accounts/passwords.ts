/**
 * Passwords at rest: argon2id in PHC string format. A hash costs tens of milliseconds and 19 MiB on
 * purpose, so only a few run at once and only so many wait: beyond that the answer is BUSY, and
 * sign-in floods cannot starve the rooms.
 */
import { argon2 as nodeArgon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { AppError } from '../errors.ts';

const MIN_PASSWORD_LENGTH = 8;
const MAX_PASSWORD_LENGTH = 200;

/** OWASP Password Storage Cheat Sheet (2024), argon2id: 19 MiB, two passes, one lane. */
export const ARGON2 = { memoryKib: 19_456, passes: 2, parallelism: 1 } as const;
const SALT_BYTES = 16;
const TAG_BYTES = 32;

/** Half of libuv's four threads: files and name look-ups keep the other half. */
const MAX_CONCURRENT_HASHES = 2;
/** About three seconds of work on a slow core; whoever comes later is told BUSY at once. */
const MAX_WAITING_HASHES = 64;

export interface Argon2Cost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly parallelism: number;
}

interface Verdict {
  readonly matches: boolean;
  /** The hash was made with another cost than today's: hash again while the password is at hand. */
  readonly outdated: boolean;
}

export interface Passwords {
  /** Throws BAD_REQUEST for a length outside the limits, BUSY when too many wait. */
  hash(password: string): Promise<string>;
  /**
   * `stored` null (no such account, or one without a password) costs the same time as a real one
   * and never matches. Throws BUSY when too many wait.
   */
  verify(password: string, stored: string | null): Promise<Verdict>;
}

export interface PasswordOptions {
  readonly cost?: Argon2Cost;
  readonly maxConcurrent?: number;
  readonly maxWaiting?: number;
  /** The key derivation itself; a test counts or holds its calls. */
  readonly derive?: typeof deriveKey;
}

export function createPasswords(options: PasswordOptions = {}): Passwords {
  const cost = options.cost ?? ARGON2;
  const derive = options.derive ?? deriveKey;
  const queue = boundedQueue(
    options.maxConcurrent ?? MAX_CONCURRENT_HASHES,
    options.maxWaiting ?? MAX_WAITING_HASHES,
  );
  // Nobody knows a password for it: the tag is random.
  const dummy: PhcHash = { cost, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) };

  return {
    async hash(password) {
      const message = normalize(password);
      const salt = randomBytes(SALT_BYTES);
      const tag = await queue(() => derive(message, salt, TAG_BYTES, cost));
      return formatPhc({ cost, salt, tag });
    },
    async verify(password, stored) {
      const known = stored === null ? null : parsePhc(stored);
      const target = known ?? dummy;
      // The limits are for new passwords; here a wrong length is only a wrong password.
      const message = password.normalize('NFKC');
      const tag = await queue(() => derive(message, target.salt, target.tag.length, target.cost));
      const matches = timingSafeEqual(tag, target.tag) && known !== null;
      return { matches, outdated: known !== null && !sameCost(known.cost, cost) };
    },
  };
}

/**
 * The same password typed on two keyboards is one password (NFKC); its length counts characters,
 * not bytes.
 */
function normalize(password: string): string {
  const normal = password.normalize('NFKC');
  const length = [...normal].length;
  if (length < MIN_PASSWORD_LENGTH || length > MAX_PASSWORD_LENGTH) {
    throw new AppError(
      'BAD_REQUEST',
      `A password has ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters.`,
      { fields: { password: 'length' } },
    );
  }
  return normal;
}

function deriveKey(
  message: string,
  salt: Buffer,
  tagLength: number,
  cost: Argon2Cost,
): Promise<Buffer> {
  const { memoryKib: memory, passes, parallelism } = cost;
  const parameters = { message, nonce: salt, parallelism, tagLength, memory, passes };
  return new Promise((resolve, reject) => {
    nodeArgon2('argon2id', parameters, (error, tag) => (error ? reject(error) : resolve(tag)));
  });
}

interface PhcHash {
  readonly cost: Argon2Cost;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

function formatPhc({ cost, salt, tag }: PhcHash): string {
  const parameters = `m=${cost.memoryKib},t=${cost.passes},p=${cost.parallelism}`;
  return `$argon2id$v=19$${parameters}$${unpadded(salt)}$${unpadded(tag)}`;
}

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([\w+/]{11,})\$([\w+/]{11,})$/;

/**
 * What is stored is ours; anything else in that column is a bug or a manipulation, not a wrong
 * password.
 */
function parsePhc(stored: string): PhcHash {
  const [, memoryKib, passes, parallelism, salt, tag] = PHC.exec(stored) ?? [];
  if (salt === undefined || tag === undefined)
    throw new Error('a stored password hash is unreadable');
  return {
    cost: {
      memoryKib: Number(memoryKib),
      passes: Number(passes),
      parallelism: Number(parallelism),
    },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

function sameCost(a: Argon2Cost, b: Argon2Cost): boolean {
  return a.memoryKib === b.memoryKib && a.passes === b.passes && a.parallelism === b.parallelism;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

/**
 * Runs at most `concurrent` works at once, in order of arrival, and holds at most `waiting` more
 * (M11).
 */
function boundedQueue(
  concurrent: number,
  waiting: number,
): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiters: (() => void)[] = [];
  return async (work) => {
    if (running < concurrent) {
      running += 1;
    } else {
      if (waiters.length >= waiting) throw new AppError('BUSY');
      // Whoever ends hands its place on, so `running` stays as it is.
      await new Promise<void>((start) => waiters.push(start));
    }
    try {
      return await work();
    } finally {
      const next = waiters.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
