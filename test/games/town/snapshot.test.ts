import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isRefusal } from '../../../src/games/contract.ts';
import type { TownState } from '../../../src/games/town/state.ts';
import { town } from '../../../src/games/town.ts';
import { MICRO, seeded, townOf } from './fixture.ts';

interface Stored {
  readonly format: number;
  readonly world: { readonly buildings: readonly Record<string, unknown>[] };
}

function fixture(format: number): Stored {
  const text = readFileSync(new URL(`format-${format}.json`, import.meta.url), 'utf8');
  return JSON.parse(text) as Stored;
}

function upgraded(world: unknown, from: number): TownState {
  const state = town.read(town.upgrades.slice(from - 1).reduce((old, step) => step(old), world));
  assert.ok(!isRefusal(state), JSON.stringify(state));
  return state;
}

/** All units of each thing, in MICRO: of format 1, 2 or 3. */
function unitsOf(buildings: readonly Record<string, unknown>[]): Map<string, bigint> {
  const sum = new Map<string, bigint>();
  for (const { stock, stored, carry, store } of buildings) {
    for (const [amounts, by] of [
      [stock ?? stored ?? {}, BigInt(MICRO)],
      [carry ?? store ?? {}, 1n],
    ] as const) {
      for (const [thing, amount] of Object.entries(amounts)) {
        sum.set(thing, (sum.get(thing) ?? 0n) + BigInt(amount) * by);
      }
    }
  }
  return new Map([...sum].filter(([, amount]) => amount > 0n));
}

const good = townOf(
  { id: 2, building: 'mill', x: 3, y: 4, level: 2, wait: 7, store: { wheat: 1 }, paid: 200 },
  { id: 1, x: 15, y: 15, store: { coin: 5 * MICRO, constructor: 9 } },
);

