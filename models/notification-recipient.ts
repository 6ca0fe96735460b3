import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from 'sequelize';

/** One recipient of a notification: whether it was sent, when it was read. */
export class NotificationRecipient extends Model<
  InferAttributes<NotificationRecipient>,
  InferCreationAttributes<NotificationRecipient>
> {
  declare id: CreationOptional<number>;
  declare notificationId: number;
  declare userId: number;
  declare sentStatus: CreationOptional<boolean>;
  declare readAt: Date | null;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
}

export function defineNotificationRecipient(sequelize: Sequelize): typeof NotificationRecipient {
  return class extends NotificationRecipient {}.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      notificationId: { type: DataTypes.BIGINT, allowNull: false },
      userId: { type: DataTypes.BIGINT, allowNull: false },
      sentStatus: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: false },
      readAt: DataTypes.DATE,
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    {
      sequelize,
      modelName: 'NotificationRecipient',
      tableName: 'notification_recipients',
      underscored: true,
    },
  );
}
