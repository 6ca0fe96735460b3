import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** A user's account at another provider. Both tokens are encrypted before they get here. */
export class OAuth2Credential extends Model<
  InferAttributes<OAuth2Credential>,
  InferCreationAttributes<OAuth2Credential>
> {
  declare id: CreationOptional<number>;
  declare userId: number;
  declare provider: string;
  declare subject: string;
  declare email: string | null;
  declare accessToken: string | null;
  declare refreshToken: string | null;
  declare tokenExpiry: Date | null;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineOAuth2Credential(sequelize: Sequelize): typeof OAuth2Credential {
  return class extends OAuth2Credential {}.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      userId: { type: DataTypes.BIGINT, allowNull: false },
      provider: { type: DataTypes.TEXT, allowNull: false },
      subject: { type: DataTypes.TEXT, allowNull: false },
      email: DataTypes.TEXT,
      accessToken: DataTypes.TEXT,
      refreshToken: DataTypes.TEXT,
      tokenExpiry: DataTypes.DATE,
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    {
      sequelize,
      modelName: 'OAuth2Credential',
      tableName: 'oauth2_credentials',
      underscored: true,
    },
  );
}
