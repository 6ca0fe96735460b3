import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** A server process and its lease by the database clock (M8). Written by SQL functions; read here. */
export class ServerNode extends Model<
  InferAttributes<ServerNode>,
  InferCreationAttributes<ServerNode>
> {
  declare id: string;
  declare hostname: string;
  declare pid: number;
  declare address: string | null;
  declare leaseExpiresAt: Date;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineServerNode(sequelize: Sequelize): typeof ServerNode {
  return class extends ServerNode {}.init(
    {
      id: { type: DataTypes.UUID, primaryKey: true },
      hostname: { type: DataTypes.TEXT, allowNull: false },
      pid: { type: DataTypes.INTEGER, allowNull: false },
      address: DataTypes.TEXT,
      leaseExpiresAt: { type: DataTypes.DATE, allowNull: false },
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { sequelize, modelName: 'ServerNode', tableName: 'server_nodes', underscored: true },
  );
}
