import assert from 'node:assert/strict';
import { QueryTypes, type Sequelize } from 'sequelize';
import type { Models } from '../../models/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { allModels, openModels } from '../support/models.ts';

interface Column {
  table: string;
  name: string;
  type: string;
  nullable: boolean;
  defaulted: boolean;
}

/** Which Sequelize types stand for which of PostgreSQL. */
const TYPES: Record<string, string> = {
  BIGINT: 'bigint',
  SMALLINT: 'smallint',
  BOOLEAN: 'boolean',
  CHAR: 'character',
  DATE: 'timestamp with time zone',
  DATEONLY: 'date',
  INET: 'inet',
  INTEGER: 'integer',
  JSONB: 'jsonb',
  TEXT: 'text',
  UUID: 'uuid',
};
/** Sequelize fills these in by itself, so the models do not say that they must be given. */
const TIMESTAMPS = ['created_at', 'updated_at'];

describe('models', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let models: Models;
  let columns: Column[];

  before(async () => {
    database = await createTestDatabase({ migrated: true });
    ({ sequelize, models } = openModels(database.url));
    columns = await sequelize.query<Column>(
      `SELECT table_name AS "table", column_name AS name, data_type AS type,
         is_nullable = 'YES' AS nullable,
         column_default IS NOT NULL AND is_generated = 'NEVER' AS defaulted
       FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name <> 'schema_migrations'`,
      { type: QueryTypes.SELECT },
    );
  });
  after(async () => {
    await sequelize.close();
    await database.drop();
  });

  it('there is one for every table', () => {
    const modelled = allModels(models).map((model) => model.getTableName());
    assert.deepEqual(
      modelled.toSorted(),
      [...new Set(columns.map((column) => column.table))].toSorted(),
    );
  });

  it('have an attribute for every column and no other, of its type and nullability', () => {
    for (const model of allModels(models)) {
      const table = String(model.getTableName());
      const described = Object.values(model.getAttributes()).map((attribute) => ({
        name: attribute.field ?? '',
        type: TYPES[(attribute.type as { key: string }).key] ?? '',
        nullable: attribute.allowNull !== false && attribute.primaryKey !== true,
      }));
      const real = columns
        .filter((column) => column.table === table)
        .map(({ name, type, nullable }) => ({ name, type, nullable }));
      const comparable = (list: typeof real) =>
        list
          .map((column) =>
            TIMESTAMPS.includes(column.name) ? { ...column, nullable: false } : column,
          )
          .sort((a, b) => a.name.localeCompare(b.name));
      assert.deepEqual(comparable(described), comparable(real), table);
    }
  });

  it('know a default wherever the database has one for a column that must not be null', () => {
    for (const model of allModels(models)) {
      const table = String(model.getTableName());
      for (const column of columns.filter((candidate) => candidate.table === table)) {
        if (column.nullable || !column.defaulted || TIMESTAMPS.includes(column.name)) continue;
        const attribute = Object.values(model.getAttributes()).find((a) => a.field === column.name);
        assert.notEqual(attribute?.defaultValue, undefined, `${table}.${column.name}`);
      }
    }
  });

  it('relate wherever the database does', async () => {
    const keys = await sequelize.query<{ table: string; column: string; target: string }>(
      `SELECT c.conrelid::regclass::text AS "table", a.attname AS column,
         c.confrelid::regclass::text AS target
       FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
       WHERE c.contype = 'f'`,
      { type: QueryTypes.SELECT },
    );
    assert.ok(keys.length > 20);
    for (const { table, column, target } of keys) {
      const model = allModels(models).find((candidate) => candidate.getTableName() === table);
      const found = Object.values(model?.associations ?? {}).some(
        (association) =>
          association.associationType === 'BelongsTo' &&
          association.target.getTableName() === target &&
          model?.getAttributes()[association.foreignKey]?.field === column,
      );
      assert.ok(found, `${table}.${column} -> ${target}`);
    }
  });

  it('every association can be included', async () => {
    for (const model of allModels(models)) {
      for (const name of Object.keys(model.associations)) {
        await model.findAll({ include: name });
      }
    }
  });

  it('[M2] models of the books refuse to write', async () => {
    const refused = /written by the ledger's SQL functions only/;
    const { Wallet, Posting, Transaction, Round, Bet } = models;
    await assert.rejects(Wallet.create({ kind: 'house', account: 'house' }), refused);
    await assert.rejects(Wallet.update({ balance: 1 }, { where: {} }), refused);
    await assert.rejects(Wallet.destroy({ where: {} }), refused);
    const grant = await Wallet.findOne({ where: { kind: 'grant' } });
    await assert.rejects(grant?.update({ balance: 1 }) ?? Promise.resolve(), refused);
    await assert.rejects(grant?.destroy() ?? Promise.resolve(), refused);
    const id = '01890a5d-ac96-774b-bcce-b302099a8057';
    await assert.rejects(Posting.upsert({ id, category: 'grant' }), refused);
    await assert.rejects(Posting.bulkCreate([{ id, category: 'grant' }]), refused);
    await assert.rejects(Transaction.destroy({ where: {} }), refused);
    await assert.rejects(Round.update({ phase: 'void' }, { where: {} }), refused);
    await assert.rejects(Bet.update({ payout: 1 }, { where: {} }), refused);
  });

  it('a soft-deleted user is left out of lists and keeps the row', async () => {
    const user = await models.User.create({ username: 'gone' });
    await user.destroy();
    assert.equal(await models.User.findByPk(user.id), null);
    const kept = await models.User.findByPk(user.id, { paranoid: false });
    assert.ok(kept?.deletedAt instanceof Date);
  });

  it('[M1] a bigint comes back as the integer that it is', async () => {
    const price = Number.MAX_SAFE_INTEGER;
    const { id } = await models.Item.create({ name: 'crown', title: 'Crown', price });
    assert.equal((await models.Item.findByPk(id))?.price, price);
  });

  it('two databases in one process keep their models apart', async () => {
    const other = await createTestDatabase({ migrated: true });
    const opened = openModels(other.url);
    try {
      await opened.models.User.create({ username: 'only-there' });
      assert.equal(await models.User.count({ where: { username: 'only-there' } }), 0);
      assert.equal(await opened.models.User.count({ where: { username: 'only-there' } }), 1);
    } finally {
      await opened.sequelize.close();
      await other.drop();
    }
  });
});
