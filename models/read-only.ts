import { literal, type Model, type ModelStatic } from 'sequelize';

/** What the database puts into `xact_id`: the database transaction that writes the row. */
export const OWN_XACT = literal('pg_current_xact_id()::text::bigint');

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
