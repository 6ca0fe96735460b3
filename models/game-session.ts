import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** One stay of a player in a room. */
export class GameSession extends Model<
  InferAttributes<GameSession>,
  InferCreationAttributes<GameSession>
> {
  declare id: CreationOptional<number>;
  declare userId: number;
  declare gameId: number;
  declare roomId: string;
  declare sessionKey: string;
  declare startedAt: CreationOptional<Date>;
  declare endedAt: Date | null;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineGameSession(sequelize: Sequelize): typeof GameSession {
  return class extends GameSession {}.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      userId: { type: DataTypes.BIGINT, allowNull: false },
      gameId: { type: DataTypes.BIGINT, allowNull: false },
      roomId: { type: DataTypes.TEXT, allowNull: false },
      sessionKey: { type: DataTypes.TEXT, allowNull: false },
      startedAt: { type: DataTypes.DATE, allowNull: false, defaultValue: DataTypes.NOW },
      endedAt: DataTypes.DATE,
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { sequelize, modelName: 'GameSession', tableName: 'game_sessions', underscored: true },
  );
}
