import assert from 'node:assert/strict';
import { type SeenTown, tablesOf, townCommand } from '../../loadtest/town-commands.ts';
import { town } from '../../src/games/town.ts';
import type { Building, Item } from '../../src/protocol.ts';
import { seeded } from '../long/seeded.ts';

const COMMANDS = 2_000;
const text = { description: null, icon: null, isActive: true };

const items: Item[] = [
  { ...text, id: 1, name: 'wood', title: 'Wood', price: 3, data: { stack: 99, sellPrice: 1 } },
  {
    ...text,
    id: 2,
    name: 'plank',
    title: 'Plank',
    price: null,
    data: { sellPrice: 5, recipe: { takes: { wood: 2 } } },
  },
  { ...text, id: 3, name: null, title: 'Of a user', price: null, data: {} },
  { ...text, id: 4, name: 'relic', title: 'Relic', price: 1, isActive: false, data: {} },
];
const buildings: Building[] = [
  {
    ...text,
    id: 1,
    name: 'saw-mill',
    title: 'Saw mill',
    cost: 20,
    data: { width: 2, height: 3, levels: [{ consumes: { wood: 5 }, storage: 9 }, { cost: 9 }] },
  },
  { ...text, id: 2, name: 'ruin', title: 'Ruin', cost: 1, isActive: false, data: {} },
];

describe("the load test's commands of towns", () => {
  const tables = tablesOf(items, buildings);

  it("know what can be had, and nothing that is retired or a user's own", () => {
    assert.deepEqual(
      tables.items.map(({ name, price, stack }) => [name, price, stack]),
      [
        ['wood', 3, 99],
        ['plank', null, 999],
        ['relic', null, 999],
      ],
    );
    assert.deepEqual(
      tables.kinds.map(({ name, width, height }) => [name, width, height]),
      [['saw-mill', 2, 3]],
    );
  });

  it('are ones that the rules of town can read, whatever the player has', () => {
    const seed = 20_251;
    const random = seeded(seed);
    const placed = { building: 'saw-mill', y: 0, level: 1, readyAt: 0 };
    const towns: SeenTown[] = [
      { now: 1, balance: 0, inventory: new Map(), buildings: [] },
      {
        now: 1,
        balance: 1_000,
        inventory: new Map([['wood', 7]]),
        buildings: Array.from({ length: 7 }, (_, at) => ({ ...placed, id: at + 1, x: 2 * at })),
      },
    ];
    const types = new Set<string>();
    for (let n = 0; n < COMMANDS; n++) {
      const { type, input } = townCommand(tables, towns[n % towns.length] as SeenTown, random);
      types.add(type);
      const read = town.commands[type as keyof typeof town.commands](input);
      assert.ok(!('refused' in read), `${type} ${JSON.stringify(input)}, seed ${seed}`);
    }
    assert.deepEqual([...types].sort(), Object.keys(town.commands).sort());
  });
});
