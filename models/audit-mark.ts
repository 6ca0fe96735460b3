import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';
import { refuseWrites } from './read-only.ts';

/**
 * Up to where an audit has found everything sound (M12).
 * For reading only: the audit writes this table, and nothing else does.
 */
export class AuditMark extends Model<
  InferAttributes<AuditMark>,
  InferCreationAttributes<AuditMark>
> {
  declare id: CreationOptional<number>;
  declare kind: 'complete' | 'incremental';
  declare blockId: number;
  declare blockHash: string;
  declare snapshot: string;
  declare inventoryChangeId: number;
  declare systemIdentifier: string;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineAuditMark(sequelize: Sequelize): typeof AuditMark {
  return refuseWrites(
    class extends AuditMark {}.init(
      {
        id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
        kind: { type: DataTypes.TEXT, allowNull: false },
        blockId: { type: DataTypes.BIGINT, allowNull: false },
        blockHash: { type: DataTypes.CHAR(64), allowNull: false },
        snapshot: { type: DataTypes.TEXT, allowNull: false },
        inventoryChangeId: { type: DataTypes.BIGINT, allowNull: false },
        systemIdentifier: { type: DataTypes.TEXT, allowNull: false },
        createdAt: DataTypes.DATE,
        updatedAt: DataTypes.DATE,
      },
      { sequelize, modelName: 'AuditMark', tableName: 'audit_marks', underscored: true },
    ),
  );
}
