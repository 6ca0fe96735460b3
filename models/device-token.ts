import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** A device that takes push messages. */
export class DeviceToken extends Model<
  InferAttributes<DeviceToken>,
  InferCreationAttributes<DeviceToken>
> {
  declare id: CreationOptional<number>;
  declare userId: number;
  declare token: string;
  declare deviceType: 'ios' | 'android' | 'web';
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineDeviceToken(sequelize: Sequelize): typeof DeviceToken {
  return class extends DeviceToken {}.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      userId: { type: DataTypes.BIGINT, allowNull: false },
      token: { type: DataTypes.TEXT, allowNull: false },
      deviceType: { type: DataTypes.TEXT, allowNull: false },
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { sequelize, modelName: 'DeviceToken', tableName: 'device_tokens', underscored: true },
  );
}
