import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** A room, its owner and its fence, which rises with each takeover (M8). Written by SQL functions; read here. */
export class LiveRoom extends Model<InferAttributes<LiveRoom>, InferCreationAttributes<LiveRoom>> {
  declare id: CreationOptional<number>;
  declare roomId: string;
  declare name: string;
  declare tableName: string;
  declare currency: CreationOptional<string>;
  declare nodeId: string;
  declare fence: CreationOptional<number>;
  declare state: Record<string, unknown> | null;
  declare closedAt: Date | null;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineLiveRoom(sequelize: Sequelize): typeof LiveRoom {
  return class extends LiveRoom {}.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      roomId: { type: DataTypes.TEXT, allowNull: false },
      name: { type: DataTypes.TEXT, allowNull: false },
      tableName: { type: DataTypes.TEXT, allowNull: false },
      currency: { type: DataTypes.TEXT, allowNull: false, defaultValue: 'COIN' },
      nodeId: { type: DataTypes.UUID, allowNull: false },
      fence: { type: DataTypes.BIGINT, allowNull: false, defaultValue: 1 },
      state: DataTypes.JSONB,
      closedAt: DataTypes.DATE,
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { sequelize, modelName: 'LiveRoom', tableName: 'live_rooms', underscored: true },
  );
}
