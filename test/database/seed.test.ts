import assert from 'node:assert/strict';
import type { Sequelize } from 'sequelize';
import type { Models } from '../../models/index.ts';
import { type SeedGame, seedCatalogue, seedWorldTables } from '../../src/database/seed.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openModels } from '../support/models.ts';

const dice: SeedGame = {
  kind: 'round',
  name: 'dice',
  title: 'Dice',
  description: 'Two dice, one throw.',
  payTableVersion: 1,
  limits: { minStake: 1, maxStake: 1000, maxBetsPerPlayer: 3 },
  bettingMs: 5000,
  settledMs: 2000,
  examples: [{}],
};

describe('seedCatalogue', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let models: Models;

  before(async () => {
    database = await createTestDatabase({ migrated: true });
    ({ sequelize, models } = openModels(database.url));
  });
  after(async () => {
    await sequelize.close();
    await database.drop();
  });
  beforeEach(() => models.Game.destroy({ where: {} }));

  it('adds a row for each game, with its limits and timing as parameters', async () => {
    await seedCatalogue(sequelize, [dice, { ...dice, name: 'wheel', title: 'Wheel' }]);
    const games = await models.Game.findAll({ order: ['name'] });
    assert.deepEqual(
      games.map((game) => [game.name, game.title, game.kind, game.payTableVersion, game.isEnabled]),
      [
        ['dice', 'Dice', 'round', 1, true],
        ['wheel', 'Wheel', 'round', 1, true],
      ],
    );
    assert.deepEqual(games[0]?.parameters, {
      limits: dice.limits,
      timing: { bettingMs: 5000, settledMs: 2000 },
      cashOut: false,
      examples: [{}],
    });
  });

  it('a second run writes nothing', async () => {
    await seedCatalogue(sequelize, [dice]);
    const seeded = await models.Game.findOne({ where: { name: 'dice' } });
    await seedCatalogue(sequelize, [dice]);
    const again = await models.Game.findOne({ where: { name: 'dice' } });
    assert.deepEqual(again?.toJSON(), seeded?.toJSON());
  });

  it('a changed game is brought up to date, and stays switched off when the operator said so', async () => {
    await seedCatalogue(sequelize, [dice]);
    await models.Game.update({ isEnabled: false }, { where: { name: 'dice' } });
    const limits = { ...dice.limits, maxStake: 50 };
    await seedCatalogue(sequelize, [{ ...dice, payTableVersion: 2, limits }]);
    const game = await models.Game.findOne({ where: { name: 'dice' } });
    assert.equal(game?.payTableVersion, 2);
    assert.deepEqual(game?.parameters.limits, limits);
    assert.equal(game?.isEnabled, false);
  });

  it('a world has its slots and the length of an absence as parameters', async () => {
    const text = { name: 'farm', title: 'Farm', description: 'Grows.', payTableVersion: 1 };
    const parameters = { slots: 8, absenceMs: 604_800_000 };
    await seedCatalogue(sequelize, [{ kind: 'world', ...text, ...parameters }]);
    const game = await models.Game.findOne({ where: { name: 'farm' } });
    assert.deepEqual([game?.kind, game?.parameters], ['world', parameters]);
  });

  it('no games are no error, and games that went stay in the table for their history', async () => {
    await seedCatalogue(sequelize, [dice]);
    await seedCatalogue(sequelize, []);
    assert.equal(await models.Game.count(), 1);
  });

  it('concurrent starters do not collide', async () => {
    await Promise.all([dice, dice, dice].map((game) => seedCatalogue(sequelize, [game])));
    assert.equal(await models.Game.count(), 1);
  });
});

describe('seedWorldTables', () => {
  const plank = { name: 'plank', title: 'Plank', price: 12, data: { stack: 50 } };
  const stone = { name: 'stone', title: 'Stone', description: 'Grey.', icon: 'S', data: {} };
  const mill = { name: 'mill', title: 'Mill', cost: 250, data: { width: 2 } };
  const tables = { items: [plank, stone], buildings: [mill] };
  let database: TestDatabase;
  let sequelize: Sequelize;
  let models: Models;

  before(async () => {
    database = await createTestDatabase({ migrated: true });
    ({ sequelize, models } = openModels(database.url));
  });
  after(async () => {
    await sequelize.close();
    await database.drop();
  });
  beforeEach(async () => {
    await models.Item.destroy({ where: {} });
    await models.Building.destroy({ where: {} });
  });

  it('[W8] adds a row for each item and each building', async () => {
    await seedWorldTables(sequelize, tables);
    const items = await models.Item.findAll({ order: ['name'] });
    const none = { description: null, icon: null, price: null };
    for (const [index, given] of [plank, stone].entries()) {
      const { id, createdAt, updatedAt, ...row } = items[index]?.toJSON() ?? ({} as never);
      assert.ok(id > 0 && createdAt && updatedAt);
      assert.deepEqual(row, { ...none, ...given, isActive: true, ownerUserId: null });
    }
    const [building] = await models.Building.findAll();
    assert.deepEqual(
      [building?.name, building?.title, building?.cost, building?.data, building?.isActive],
      ['mill', 'Mill', 250, { width: 2 }, true],
    );
  });

  it('[W8] what an admin has changed or retired stays so, and what is new is added', async () => {
    await seedWorldTables(sequelize, tables);
    await models.Item.update({ price: 99, data: {} }, { where: { name: 'plank' } });
    await models.Item.update({ isActive: false }, { where: { name: 'stone' } });
    await models.Building.update({ cost: 1, isActive: false }, { where: { name: 'mill' } });
    const contents = async () => [await models.Item.findAll(), await models.Building.findAll()];
    const before = JSON.stringify(await contents());
    await seedWorldTables(sequelize, tables);
    assert.equal(JSON.stringify(await contents()), before);

    const nail = { name: 'nail', title: 'Nail', data: {} };
    await seedWorldTables(sequelize, { items: [...tables.items, nail], buildings: [mill] });
    assert.deepEqual(
      (await models.Item.findAll({ order: ['id'] })).map((item) => item.name).toSorted(),
      ['nail', 'plank', 'stone'],
    );
  });

  it('[W8] an item of a user with the same name is no reason to leave one out', async () => {
    const { id: ownerUserId } = await models.User.create({ username: 'maker' });
    await models.Item.create({ name: 'plank', title: 'My plank', ownerUserId });
    await seedWorldTables(sequelize, tables);
    assert.equal(await models.Item.count({ where: { name: 'plank', ownerUserId: null } }), 1);
  });

  it('[W8] concurrent starters do not collide, and later starts take no ids', async () => {
    await Promise.all([tables, tables, tables].map((given) => seedWorldTables(sequelize, given)));
    assert.deepEqual([await models.Item.count(), await models.Building.count()], [2, 1]);
    const probe = async (name: string) => (await models.Item.create({ name, title: name })).id;
    const first = await probe('first');
    for (let start = 0; start < 5; start++) await seedWorldTables(sequelize, tables);
    assert.equal(await probe('second'), first + 1);
  });
});
