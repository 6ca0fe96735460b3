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
 * A round of a room from its commitment to its settlement.
 * For reading only: the ledger's SQL functions write this table, and nothing else does.
 */
export class Round extends Model<InferAttributes<Round>, InferCreationAttributes<Round>> {
  declare id: string;
  declare gameId: number;
  declare roomId: string;
  declare number: number;
  declare fence: number;
  declare phase: 'betting' | 'running' | 'settled' | 'void';
  declare payTableVersion: number;
  declare chainId: string;
  declare chainIndex: number;
  declare commitment: string;
  declare seed: string | null;
  declare outcome: Record<string, unknown> | null;
  declare beacon: Record<string, unknown> | null;
  declare betCount: CreationOptional<number>;
  declare staked: CreationOptional<number>;
  declare paid: CreationOptional<number>;
  declare pot: CreationOptional<number>;
  declare startedAt: CreationOptional<Date>;
  declare lockedAt: Date | null;
  declare endedAt: Date | null;
  declare settledAt: Date | null;
  declare xactId: CreationOptional<number>;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineRound(sequelize: Sequelize): typeof Round {
  return refuseWrites(
    class extends Round {}.init(
      {
        id: { type: DataTypes.UUID, primaryKey: true },
        gameId: { type: DataTypes.BIGINT, allowNull: false },
        roomId: { type: DataTypes.TEXT, allowNull: false },
        number: { type: DataTypes.BIGINT, allowNull: false },
        fence: { type: DataTypes.BIGINT, allowNull: false },
        phase: { type: DataTypes.TEXT, allowNull: false },
        payTableVersion: { type: DataTypes.INTEGER, allowNull: false },
        chainId: { type: DataTypes.UUID, allowNull: false },
        chainIndex: { type: DataTypes.INTEGER, allowNull: false },
        commitment: { type: DataTypes.CHAR(64), allowNull: false },
        seed: DataTypes.CHAR(64),
        outcome: DataTypes.JSONB,
        beacon: DataTypes.JSONB,
        betCount: { type: DataTypes.INTEGER, allowNull: false, defaultValue: 0 },
        staked: { type: DataTypes.BIGINT, allowNull: false, defaultValue: 0 },
        paid: { type: DataTypes.BIGINT, allowNull: false, defaultValue: 0 },
        pot: { type: DataTypes.BIGINT, allowNull: false, defaultValue: 0 },
        startedAt: { type: DataTypes.DATE, allowNull: false, defaultValue: DataTypes.NOW },
        lockedAt: DataTypes.DATE,
        endedAt: DataTypes.DATE,
        settledAt: DataTypes.DATE,
        xactId: { type: DataTypes.BIGINT, allowNull: false, defaultValue: OWN_XACT },
        createdAt: DataTypes.DATE,
        updatedAt: DataTypes.DATE,
      },
      { sequelize, modelName: 'Round', tableName: 'rounds', underscored: true },
    ),
  );
}
