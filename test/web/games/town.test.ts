import assert from 'node:assert/strict';
import fc from 'fast-check';
import { advance } from '../../../src/games/town/production.ts';
import type { WorldCatalogue } from '../../../src/games/world.ts';
import type { Building, Item } from '../../../src/protocol.ts';
import { craftable, lackInWords, lackOf } from '../../../web/src/games/town/afford.ts';
import {
  catalogueOf,
  type Level,
  levelOf,
  nextLevelOf,
} from '../../../web/src/games/town/catalogue.ts';
import {
  backToFront,
  type Footprint,
  freePlaceNear,
  hindranceAt,
  overlap,
  placeAround,
  SIZE,
} from '../../../web/src/games/town/grid.ts';
import { project, unproject } from '../../../web/src/games/town/iso.ts';
import {
  collectable,
  isMoving,
  MICRO,
  unitsOf,
  worksAt,
} from '../../../web/src/games/town/production.ts';
import { harvestOf, seenAt, standingOf } from '../../../web/src/games/town/standing.ts';
import {
  countdownText,
  doneText,
  listed,
  spanText,
  townTitle,
} from '../../../web/src/games/town/words.ts';
import { withHoldings, withNews } from '../../../web/src/rooms/news.ts';
import { placeOfSlot, placeOfVisit, whichWorld } from '../../../web/src/rooms/which-world.ts';

const HOUR = 3_600_000;

const level = (more: Partial<Level> = {}): Level => ({
  cost: 0,
  takes: {},
  seconds: 0,
  produces: {},
  consumes: {},
  storage: 0,
  ...more,
});

const building = (more: Partial<Building> = {}): Building => ({
  id: 1,
  name: 'mill',
  title: 'Mill',
  description: null,
  icon: null,
  cost: 350,
  isActive: true,
  data: { width: 2, height: 1, levels: [{ produces: { flour: 20 }, storage: 5 }, { cost: 800 }] },
  ...more,
});

const item = (more: Partial<Item> = {}): Item => ({
  id: 1,
  name: 'wheat',
  title: 'Wheat',
  description: null,
  icon: null,
  price: 5,
  isActive: true,
  data: { sellPrice: 2, stack: 100 },
  ...more,
});

