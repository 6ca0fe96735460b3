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
 * A seat that somebody has taken in a match, by the posting of its stake. It was given up when there is a posting
 * `refundId`. For reading only: the ledger writes this table, and nothing else does.
 */
export class MatchSeat extends Model<
  InferAttributes<MatchSeat>,
  InferCreationAttributes<MatchSeat>
> {
  declare id: string;
  declare roundId: string;
  declare userId: number;
  declare seat: number;
  declare stake: number;
  declare refundId: string;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineMatchSeat(sequelize: Sequelize): typeof MatchSeat {
  return refuseWrites(
    class extends MatchSeat {}.init(
      {
        id: { type: DataTypes.UUID, primaryKey: true },
        roundId: { type: DataTypes.UUID, allowNull: false },
        userId: { type: DataTypes.BIGINT, allowNull: false },
        seat: { type: DataTypes.SMALLINT, allowNull: false },
        stake: { type: DataTypes.BIGINT, allowNull: false },
        refundId: { type: DataTypes.UUID, allowNull: false },
        createdAt: DataTypes.DATE,
        updatedAt: DataTypes.DATE,
      },
      { sequelize, modelName: 'MatchSeat', tableName: 'match_seats', underscored: true },
    ),
  );
}
