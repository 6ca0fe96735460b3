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
 * A sealed stretch of transactions and its hash, chained to the one before (M12).
 * For reading only: the background sealer writes this table, and nothing else does.
 */
export class LedgerBlock extends Model<
  InferAttributes<LedgerBlock>,
  InferCreationAttributes<LedgerBlock>
> {
  declare id: number;
  declare fromId: number;
  declare toId: number;
  declare rowCount: number;
  declare totalCount: number;
  declare previousHash: string;
  declare hash: string;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineLedgerBlock(sequelize: Sequelize): typeof LedgerBlock {
  return refuseWrites(
    class extends LedgerBlock {}.init(
      {
        id: { type: DataTypes.BIGINT, primaryKey: true },
        fromId: { type: DataTypes.BIGINT, allowNull: false },
        toId: { type: DataTypes.BIGINT, allowNull: false },
        rowCount: { type: DataTypes.INTEGER, allowNull: false },
        totalCount: { type: DataTypes.BIGINT, allowNull: false },
        previousHash: { type: DataTypes.CHAR(64), allowNull: false },
        hash: { type: DataTypes.CHAR(64), allowNull: false },
        createdAt: DataTypes.DATE,
        updatedAt: DataTypes.DATE,
      },
      { sequelize, modelName: 'LedgerBlock', tableName: 'ledger_blocks', underscored: true },
    ),
  );
}
