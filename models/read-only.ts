import type { Model, ModelStatic } from 'sequelize';

/** Makes the usual ways of writing through a model throw: its table is written by SQL functions only (M2, M4). */
export function refuseWrites<T extends ModelStatic<Model>>(model: T): T {
  const refuse = () => {
    throw new Error(`${model.tableName} is written by the ledger's SQL functions only`);
  };
  model.addHook('beforeSave', refuse);
  model.addHook('beforeDestroy', refuse);
  model.addHook('beforeUpsert', refuse);
  model.addHook('beforeBulkCreate', refuse);
  model.addHook('beforeBulkUpdate', refuse);
  model.addHook('beforeBulkDestroy', refuse);
  return model;
}
