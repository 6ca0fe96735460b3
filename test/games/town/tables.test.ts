import assert from 'node:assert/strict';
import { buildings, items } from '../../../src/games/town/tables.ts';
import { town } from '../../../src/games/town.ts';
import type { Amounts, BuildingLevel } from '../../../src/games/world.ts';
import { NewBuilding, NewItem } from '../../../src/protocol/world.ts';
import { done, NOW, seeded } from './fixture.ts';

const START_BALANCE = 500;
const DAY_MS = 86_400_000;

const levels = [...seeded.buildings.values()].flatMap(({ name, levels: rows }) =>
  rows.map((row, index) => ({ name: `${name} ${index + 1}`, row })),
);
/** Work that makes items of items. */
const works = levels.filter(
  ({ row }) => Object.keys(row.consumes).length > 0 && !Object.hasOwn(row.produces, 'coin'),
);

function worth(amounts: Amounts, of: (name: string) => number): number {
  return Object.entries(amounts).reduce((sum, [name, quantity]) => sum + quantity * of(name), 0);
}

function sellPrice(name: string): number {
  return seeded.items.get(name)?.sellPrice ?? 0;
}

/** The least that one of each item costs, with what is bought: at the shop, crafted, or made in any building. */
function leastCosts(): Map<string, number> {
  const least = new Map<string, number>();
  const cost = (name: string) => least.get(name) ?? Number.POSITIVE_INFINITY;
  const lower = (name: string, to: number) => least.set(name, Math.min(cost(name), to));
  for (let step = 0; step < 2 * seeded.items.size; step++) {
    for (const { name, price, recipe } of seeded.items.values()) {
      if (price !== null) lower(name, price);
      if (recipe) lower(name, worth(recipe.takes, cost) / recipe.makes);
    }
    for (const { row } of works) {
      const spent = worth(row.consumes, cost);
      for (const [name, rate] of Object.entries(row.produces)) lower(name, spent / rate);
    }
  }
  return least;
}

