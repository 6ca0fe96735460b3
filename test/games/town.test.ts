import assert from 'node:assert/strict';
import { isRefusal } from '../../src/games/contract.ts';
import { town } from '../../src/games/town.ts';
import { MICRO, NOW, townOf } from './town/fixture.ts';

describe('games/town', () => {
  it('[W1] a new town is empty, and can be read', () => {
    const state = town.create();
    assert.deepEqual(state, { nextId: 1, buildings: [] });
    assert.deepEqual(town.read(state), state);
    assert.deepEqual(town.view(state, NOW), {});
    assert.deepEqual(town.ownView(state), {});
  });

  it('[W7] everybody sees what stands where and when it is ready, the owner also what lies in it', () => {
    const state = townOf(
      { id: 7, building: 'mill', x: 3, y: 4, level: 2, store: { wheat: 5 * MICRO }, paid: 9 },
      { id: 9, building: 'house', x: 15, y: 15, wait: 1_500 },
    );
    const seen = town.view(state, NOW);
    assert.deepEqual(seen, {
      7: { building: 'mill', x: 3, y: 4, level: 2, readyAt: 0 },
      9: { building: 'house', x: 15, y: 15, level: 1, readyAt: NOW + 1_500 },
    });
    assert.deepEqual(town.ownView(state), {
      7: { store: { wheat: 5 * MICRO } },
      9: { store: {} },
    });
    for (const entry of Object.values(seen)) {
      assert.deepEqual(Object.keys(entry).sort(), Object.keys(town.entry).sort());
    }
  });

  it('[W1] each command of the contract can be asked for, with exactly its fields', () => {
    const good: [string, Record<string, unknown>, object?][] = [
      ['build', { building: 'farm', x: 0, y: 15 }],
      ['upgrade', { id: 1 }],
      ['move', { id: 2 ** 40, x: 15, y: 0 }],
      ['demolish', { id: 3 }],
      ['collect', {}],
      ['collect', { id: 3 }],
      ['collect', { id: undefined }, {}],
      ['supply', { id: 3, item: 'wheat' }],
      ['supply', { id: 3, item: 'wheat', quantity: 1_000_000 }],
      ['craft', { item: 'tool' }, { item: 'tool', quantity: 1 }],
      ['buy', { item: 'tool', quantity: 2 }],
      ['sell', { item: 'constructor', quantity: 3 }],
    ];
    for (const [type, payload, read = payload] of good) {
      assert.deepEqual(town.commands[type as 'build'](payload), { type, ...read });
    }
    assert.deepEqual(
      Object.keys(town.commands).sort(),
      [...new Set(good.map(([type]) => type))].sort(),
    );
  });

  it('[W1] a payload of another shape is refused, whatever is in it', () => {
    const bad: [string, Record<string, unknown>][] = [
      ['build', { building: 'farm', x: 0 }],
      ['build', { building: 'farm', x: 0, y: 0, level: 2 }],
      ['build', { building: '', x: 0, y: 0 }],
      ['build', { building: 'f'.repeat(51), x: 0, y: 0 }],
      ['build', { building: ['farm'], x: 0, y: 0 }],
      ...[16, -1, 0.5, '3', null, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53].map(
        (x): [string, Record<string, unknown>] => ['build', { building: 'farm', x, y: 0 }],
      ),
      ['upgrade', {}],
      ['upgrade', { id: 0 }],
      ['upgrade', { id: '1' }],
      ['upgrade', { id: 1.5 }],
      ['upgrade', { id: 2 ** 53 }],
      ['move', { id: 1, x: 1 }],
      ['demolish', { id: 1, refund: 5_000 }],
      ['collect', { id: null }],
      ['collect', { all: true }],
      ['supply', { id: 1 }],
      ...[0, -1, 1.5, '1', null, true, 1_000_001].flatMap((quantity) =>
        ['supply', 'craft', 'buy', 'sell'].map((type): [string, Record<string, unknown>] => [
          type,
          { ...(type === 'supply' && { id: 1 }), item: 'wheat', quantity },
        ]),
      ),
      ['buy', { item: 'wheat', price: 0 }],
      ['buy', JSON.parse('{"item": "wheat", "__proto__": {"quantity": 5}}')],
      ['sell', { item: 'wheat', constructor: 1 }],
      ['sell', { item: 'wheat', type: 'buy' }],
    ];
    for (const [type, payload] of bad) {
      const read = town.commands[type as 'build'](payload);
      assert.ok(isRefusal(read), `${type} ${JSON.stringify(payload)}`);
      assert.match(read.refused, /^[^\n]{5,200}\.$/);
    }
  });

  it('[W1] what a payload inherits is not in it', () => {
    assert.ok(isRefusal(town.commands.buy(Object.create({ item: 'wheat' }))));
    const read = town.commands.buy(
      Object.assign(Object.create({ quantity: 9 }), { item: 'wheat' }),
    );
    assert.deepEqual(read, { type: 'buy', item: 'wheat', quantity: 1 });
  });
});
