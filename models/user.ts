import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** A person, a guest, a service or a bot. Soft-deleted (`deletedAt`); lists leave the deleted out by themselves. */
export class User extends Model<InferAttributes<User>, InferCreationAttributes<User>> {
  declare id: CreationOptional<number>;
  declare username: string;
  declare email: string | null;
  declare phone: string | null;
  declare firstName: string | null;
  declare lastName: string | null;
  declare fullName: string | null;
  declare externalId: string | null;
  declare passwordHash: string | null;
  declare userType: CreationOptional<'guest' | 'player' | 'service' | 'bot'>;
  declare isActive: CreationOptional<boolean>;
  declare isSuperuser: CreationOptional<boolean>;
  declare emailVerified: CreationOptional<boolean>;
  declare phoneVerified: CreationOptional<boolean>;
  declare failedLoginAttempts: CreationOptional<number>;
  declare lockedUntil: Date | null;
  declare lastLoginAt: Date | null;
  declare timezone: CreationOptional<string>;
  declare deletedAt: Date | null;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineUser(sequelize: Sequelize): typeof User {
  return class extends User {}.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      username: { type: DataTypes.TEXT, allowNull: false },
      email: DataTypes.TEXT,
      phone: DataTypes.TEXT,
      firstName: DataTypes.TEXT,
      lastName: DataTypes.TEXT,
      fullName: DataTypes.TEXT,
      externalId: DataTypes.TEXT,
      passwordHash: DataTypes.TEXT,
      userType: { type: DataTypes.TEXT, allowNull: false, defaultValue: 'player' },
      isActive: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: true },
      isSuperuser: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: false },
      emailVerified: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: false },
      phoneVerified: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: false },
      failedLoginAttempts: { type: DataTypes.INTEGER, allowNull: false, defaultValue: 0 },
      lockedUntil: DataTypes.DATE,
      lastLoginAt: DataTypes.DATE,
      timezone: { type: DataTypes.TEXT, allowNull: false, defaultValue: 'UTC' },
      deletedAt: DataTypes.DATE,
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { sequelize, modelName: 'User', tableName: 'users', underscored: true, paranoid: true },
  );
}
