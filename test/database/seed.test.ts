import assert from 'node:assert/strict';
import type { Sequelize } from 'sequelize';
import type { Models } from '../../models/index.ts';
import { type SeedGame, seedCatalogue } from '../../src/database/seed.ts';
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
