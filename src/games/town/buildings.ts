/** The buildings that a new server begins with. 500 coins are for cottages, a farm and a lumber camp. */
import type { Amounts } from '../world.ts';

export interface SeedLevel {
  /** For the step up to it, in minor units; that of level 1 is the building's own. */
  readonly cost?: number;
  readonly takes: Amounts;
  readonly seconds: number;
  readonly produces: Amounts;
  readonly consumes: Amounts;
  readonly storage: number;
}

/** A row of the catalogue, as an admin would write it. */
export interface SeedBuilding {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly cost: number;
  readonly data: {
    readonly width: number;
    readonly height: number;
    readonly levels: readonly SeedLevel[];
  };
}

/** Cost, seconds, storage of each thing, items that it takes; then per hour what it makes and what it uses up. */
type Row = readonly [number, number, number, Amounts, Amounts, Amounts];

export const buildings: readonly SeedBuilding[] = [
  buildingOf('cottage', 'Cottage', 'Pays rent.', 1, 1, [
    [100, 5, 240, {}, { coin: 40 }, {}],
    [250, 300, 800, { plank: 5 }, { coin: 90 }, {}],
    [900, 3_600, 2_400, { plank: 10, brick: 10 }, { coin: 200 }, {}],
  ]),
  buildingOf('villa', 'Villa', 'Pays well while it has what it asks for.', 2, 2, [
    [1_500, 1_800, 6_000, { plank: 20, brick: 20 }, { coin: 600 }, { bread: 10 }],
    [4_000, 7_200, 12_000, { brick: 40, pottery: 10 }, { coin: 1_300 }, { bread: 15, cloth: 3 }],
    [12_000, 14_400, 24_000, { cabinet: 4, lantern: 6 }, { coin: 3_000 }, { bread: 20, ale: 6 }],
  ]),
  buildingOf('farm', 'Farm', 'Wheat, in rows.', 2, 2, [
    [120, 10, 150, {}, { wheat: 30 }, {}],
    [300, 180, 400, { wood: 20 }, { wheat: 60 }, {}],
    [900, 2_400, 1_200, { plank: 20, tool: 4 }, { wheat: 130 }, {}],
  ]),
  buildingOf('lumber-camp', 'Lumber camp', 'Fells and plants.', 2, 2, [
    [120, 15, 120, {}, { wood: 20 }, {}],
    [300, 240, 320, { stone: 15 }, { wood: 42 }, {}],
    [1_000, 2_700, 900, { plank: 15, tool: 5 }, { wood: 90 }, {}],
  ]),
  buildingOf('quarry', 'Quarry', 'Stone, and from its third level statues.', 2, 2, [
    [200, 30, 100, { wood: 10 }, { stone: 15 }, {}],
    [450, 300, 260, { plank: 10 }, { stone: 32 }, {}],
    [1_300, 3_600, 720, { plank: 20, tool: 6 }, { stone: 70 }, {}],
  ]),
  buildingOf('clay-pit', 'Clay pit', 'Muddy work.', 2, 1, [
    [150, 30, 120, { wood: 5 }, { clay: 20 }, {}],
    [350, 300, 320, { plank: 8 }, { clay: 42 }, {}],
    [1_100, 3_000, 900, { plank: 16, tool: 4 }, { clay: 90 }, {}],
  ]),
  buildingOf('mine', 'Mine', 'Iron ore from below.', 3, 2, [
    [600, 600, 100, { plank: 20, stone: 20 }, { ore: 12 }, {}],
    [1_500, 2_700, 260, { plank: 30, torch: 20 }, { ore: 26 }, {}],
    [4_200, 7_200, 720, { tool: 12, lantern: 6 }, { ore: 60 }, {}],
  ]),
  buildingOf('pasture', 'Pasture', 'Sheep: wheat in, wool out.', 3, 3, [
    [400, 120, 200, { wood: 30 }, { wool: 12 }, { wheat: 30 }],
    [900, 900, 520, { wood: 60, rope: 6 }, { wool: 26 }, { wheat: 65 }],
    [2_600, 5_400, 1_200, { plank: 30, tool: 6 }, { wool: 56 }, { wheat: 140 }],
  ]),
  buildingOf('henhouse', 'Henhouse', 'Wheat in, eggs out.', 1, 1, [
    [150, 45, 96, { wood: 10 }, { egg: 12 }, { wheat: 12 }],
    [350, 420, 260, { wood: 25, rope: 3 }, { egg: 26 }, { wheat: 26 }],
    [1_000, 3_000, 720, { plank: 15, nail: 30 }, { egg: 56 }, { wheat: 54 }],
  ]),
  buildingOf('mill', 'Mill', 'Grinds wheat to flour.', 2, 2, [
    [350, 120, 300, { wood: 20, stone: 10 }, { flour: 20 }, { wheat: 40 }],
    [800, 900, 700, { plank: 20, rope: 4 }, { flour: 44 }, { wheat: 88 }],
    [2_400, 5_400, 1_600, { plank: 30, tool: 6 }, { flour: 96 }, { wheat: 190 }],
  ]),
  buildingOf('bakery', 'Bakery', 'Bread, and from its second level pies.', 2, 1, [
    [500, 240, 200, { plank: 10, brick: 10 }, { bread: 20 }, { flour: 20, charcoal: 5 }],
    [1_200, 1_500, 520, { brick: 25, tool: 3 }, { bread: 44 }, { flour: 44, charcoal: 10 }],
    [3_600, 7_200, 1_400, { brick: 40, tool: 6 }, { bread: 96 }, { flour: 96, charcoal: 20 }],
  ]),
  buildingOf(
    'sawmill',
    'Sawmill',
    'Planks, and from its second level barrels and cabinets.',
    2,
    2,
    [
      [300, 90, 200, { wood: 20 }, { plank: 15 }, { wood: 30 }],
      [750, 900, 520, { stone: 20, nail: 20 }, { plank: 33 }, { wood: 66 }],
      [2_200, 4_800, 1_200, { brick: 20, tool: 6 }, { plank: 72 }, { wood: 140 }],
    ],
  ),
  buildingOf('charcoal-burner', 'Charcoal burner', 'Wood in, charcoal out.', 1, 1, [
    [200, 60, 150, { wood: 15, clay: 5 }, { charcoal: 12 }, { wood: 24 }],
    [500, 600, 400, { stone: 15, clay: 20 }, { charcoal: 26 }, { wood: 52 }],
    [1_500, 3_600, 1_000, { brick: 20, tool: 3 }, { charcoal: 56 }, { wood: 110 }],
  ]),
  buildingOf('kiln', 'Kiln', 'Fires bricks and pottery.', 1, 1, [
    [400, 180, 150, { stone: 20, clay: 10 }, { brick: 12 }, { clay: 24, wood: 12 }],
    [1_000, 1_200, 400, { stone: 40, clay: 30 }, { brick: 26 }, { clay: 52, wood: 26 }],
    [3_000, 6_000, 1_000, { brick: 40, tool: 5 }, { brick: 58 }, { clay: 114, wood: 56 }],
  ]),
  buildingOf('smelter', 'Smelter', 'Ore and charcoal in, iron out.', 2, 2, [
    [900, 600, 100, { brick: 20, stone: 20 }, { iron: 8 }, { ore: 16, charcoal: 8 }],
    [2_200, 2_700, 260, { brick: 40, tool: 4 }, { iron: 17 }, { ore: 34, charcoal: 17 }],
    [6_500, 9_000, 720, { brick: 80, tool: 10 }, { iron: 38 }, { ore: 76, charcoal: 36 }],
  ]),
  buildingOf('smithy', 'Smithy', 'A workshop: tools and nails, then lanterns, then bells.', 2, 1, [
    [800, 300, 0, { plank: 10, brick: 10 }, {}, {}],
    [2_000, 1_800, 0, { brick: 25, iron: 10 }, {}, {}],
    [6_000, 7_200, 0, { brick: 50, tool: 10 }, {}, {}],
  ]),
  buildingOf('weavery', 'Weavery', 'Cloth, and from its second level coats.', 2, 1, [
    [600, 300, 150, { plank: 15 }, { cloth: 8 }, { wool: 16 }],
    [1_400, 1_800, 400, { plank: 25, nail: 40 }, { cloth: 17 }, { wool: 34 }],
    [4_200, 7_200, 1_000, { brick: 30, tool: 8 }, { cloth: 38 }, { wool: 74 }],
  ]),
  buildingOf('tavern', 'Tavern', 'Ale is made here, and drunk.', 2, 2, [
    [1_800, 2_400, 3_000, { plank: 30, barrel: 2 }, { coin: 350 }, { ale: 6, bread: 4 }],
    [5_000, 7_200, 7_000, { cabinet: 3, barrel: 4 }, { coin: 800 }, { ale: 12, bread: 8 }],
    [
      14_000,
      14_400,
      18_000,
      { cabinet: 6, lantern: 10 },
      { coin: 1_800 },
      { ale: 24, bread: 12, pie: 4 },
    ],
  ]),
  buildingOf('market', 'Market', 'Sells for more than the shop gives.', 3, 3, [
    [2_000, 1_800, 4_000, { plank: 40, brick: 40 }, { coin: 300 }, { egg: 10, cloth: 5 }],
    [
      5_500,
      5_400,
      9_000,
      { plank: 60, pottery: 20 },
      { coin: 700 },
      { egg: 20, cloth: 8, pottery: 2 },
    ],
    [
      15_000,
      14_400,
      24_000,
      { cabinet: 6, bell: 1 },
      { coin: 1_600 },
      { egg: 40, cloth: 16, pottery: 8 },
    ],
  ]),
];

function buildingOf(
  name: string,
  title: string,
  description: string,
  width: number,
  height: number,
  rows: readonly Row[],
): SeedBuilding {
  const levels = rows.map(([cost, seconds, storage, takes, produces, consumes], index) => ({
    ...(index > 0 && { cost }),
    takes,
    seconds,
    produces,
    consumes,
    storage,
  }));
  return { name, title, description, cost: rows[0]?.[0] ?? 0, data: { width, height, levels } };
}
