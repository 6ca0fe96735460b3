import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/**
 * A user's save (`userId`, `slot`) or a live room's snapshot (`roomId`), never both. One that could not be read was set
 * aside: it is never changed again, and its slot is free.
 */
export class GameState extends Model<
  InferAttributes<GameState>,
  InferCreationAttributes<GameState>
> {
  declare id: CreationOptional<number>;
  declare userId: number | null;
  declare slot: number | null;
  declare roomId: string | null;
  declare gameId: number;
  declare title: CreationOptional<string>;
  declare isPublic: CreationOptional<boolean>;
  declare version: CreationOptional<number>;
  declare state: CreationOptional<Record<string, unknown>>;
  declare lastSaved: CreationOptional<Date>;
  declare setAsideAt: Date | null;
  declare setAsideReason: string | null;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineGameState(sequelize: Sequelize): typeof GameState {
  return class extends GameState {}.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      userId: DataTypes.BIGINT,
      slot: DataTypes.INTEGER,
      roomId: DataTypes.TEXT,
      gameId: { type: DataTypes.BIGINT, allowNull: false },
      title: { type: DataTypes.TEXT, allowNull: false, defaultValue: '' },
      isPublic: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: false },
      version: { type: DataTypes.INTEGER, allowNull: false, defaultValue: 1 },
      state: { type: DataTypes.JSONB, allowNull: false, defaultValue: {} },
      lastSaved: { type: DataTypes.DATE, allowNull: false, defaultValue: DataTypes.NOW },
      setAsideAt: DataTypes.DATE,
      setAsideReason: DataTypes.TEXT,
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { sequelize, modelName: 'GameState', tableName: 'game_states', underscored: true },
  );
}
