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
 * A bet by the id that the client gave it (M5). Amount and payout in minor units, multiplier in hundredths.
 * For reading only: the ledger's SQL functions write this table, and nothing else does.
 */
export class Bet extends Model<InferAttributes<Bet>, InferCreationAttributes<Bet>> {
  declare id: string;
  declare userId: number;
  declare walletId: number;
  declare roundId: string;
  declare sessionId: number | null;
  declare gameId: number;
  declare amount: number;
  declare selection: CreationOptional<Record<string, unknown>>;
  declare requestHash: string;
  declare status: CreationOptional<'accepted' | 'won' | 'lost' | 'cashed' | 'refunded'>;
  declare resolvedBy: 'player' | 'auto' | 'outcome' | 'void' | null;
  declare multiplier: number | null;
  declare payout: number | null;
  declare resolvedAt: Date | null;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineBet(sequelize: Sequelize): typeof Bet {
  return refuseWrites(
    class extends Bet {}.init(
      {
        id: { type: DataTypes.UUID, primaryKey: true },
        userId: { type: DataTypes.BIGINT, allowNull: false },
        walletId: { type: DataTypes.BIGINT, allowNull: false },
        roundId: { type: DataTypes.UUID, allowNull: false },
        sessionId: DataTypes.BIGINT,
        gameId: { type: DataTypes.BIGINT, allowNull: false },
        amount: { type: DataTypes.BIGINT, allowNull: false },
        selection: { type: DataTypes.JSONB, allowNull: false, defaultValue: {} },
        requestHash: { type: DataTypes.CHAR(64), allowNull: false },
        status: { type: DataTypes.TEXT, allowNull: false, defaultValue: 'accepted' },
        resolvedBy: DataTypes.TEXT,
        multiplier: DataTypes.BIGINT,
        payout: DataTypes.BIGINT,
        resolvedAt: DataTypes.DATE,
        createdAt: DataTypes.DATE,
        updatedAt: DataTypes.DATE,
      },
      { sequelize, modelName: 'Bet', tableName: 'bets', underscored: true },
    ),
  );
}
