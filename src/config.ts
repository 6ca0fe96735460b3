/**
 * Environment -> Config. The only reader of process.env. A wrong value stops the start with the name of the setting;
 * every setting stands in the table of the README.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { chainHashIn } from './fairness/drand.ts';

const MIN_SECRET_LENGTH = 32;
const CURRENCY = /^[A-Z]{3,8}$/;
const MAX_CURRENCIES = 16;

export interface Config {
  readonly production: boolean;
  readonly host: string | undefined;
  readonly port: number;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly databasePoolSize: number;
  readonly redisUrl: string | undefined;
  readonly nodeUrl: string | undefined;
  readonly publicUrl: string;
  /** Origins that browsers may call from; empty: only pages served by this server. */
  readonly corsOrigins: readonly string[];
  /** As Express' "trust proxy": a hop count, or a list of addresses; false: x-forwarded-for is ignored. */
  readonly trustProxy: boolean | number | string;
  readonly jwtSecret: string;
  /** Derives the seeds of fairness chains; never stored beside game data (F1). */
  readonly fairnessSecret: string;
  readonly metricsToken: string | undefined;
  readonly logLevel: string;
  readonly startBalance: number;
  /** What is played in; the first is the one of new users and of tables that name none. */
  readonly currencies: readonly string[];
  /** How long bets are open in a round, in ms; undefined: each game's own time. */
  readonly bettingMs: number | undefined;
  /** What each seat of a match has for all of its moves, in ms; undefined: each game's own time. */
  readonly clockMs: number | undefined;
  /** A relay of the public beacon, up to and with the chain's hash (F6); undefined: draws use their chains alone. */
  readonly beaconUrl: string | undefined;
}

/** A setting that cannot be used. The message names it. */
export class ConfigError extends Error {}

const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    message: `must be a URL of ${protocols.join(' or ')}`,
  });

const Environment = z.object({
  NODE_ENV: z.string().optional(),
  HOST: z.string().optional(),
  PORT: integer(0, 65535).default(2567),
  DATA_DIR: z.string().default('./.data'),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  DATABASE_POOL_SIZE: integer(2, 200).default(10),
  REDIS_URL: url('redis:', 'rediss:').optional(),
  NODE_URL: url('http:', 'https:').optional(),
  PUBLIC_URL: url('http:', 'https:').optional(),
  CORS_ORIGINS: z.string().default(''),
  TRUST_PROXY: z.string().default('false'),
  JWT_SECRET: z.string().optional(),
  FAIRNESS_SECRET: z.string().optional(),
  METRICS_TOKEN: z.string().min(16).optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  START_BALANCE: integer(0, 1_000_000_000).default(500),
  CURRENCIES: z
    .string()
    .default('COIN')
    .transform((text) => text.split(',').map((code) => code.trim()))
    .refine((codes) => codes.every((code) => CURRENCY.test(code)), {
      message: 'each one is 3 to 8 capital letters, e.g. COIN,GEM',
    })
    .refine((codes) => new Set(codes).size === codes.length, { message: 'names one twice' })
    .refine((codes) => codes.length <= MAX_CURRENCIES, { message: `at most ${MAX_CURRENCIES}` }),
  BETTING_MS: integer(500, 600_000).optional(),
  CLOCK_MS: integer(1_000, 86_400_000).optional(),
  BEACON_URL: url('http:', 'https:')
    .transform((text) => text.replace(/\/$/, ''))
    .refine((text) => chainHashIn(text) !== null, {
      message:
        "ends with a drand chain's hash of 64 hex digits, e.g. https://api.drand.sh/52db9b...",
    })
    .optional(),
});

export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`Wrong setting\n  ${lines.join('\n  ')}`);
  }
  const e = parsed.data;
  const production = e.NODE_ENV === 'production';
  const dataDir = resolve(e.DATA_DIR);
  return {
    production,
    host: e.HOST,
    port: e.PORT,
    dataDir,
    databaseUrl: e.DATABASE_URL,
    databasePoolSize: e.DATABASE_POOL_SIZE,
    redisUrl: e.REDIS_URL,
    nodeUrl: e.NODE_URL,
    publicUrl: e.PUBLIC_URL ?? `http://localhost:${e.PORT}`,
    corsOrigins: e.CORS_ORIGINS.split(',')
      .map((origin) => origin.trim())
      .filter(Boolean),
    trustProxy: trustProxy(e.TRUST_PROXY),
    jwtSecret: secret('JWT_SECRET', e.JWT_SECRET, { production, required: production }, dataDir),
    fairnessSecret: secret(
      'FAIRNESS_SECRET',
      e.FAIRNESS_SECRET,
      { production, required: false },
      dataDir,
    ),
    metricsToken: e.METRICS_TOKEN,
    logLevel: e.LOG_LEVEL,
    startBalance: e.START_BALANCE,
    currencies: e.CURRENCIES,
    bettingMs: e.BETTING_MS,
    clockMs: e.CLOCK_MS,
    beaconUrl: e.BEACON_URL,
  };
}

function trustProxy(text: string): boolean | number | string {
  if (text === 'true') return true;
  if (text === 'false') return false;
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** A given secret, checked; otherwise one made once and kept in DATA_DIR/secrets (readable by the owner only). */
function secret(
  name: string,
  given: string | undefined,
  { production, required }: { readonly production: boolean; readonly required: boolean },
  dataDir: string,
): string {
  if (given !== undefined) {
    const weak = given.length < MIN_SECRET_LENGTH || new Set(given).size < 10;
    if (weak && production) {
      throw new ConfigError(
        `${name}: too weak for production; use at least ${MIN_SECRET_LENGTH} random characters`,
      );
    }
    return given;
  }
  if (required)
    throw new ConfigError(
      `${name}: required in production (at least ${MIN_SECRET_LENGTH} random characters)`,
    );
  const folder = join(dataDir, 'secrets');
  const file = join(folder, name.toLowerCase());
  if (!existsSync(file)) {
    // DATA_DIR itself stays open to others: started by root, PostgreSQL runs as another user, in a folder of it.
    mkdirSync(dataDir, { recursive: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
      writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return readFileSync(file, 'utf8').trim();
}
