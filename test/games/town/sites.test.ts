import assert from 'node:assert/strict';
import { town } from '../../../src/games/town.ts';
import { asked, done, edited, item, kind, level, MICRO, NOW, small, townOf } from './fixture.ts';

const WEALTH = { plank: 50, nail: 50 };

describe('games/town/sites', () => {
  it('[W4] a building costs coins and items, and begins to work after its time', () => {
    const first = done(town.create(), 'build', { building: 'mill', x: 3, y: 4 }, WEALTH);
    assert.deepEqual(first, {
      state: {
        nextId: 2,
        buildings: [
          { id: 1, building: 'mill', x: 3, y: 4, level: 1, wait: 10_000, store: {}, paid: 200 },
        ],
      },
      coins: { kind: 'paid', amount: 200 },
      items: { plank: -2, nail: -6 },
      answer: {
        building: { id: 1, building: 'mill', x: 3, y: 4, level: 1, readyAt: NOW + 10_000 },
        price: 200,
      },
    });
    const { state, coins, items } = done(first.state, 'build', {
      building: 'constructor',
      x: 0,
      y: 0,
    });
    assert.deepEqual([state.nextId, coins, items], [3, null, {}]);
    assert.deepEqual(state.buildings[0], first.state.buildings[0]);
  });

  it('[W4] what is no kind, is built no more, or takes items that are missing, is not built', () => {
    const at = { x: 0, y: 0 };
    const none = town.create();
    for (const building of ['castle', '__proto__', 'toString', 'hasOwnProperty']) {
      assert.equal(asked(none, 'build', { building, ...at }), 'NOT_FOUND');
    }
    assert.equal(asked(none, 'build', { building: 'ruin', ...at }), 'ILLEGAL_MOVE');
    const mill = { building: 'mill', ...at };
    assert.equal(asked(none, 'build', mill, { plank: 2, nail: 5 }), 'INSUFFICIENT_FUNDS');
    assert.equal(typeof asked(none, 'build', mill, { plank: 2, nail: 6 }), 'object');
    const noNails = edited(small, { items: { nail: null } });
    assert.equal(asked(none, 'build', mill, WEALTH, noNails), 'INSUFFICIENT_FUNDS');
    const noLevels = edited(small, { buildings: { mill: { levels: [] } } });
    assert.equal(asked(none, 'build', mill, WEALTH, noLevels), 'NOT_FOUND');
  });

  it('[W4] a building is wholly on the grid', () => {
    const fits = (building: string, x: number, y: number) =>
      asked(town.create(), 'build', { building, x, y }, WEALTH);
    for (const [x, y] of [
      [0, 0],
      [14, 0],
      [0, 13],
      [14, 13],
    ] as const) {
      assert.equal(typeof fits('barn', x, y), 'object', `${x}, ${y}`);
    }
    assert.equal(fits('barn', 15, 0), 'ILLEGAL_MOVE');
    assert.equal(fits('barn', 0, 14), 'ILLEGAL_MOVE');
    assert.equal(typeof fits('house', 15, 15), 'object');
  });

  it('[W4] no two buildings have a cell in common, and every free one can be built on', () => {
    const barn = townOf({ building: 'barn', x: 5, y: 5 });
    for (let x = 2; x < 9; x++) {
      for (let y = 2; y < 10; y++) {
        const free = x + 2 <= 5 || x >= 7 || y + 2 <= 5 || y >= 8;
        const decision = asked(barn, 'build', { building: 'mill', x, y }, WEALTH);
        assert.equal(decision === 'ILLEGAL_MOVE', !free, `${x}, ${y}`);
      }
    }
    let state = town.create();
    for (let cell = 0; cell < 256; cell++) {
      ({ state } = done(state, 'build', {
        building: 'shop',
        x: cell % 16,
        y: Math.floor(cell / 16),
      }));
    }
    assert.equal(asked(state, 'build', { building: 'shop', x: 9, y: 9 }), 'ILLEGAL_MOVE');
    assert.equal(state.nextId, 257);
    assert.deepEqual(town.read(JSON.parse(JSON.stringify(state))), state);
    assert.ok(JSON.stringify(state).length < town.maxSnapshotBytes / 4);
  });

  it('[W4] the next level costs and takes time; meanwhile the building does not work', () => {
    const state = townOf({ x: 2, y: 2, store: { coin: 5 }, paid: 101 });
    assert.equal(asked(state, 'upgrade', { id: 1 }, { plank: 4 }), 'INSUFFICIENT_FUNDS');
    const deed = done(state, 'upgrade', { id: 1 }, WEALTH);
    const raised = { id: 1, building: 'house', x: 2, y: 2, level: 2 };
    assert.deepEqual(deed, {
      state: {
        nextId: 2,
        buildings: [{ ...raised, wait: 60_000, store: { coin: 5 }, paid: 351 }],
      },
      coins: { kind: 'paid', amount: 250 },
      items: { plank: -5 },
      answer: { building: { ...raised, readyAt: NOW + 60_000 }, price: 250 },
    });
    assert.equal(asked(deed.state, 'upgrade', { id: 1 }, WEALTH), 'ILLEGAL_MOVE');
    const later = town.advance(deed.state, NOW, NOW + 60_000, small);
    assert.deepEqual(later.buildings[0]?.store, { coin: 5 });
    assert.equal(asked(later, 'upgrade', { id: 1 }, WEALTH), 'ILLEGAL_MOVE');
  });

  it('[W4] [W8] what is not there, stands above the last level, or has no kind any more, is not raised', () => {
    const gone = edited(small, { buildings: { house: null } });
    assert.equal(asked(townOf({}), 'upgrade', { id: 2 }, WEALTH), 'NOT_FOUND');
    assert.equal(asked(townOf({ level: 3 }), 'upgrade', { id: 1 }, WEALTH), 'ILLEGAL_MOVE');
    assert.equal(asked(townOf({}), 'upgrade', { id: 1 }, WEALTH, gone), 'NOT_FOUND');
    assert.equal(asked(townOf({ wait: 1 }), 'upgrade', { id: 1 }, WEALTH), 'ILLEGAL_MOVE');
    // Retired, it goes on.
    const retired = edited(small, { buildings: { house: { isActive: false } } });
    assert.equal(
      done(townOf({}), 'upgrade', { id: 1 }, WEALTH, retired).state.buildings[0]?.level,
      2,
    );
    const endless = Array.from({ length: 300 }, () => level({}));
    const tall = edited(small, { buildings: { house: { levels: endless } } });
    assert.equal(asked(townOf({ level: 255 }), 'upgrade', { id: 1 }, {}, tall), 'ILLEGAL_MOVE');
    assert.equal(typeof asked(townOf({ level: 254 }), 'upgrade', { id: 1 }, {}, tall), 'object');
  });

  it('[W4] a building moves to where it fits, also onto cells of its own, for nothing', () => {
    const state = townOf(
      { building: 'barn', x: 5, y: 5, wait: 40, store: { wheat: 9 }, paid: 40 },
      { building: 'house', x: 0, y: 0 },
    );
    const { state: after, coins, items, answer } = done(state, 'move', { id: 1, x: 6, y: 4 });
    assert.deepEqual(after, {
      ...state,
      buildings: [{ ...state.buildings[0], x: 6, y: 4 }, state.buildings[1]],
    });
    assert.deepEqual([coins, items], [null, {}]);
    assert.deepEqual(answer, {
      building: { id: 1, building: 'barn', x: 6, y: 4, level: 1, readyAt: NOW + 40 },
    });
    assert.equal(asked(state, 'move', { id: 1, x: 5, y: 5 }), 'ILLEGAL_MOVE');
    assert.equal(asked(state, 'move', { id: 1, x: 15, y: 5 }), 'ILLEGAL_MOVE');
    assert.equal(asked(state, 'move', { id: 1, x: 0, y: 0 }), 'ILLEGAL_MOVE');
    assert.equal(asked(state, 'move', { id: 2, x: 6, y: 7 }), 'ILLEGAL_MOVE');
    assert.equal(asked(state, 'move', { id: 3, x: 9, y: 9 }), 'NOT_FOUND');
  });

  it('[W4] demolishing gives half of what was paid, rounded down, and all whole units in the store', () => {
    const state = townOf(
      { paid: 351, store: { coin: 7 * MICRO + 5 } },
      { building: 'mill', x: 4, store: { wheat: 3 * MICRO - 1, flour: MICRO }, paid: 200 },
    );
    assert.deepEqual(done(state, 'demolish', { id: 1 }), {
      state: { ...state, buildings: [state.buildings[1]] },
      coins: { kind: 'got', amount: 175 + 7 },
      items: {},
      answer: { removed: 1, refund: 175, collected: { coin: 7 } },
    });
    assert.deepEqual(done(state, 'demolish', { id: 2 }, { flour: 9 }), {
      state: { ...state, buildings: [state.buildings[0]] },
      coins: { kind: 'got', amount: 100 },
      items: { wheat: 2, flour: 1 },
      answer: { removed: 2, refund: 100, collected: { wheat: 2, flour: 1 } },
    });
    assert.equal(asked(state, 'demolish', { id: 2 }, { flour: 10 }), 'LIMIT_EXCEEDED');
    assert.equal(asked(state, 'demolish', { id: 3 }), 'NOT_FOUND');
    // An id is not used again.
    const { state: after } = done(state, 'demolish', { id: 2 });
    assert.equal(done(after, 'build', { building: 'shop', x: 9, y: 9 }).state.buildings[1]?.id, 3);
  });

  it('[W4] what was paid counts, not what the catalogue says later', () => {
    const cheap = done(town.create(), 'build', { building: 'shop', x: 0, y: 0 });
    const dear = edited(small, {
      buildings: { shop: { levels: [level({ cost: 1_000_000 }), level({ cost: 1_000_000 })] } },
    });
    assert.deepEqual(done(cheap.state, 'demolish', { id: 1 }, {}, dear).coins, {
      kind: 'got',
      amount: 5,
    });
    const free = townOf({ building: 'shop', paid: 1 });
    assert.equal(done(free, 'demolish', { id: 1 }).coins, null);
    // Beyond any balance: what is noted stays a number that JSON can hold.
    const vast = edited(small, {
      buildings: { shop: { levels: [level({ cost: Number.MAX_SAFE_INTEGER })] } },
    });
    const { state } = done(town.create(), 'build', { building: 'shop', x: 0, y: 0 }, {}, vast);
    assert.equal(state.buildings[0]?.paid, 1e15);
  });

  it('[W8] whatever becomes of the catalogue, a building can be moved and demolished', () => {
    const state = townOf(
      { building: 'barn', x: 1, y: 1, level: 7, paid: 41, store: { wheat: MICRO } },
      { building: 'house', x: 2, y: 2 },
    );
    const gone = edited(small, { buildings: { barn: null } });
    assert.equal(typeof asked(state, 'move', { id: 1, x: 15, y: 15 }, {}, gone), 'object');
    const { coins, items } = done(state, 'demolish', { id: 1 }, {}, gone);
    assert.deepEqual([coins, items], [{ kind: 'got', amount: 20 }, { wheat: 1 }]);
    // The item's row cannot be read for a while: it does not get lost.
    const noWheat = edited(small, { items: { wheat: null } });
    assert.equal(asked(state, 'demolish', { id: 1 }, {}, noWheat), 'NOT_FOUND');
    // Grown over its neighbour and the edge, it is in the way of others and of nothing else.
    const grown = edited(small, { buildings: { barn: { width: 16, height: 2 } } });
    assert.equal(
      asked(state, 'build', { building: 'shop', x: 9, y: 2 }, {}, grown),
      'ILLEGAL_MOVE',
    );
    assert.equal(
      typeof asked(state, 'build', { building: 'shop', x: 9, y: 3 }, {}, grown),
      'object',
    );
    assert.equal(asked(state, 'move', { id: 1, x: 0, y: 8 }, {}, grown) === 'ILLEGAL_MOVE', false);
    assert.equal(typeof asked(state, 'move', { id: 2, x: 0, y: 0 }, {}, grown), 'object');
    assert.ok('buildings' in town.read(state));
  });

  it('[W4] names that every object has are kinds and items like others', () => {
    const catalogue = {
      items: new Map([['constructor', item('constructor')]]),
      buildings: new Map([['valueof', kind('valueof', [level({ takes: { constructor: 2 } })])]]),
    };
    const order = { building: 'valueof', x: 0, y: 0 };
    assert.equal(asked(town.create(), 'build', order, {}, catalogue), 'INSUFFICIENT_FUNDS');
    const { items } = done(town.create(), 'build', order, { constructor: 2 }, catalogue);
    assert.deepEqual(Object.entries(items), [['constructor', -2]]);
  });
});
