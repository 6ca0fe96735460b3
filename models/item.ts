import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** An item of the catalogue, or a user's own (`ownerUserId`). `price` in minor units; null: not for sale. */
export class Item extends Model<InferAttributes<Item>, InferCreationAttributes<Item>> {
  declare id: CreationOptional<number>;
  declare name: string | null;
  declare title: string;
  declare description: string | null;
  declare icon: string | null;
  declare data: CreationOptional<Record<string, unknown>>;
  declare price: number | null;
  declare isActive: CreationOptional<boolean>;
  declare ownerUserId: number | null;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineItem(sequelize: Sequelize): typeof Item {
  return class extends Item {}.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      name: DataTypes.TEXT,
      title: { type: DataTypes.TEXT, allowNull: false },
      description: DataTypes.TEXT,
      icon: DataTypes.TEXT,
      data: { type: DataTypes.JSONB, allowNull: false, defaultValue: {} },
      price: DataTypes.BIGINT,
      isActive: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: true },
      ownerUserId: DataTypes.BIGINT,
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { sequelize, modelName: 'Item', tableName: 'items', underscored: true },
  );
}