describe('web/games/town: production', () => {
  const mill = level({ produces: { flour: 20 }, consumes: { wheat: 40 }, storage: 300 });

  it('[W3] works at so many units an hour, from the store that it had', () => {
    const before = { since: 1_000, store: { wheat: 50 * MICRO, flour: MICRO / 2 } };
    const half = worksAt(mill, before, 0, 1_000 + HOUR / 2);
    assert.deepEqual(half.store, { wheat: 30 * MICRO, flour: 10.5 * MICRO });
    assert.deepEqual([unitsOf(half.store, 'flour'), unitsOf(half.store, 'wheat')], [10, 30]);
    assert.deepEqual(half.stop, { why: 'out', thing: 'wheat' });
    assert.equal(half.stopIn, 0.75 * HOUR);
    assert.deepEqual(collectable(mill, half.store), [['flour', 10]]);
  });

  it('[W3] stands still when what it consumes is out, and the rest of it stays', () => {
    // 40 parts a millisecond: 100 are enough for two of them.
    const { store, stopIn } = worksAt(mill, { since: 0, store: { wheat: 100 } }, 0, HOUR);
    assert.deepEqual(store, { wheat: 20, flour: 40 });
    assert.equal(stopIn, 0);
  });

  it('[W3] stands still when a product is full, and what is beyond is lost', () => {
    const cottage = level({ produces: { coin: 40 }, storage: 240 });
    const works = worksAt(cottage, { since: 0, store: { coin: 240 * MICRO - 30 } }, 0, 1);
    assert.deepEqual(works.store, { coin: 240 * MICRO });
    assert.deepEqual([works.stop, works.stopIn], [{ why: 'full', thing: 'coin' }, 0]);
    assert.equal(isMoving(works, cottage), false);
    const later = worksAt(cottage, { since: 0, store: {} }, 0, 6 * HOUR - 1);
    assert.deepEqual([later.stopIn, isMoving(later, cottage)], [1, true]);
  });

  it('[W3] does nothing before it is ready', () => {
    const store = { since: 10_000, store: {} };
    const waiting = worksAt(level({ produces: { coin: 1 }, storage: 9 }), store, 15_000, 12_500);
    assert.deepEqual([waiting.readyIn, waiting.store], [2_500, {}]);
    const after = worksAt(level({ produces: { coin: 1 }, storage: 9 }), store, 15_000, 15_007);
    assert.deepEqual([after.readyIn, after.store], [0, { coin: 7 }]);
  });

  it('[W3] a clock that is behind the server shows what was told', () => {
    const told = { since: 5_000, store: { coin: 3 } };
    assert.deepEqual(worksAt(level({ produces: { coin: 1 }, storage: 9 }), told, 0, 4_000).store, {
      coin: 3,
    });
  });

  it('[W3] a workshop makes nothing and never changes', () => {
    const works = worksAt(level(), { since: 0, store: {} }, 0, HOUR);
    assert.deepEqual([works.stop, works.stopIn], [null, Number.POSITIVE_INFINITY]);
    assert.equal(isMoving(works, level()), false);
  });

  it('[W3] says for random stores, rates and times what the rules of the server say', () => {
    const rate = fc.integer({ min: 1, max: 5_000 });
    const things = fc.constantFrom('a', 'b', 'c', 'coin');
    const rates = fc.dictionary(things, rate, { maxKeys: 3, noNullPrototype: true });
    const stores = fc.dictionary(things, fc.nat(500 * MICRO), {
      maxKeys: 4,
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(
        rates,
        rates,
        fc.integer({ min: 0, max: 400 }),
        stores,
        fc.nat(HOUR),
        fc.nat(400 * HOUR),
        (produces, consumes, storage, store, wait, ms) => {
          const goes = level({ produces, consumes, storage });
          const catalogue = {
            items: new Map(),
            buildings: new Map([['x', { levels: [goes] }]]),
          } as unknown as WorldCatalogue;
          const placed = { id: 1, building: 'x', x: 0, y: 0, level: 1, wait, store, paid: 0 };
          const since = 1_700_000_000_000;
          const town = advance({ nextId: 2, buildings: [placed] }, 0, ms, catalogue);
          const [expected] = town.buildings;
          const found = worksAt(goes, { since, store }, wait === 0 ? 0 : since + wait, since + ms);
          assert.deepEqual(withoutZeros(found.store), withoutZeros(expected?.store ?? {}));
          assert.equal(found.readyIn, expected?.wait);
        },
      ),
    );
  });
});

describe('web/games/town: the grid', () => {
  const at = (x: number, y: number, width = 1, height = 1): Footprint => ({ x, y, width, height });

  it('[W4] a building stands on the grid, and on no other', () => {
    assert.equal(hindranceAt(at(14, 13, 2, 3), []), null);
    assert.equal(hindranceAt(at(15, 0, 2, 1), []), 'outside');
    assert.equal(hindranceAt(at(0, 15, 1, 2), []), 'outside');
    assert.equal(hindranceAt(at(-1, 0), []), 'outside');
    assert.equal(hindranceAt(at(3, 3, 2, 2), [at(4, 4)]), 'taken');
    assert.equal(hindranceAt(at(3, 3, 2, 2), [at(5, 3), at(3, 5), at(2, 3), at(3, 2)]), null);
  });

  it('[W4] what is dragged stays on the grid', () => {
    assert.deepEqual(placeAround({ x: 8.2, y: 8.2 }, { width: 3, height: 2 }), at(7, 7, 3, 2));
    assert.deepEqual(placeAround({ x: -4, y: 99 }, { width: 3, height: 2 }), at(0, 14, 3, 2));
  });

  it('[W4] a chosen building begins at the nearest place that is free', () => {
    const taken = [at(7, 7, 2, 2)];
    const free = freePlaceNear({ x: 8, y: 8 }, { width: 1, height: 1 }, taken);
    assert.equal(hindranceAt(free, taken), null);
    assert.ok(Math.abs(free.x - 8) + Math.abs(free.y - 8) <= 2);
    const full = freePlaceNear({ x: 8, y: 8 }, { width: 1, height: 1 }, [at(0, 0, SIZE, SIZE)]);
    assert.deepEqual(full, at(8, 8));
  });

  it('paints random towns so that nothing behind covers what is before it', () => {
    const places = fc.array(
      fc.record({
        x: fc.nat(SIZE - 1),
        y: fc.nat(SIZE - 1),
        width: fc.integer({ min: 1, max: 4 }),
        height: fc.integer({ min: 1, max: 4 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(places, (wanted) => {
        const town: Footprint[] = [];
        for (const place of wanted) if (hindranceAt(place, town) === null) town.push(place);
        const order = backToFront(town);
        assert.equal(order.length, town.length);
        order.forEach((front, later) => {
          for (const back of order.slice(0, later)) {
            // Whatever is painted later lies nowhere wholly behind: one diagonal step back is never on it.
            assert.equal(overlap(back, { ...front, x: front.x + 1, y: front.y + 1 }), false);
          }
        });
      }),
    );
  });

  it('finds the cell under a point of the picture', () => {
    for (const [x, y] of [
      [0, 0],
      [3.5, 9.25],
      [16, 2],
    ] as const) {
      assert.deepEqual(unproject(project(x, y)), { x, y });
    }
  });
});

describe('web/games/town: what can be afforded', () => {
  const catalogue = catalogueOf([building()], [item(), item({ name: 'plank', title: 'Plank' })]);
  const purse = { balance: 100, inventory: new Map([['plank', 3]]) };

  it('[W4] nothing is missing where there is enough of everything', () => {
    assert.equal(lackOf({ coins: 100, items: { plank: 3 } }, purse), null);
  });

  it('[W4] says what is missing, coins first', () => {
    const lack = lackOf({ coins: 140, items: { plank: 5, wheat: 2 } }, purse);
    assert.deepEqual(lack, { coins: 40, items: { plank: 2, wheat: 2 } });
    assert.equal(
      lack && lackInWords(lack, catalogue),
      'Needs 40 more coins, 2 more plank and 2 more wheat',
    );
  });

  it('[W4] nothing is called missing before it is known what there is', () => {
    const price = { coins: 10, items: { plank: 1 } };
    assert.equal(lackOf(price, { balance: null, inventory: null }), null);
  });

  it('[W4] a recipe can be made as often as there are parts and room', () => {
    const recipe = { takes: { plank: 2, wheat: 1 }, makes: 10, at: null };
    const inventory = new Map([
      ['plank', 9],
      ['wheat', 7],
    ]);
    assert.equal(craftable(recipe, { balance: 0, inventory }, 1_000), 4);
    assert.equal(craftable(recipe, { balance: 0, inventory }, 39), 3);
    assert.equal(craftable(recipe, { balance: 0, inventory: null }, 39), 0);
  });

  it('[W8] reads the catalogue, and what it does not say has its usual value', () => {
    const { kinds, wares } = catalogueOf(
      [building({ name: 'hall', cost: 900, data: {} }), building()],
      [
        item(),
        item({ name: null }),
        item({ name: 'rope', data: { recipe: { takes: { wheat: 6 } } } }),
      ],
    );
    assert.deepEqual([...kinds.keys()], ['mill', 'hall']);
    const mill = kinds.get('mill');
    assert.deepEqual([mill?.width, mill?.height, mill?.levels.length], [2, 1, 2]);
    assert.deepEqual([levelOf(mill, 1)?.cost, nextLevelOf(mill, 1)?.cost], [350, 800]);
    assert.deepEqual(nextLevelOf(mill, 2), null);
    assert.equal(levelOf(mill, 9), levelOf(mill, 2));
    assert.deepEqual(kinds.get('hall')?.levels, [level({ cost: 900 })]);
    assert.deepEqual([...wares.keys()], ['wheat', 'rope']);
    assert.deepEqual(wares.get('rope')?.recipe, { takes: { wheat: 6 }, makes: 1, at: null });
    assert.deepEqual([wares.get('wheat')?.sellPrice, wares.get('rope')?.sellPrice], [2, null]);
  });
});

describe('web/games/town: what is seen', () => {
  const catalogue = catalogueOf([building()], [item()]);
  const entry = { building: 'mill', x: 3, y: 4, level: 1, readyAt: 0 };

  it('[W7] of a town that one visits, no more than what stands there and whether it is ready', () => {
    const [standing] = standingOf({ 7: { ...entry, readyAt: 5_000 } }, catalogue);
    assert.ok(standing);
    assert.deepEqual([standing.id, standing.width, standing.height], ['7', 2, 1]);
    const seen = seenAt(standing, undefined, 3_000);
    assert.deepEqual([seen.readyIn, seen.works, seen.sign, seen.moves], [2_000, null, null, true]);
    assert.equal(seenAt(standing, undefined, 6_000).moves, false);
  });

  it('[W3] a sign says that half of the room is used, that it is full, or what is missing', () => {
    const [standing] = standingOf({ 7: entry }, catalogue);
    assert.ok(standing);
    const signAt = (flour: number) =>
      seenAt(standing, { since: 0, store: { flour: flour * MICRO } }, 0).sign;
    assert.equal(signAt(2), null);
    assert.deepEqual(signAt(2.5), { kind: 'collect', thing: 'flour' });
    assert.deepEqual(signAt(5), { kind: 'full', thing: 'flour' });
    const needy = building({
      data: { levels: [{ produces: { flour: 1 }, consumes: { wheat: 1 }, storage: 5 }] },
    });
    const [other] = standingOf({ 7: entry }, catalogueOf([needy], []));
    assert.ok(other);
    assert.deepEqual(seenAt(other, { since: 0, store: {} }, 0).sign, {
      kind: 'needs',
      thing: 'wheat',
    });
  });

  it('[W3] all that can be collected is whole units of what is made', () => {
    const standing = standingOf({ 7: entry, 8: { ...entry, x: 8 } }, catalogue);
    const town = standing.map((one, i) =>
      seenAt(one, { since: 0, store: { flour: (i + 1.9) * MICRO } }, 0),
    );
    assert.deepEqual([...harvestOf(town)], [['flour', 1 + 2]]);
  });

  it('[W7] news tell all there is, or only what has changed', () => {
    const all = withNews<number>(null, { whole: true, entries: { 1: 10, 2: 20 } });
    assert.deepEqual(withNews(all, { whole: false, entries: { 2: null, 3: 30 } }), {
      1: 10,
      3: 30,
    });
    assert.deepEqual(withNews(all, { whole: true, entries: { 4: 40 } }), { 4: 40 });
    const held = withHoldings(null, { whole: true, items: [{ item: 'wheat', quantity: 3 }] });
    const later = withHoldings(held, {
      whole: false,
      items: [
        { item: 'wheat', quantity: 0 },
        { item: 'egg', quantity: 1 },
      ],
    });
    assert.deepEqual([...later], [['egg', 1]]);
  });

  it('[W7] an address leads to an own town by its slot, or to any by its save', () => {
    assert.deepEqual(whichWorld('main'), {});
    assert.deepEqual(whichWorld('slot-2'), { slot: 2 });
    assert.deepEqual(whichWorld('visit-123'), { world: 123 });
    for (const none of ['slot-0', 'slot-', 'visit-1x', 'x', null]) {
      assert.deepEqual(whichWorld(none), {});
    }
    assert.deepEqual([placeOfSlot(1), placeOfSlot(3)], [undefined, 'slot-3']);
    assert.deepEqual(whichWorld(placeOfVisit(9)), { world: 9 });
  });
});

describe('web/games/town: words', () => {
  it('times run down by the second, and spans are told roughly', () => {
    assert.deepEqual([80_000, 79_001, 1, 0, 2 * HOUR + 61_000].map(countdownText), [
      '1:20',
      '1:20',
      '0:01',
      '0:00',
      '2:01:01',
    ]);
    assert.deepEqual([0, 40_000, 61_000, 3 * HOUR, 12.2 * HOUR, 60 * HOUR].map(spanText), [
      '1 s',
      '40 s',
      '2 min',
      '3 h',
      '13 h',
      '3 days',
    ]);
  });

  it('lists read as sentences do', () => {
    assert.deepEqual([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed), [
      '',
      'a',
      'a and b',
      'a, b and c',
    ]);
  });

  it('[W5] says what a command has come to', () => {
    const catalogue = catalogueOf([building()], [item()]);
    const told = (
      ...[command, answer]: [Parameters<typeof doneText>[0], Parameters<typeof doneText>[1]]
    ) => doneText(command, answer, catalogue, () => 'Mill');
    assert.equal(
      told({ type: 'build', building: 'mill', x: 0, y: 0 }, {}),
      'Mill: under construction.',
    );
    assert.equal(
      told({ type: 'collect' }, { collected: { coin: 1, wheat: 12 } }),
      'Collected 1 coin and 12 wheat.',
    );
    assert.equal(
      told({ type: 'demolish', id: 1 }, { refund: 100, collected: { coin: 5, wheat: 2 } }),
      'Demolished. 105 coins and 2 wheat came back.',
    );
    assert.equal(told({ type: 'demolish', id: 1 }, { refund: 0 }), 'Demolished.');
    assert.equal(
      told({ type: 'sell', item: 'wheat', quantity: 10 }, { price: 20 }),
      'Sold 10 wheat for 20.',
    );
  });

  it('a town without a title goes by its owner', () => {
    assert.equal(townTitle({ title: 'Riverside', owner: 'anna', slot: 2 }), 'Riverside');
    assert.equal(townTitle({ title: '', owner: 'anna', slot: 1 }), "anna's town");
    assert.equal(townTitle({ title: '', owner: 'anna', slot: 2 }), "anna's town 2");
  });
});

function withoutZeros(amounts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(amounts).filter(([, amount]) => amount !== 0));
}
