import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** A chain of seeds by its public end and salt (F1); the seeds are not stored. */
export class FairnessChain extends Model<
  InferAttributes<FairnessChain>,
  InferCreationAttributes<FairnessChain>
> {
  declare id: string;
  declare gameId: number;
  declare roomId: string;
  declare commitment: string;
  declare salt: string;
  declare length: number;
  declare nextIndex: CreationOptional<number>;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineFairnessChain(sequelize: Sequelize): typeof FairnessChain {
  return class extends FairnessChain {}.init(
    {
      id: { type: DataTypes.UUID, primaryKey: true },
      gameId: { type: DataTypes.BIGINT, allowNull: false },
      roomId: { type: DataTypes.TEXT, allowNull: false },
      commitment: { type: DataTypes.CHAR(64), allowNull: false },
      salt: { type: DataTypes.CHAR(64), allowNull: false },
      length: { type: DataTypes.INTEGER, allowNull: false },
      nextIndex: { type: DataTypes.INTEGER, allowNull: false, defaultValue: 1 },
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { sequelize, modelName: 'FairnessChain', tableName: 'fairness_chains', underscored: true },
  );
}
