import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** A key for programs. The key itself is shown once; its SHA-256 (hex) and first 12 characters are kept. */
export class ApiKey extends Model<InferAttributes<ApiKey>, InferCreationAttributes<ApiKey>> {
  declare id: CreationOptional<number>;
  declare userId: number;
  declare name: string;
  declare description: string | null;
  declare keyHash: string;
  declare keyPrefix: string;
  declare scopes: CreationOptional<string[]>;
  declare isActive: CreationOptional<boolean>;
  declare expiresAt: Date | null;
  declare lastUsedAt: Date | null;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineApiKey(sequelize: Sequelize): typeof ApiKey {
  return class extends ApiKey {}.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      userId: { type: DataTypes.BIGINT, allowNull: false },
      name: { type: DataTypes.TEXT, allowNull: false },
      description: DataTypes.TEXT,
      keyHash: { type: DataTypes.TEXT, allowNull: false },
      keyPrefix: { type: DataTypes.TEXT, allowNull: false },
      scopes: { type: DataTypes.JSONB, allowNull: false, defaultValue: [] },
      isActive: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: true },
      expiresAt: DataTypes.DATE,
      lastUsedAt: DataTypes.DATE,
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { sequelize, modelName: 'ApiKey', tableName: 'api_keys', underscored: true },
  );
}
