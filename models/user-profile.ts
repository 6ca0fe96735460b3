import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** What a user shows of themselves; one row a user, none until they fill it in. */
export class UserProfile extends Model<
  InferAttributes<UserProfile>,
  InferCreationAttributes<UserProfile>
> {
  declare id: CreationOptional<number>;
  declare userId: number;
  declare bio: string | null;
  declare avatarUrl: string | null;
  declare location: string | null;
  declare dob: string | null;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineUserProfile(sequelize: Sequelize): typeof UserProfile {
  return class extends UserProfile {}.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      userId: { type: DataTypes.BIGINT, allowNull: false },
      bio: DataTypes.TEXT,
      avatarUrl: DataTypes.TEXT,
      location: DataTypes.TEXT,
      dob: DataTypes.DATEONLY,
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { sequelize, modelName: 'UserProfile', tableName: 'user_profiles', underscored: true },
  );
}
