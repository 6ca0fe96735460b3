import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** A building of the catalogue. `cost` in minor units; `data` has size, production and levels. */
export class Building extends Model<InferAttributes<Building>, InferCreationAttributes<Building>> {
  declare id: CreationOptional<number>;
  declare name: string;
  declare title: CreationOptional<string>;
  declare description: string | null;
  declare icon: string | null;
  declare cost: number;
  declare data: CreationOptional<Record<string, unknown>>;
  declare isActive: CreationOptional<boolean>;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineBuilding(sequelize: Sequelize): typeof Building {
  return class extends Building {}.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      name: { type: DataTypes.TEXT, allowNull: false },
      title: { type: DataTypes.TEXT, allowNull: false, defaultValue: '' },
      description: DataTypes.TEXT,
      icon: DataTypes.TEXT,
      cost: { type: DataTypes.BIGINT, allowNull: false },
      data: { type: DataTypes.JSONB, allowNull: false, defaultValue: {} },
      isActive: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: true },
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { sequelize, modelName: 'Building', tableName: 'buildings', underscored: true },
  );
}
