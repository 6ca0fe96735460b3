import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** One change of what a user has. The database refuses to change or delete a row (M4). */
export class InventoryChange extends Model<
  InferAttributes<InventoryChange>,
  InferCreationAttributes<InventoryChange>
> {
  declare id: CreationOptional<number>;
  declare userId: number;
  declare itemId: number;
  declare delta: number;
  declare quantityAfter: number;
  declare commandId: string;
  declare reason: string;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineInventoryChange(sequelize: Sequelize): typeof InventoryChange {
  return class extends InventoryChange {}.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      userId: { type: DataTypes.BIGINT, allowNull: false },
      itemId: { type: DataTypes.BIGINT, allowNull: false },
      delta: { type: DataTypes.BIGINT, allowNull: false },
      quantityAfter: { type: DataTypes.BIGINT, allowNull: false },
      commandId: { type: DataTypes.UUID, allowNull: false },
      reason: { type: DataTypes.TEXT, allowNull: false },
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { sequelize, modelName: 'InventoryChange', tableName: 'inventory_changes', underscored: true },
  );
}
