import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** A registered game. Everything but `isEnabled` follows the rules file; that one is the operator's. */
export class Game extends Model<InferAttributes<Game>, InferCreationAttributes<Game>> {
  declare id: CreationOptional<number>;
  declare name: string;
  declare title: string;
  declare description: CreationOptional<string>;
  declare kind: 'round' | 'match' | 'world';
  declare parameters: CreationOptional<Record<string, unknown>>;
  declare payTableVersion: CreationOptional<number>;
  declare isEnabled: CreationOptional<boolean>;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineGame(sequelize: Sequelize): typeof Game {
  return class extends Game {}.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      name: { type: DataTypes.TEXT, allowNull: false },
      title: { type: DataTypes.TEXT, allowNull: false },
      description: { type: DataTypes.TEXT, allowNull: false, defaultValue: '' },
      kind: { type: DataTypes.TEXT, allowNull: false },
      parameters: { type: DataTypes.JSONB, allowNull: false, defaultValue: {} },
      payTableVersion: { type: DataTypes.INTEGER, allowNull: false, defaultValue: 1 },
      isEnabled: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: true },
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { sequelize, modelName: 'Game', tableName: 'games', underscored: true },
  );
}
