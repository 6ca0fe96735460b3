/**
 * Towns of older formats, step by step (W6). No unit is lost on the way.
 * - Format 1: `{buildings: [{type, x, y, level, stock}]}`, `stock` in whole units. Nothing took time to build.
 * - Format 2: `{nextId, buildings: [{id, building, x, y, level, wait, stored, carry}]}`, `stored` in whole units and
 *   `carry` what there is of the next one, in MICRO.
 * - Format 3: both are `store`, in MICRO, and `paid` is what was paid for a building. Nobody wrote it down before, so
 *   for buildings of that time nothing comes back.
 */
import { amountsOf, fieldsOf, listOf } from './shape.ts';
import { amountOf, amountsFrom, MICRO } from './state.ts';

const FIELDS_1 = ['type', 'x', 'y', 'level', 'stock'] as const;
const FIELDS_2 = ['id', 'building', 'x', 'y', 'level', 'wait', 'stored', 'carry'] as const;

export const upgrades: readonly ((old: unknown) => unknown)[] = [named, inParts];

function named(old: unknown) {
  const { buildings } = fieldsOf(old, ['buildings'], 'the town');
  const list = listOf(buildings, 'buildings');
  return {
    nextId: list.length + 1,
    buildings: list.map((each, index) => {
      const { type, stock, ...place } = fieldsOf(each, FIELDS_1, `buildings[${index}]`);
      return { ...place, id: index + 1, building: type, wait: 0, stored: stock, carry: {} };
    }),
  };
}

function inParts(old: unknown) {
  const { nextId, buildings } = fieldsOf(old, ['nextId', 'buildings'], 'the town');
  return {
    nextId,
    buildings: listOf(buildings, 'buildings').map((each, index) => {
      const where = `buildings[${index}]`;
      const { stored, carry, ...rest } = fieldsOf(each, FIELDS_2, where);
      const units = amountsOf(stored, 0, `${where}.stored`);
      const parts = amountsOf(carry, 0, `${where}.carry`);
      const things = new Set([...Object.keys(units), ...Object.keys(parts)]);
      const store = [...things].map(
        (thing) => [thing, amountOf(units, thing) * MICRO + amountOf(parts, thing)] as const,
      );
      return { ...rest, store: amountsFrom(store), paid: 0 };
    }),
  };
}
