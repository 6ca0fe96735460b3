/**
 * Accounts on a database of their own, with a clock that the test moves and cheap password hashes.
 */
import pino from 'pino';
import { QueryTypes } from 'sequelize';
import { type Accounts, type AccountsDeps, createAccounts } from '../../src/accounts/accounts.ts';
import { createPasswords, type Passwords } from '../../src/accounts/passwords.ts';
import type { OpenWallet } from '../../src/accounts/registration.ts';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import { createTestDatabase } from '../support/database.ts';

export const JWT_SECRET = 'a secret of the tests, 0123456789';
export const CHEAP_COST = { memoryKib: 8, passes: 1, parallelism: 1 };
export const START_BALANCE = 500;
export const VISITOR = { ip: '192.0.2.1', device: 'a test' };

export interface AccountsFixture {
  readonly database: Database;
  readonly accounts: Accounts;
  /** Milliseconds since the epoch; starts at the real time, so that tokens are fresh everywhere. */
  readonly clock: { now: number };
  /** What passwords were compared with, in order; null is the dummy. */
  readonly compared: (string | null)[];
  /** What was waited for, in ms; nothing waits really. */
  readonly pauses: number[];
  /** The same database and clock with other parts. */
  variant(parts: Partial<AccountsDeps>): Accounts;
  rows<T extends object = Record<string, unknown>>(sql: string): Promise<T[]>;
  close(): Promise<void>;
}

export async function openAccounts(poolSize = 5): Promise<AccountsFixture> {
  const { url, drop } = await createTestDatabase({ migrated: true });
  const database = await openDatabase(url, { poolSize, logger: pino({ level: 'silent' }) });
  const clock = { now: Date.now() };
  const compared: (string | null)[] = [];
  const pauses: number[] = [];
  const variant = (parts: Partial<AccountsDeps>) =>
    createAccounts({
      database,
      jwtSecret: JWT_SECRET,
      openWallet: openWalletIn(database),
      passwords: recorded(createPasswords({ cost: CHEAP_COST }), compared),
      now: () => clock.now,
      pause: async (ms) => pauses.push(ms),
      ...parts,
    });
  return {
    database,
    accounts: variant({}),
    clock,
    compared,
    pauses,
    variant,
    rows: (sql) => database.sequelize.query(sql, { type: QueryTypes.SELECT }),
    async close() {
      await database.close();
      await drop();
    },
  };
}

/**
 * A wallet without the ledger's posting: enough to see that it belongs to the user's transaction.
 */
function openWalletIn({ sequelize }: Database): OpenWallet {
  return async (userId, transaction) => {
    const sql = `INSERT INTO wallets (kind, user_id, balance) VALUES ('user', $1, $2)`;
    await sequelize.query(sql, { bind: [userId, START_BALANCE], transaction });
  };
}

function recorded(passwords: Passwords, compared: (string | null)[]): Passwords {
  return {
    hash: passwords.hash,
    verify(password, stored) {
      compared.push(stored);
      return passwords.verify(password, stored);
    },
  };
}