describe('games/town/tables', () => {
  it('[W8] every row is one that an admin could write', () => {
    for (const row of items) assert.deepEqual(NewItem.parse(row), row);
    for (const row of buildings) assert.deepEqual(NewBuilding.parse(row), row);
    assert.equal(seeded.items.size, items.length);
    assert.equal(seeded.buildings.size, buildings.length);
    assert.ok(items.length >= 18 && buildings.length >= 12);
    assert.ok(!seeded.items.has('coin'));
  });

  it('[W4] all that is named is there: what is made, used up, taken, and where', () => {
    const known = (amounts: Amounts, where: string) => {
      for (const name of Object.keys(amounts)) {
        assert.ok(seeded.items.has(name), `${name} of ${where}`);
      }
    };
    for (const { name, row } of levels) {
      const { coin: _, ...goods } = row.produces;
      known(goods, name);
      known(row.consumes, name);
      known(row.takes, name);
    }
    for (const { name, recipe } of seeded.items.values()) {
      known(recipe?.takes ?? {}, name);
      const workshop = recipe?.at && seeded.buildings.get(recipe.at.building);
      if (recipe?.at) assert.ok(workshop && workshop.levels.length >= recipe.at.level, name);
    }
  });

  it('[W4] there are buildings of many sizes, each with three levels that cost and do more and more', () => {
    const sizes = new Set<string>();
    for (const { name, width, height, levels: rows } of seeded.buildings.values()) {
      sizes.add(`${width}x${height}`);
      assert.ok(width <= 3 && height <= 3 && rows.length >= 3, name);
      for (const [index, row] of rows.entries()) {
        const before: BuildingLevel | undefined = rows[index - 1];
        assert.ok(row.seconds >= 5 && row.seconds <= 4 * 3_600, name);
        if (!before) continue;
        assert.ok(row.cost > before.cost && row.seconds > before.seconds, name);
        assert.ok(Object.keys(row.takes).length > 0, name);
        for (const [thing, rate] of Object.entries(before.produces)) {
          assert.ok((row.produces[thing] ?? 0) > rate && row.storage > before.storage, name);
        }
      }
    }
    assert.ok(sizes.has('1x1') && sizes.has('3x3') && sizes.size >= 5);
  });

  it('[W4] what a building uses up and makes in two hours fits into it', () => {
    for (const { name, row } of levels) {
      for (const rate of [...Object.values(row.produces), ...Object.values(row.consumes)]) {
        assert.ok(2 * rate <= row.storage, name);
      }
    }
  });

  it('[W4] the shop gives less for an item than it takes', () => {
    for (const { name, price, sellPrice: given } of seeded.items.values()) {
      assert.ok(given !== null && given > 0, name);
      if (price !== null) assert.ok(given < price, name);
    }
  });

  it('[W4] nothing that is made of bought things, by whatever steps, sells for what they cost', () => {
    const least = leastCosts();
    for (const { name, sellPrice: given } of seeded.items.values()) {
      const cost = least.get(name) ?? 0;
      assert.ok((given ?? 0) < cost, `${name} brings ${given} and costs ${cost}`);
    }
    for (const { name, recipe } of seeded.items.values()) {
      if (!recipe) continue;
      const spent = worth(recipe.takes, (part) => least.get(part) ?? 0);
      assert.ok(recipe.makes * sellPrice(name) < spent, name);
    }
    for (const { name, row } of works) {
      const spent = worth(row.consumes, (part) => least.get(part) ?? 0);
      assert.ok(worth(row.produces, sellPrice) < spent, name);
    }
  });

  it('[W4] making something of what one has is worth more than selling it', () => {
    for (const { name, recipe } of seeded.items.values()) {
      if (!recipe) continue;
      assert.ok(recipe.makes * sellPrice(name) > worth(recipe.takes, sellPrice), name);
    }
    for (const { name, row } of levels) {
      const made = worth(row.produces, (thing) => (thing === 'coin' ? 1 : sellPrice(thing)));
      if (made > 0) assert.ok(made > worth(row.consumes, sellPrice), name);
    }
  });

  it('[W4] a building gives back no more than was paid for it', () => {
    for (const { name, levels: rows, width } of seeded.buildings.values()) {
      let state = town.create();
      let paid = 0;
      let has: Record<string, number> = {};
      for (const [index, row] of rows.entries()) {
        has = { ...row.takes };
        const asked = index === 0 ? { building: name, x: 16 - width, y: 0 } : { id: 1 };
        const deed = done(state, index === 0 ? 'build' : 'upgrade', asked, has, seeded);
        paid += deed.coins?.amount ?? 0;
        // Before it has worked.
        state = town.advance(deed.state, NOW, NOW + row.seconds * 1_000, seeded);
      }
      const { coins, items: back } = done(state, 'demolish', { id: 1 }, {}, seeded);
      assert.ok(paid > 0 && (coins?.amount ?? 0) <= paid / 2, name);
      assert.deepEqual(back, {});
    }
  });

  it('[W4] with the coins of a new player a town starts, and its first day pays for more', () => {
    let coins = START_BALANCE;
    let state = town.create();
    for (const [building, x] of [
      ['cottage', 0],
      ['farm', 2],
      ['lumber-camp', 5],
      ['cottage', 1],
    ] as const) {
      const deed = done(state, 'build', { building, x, y: 0 }, {}, seeded);
      coins -= deed.coins?.amount ?? 0;
      state = deed.state;
    }
    assert.ok(coins >= 0, `${coins}`);
    const spent = START_BALANCE - coins;
    // Somebody looks after it three times a day.
    for (let visit = 0; visit < 3; visit++) {
      state = town.advance(state, NOW, NOW + DAY_MS / 3, seeded);
      const deed = done(state, 'collect', {}, {}, seeded);
      state = deed.state;
      coins += (deed.coins?.amount ?? 0) + worth(deed.items, sellPrice);
    }
    assert.ok(coins > 3 * spent, `${coins}`);
  });

  it('[W4] whatever is in the tables can be reached from coins alone', () => {
    const reached = new Set<string>();
    let before = -1;
    const has = (amounts: Amounts) => Object.keys(amounts).every((name) => reached.has(name));
    while (reached.size > before) {
      before = reached.size;
      for (const { name, levels: rows } of seeded.buildings.values()) {
        for (const [index, row] of rows.entries()) {
          const key = `${name} ${index + 1}`;
          if (has(row.takes) && (index === 0 || reached.has(`${name} ${index}`))) reached.add(key);
          if (reached.has(key) && has(row.consumes)) {
            for (const thing of Object.keys(row.produces)) reached.add(thing);
          }
        }
      }
      for (const { name, price, recipe } of seeded.items.values()) {
        if (price !== null) reached.add(name);
        if (!recipe || !has(recipe.takes)) continue;
        const { at } = recipe;
        if (!at || reached.has(`${at.building} ${at.level}`)) reached.add(name);
      }
    }
    for (const { name } of levels) assert.ok(reached.has(name), name);
    for (const name of seeded.items.keys()) assert.ok(reached.has(name), name);
  });
});
