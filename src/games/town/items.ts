/**
 * The items that a new server begins with. Whatever is crafted and made of bought ones, the shop gives less for it than
 * it took for the parts; what grows and is dug costs time instead.
 */
import type { Recipe } from '../world.ts';

/** A row of the catalogue, as an admin would write it. */
export interface SeedItem {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** In minor units; null: not for sale. */
  readonly price: number | null;
  readonly data: {
    readonly stack: number;
    readonly sellPrice: number | null;
    readonly recipe: Recipe | null;
  };
}

/** Name, title, price, price that the shop gives, stack, description. */
type Row = readonly [string, string, number | null, number, number, string];

const GATHERED: readonly Row[] = [
  ['wheat', 'Wheat', 5, 2, 5_000, 'Grows on farms. Feeds mills, hens and sheep.'],
  ['wood', 'Wood', 8, 3, 5_000, 'What most things begin with.'],
  ['stone', 'Stone', 10, 4, 5_000, 'Heavy, and lasts.'],
  ['clay', 'Clay', 8, 3, 5_000, 'For bricks and pots.'],
  ['ore', 'Iron ore', 16, 6, 2_000, 'Iron, before the smelter.'],
  ['wool', 'Wool', 16, 6, 2_000, 'Two of it are one of cloth.'],
  ['egg', 'Egg', 11, 4, 2_000, 'Fresh from the henhouse.'],
];

const MADE: readonly Row[] = [
  ['flour', 'Flour', 18, 7, 2_000, 'Ground wheat.'],
  ['charcoal', 'Charcoal', 24, 9, 2_000, 'Burns hotter than wood.'],
  ['plank', 'Plank', 22, 9, 2_000, 'Sawn wood, for better buildings.'],
  ['brick', 'Brick', 34, 14, 2_000, 'Fired clay, for buildings that stay.'],
  ['bread', 'Bread', 30, 12, 1_000, 'What villas and taverns ask for.'],
  ['cloth', 'Cloth', 45, 18, 1_000, 'Woven wool.'],
  ['iron', 'Iron', 75, 30, 1_000, 'Bars, ready for the smith.'],
];

/** With what one making takes, how many it makes, and where. */
const CRAFTED: readonly (readonly [Row, Recipe['takes'], number, Recipe['at']])[] = [
  [['rope', 'Rope', 40, 16, 500, 'Twisted straw.'], { wheat: 6 }, 1, null],
  [
    ['torch', 'Torch', 20, 8, 500, 'Light for an hour below ground.'],
    { wood: 1, charcoal: 1 },
    2,
    null,
  ],
  [['nail', 'Nail', 10, 4, 5_000, 'Ten from a bar.'], { iron: 1 }, 10, at('smithy', 1)],
  [
    ['tool', 'Tool', 135, 55, 500, 'Hammer, axe or saw: workers know which.'],
    { iron: 1, plank: 1 },
    1,
    at('smithy', 1),
  ],
  [
    ['pottery', 'Pottery', 65, 26, 500, 'Pots and tiles.'],
    { clay: 3, charcoal: 1 },
    1,
    at('kiln', 1),
  ],
  [
    ['barrel', 'Barrel', 220, 90, 500, 'Staves and hoops.'],
    { plank: 4, iron: 1 },
    1,
    at('sawmill', 2),
  ],
  [
    ['cabinet', 'Cabinet', null, 130, 200, 'For the better parlours.'],
    { plank: 6, nail: 10 },
    1,
    at('sawmill', 2),
  ],
  [
    ['lantern', 'Lantern', 160, 65, 200, 'A torch that the wind leaves alone.'],
    { iron: 1, torch: 2 },
    1,
    at('smithy', 2),
  ],
  [
    ['pie', 'Pie', null, 28, 500, 'Best while it is warm.'],
    { flour: 2, egg: 2 },
    1,
    at('bakery', 2),
  ],
  [
    ['coat', 'Coat', null, 100, 200, 'Three yards of cloth and a belt.'],
    { cloth: 3, rope: 1 },
    1,
    at('weavery', 2),
  ],
  [
    ['ale', 'Ale', null, 15, 1_000, 'Ten mugs a barrel.'],
    { wheat: 10, barrel: 1 },
    10,
    at('tavern', 1),
  ],
  [
    ['statue', 'Statue', null, 190, 100, 'Somebody on a horse.'],
    { stone: 20, tool: 1 },
    1,
    at('quarry', 3),
  ],
  [
    ['bell', 'Bell', null, 440, 50, 'Heard in the whole valley.'],
    { iron: 8, charcoal: 8 },
    1,
    at('smithy', 3),
  ],
];

export const items: readonly SeedItem[] = [
  ...[...GATHERED, ...MADE].map((row) => itemOf(row, null)),
  ...CRAFTED.map(([row, takes, makes, where]) => itemOf(row, { takes, makes, at: where })),
];

function itemOf(row: Row, recipe: Recipe | null): SeedItem {
  const [name, title, price, sellPrice, stack, description] = row;
  return { name, title, description, price, data: { stack, sellPrice, recipe } };
}

function at(building: string, level: number): Recipe['at'] {
  return { building, level };
}
