import assert from 'node:assert/strict';
import { asked, done, edited, item, small, townOf } from './fixture.ts';

const PLACE = townOf();
const SHOP = townOf({ building: 'shop', level: 2 });

describe('games/town/trade', () => {
  it('[W4] crafting takes the recipe so many times and makes so many times what it makes', () => {
    assert.deepEqual(done(PLACE, 'craft', { item: 'nail', quantity: 4 }, { plank: 4 }), {
      state: PLACE,
      coins: null,
      items: { plank: -4, nail: 12 },
      answer: { crafted: { item: 'nail', quantity: 12 } },
    });
    assert.deepEqual(done(PLACE, 'craft', { item: 'nail' }, { plank: 4 }).items, {
      plank: -1,
      nail: 3,
    });
  });

  it('[W4] crafting needs the items, room for what is made, and a recipe', () => {
    const craft = (name: string, quantity: number, has: Record<string, number>) =>
      asked(PLACE, 'craft', { item: name, quantity }, has);
    assert.equal(craft('nail', 5, { plank: 4 }), 'INSUFFICIENT_FUNDS');
    assert.equal(craft('nail', 1_000_000, { plank: 50 }), 'INSUFFICIENT_FUNDS');
    assert.equal(typeof craft('nail', 4, { plank: 4, nail: 88 }), 'object');
    assert.equal(craft('nail', 4, { plank: 4, nail: 89 }), 'LIMIT_EXCEEDED');
    assert.equal(craft('wheat', 1, {}), 'ILLEGAL_MOVE');
    assert.equal(craft('castle', 1, {}), 'NOT_FOUND');
    assert.equal(craft('__proto__', 1, {}), 'NOT_FOUND');
    const gone = edited(small, { items: { plank: null } });
    const nails = { item: 'nail', quantity: 1 };
    assert.equal(asked(PLACE, 'craft', nails, { plank: 9 }, gone), 'INSUFFICIENT_FUNDS');
  });

  it('[W4] a recipe may take some of what it makes', () => {
    const has = { yeast: 4, flour: 2 };
    const bake = (quantity: number, inventory: Record<string, number>) =>
      asked(PLACE, 'craft', { item: 'yeast', quantity }, inventory);
    assert.deepEqual(done(PLACE, 'craft', { item: 'yeast', quantity: 2 }, has).items, {
      flour: -2,
      yeast: 6,
    });
    assert.equal(bake(3, has), 'INSUFFICIENT_FUNDS');
    assert.equal(typeof bake(2, { yeast: 14, flour: 9 }), 'object');
    assert.equal(bake(2, { yeast: 15, flour: 9 }), 'LIMIT_EXCEEDED');
    // Three times two for three times one: there is room for that at any time.
    const less = edited(small, {
      items: { yeast: { recipe: { takes: { yeast: 2 }, makes: 1, at: null } } },
    });
    const order = { item: 'yeast', quantity: 3 };
    assert.deepEqual(done(PLACE, 'craft', order, { yeast: 400 }, less).items, { yeast: -3 });
    const same = edited(small, {
      items: { yeast: { recipe: { takes: { yeast: 2 }, makes: 2, at: null } } },
    });
    assert.deepEqual(done(PLACE, 'craft', order, { yeast: 400 }, same).items, {});
  });

  it('[W4] what is made in a workshop needs one of that level that works', () => {
    const has = { plank: 9, nail: 9 };
    const craft = (state: typeof PLACE, catalogue = small) =>
      asked(state, 'craft', { item: 'tool' }, has, catalogue);
    assert.deepEqual(done(SHOP, 'craft', { item: 'tool' }, has).items, {
      plank: -2,
      nail: -4,
      tool: 1,
    });
    assert.equal(craft(PLACE), 'ILLEGAL_MOVE');
    assert.equal(craft(townOf({ building: 'shop', level: 1 })), 'ILLEGAL_MOVE');
    assert.equal(craft(townOf({ building: 'shop', level: 2, wait: 1 })), 'ILLEGAL_MOVE');
    const two = townOf({ building: 'shop', level: 2, wait: 1 }, { building: 'shop', level: 2 });
    assert.equal(typeof craft(two), 'object');
    assert.equal(craft(townOf({ building: 'house', level: 2 })), 'ILLEGAL_MOVE');
    assert.equal(typeof craft(townOf({ building: 'shop', level: 200 })), 'object');
    // The catalogue lost the level, or the kind.
    const [first] = small.buildings.get('shop')?.levels ?? [];
    assert.ok(first);
    const lower = edited(small, { buildings: { shop: { levels: [first] } } });
    assert.equal(craft(SHOP, lower), 'ILLEGAL_MOVE');
    assert.equal(craft(SHOP, edited(small, { buildings: { shop: null } })), 'ILLEGAL_MOVE');
  });

  it('[W4] the shop sells what has a price and is not retired, as far as the player may have it', () => {
    assert.deepEqual(done(PLACE, 'buy', { item: 'wheat', quantity: 3 }, { wheat: 97 }), {
      state: PLACE,
      coins: { kind: 'paid', amount: 15 },
      items: { wheat: 3 },
      answer: { bought: { item: 'wheat', quantity: 3 }, price: 15 },
    });
    const buy = (name: string, quantity: number, has = {}, catalogue = small) =>
      asked(PLACE, 'buy', { item: name, quantity }, has, catalogue);
    assert.equal(buy('wheat', 3, { wheat: 98 }), 'LIMIT_EXCEEDED');
    assert.equal(buy('wheat', 1, { wheat: 5_000 }), 'LIMIT_EXCEEDED');
    assert.equal(buy('flour', 1), 'ILLEGAL_MOVE');
    assert.equal(buy('relic', 1), 'ILLEGAL_MOVE');
    assert.equal(buy('castle', 1), 'NOT_FOUND');
    assert.equal(buy('toString', 1), 'NOT_FOUND');
    const free = edited(small, { items: { wheat: { price: 0 } } });
    assert.equal(done(PLACE, 'buy', { item: 'wheat' }, {}, free).coins, null);
    const vast = { price: Number.MAX_SAFE_INTEGER, stack: 1_000_000 };
    const dear = edited(small, { items: { wheat: vast } });
    assert.equal(buy('wheat', 1_000_000, {}, dear), 'INSUFFICIENT_FUNDS');
  });

  it('[W4] the shop buys what it gives something for, also when it is retired', () => {
    assert.deepEqual(done(PLACE, 'sell', { item: 'relic', quantity: 3 }, { relic: 3 }), {
      state: PLACE,
      coins: { kind: 'got', amount: 9 },
      items: { relic: -3 },
      answer: { sold: { item: 'relic', quantity: 3 }, price: 9 },
    });
    const sell = (name: string, quantity: number, has = {}, catalogue = small) =>
      asked(PLACE, 'sell', { item: name, quantity }, has, catalogue);
    assert.equal(sell('wheat', 3, { wheat: 2 }), 'INSUFFICIENT_FUNDS');
    assert.equal(sell('nail', 1, { nail: 2 }), 'ILLEGAL_MOVE');
    assert.equal(sell('castle', 1), 'NOT_FOUND');
    assert.equal(typeof sell('constructor', 1, { constructor: 1 }), 'object');
    assert.equal(sell('constructor', 1), 'INSUFFICIENT_FUNDS');
    const vast = edited(small, {
      items: { wheat: item('wheat', { sellPrice: Number.MAX_SAFE_INTEGER }) },
    });
    assert.equal(sell('wheat', 2, { wheat: 2 }, vast), 'LIMIT_EXCEEDED');
  });
});
