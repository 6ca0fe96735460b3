/**
 * What is usually written: a managed Sequelize transaction for each bet. As a good engineer would: the wallet's row is
 * locked before it is read, the escrow's is touched last, each statement names its transaction.
 */
import {
  DataTypes,
  type Model,
  type ModelAttributes,
  type ModelStatic,
  Sequelize,
} from 'sequelize';
import { v7 as uuidv7 } from 'uuid';
import { requestHash } from '../../../src/ledger/place.ts';
import type { PlaceBet } from '../../../src/ledger/types.ts';
import type { Opened, Resolution } from '../way.ts';

const REFUSED = 'INSUFFICIENT_FUNDS';
/** Longer than any queue of a window. */
const ACQUIRE_MS = 600_000;

interface Row {
  id: number | string;
  balance: number;
  seq: number;
  status: string;
}
type Table = ModelStatic<Model<Partial<Row>> & Row>;

export async function openSequelize(url: string, clients: number): Promise<Opened> {
  const sequelize = new Sequelize(url, {
    dialect: 'postgres',
    logging: false,
    pool: { max: clients, min: clients, acquire: ACQUIRE_MS },
  });
  const tables = define(sequelize);
  await Promise.all(
    Array.from({ length: clients }, () => sequelize.query('SELECT pg_sleep(0.05)')),
  );
  return {
    place: (bet) => place(sequelize, tables, bet),
    resolve: (resolution) => resolve(sequelize, tables, resolution),
    close: () => sequelize.close(),
  };
}

async function place(sequelize: Sequelize, tables: Tables, bet: PlaceBet): Promise<string> {
  const { wallets, bets, transactions } = tables;
  const { amount, walletId, betId, roundId, room } = bet;
  try {
    await sequelize.transaction(async (transaction) => {
      const wallet = await wallets.findByPk(walletId, {
        transaction,
        lock: transaction.LOCK.UPDATE,
      });
      if (!wallet || wallet.balance < amount) throw new Error(REFUSED);
      const after = { balance: wallet.balance - amount, seq: wallet.seq + 1 };
      await wallet.update(after, { transaction });
      await bets.create(
        {
          id: betId,
          userId: bet.userId,
          walletId,
          roundId,
          gameId: room.gameId,
          amount,
          selection: bet.selection,
          requestHash: requestHash(bet),
        } as object,
        { transaction },
      );
      const escrow = await wallets.findByPk(room.escrowId, {
        transaction,
        lock: transaction.LOCK.UPDATE,
      });
      if (!escrow) throw new Error('no escrow');
      await escrow.update(
        { balance: escrow.balance + amount, seq: escrow.seq + 1 },
        { transaction },
      );
      const common = { postingId: uuidv7(), roundId, category: 'bet' };
      await transactions.bulkCreate(
        [
          { ...common, walletId, betId, amount: -amount, ...line(after) },
          { ...common, walletId: room.escrowId, amount, ...line(escrow) },
        ] as object[],
        { transaction },
      );
    });
    return 'OK';
  } catch (error) {
    if (error instanceof Error && error.message === REFUSED) return REFUSED;
    throw error;
  }
}

async function resolve(
  sequelize: Sequelize,
  { wallets, bets, transactions }: Tables,
  { bet, payout }: Resolution,
): Promise<string> {
  await sequelize.transaction(async (transaction) => {
    const lock = transaction.LOCK.UPDATE;
    const open = await bets.findByPk(bet.betId, { transaction, lock });
    if (open?.status !== 'accepted') throw new Error('not an open bet');
    const status = payout > 0 ? 'won' : 'lost';
    const resolved = {
      status,
      payout,
      resolvedBy: 'outcome',
      multiplier: 200,
      resolvedAt: new Date(),
    };
    await open.update(resolved, { transaction });
    if (payout === 0) return;
    const wallet = await wallets.findByPk(bet.walletId, { transaction, lock });
    const escrow = await wallets.findByPk(bet.room.escrowId, { transaction, lock });
    if (!wallet || !escrow) throw new Error('no wallet');
    await wallet.update({ balance: wallet.balance + payout, seq: wallet.seq + 1 }, { transaction });
    await escrow.update({ balance: escrow.balance - payout, seq: escrow.seq + 1 }, { transaction });
    const common = { postingId: uuidv7(), roundId: bet.roundId, category: 'win' };
    await transactions.bulkCreate(
      [
        { ...common, walletId: bet.walletId, betId: bet.betId, amount: payout, ...line(wallet) },
        { ...common, walletId: bet.room.escrowId, amount: -payout, ...line(escrow) },
      ] as object[],
      { transaction },
    );
  });
  return 'OK';
}

function line({ balance, seq }: { balance: number; seq: number }) {
  return { balanceAfter: balance, seq };
}

type Tables = ReturnType<typeof define>;

/** Models that may write: the project's own are for reading only. */
function define(sequelize: Sequelize) {
  const options = { underscored: true };
  const id = { type: DataTypes.BIGINT, primaryKey: true };
  const uuid = { type: DataTypes.UUID, primaryKey: true };
  const { BIGINT, UUID, TEXT, JSONB, DATE } = DataTypes;
  const table = (name: string, columns: ModelAttributes) =>
    sequelize.define(name, columns, { ...options, tableName: name }) as unknown as Table;
  return {
    wallets: table('wallets', { id, balance: BIGINT, seq: BIGINT }),
    bets: table('bets', {
      id: uuid,
      userId: BIGINT,
      walletId: BIGINT,
      roundId: UUID,
      gameId: BIGINT,
      amount: BIGINT,
      selection: JSONB,
      requestHash: TEXT,
      status: { type: TEXT, defaultValue: 'accepted' },
      resolvedBy: TEXT,
      multiplier: BIGINT,
      payout: BIGINT,
      resolvedAt: DATE,
    }),
    transactions: table('transactions', {
      id: { ...id, autoIncrement: true },
      walletId: BIGINT,
      seq: BIGINT,
      amount: BIGINT,
      category: TEXT,
      balanceAfter: BIGINT,
      postingId: UUID,
      betId: UUID,
      roundId: UUID,
    }),
  };
}
