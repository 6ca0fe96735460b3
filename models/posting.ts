import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';
import { OWN_XACT, refuseWrites } from './read-only.ts';

/**
 * A movement of money: its transactions sum to zero (M2).
 * For reading only: the ledger's SQL functions write this table, and nothing else does.
 */
export class Posting extends Model<InferAttributes<Posting>, InferCreationAttributes<Posting>> {
  declare id: string;
  declare category: string;
  declare requestHash: string | null;
  declare actorUserId: number | null;
  declare reason: string | null;
  declare roundId: string | null;
  declare xactId: CreationOptional<number>;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function definePosting(sequelize: Sequelize): typeof Posting {
  return refuseWrites(
    class extends Posting {}.init(
      {
        id: { type: DataTypes.UUID, primaryKey: true },
        category: { type: DataTypes.TEXT, allowNull: false },
        requestHash: DataTypes.CHAR(64),
        actorUserId: DataTypes.BIGINT,
        reason: DataTypes.TEXT,
        roundId: DataTypes.UUID,
        xactId: { type: DataTypes.BIGINT, allowNull: false, defaultValue: OWN_XACT },
        createdAt: DataTypes.DATE,
        updatedAt: DataTypes.DATE,
      },
      { sequelize, modelName: 'Posting', tableName: 'postings', underscored: true },
    ),
  );
}
