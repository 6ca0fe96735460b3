import assert from 'node:assert/strict';
import { asked, done, edited, item, level, MICRO, NOW, small, townOf } from './fixture.ts';

describe('games/town/stores', () => {
  it('[W4] whole units are collected, and the remainder stays', () => {
    const state = townOf(
      { store: { coin: 3 * MICRO + 17 } },
      { building: 'barn', x: 4, store: { wheat: 2 * MICRO } },
    );
    assert.deepEqual(done(state, 'collect', { id: 1 }), {
      state: {
        ...state,
        buildings: [{ ...state.buildings[0], store: { coin: 17 } }, state.buildings[1]],
      },
      coins: { kind: 'produced', amount: 3 },
      items: {},
      answer: { collected: { coin: 3 } },
    });
    const { coins, items } = done(state, 'collect', { id: 2 });
    assert.deepEqual([coins, items], [null, { wheat: 2 }]);
  });

  it('[W4] without an id all buildings are emptied', () => {
    const state = townOf(
      { store: { coin: MICRO } },
      { store: { coin: 2 * MICRO - 1 } },
      { building: 'barn', store: { wheat: 2 * MICRO } },
      { building: 'barn', store: { wheat: 5 * MICRO } },
      { store: { coin: 1 } },
    );
    const { state: after, coins, items, answer } = done(state, 'collect', {});
    assert.deepEqual(coins, { kind: 'produced', amount: 2 });
    assert.deepEqual(items, { wheat: 7 });
    assert.deepEqual(answer, { collected: { coin: 2, wheat: 7 } });
    assert.deepEqual(
      after.buildings.map(({ store }) => store),
      [{}, { coin: MICRO - 1 }, {}, {}, { coin: 1 }],
    );
  });

  it('[W4] as much is collected as the player may have, and the rest stays', () => {
    const state = townOf(
      { building: 'barn', store: { wheat: 4 * MICRO + 9 } },
      { building: 'barn', store: { wheat: 5 * MICRO } },
      { store: { coin: MICRO } },
    );
    const { state: after, items } = done(state, 'collect', {}, { wheat: 94 });
    assert.deepEqual(items, { wheat: 6 });
    assert.deepEqual(
      after.buildings.map(({ store }) => store),
      [{ wheat: 9 }, { wheat: 3 * MICRO }, {}],
    );
    // Of wheat none, and still the coin.
    assert.deepEqual(done(state, 'collect', {}, { wheat: 100 }).answer, { collected: { coin: 1 } });
    assert.equal(asked(state, 'collect', { id: 1 }, { wheat: 100 }), 'LIMIT_EXCEEDED');
    // An admin made stacks smaller than what there is.
    assert.equal(asked(state, 'collect', { id: 1 }, { wheat: 5_000 }), 'LIMIT_EXCEEDED');
  });

  it('[W4] there may be nothing to collect', () => {
    assert.equal(asked(townOf(), 'collect', {}), 'ILLEGAL_MOVE');
    assert.equal(asked(townOf({ store: { coin: MICRO - 1 } }), 'collect', {}), 'ILLEGAL_MOVE');
    assert.equal(asked(townOf({}), 'collect', { id: 1 }), 'ILLEGAL_MOVE');
    assert.equal(asked(townOf({}), 'collect', { id: 2 }), 'NOT_FOUND');
  });

  it('[W4] [W8] all comes out but what the building uses up, whatever the catalogue was before', () => {
    const state = townOf({
      building: 'mill',
      store: { wheat: 2 * MICRO, flour: MICRO, plank: MICRO },
    });
    assert.deepEqual(done(state, 'collect', {}).items, { flour: 1, plank: 1 });
    const gone = edited(small, { buildings: { mill: null } });
    assert.deepEqual(done(state, 'collect', {}, {}, gone).items, { wheat: 2, flour: 1, plank: 1 });
    // No item any more: it stays, and the rest comes.
    const noFlour = edited(small, { items: { flour: null } });
    const { state: after, items } = done(state, 'collect', {}, {}, noFlour);
    assert.deepEqual(items, { plank: 1 });
    assert.deepEqual(after.buildings[0]?.store, { wheat: 2 * MICRO, flour: MICRO });
  });

  it('[W4] a building is supplied with what it uses up, as far as it has room', () => {
    const state = townOf({ building: 'mill', x: 1, y: 2, store: { wheat: MICRO + 1, flour: 7 } });
    assert.deepEqual(done(state, 'supply', { id: 1, item: 'wheat', quantity: 3 }, { wheat: 3 }), {
      state: {
        ...state,
        buildings: [{ ...state.buildings[0], store: { wheat: 4 * MICRO + 1, flour: 7 } }],
      },
      coins: null,
      items: { wheat: -3 },
      answer: {
        building: { id: 1, building: 'mill', x: 1, y: 2, level: 1, readyAt: 0 },
        supplied: { item: 'wheat', quantity: 3 },
      },
    });
    // 30 fit; with one and a bit in it, 28 more.
    const most = done(state, 'supply', { id: 1, item: 'wheat', quantity: 28 }, { wheat: 90 });
    assert.deepEqual(most.items, { wheat: -28 });
    const more = { id: 1, item: 'wheat', quantity: 29 };
    assert.equal(asked(state, 'supply', more, { wheat: 90 }), 'LIMIT_EXCEEDED');
    assert.equal(asked(state, 'supply', more, { wheat: 28 }), 'INSUFFICIENT_FUNDS');
  });

  it('[W4] without a quantity as much is supplied as there is and fits', () => {
    const state = townOf({ building: 'mill', wait: 77, store: { wheat: MICRO + 1 } });
    const order = { id: 1, item: 'wheat' };
    assert.deepEqual(done(state, 'supply', order, { wheat: 5 }).items, { wheat: -5 });
    const { state: full, items, answer } = done(state, 'supply', order, { wheat: 90 });
    assert.deepEqual(items, { wheat: -28 });
    assert.deepEqual((answer.building as { readyAt: number }).readyAt, NOW + 77);
    assert.equal(asked(full, 'supply', order, { wheat: 90 }), 'LIMIT_EXCEEDED');
    assert.equal(asked(state, 'supply', order), 'INSUFFICIENT_FUNDS');
    const over = townOf({ building: 'mill', store: { wheat: 99 * MICRO } });
    assert.equal(asked(over, 'supply', order, { wheat: 90 }), 'LIMIT_EXCEEDED');
  });

  it('[W4] only what it uses up is taken, and coins never', () => {
    const has = { wheat: 9, flour: 9, coin: 9, constructor: 9 };
    const mill = townOf({ building: 'mill' }, { building: 'house', x: 5 });
    const supply = (id: number, name: string, catalogue = small) =>
      asked(mill, 'supply', { id, item: name }, has, catalogue);
    assert.equal(supply(1, 'flour'), 'ILLEGAL_MOVE');
    assert.equal(supply(2, 'wheat'), 'ILLEGAL_MOVE');
    assert.equal(supply(1, 'constructor'), 'ILLEGAL_MOVE');
    assert.equal(supply(1, 'barley'), 'NOT_FOUND');
    assert.equal(supply(1, '__proto__'), 'NOT_FOUND');
    assert.equal(supply(3, 'wheat'), 'NOT_FOUND');
    assert.equal(supply(1, 'wheat', edited(small, { buildings: { mill: null } })), 'ILLEGAL_MOVE');
    // An item of the name of money is not money.
    const greedy = {
      items: new Map([...small.items, ['coin', item('coin')]]),
      buildings: edited(small, {
        buildings: { mill: { levels: [level({ consumes: { coin: 5 }, storage: 9 })] } },
      }).buildings,
    };
    assert.equal(supply(1, 'coin', greedy), 'ILLEGAL_MOVE');
    // What it makes of the same thing counts against it.
    const even = edited(small, {
      buildings: {
        mill: { levels: [level({ consumes: { wheat: 5 }, produces: { wheat: 5 }, storage: 9 })] },
      },
    });
    assert.equal(supply(1, 'wheat', even), 'ILLEGAL_MOVE');
  });
});
