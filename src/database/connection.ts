/**
 * The connections to PostgreSQL: Sequelize with the models for accounts and reads, and a small pool of plain
 * connections for the ledger's functions, which are one statement and so one transaction each.
 */
import pg from 'pg';
import type { Logger } from 'pino';
import { ConnectionError, DatabaseError, Sequelize, type Transaction } from 'sequelize';
import { defineModels, type Models } from '../../models/index.ts';
import { AppError } from '../errors.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 30_000;
const STATEMENT_TIMEOUT_MS = 30_000;
/**
 * A connection of the ledger that is silent for this long is given up, and its statement sent again on another (M5):
 * a peer that has vanished never answers, and never says so.
 */
const ANSWER_TIMEOUT_MS = 8_000;
/**
 * The other end of the same: a backend whose client vanished between a statement and its commit holds its locks. Where
 * the server can do it, it ends such a transaction itself; and it finds out soon that a machine is gone.
 */
const TRANSACTION_TIMEOUT_MS = 15_000;
const MAX_TIMER_MS = 2 ** 31 - 1;
const TRANSACTION_TIMEOUT_VERSION = 170_000;
const LEDGER_SETTINGS = {
  jit: 'off',
  tcp_keepalives_idle: 5,
  tcp_keepalives_interval: 2,
  tcp_keepalives_count: 3,
};
/** Connections of the ledger: one batch of bets, one of resolutions, settlements, leases and snapshots beside them. */
const LEDGER_POOL_SIZE = 6;
/** A database that is being started, perhaps recovering from its log, is waited for. */
const START_WAIT_MS = 10_000;
const START_RETRY_MS = 100;
const MIN_SERVER_VERSION = 140_000;
const INT8 = 20;

export interface Database {
  readonly url: string;
  readonly sequelize: Sequelize;
  readonly models: Models;
  readonly pool: pg.Pool;
  /** Runs `work` in one READ COMMITTED transaction; what it returns is returned after the commit (M6). */
  transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * ANSWER_TIMEOUT_MS for each statement. The driver's own `query_timeout` replaces the callback of a query that is already
 * made, and V8 then keeps every query with its rows until the next collection of the old generation, and stops again and
 * again to move them there.
 */
class LedgerClient extends pg.Client {
  // biome-ignore lint/suspicious/noExplicitAny: the driver's method has a dozen overloads
  override query(statement: any, values?: any, done?: any): any {
    if (statement.query_timeout !== undefined) return super.query(statement, values, done);
    if (typeof done !== 'function') {
      return new Promise((resolve, reject) => {
        this.query(statement, values, (error: Error | undefined, result: pg.QueryResult) =>
          error ? reject(error) : resolve(result),
        );
      });
    }
    // The pool closes a connection whose statement failed, and hears of each statement once.
    const timer = setTimeout(() => done(new Error('Query read timeout')), ANSWER_TIMEOUT_MS);
    return super.query(statement, values, (error: Error, result: pg.QueryResult) => {
      clearTimeout(timer);
      done(error, result);
    });
  }
}

export async function openDatabase(
  url: string,
  options: { poolSize: number; logger: Logger },
): Promise<Database> {
  pg.types.setTypeParser(INT8, parseSafeInteger);
  const version = await waitForServer(url, options.logger);
  const sequelize = new Sequelize(url, {
    dialect: 'postgres',
    logging: (sql) => options.logger.trace({ sql }, 'sql'),
    pool: { max: options.poolSize, min: 0, idle: IDLE_TIMEOUT_MS, acquire: CONNECT_TIMEOUT_MS },
    dialectOptions: {
      application_name: 'roundhouse',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      keepAlive: true,
    },
    isolationLevel: 'READ COMMITTED',
  });
  const models = defineModels(sequelize);
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'roundhouse-ledger',
    max: LEDGER_POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    options: serverSettings(version),
    Client: LedgerClient,
  });
  // A connection that dies while idle is replaced at its next use.
  pool.on('error', (error) => options.logger.warn({ err: error }, 'idle database connection lost'));
  return {
    url,
    sequelize,
    models,
    pool,
    transact: (work) => sequelize.transaction(work),
    async close() {
      await Promise.all([sequelize.close(), pool.end()]);
    },
  };
}

/** A statement that is given all the time it needs: of a proof or a report, which reads much. */
export function unhurried(text: string): pg.QueryConfig {
  const statement = { text, query_timeout: MAX_TIMER_MS };
  return statement;
}

function serverSettings(version: number): string {
  const settings = {
    ...LEDGER_SETTINGS,
    ...(version < TRANSACTION_TIMEOUT_VERSION
      ? {}
      : { transaction_timeout: TRANSACTION_TIMEOUT_MS }),
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

/** M1: an int8 that is no safe integer is an error, never a rounded number. */
function parseSafeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} is not a safe integer`);
  return value;
}

/** Answers the server's version, as a number: 180004. */
async function waitForServer(url: string, logger: Logger): Promise<number> {
  const deadline = performance.now() + START_WAIT_MS;
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query<{ version: number }>(
        `SELECT current_setting('server_version_num')::integer AS version`,
      );
      const version = rows[0]?.version ?? 0;
      if (version < MIN_SERVER_VERSION) {
        throw new AppError(
          'INTERNAL',
          `PostgreSQL 14 or newer is needed; this is ${version / 10_000}`,
        );
      }
      return version;
    } catch (error) {
      if (!isConnectionError(error) || performance.now() > deadline) throw error;
      if (attempt === 1) {
        logger.warn(`database not reachable yet (${(error as Error).message}); trying again`);
      }
      await new Promise((resolve) => setTimeout(resolve, START_RETRY_MS));
    } finally {
      await client.end().catch(() => {});
    }
  }
}

const CONNECTION_STATES = new Set([
  '57P01',
  '57P02',
  '57P03',
  '08000',
  '08003',
  '08006',
  '53300',
  '25P03',
  '57P05',
]);
const CONNECTION_ERRNOS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
]);
const CONNECTION_TEXTS =
  /Connection terminated|timeout exceeded|timeout expired|Query read timeout|Client has encountered a connection error/;

/** The connection failed, so that the outcome of what was sent on it is unknown (M5: ask again with the same ids). */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof ConnectionError) return true;
  if (error instanceof DatabaseError) return isConnectionError(error.parent);
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  const code = (error as { code?: string }).code ?? '';
  return (
    CONNECTION_STATES.has(code) ||
    CONNECTION_ERRNOS.has(code) ||
    CONNECTION_TEXTS.test(error.message)
  );
}

/**
 * Deadlock, serialization failure, or the same id inserted twice at the same instant: nothing happened, and the same
 * statement, sent again, sees what the other one did (M10).
 */
export function isRetryable(error: unknown): boolean {
  const code = (error as { code?: string } | null)?.code;
  return code === '40P01' || code === '40001' || code === '23505';
}
