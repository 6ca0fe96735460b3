import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Placed, TownState } from '../../../src/games/town/state.ts';
import { town } from '../../../src/games/town.ts';
import type { Amounts, BuildingLevel, WorldCatalogue } from '../../../src/games/world.ts';
import { edited, kind, level, MICRO, NOW, seeded, small, townOf } from './fixture.ts';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const THINGS = ['coin', 'wheat', 'flour', 'constructor', '__proto__'];

const rates = fc.oneof(
  fc.integer({ min: 1, max: 60 }),
  fc.integer({ min: 1, max: 1_000_000 }),
  fc.constantFrom(1, 7, 3_600, 999_983, 1_000_000),
);
const units = fc.oneof(fc.nat(4), fc.nat(1_000), fc.nat(1_000_000));
/** Few of MICRO, or many units and something. */
const stocks = fc.oneof(
  fc.integer({ min: 1, max: 100 }),
  fc
    .tuple(units, fc.integer({ min: 1, max: MICRO - 1 }))
    .map(([whole, more]) => whole * MICRO + more),
);

function amounts(value: fc.Arbitrary<number>, most = 3): fc.Arbitrary<Amounts> {
  const entry = fc.tuple(fc.constantFrom(...THINGS), value);
  return fc
    .uniqueArray(entry, { selector: ([thing]) => thing, maxLength: most })
    .map((entries) => Object.fromEntries(entries));
}

function levels(storage: fc.Arbitrary<number>): fc.Arbitrary<BuildingLevel[]> {
  return fc.array(
    fc
      .record({ produces: amounts(rates), consumes: amounts(rates, 1), storage })
      .map((rows) => level(rows)),
    { minLength: 1, maxLength: 3 },
  );
}

function catalogues(storage: fc.Arbitrary<number>): fc.Arbitrary<WorldCatalogue> {
  return fc.array(levels(storage), { minLength: 1, maxLength: 3 }).map((kinds) => ({
    items: new Map(),
    buildings: new Map(kinds.map((rows, index) => [`kind-${index}`, kind(`kind-${index}`, rows)])),
  }));
}

function towns(waits: fc.Arbitrary<number>, stored = stocks): fc.Arbitrary<TownState> {
  const building = fc.record({
    building: fc.constantFrom('kind-0', 'kind-1', 'kind-2', 'gone'),
    level: fc.integer({ min: 1, max: 5 }),
    wait: waits,
    store: amounts(stored, THINGS.length),
  });
  return fc.array(building, { maxLength: 5 }).map((each) => townOf(...each));
}

const spans = fc.oneof(fc.nat(50), fc.nat(10_000), fc.nat(30 * 24 * HOUR_MS), fc.nat(YEAR_MS));
const times = fc.nat({ max: 4 * NOW });

/** One building, one millisecond after the other, by the text of the rule. */
function slowly(placed: Placed, ms: number, catalogue: WorldCatalogue): Placed {
  const rows = catalogue.buildings.get(placed.building)?.levels ?? [];
  const row = rows[Math.min(placed.level, rows.length) - 1];
  const store = new Map(Object.entries(placed.store));
  const net = new Map<string, number>();
  for (const [thing, rate] of Object.entries(row?.produces ?? {})) net.set(thing, rate);
  for (const [thing, rate] of Object.entries(row?.consumes ?? {})) {
    net.set(thing, (net.get(thing) ?? 0) - rate);
  }
  let { wait } = placed;
  for (let at = 0; at < ms; at++) {
    if (wait > 0) {
      wait -= 1;
      continue;
    }
    const capacity = (row?.storage ?? 0) * MICRO;
    const works = [...net].every(([thing, rate]) => {
      const stock = store.get(thing) ?? 0;
      return rate === 0 || (rate > 0 ? stock < capacity : stock >= -rate);
    });
    if (!works) break;
    for (const [thing, rate] of net) {
      const stock = (store.get(thing) ?? 0) + rate;
      store.set(thing, rate > 0 ? Math.min(capacity, stock) : stock);
    }
  }
  const left = [...store].filter(([, stock]) => stock !== 0);
  return { ...placed, wait, store: Object.fromEntries(left) };
}

function storeOf(state: TownState): Amounts {
  return (state.buildings[0] as Placed).store;
}

