import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** One refresh token of a sign-in. Rotation adds a row to the family; reuse of an old one revokes the family. */
export class RefreshToken extends Model<
  InferAttributes<RefreshToken>,
  InferCreationAttributes<RefreshToken>
> {
  declare id: CreationOptional<number>;
  declare userId: number;
  declare tokenHash: string;
  declare family: string;
  declare deviceInfo: string | null;
  declare ip: string | null;
  declare expiresAt: Date;
  declare isRevoked: CreationOptional<boolean>;
  declare lastUsedAt: CreationOptional<Date>;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineRefreshToken(sequelize: Sequelize): typeof RefreshToken {
  return class extends RefreshToken {}.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      userId: { type: DataTypes.BIGINT, allowNull: false },
      tokenHash: { type: DataTypes.TEXT, allowNull: false },
      family: { type: DataTypes.UUID, allowNull: false },
      deviceInfo: DataTypes.TEXT,
      ip: DataTypes.INET,
      expiresAt: { type: DataTypes.DATE, allowNull: false },
      isRevoked: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: false },
      lastUsedAt: { type: DataTypes.DATE, allowNull: false, defaultValue: DataTypes.NOW },
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { sequelize, modelName: 'RefreshToken', tableName: 'refresh_tokens', underscored: true },
  );
}
