import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** How many of an item a user has; always the sum of the inventory changes (M12). */
export class UserInventory extends Model<
  InferAttributes<UserInventory>,
  InferCreationAttributes<UserInventory>
> {
  declare id: CreationOptional<number>;
  declare userId: number;
  declare itemId: number;
  declare quantity: number;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineUserInventory(sequelize: Sequelize): typeof UserInventory {
  return class extends UserInventory {}.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      userId: { type: DataTypes.BIGINT, allowNull: false },
      itemId: { type: DataTypes.BIGINT, allowNull: false },
      quantity: { type: DataTypes.BIGINT, allowNull: false },
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { sequelize, modelName: 'UserInventory', tableName: 'user_inventories', underscored: true },
  );
}
