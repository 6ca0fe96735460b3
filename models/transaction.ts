import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';
import { refuseWrites } from './read-only.ts';

/**
 * One line of one wallet; amounts in minor units, signed. Append-only (M4).
 * For reading only: the ledger's SQL functions write this table, and nothing else does.
 */
export class Transaction extends Model<
  InferAttributes<Transaction>,
  InferCreationAttributes<Transaction>
> {
  declare id: CreationOptional<number>;
  declare walletId: number;
  declare seq: number;
  declare amount: number;
  declare type: CreationOptional<'credit' | 'debit'>;
  declare category: string;
  declare description: string | null;
  declare balanceAfter: number;
  declare postingId: string;
  declare betId: string | null;
  declare roundId: string | null;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineTransaction(sequelize: Sequelize): typeof Transaction {
  return refuseWrites(
    class extends Transaction {}.init(
      {
        id: { type: DataTypes.BIGINT, primaryKey: true },
        walletId: { type: DataTypes.BIGINT, allowNull: false },
        seq: { type: DataTypes.BIGINT, allowNull: false },
        amount: { type: DataTypes.BIGINT, allowNull: false },
        type: { type: DataTypes.TEXT, allowNull: false },
        category: { type: DataTypes.TEXT, allowNull: false },
        description: DataTypes.TEXT,
        balanceAfter: { type: DataTypes.BIGINT, allowNull: false },
        postingId: { type: DataTypes.UUID, allowNull: false },
        betId: DataTypes.UUID,
        roundId: DataTypes.UUID,
        createdAt: DataTypes.DATE,
        updatedAt: DataTypes.DATE,
      },
      { sequelize, modelName: 'Transaction', tableName: 'transactions', underscored: true },
    ),
  );
}
