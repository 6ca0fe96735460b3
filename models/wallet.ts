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
 * An account and its balance in minor units: a user's, or escrow, house, grant, shop or adjust.
 * For reading only: the ledger's SQL functions write this table, and nothing else does.
 */
export class Wallet extends Model<InferAttributes<Wallet>, InferCreationAttributes<Wallet>> {
  declare id: CreationOptional<number>;
  declare kind: 'user' | 'escrow' | 'house' | 'grant' | 'shop' | 'adjust';
  declare userId: number | null;
  declare account: string | null;
  declare currency: CreationOptional<string>;
  declare balance: CreationOptional<number>;
  declare seq: CreationOptional<number>;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineWallet(sequelize: Sequelize): typeof Wallet {
  return refuseWrites(
    class extends Wallet {}.init(
      {
        id: { type: DataTypes.BIGINT, primaryKey: true },
        kind: { type: DataTypes.TEXT, allowNull: false },
        userId: DataTypes.BIGINT,
        account: DataTypes.TEXT,
        currency: { type: DataTypes.TEXT, allowNull: false, defaultValue: 'COIN' },
        balance: { type: DataTypes.BIGINT, allowNull: false, defaultValue: 0 },
        seq: { type: DataTypes.BIGINT, allowNull: false, defaultValue: 0 },
        createdAt: DataTypes.DATE,
        updatedAt: DataTypes.DATE,
      },
      { sequelize, modelName: 'Wallet', tableName: 'wallets', underscored: true },
    ),
  );
}
