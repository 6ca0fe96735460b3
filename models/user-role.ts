import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** Which user has which role. */
export class UserRole extends Model<InferAttributes<UserRole>, InferCreationAttributes<UserRole>> {
  declare userId: number;
  declare roleId: number;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineUserRole(sequelize: Sequelize): typeof UserRole {
  return class extends UserRole {}.init(
    {
      userId: { type: DataTypes.BIGINT, primaryKey: true },
      roleId: { type: DataTypes.BIGINT, primaryKey: true },
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { sequelize, modelName: 'UserRole', tableName: 'user_roles', underscored: true },
  );
}