describe('games/town/production', () => {
  it('[W3] a rate per hour is as many parts per millisecond, and the remainder is carried', () => {
    const state = townOf({ building: 'house' });
    assert.deepEqual(storeOf(town.advance(state, NOW, NOW + 1, small)), { coin: 60 });
    const minute = town.advance(state, NOW, NOW + 60_000, small);
    assert.deepEqual(storeOf(minute), { coin: MICRO });
    const odd = town.advance(state, NOW, NOW + 60_001, small);
    assert.deepEqual(storeOf(odd), { coin: MICRO + 60 });
  });

  it('[W3] it stands still when a product is full, and holds exactly its storage', () => {
    const full = town.advance(townOf({ building: 'house' }), 0, YEAR_MS, small);
    assert.deepEqual(storeOf(full), { coin: 10 * MICRO });
    const almost = townOf({ building: 'house', store: { coin: 10 * MICRO - 1 } });
    assert.deepEqual(storeOf(town.advance(almost, 0, 1, small)), { coin: 10 * MICRO });
    const bothKinds = edited(small, {
      buildings: {
        house: { levels: [level({ produces: { coin: 60, wheat: 30 }, storage: 10 })] },
      },
    });
    const both = town.advance(townOf({ building: 'house' }), 0, YEAR_MS, bothKinds);
    assert.deepEqual(storeOf(both), { coin: 10 * MICRO, wheat: 5 * MICRO });
  });

  it('[W3] it works while it has all that it consumes', () => {
    const empty = townOf({ building: 'mill' });
    assert.equal(town.advance(empty, 0, YEAR_MS, small).buildings[0], empty.buildings[0]);
    const supplied = townOf({ building: 'mill', store: { wheat: 3 * MICRO } });
    assert.deepEqual(storeOf(town.advance(supplied, 0, 60_000, small)), {
      wheat: 3 * MICRO - 40 * 60_000,
      flour: 20 * 60_000,
    });
    assert.deepEqual(storeOf(town.advance(supplied, 0, YEAR_MS, small)), {
      flour: (3 * MICRO) / 2,
    });
    // Less than what a millisecond takes is left.
    const crumbs = townOf({ building: 'mill', store: { wheat: 119 } });
    assert.deepEqual(storeOf(town.advance(crumbs, 0, YEAR_MS, small)), { wheat: 39, flour: 40 });
  });

  it('[W3] of a thing that it both makes and uses up the difference counts', () => {
    const oven = level({
      produces: { wheat: 10, coin: 5 },
      consumes: { wheat: 4, coin: 5 },
      storage: 2,
    });
    const catalogue = edited(small, { buildings: { house: { levels: [oven] } } });
    const state = townOf({ store: { coin: 7 } });
    assert.deepEqual(storeOf(town.advance(state, 0, 1_000, catalogue)), { coin: 7, wheat: 6_000 });
    assert.deepEqual(storeOf(town.advance(state, 0, YEAR_MS, catalogue)), {
      coin: 7,
      wheat: 2 * MICRO,
    });
  });

  it('[W3] building and upgrading take their time before the work begins', () => {
    const state = townOf({ wait: 5_000 });
    const soon = town.advance(state, 0, 4_999, small).buildings[0];
    assert.deepEqual([soon?.wait, soon?.store], [1, {}]);
    const then = town.advance(state, 0, 5_010, small).buildings[0];
    assert.deepEqual([then?.wait, then?.store], [0, { coin: 600 }]);
  });

  it('[W1] a clock that went back makes nothing and loses nothing, and times are whole milliseconds', () => {
    const state = townOf({ wait: 5, store: { coin: 77 } }, { building: 'mill' });
    assert.equal(town.advance(state, NOW, NOW, small), state);
    assert.equal(town.advance(state, NOW, NOW - YEAR_MS, small), state);
    for (const to of [NOW + 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => town.advance(state, NOW, to, small), RangeError);
    }
  });

  it('[W8] a building whose kind is gone stands still, and one above the last level goes by that level', () => {
    const gone = edited(small, { buildings: { mill: null } });
    const state = townOf(
      { building: 'mill', wait: 1_000, store: { wheat: 5 * MICRO } },
      { building: 'house', level: 9 },
    );
    const [mill, house] = town.advance(state, 0, YEAR_MS, gone).buildings;
    assert.deepEqual([mill?.wait, mill?.store], [0, { wheat: 5 * MICRO }]);
    assert.deepEqual([house?.level, house?.store], [9, { coin: 20 * MICRO }]);
    const bare = edited(small, { buildings: { house: { levels: [] } } });
    assert.deepEqual(storeOf(town.advance(townOf({}), 0, YEAR_MS, bare)), {});
  });

  it('[W8] less storage than there is takes nothing away', () => {
    const state = townOf({ store: { coin: 10 * MICRO } });
    const less = edited(small, {
      buildings: { house: { levels: [level({ produces: { coin: 60 }, storage: 3 })] } },
    });
    assert.equal(town.advance(state, 0, YEAR_MS, less).buildings[0], state.buildings[0]);
  });

  it('[W3] names that every object has are names like others', () => {
    const state = townOf({ building: 'constructor' });
    const after = town.advance(state, 0, HOUR_MS / 10, small);
    assert.deepEqual(storeOf(after), { constructor: MICRO });
    assert.equal(Object.getPrototypeOf(storeOf(after)), Object.prototype);
  });

  it('[W3] what is computed at once is what happens millisecond by millisecond', () => {
    let moved = 0;
    let stopped = 0;
    fc.assert(
      fc.property(
        catalogues(fc.oneof(fc.nat(1), fc.nat(3))),
        towns(
          fc.oneof(fc.constant(0), fc.nat(150)),
          fc.oneof(
            fc.nat(200).map((n) => n + 1),
            stocks,
          ),
        ),
        fc.nat(200),
        (catalogue, state, ms) => {
          const after = town.advance(state, NOW, NOW + ms, catalogue);
          const expected = state.buildings.map((placed) => slowly(placed, ms, catalogue));
          assert.deepEqual(after, { ...state, buildings: expected });
          const more = town.advance(after, NOW, NOW + 1, catalogue);
          for (const [index, placed] of after.buildings.entries()) {
            if (placed.store === state.buildings[index]?.store) continue;
            moved += 1;
            if (more.buildings[index]?.store === placed.store) stopped += 1;
          }
        },
      ),
      { numRuns: 3_000 },
    );
    assert.ok(moved > 300 && stopped > 100 && stopped < moved, `${stopped} of ${moved} stopped`);
  });

  it('[W2] from a to b to c is from a to c, whatever stands in the town and for whatever times', () => {
    fc.assert(
      fc.property(
        catalogues(units),
        towns(fc.oneof(fc.constant(0), fc.nat(1_000), fc.nat(40 * 24 * HOUR_MS))),
        times,
        spans,
        spans,
        (catalogue, state, a, first, second) => {
          const b = a + first;
          const c = b + second;
          const whole = town.advance(state, a, c, catalogue);
          const between = town.advance(state, a, b, catalogue);
          assert.deepEqual(town.advance(between, b, c, catalogue), whole);
          // Nor does it matter what the clock shows.
          assert.deepEqual(town.advance(state, 0, first + second, catalogue), whole);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('[W2] a year of 256 buildings at once is the same year in 1,000 steps, and takes no time', () => {
    const kinds = [...seeded.buildings.values()];
    const state = townOf(
      ...Array.from({ length: 256 }, (_, index) => {
        const { name, levels: rows } = kinds[index % kinds.length] as (typeof kinds)[number];
        const of = (index % rows.length) + 1;
        const { consumes, storage } = rows[of - 1] as BuildingLevel;
        const store = Object.keys(consumes).map((thing) => [thing, storage * MICRO - index]);
        return {
          building: name,
          x: index % 16,
          y: Math.floor(index / 16),
          level: of,
          wait: (index % 5) * 777_777,
          store: Object.fromEntries(store),
        };
      }),
    );
    const whole = town.advance(state, NOW, NOW + YEAR_MS, seeded);
    // The machine may be busy with something else for a while.
    const took = Array.from({ length: 5 }, () => {
      const before = performance.now();
      town.advance(state, NOW, NOW + YEAR_MS, seeded);
      return performance.now() - before;
    });
    assert.ok(Math.min(...took) < 50, `${took}`);
    const cuts = fc.uniqueArray(fc.nat(YEAR_MS), { minLength: 999, maxLength: 999 });
    fc.assert(
      fc.property(cuts, (unsorted) => {
        let at = NOW;
        let stepwise = state;
        for (const cut of [...unsorted.sort((a, b) => a - b), YEAR_MS]) {
          stepwise = town.advance(stepwise, at, NOW + cut, seeded);
          at = NOW + cut;
        }
        assert.deepEqual(stepwise, whole);
      }),
      { numRuns: 3 },
    );
  });
});
