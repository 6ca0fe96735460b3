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
 * What was answered to a command that moved coins or items, by the id that the client gave it (M5). Append-only (M4).
 * For reading only: the ledger's SQL functions write this table, and nothing else does.
 */
export class Command extends Model<InferAttributes<Command>, InferCreationAttributes<Command>> {
  declare userId: number;
  declare id: string;
  declare requestHash: string;
  declare gameStateId: number | null;
  declare answer: Record<string, unknown>;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineCommand(sequelize: Sequelize): typeof Command {
  return refuseWrites(
    class extends Command {}.init(
      {
        userId: { type: DataTypes.BIGINT, primaryKey: true },
        id: { type: DataTypes.UUID, primaryKey: true },
        requestHash: { type: DataTypes.CHAR(64), allowNull: false },
        gameStateId: DataTypes.BIGINT,
        answer: { type: DataTypes.JSONB, allowNull: false },
        createdAt: DataTypes.DATE,
        updatedAt: DataTypes.DATE,
      },
      { sequelize, modelName: 'Command', tableName: 'commands', underscored: true },
    ),
  );
}
