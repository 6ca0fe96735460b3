import { randomUUID } from 'node:crypto';
import { createAccounts } from '../accounts/accounts.ts';
import type { Database } from '../database/connection.ts';
import { AppError } from '../errors.ts';
import type { UserId } from '../ids.ts';
import { Ledger } from '../ledger/ledger.ts';
import { createLogger } from '../log.ts';
import type { Command, Invocation } from './command.ts';
import { withDatabase } from './store.ts';

const USAGE = `Usage: user create EMAIL PASSWORD
       user grant USER AMOUNT [--reason TEXT] [--currency CODE]
       user role USER ROLE          (USER: an id, a user name or an e-mail address)`;

export const userCommand: Command = {
  usage: 'user create|grant|role ...',
  summary: 'makes an account, grants play money, gives a role',
  options: { reason: { type: 'string' }, currency: { type: 'string' } },
  async run(invocation) {
    const [action, subject, argument] = invocation.positionals;
    if (!subject || !argument) {
      console.error(USAGE);
      return 2;
    }
    const config = invocation.config();
    return withDatabase(config, async (db) => {
      const ledger = new Ledger(db, {
        startBalance: config.startBalance,
        currencies: config.currencies,
        logger: createLogger('warn'),
        hasNeighbours: () => true,
      });
      if (action === 'create') {
        const accounts = createAccounts({
          database: db,
          jwtSecret: config.jwtSecret,
          openWallet: (userId, transaction) => ledger.openWallet(userId, transaction),
        });
        const { user } = await accounts.register(
          { email: subject, password: argument },
          { ip: null, device: 'command line' } as never,
          undefined,
        );
        console.log(`Created user ${user.id} (${user.username}).`);
        return 0;
      }
      const userId = await findUser(db, subject);
      if (action === 'grant') return grant(ledger, userId, argument, invocation);
      if (action === 'role') return giveRole(db, userId, argument);
      console.error(USAGE);
      return 2;
    });
  },
};

async function grant(
  ledger: Ledger,
  userId: UserId,
  text: string,
  { values }: Invocation,
): Promise<number> {
  const amount = Number(text);
  if (!Number.isSafeInteger(amount) || amount <= 0) {
    throw new AppError('BAD_REQUEST', 'AMOUNT is a positive integer in minor units.');
  }
  const reason =
    typeof values.reason === 'string' ? values.reason : 'granted from the command line';
  const wish = typeof values.currency === 'string' ? values.currency : undefined;
  const { balance, currency } = await ledger.grant(userId, amount, randomUUID(), reason, wish);
  await ledger.feed.settled();
  console.log(`Granted ${amount}; the balance is ${balance} ${currency}.`);
  return 0;
}

async function giveRole(db: Database, userId: UserId, role: string): Promise<number> {
  const { rowCount } = await db.pool.query(
    `INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = $2
     ON CONFLICT (user_id, role_id) DO UPDATE SET updated_at = now()`,
    [userId, role],
  );
  if (rowCount === 0) throw new AppError('NOT_FOUND', `There is no role "${role}".`);
  console.log(`User ${userId} has the role ${role}.`);
  return 0;
}

async function findUser(db: Database, text: string): Promise<UserId> {
  const { rows } = await db.pool.query<{ id: UserId }>(
    `SELECT id FROM users WHERE deleted_at IS NULL
       AND (id::text = $1 OR lower(username) = lower($1) OR lower(email) = lower($1)) LIMIT 1`,
    [text],
  );
  if (!rows[0]) throw new AppError('NOT_FOUND', `There is no user "${text}".`);
  return rows[0].id;
}