describe('games/town/snapshot', () => {
  it('[W6] a town comes back from JSON as it was', () => {
    assert.deepEqual(town.read(JSON.parse(JSON.stringify(good))), good);
  });

  it('[W6] there is an upgrade of each older format', () => {
    assert.equal(town.format, 3);
    assert.equal(town.upgrades.length, town.format - 1);
  });

  it('[W6] a town of format 1 gets ids and is upgraded with every unit', () => {
    const { format, world } = fixture(1);
    assert.equal(format, 1);
    const state = upgraded(world, 1);
    assert.equal(state.nextId, 6);
    const where = state.buildings.map(({ id, building, x, y, level }) => [
      id,
      building,
      x,
      y,
      level,
    ]);
    assert.deepEqual(where, [
      [1, 'cottage', 0, 0, 1],
      [2, 'cottage', 1, 0, 3],
      [3, 'farm', 4, 6, 2],
      [4, 'mill', 14, 14, 1],
      [5, 'windmill', 9, 2, 1],
    ]);
    assert.deepEqual(state.buildings[3]?.store, { wheat: 120 * MICRO, flour: 33 * MICRO });
    assert.deepEqual(state.buildings[1]?.store, {});
    assert.ok(state.buildings.every(({ wait, paid }) => wait === 0 && paid === 0));
    assert.deepEqual(unitsOf(state.buildings as never), unitsOf(world.buildings));
  });

  it('[W6] a town of format 2 keeps ids, waits, units and what was carried', () => {
    const { format, world } = fixture(2);
    assert.equal(format, 2);
    const state = upgraded(world, 2);
    assert.deepEqual(state, {
      nextId: 12,
      buildings: [
        {
          ...{ id: 3, building: 'cottage', x: 0, y: 0, level: 1, wait: 0, paid: 0 },
          store: { coin: 18 * MICRO - 1 },
        },
        {
          ...{ id: 11, building: 'sawmill', x: 8, y: 1, level: 2, wait: 899_999, paid: 0 },
          store: { wood: 520 * MICRO, plank: 1 },
        },
        {
          ...{ id: 4, building: 'bakery', x: 14, y: 15, level: 3, wait: 0, paid: 0 },
          store: { flour: 42, charcoal: 20 * MICRO, bread: 1_400 * MICRO },
        },
      ],
    });
    assert.deepEqual(unitsOf(state.buildings as never), unitsOf(world.buildings));
  });

  it('[W6] an upgraded town goes on', () => {
    for (const from of [1, 2]) {
      const state = upgraded(fixture(from).world, from);
      const later = town.advance(state, 0, 30 * 86_400_000, seeded);
      assert.notDeepEqual(later, state);
      assert.deepEqual(town.read(JSON.parse(JSON.stringify(later))), later);
    }
  });

  it('[W6] an older snapshot of another shape is not upgraded', () => {
    const [toSecond, toThird] = town.upgrades;
    const one = { type: 'farm', x: 0, y: 0, level: 1, stock: {} };
    const two = { id: 1, building: 'farm', x: 0, y: 0, level: 1, wait: 0, stored: {}, carry: {} };
    for (const bad of [
      null,
      [],
      'town',
      {},
      { buildings: {} },
      { buildings: [], nextId: 1 },
      { buildings: [null] },
      { buildings: [{ ...one, id: 1 }] },
      { buildings: [{ ...one, stock: undefined, extra: 1 }] },
    ]) {
      assert.throws(() => toSecond?.(bad), Error, JSON.stringify(bad));
    }
    for (const changes of [
      { stored: null },
      { stored: { wheat: -1 } },
      { stored: { wheat: 0.5 } },
      { stored: { wheat: '3' } },
      { stored: JSON.parse('{"__proto__": 3}') },
      { carry: { wheat: Number.NaN } },
      { store: {} },
    ]) {
      const bad = { nextId: 2, buildings: [{ ...two, ...changes }] };
      assert.throws(() => toThird?.(bad), Error, JSON.stringify(changes));
    }
    // More than can be counted is found where the result is read.
    const vast = { nextId: 2, buildings: [{ ...two, stored: { wheat: 2 ** 40 } }] };
    assert.ok(isRefusal(town.read(toThird?.(vast))));
  });

  it('[W6] whatever is wrong with a snapshot is found and named', () => {
    const [first, second] = good.buildings;
    const changed = (changes: object) => ({
      ...good,
      buildings: [{ ...first, ...changes }, second],
    });
    const without = ({ ...all }: Record<string, unknown>, name: string) => {
      delete all[name];
      return all;
    };
    const wrong: [unknown, RegExp][] = [
      [null, /the town is no object/],
      [undefined, /the town is no object/],
      [[], /the town is no object/],
      ['{}', /the town is no object/],
      [{}, /has no nextId/],
      [{ nextId: 3 }, /has no buildings/],
      [{ ...good, gold: 1 }, /unknown field "gold"/],
      [JSON.parse('{"nextId": 3, "buildings": [], "__proto__": {}}'), /unknown field "__proto__"/],
      [Object.create(good), /has no nextId/],
      [{ ...good, buildings: {} }, /buildings is no list/],
      [{ ...good, buildings: [first, null] }, /buildings\[1\] is no object/],
      [{ ...good, buildings: [first, [second]] }, /buildings\[1\] is no object/],
      [{ ...good, nextId: 2 }, /buildings\[0\]\.id is no integer from 1 to 1/],
      [{ ...good, nextId: 0 }, /nextId/],
      [{ ...good, nextId: 2 ** 53 }, /nextId/],
      [{ ...good, nextId: '3' }, /nextId/],
      [changed({ id: 1 }), /two buildings have the id 1/],
      [changed({ x: 15, y: 15 }), /two buildings have the place 15, 15/],
      [changed({ colour: 'red' }), /unknown field "colour"/],
      ...Object.keys(first ?? {}).map((name): [unknown, RegExp] => [
        { ...good, buildings: [without({ ...first }, name), second] },
        new RegExp(`buildings\\[0\\] has no ${name}`),
      ]),
      ...['', 'Mill', '-mill', 'm'.repeat(51), 'mi ll', 7, null, ['mill'], '__proto__'].map(
        (building): [unknown, RegExp] => [changed({ building }), /building is no name/],
      ),
      ...(
        [
          ['id', 0],
          ['x', 16],
          ['x', -1],
          ['y', 16],
          ['y', 1.5],
          ['level', 0],
          ['level', 256],
          ['wait', -1],
          ['wait', 0.5],
          ['wait', Number.NaN],
          ['wait', Number.POSITIVE_INFINITY],
          ['wait', null],
          ['paid', -1],
          ['paid', 1e15 + 1],
          ['paid', '5'],
          ['x', true],
        ] as const
      ).map(([name, value]): [unknown, RegExp] => [
        changed({ [name]: value }),
        new RegExp(`buildings\\[0\\]\\.${name} is no integer from`),
      ]),
      [changed({ store: [] }), /store is no object/],
      [changed({ store: null }), /store is no object/],
      [changed({ store: { wheat: 0 } }), /store\.wheat is no integer from 1/],
      [changed({ store: { wheat: -1 } }), /store\.wheat/],
      [changed({ store: { wheat: 1.5 } }), /store\.wheat/],
      [changed({ store: { wheat: 2 ** 53 } }), /store\.wheat/],
      [changed({ store: { wheat: '1' } }), /store\.wheat/],
      [changed({ store: { Wheat: 1 } }), /name in buildings\[0\]\.store/],
      [changed({ store: JSON.parse('{"__proto__": 1}') }), /name in buildings\[0\]\.store/],
    ];
    for (const [stored, reason] of wrong) {
      const read = town.read(stored);
      assert.ok(isRefusal(read), JSON.stringify(stored));
      assert.match(read.refused, reason);
    }
  });
});
