import pg from 'pg';
import { type Model, type ModelStatic, Sequelize } from 'sequelize';
import { defineModels, type Models } from '../../models/index.ts';

const INT8 = 20;

/** The models alone, on a test's database; `sequelize.close()` is the test's to call. */
export function openModels(url: string): { sequelize: Sequelize; models: Models } {
  pg.types.setTypeParser(INT8, Number);
  const sequelize = new Sequelize(url, { logging: false, pool: { max: 2 } });
  return { sequelize, models: defineModels(sequelize) };
}

/** Every model as what they have in common. */
export function allModels(models: Models): ModelStatic<Model>[] {
  return Object.values(models) as unknown as ModelStatic<Model>[];
}
