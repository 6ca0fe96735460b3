/** What comes out of buildings and goes into them (W4): `collect` and `supply`. Whole units move, remainders stay. */
import type { Holder, WorldCatalogue, WorldRefusal } from '../world.ts';
import type { Collect, Supply } from './commands.ts';
import { coinsOf, type Decision, lacking, notFound, roomFor, taken, tooMany } from './holdings.ts';
import { capacityOf, ratesOf, unitsOf } from './production.ts';
import {
  amountOf,
  amountsFrom,
  buildingById,
  COIN,
  levelOf,
  MICRO,
  type Placed,
  type TownState,
  titleOf,
  viewOf,
  withBuilding,
} from './state.ts';

/** Takes as much as the player may have; what does not fit stays where it is. */
export function collect(
  state: TownState,
  { id }: Collect,
  holder: Holder,
  catalogue: WorldCatalogue,
): Decision {
  const asked = state.buildings.filter((placed) => id === undefined || placed.id === id);
  if (id !== undefined && asked.length === 0) return notFound(`building ${id} in this town`);
  const collected = new Map<string, number>();
  const left = new Map(
    asked.map((placed) => [placed.id, emptied(placed, collected, holder, catalogue)]),
  );
  if (collected.size === 0) return nothingOf(asked, holder, catalogue);
  return {
    state: {
      ...state,
      buildings: state.buildings.map((placed) => left.get(placed.id) ?? placed),
    },
    coins: coinsOf('produced', collected.get(COIN) ?? 0),
    items: amountsFrom([...collected].filter(([thing]) => thing !== COIN)),
    answer: { collected: amountsFrom(collected) },
  };
}

export function supply(
  state: TownState,
  { id, item: name, quantity }: Supply,
  holder: Holder,
  catalogue: WorldCatalogue,
): Decision {
  const placed = buildingById(state, id);
  if (!placed) return notFound(`building ${id} in this town`);
  const item = catalogue.items.get(name);
  if (!item) return notFound(`item "${name}"`);
  const title = titleOf(placed.building, catalogue);
  const level = levelOf(placed, catalogue);
  const needed = level !== null && (ratesOf(level).get(name) ?? 0) < 0;
  // Coins are in the wallet; an item of that name must not become money by way of a store.
  if (!needed || name === COIN) return { refused: `${title} ${id} does not need ${item.title}.` };
  const stock = amountOf(placed.store, name);
  const space = unitsOf(Math.max(0, capacityOf(level) - stock));
  const units = quantity ?? Math.max(1, Math.min(space, holder.has(name)));
  const refusal = lacking({ [name]: units }, 1, holder, catalogue);
  if (refusal) return refusal;
  if (units > space) {
    return {
      code: 'LIMIT_EXCEEDED',
      refused: `${title} ${id} has room for ${space} more of ${item.title}.`,
    };
  }
  const store = new Map(Object.entries(placed.store)).set(name, stock + units * MICRO);
  const supplied: Placed = { ...placed, store: amountsFrom(store) };
  return {
    state: withBuilding(state, supplied),
    coins: null,
    items: taken({ [name]: units }),
    answer: {
      building: { id, ...viewOf(supplied, holder.now) },
      supplied: { item: name, quantity: units },
    },
  };
}

/** What stays in it; what comes out is added to `collected`. */
function emptied(
  placed: Placed,
  collected: Map<string, number>,
  holder: Holder,
  catalogue: WorldCatalogue,
): Placed {
  const store = new Map(Object.entries(placed.store));
  for (const [thing, units] of outputsOf(placed, catalogue)) {
    const before = collected.get(thing) ?? 0;
    const item = thing === COIN ? undefined : catalogue.items.get(thing);
    const out = item ? Math.min(units, roomFor(item, holder) - before) : units;
    if (out === 0) continue;
    store.set(thing, amountOf(placed.store, thing) - out * MICRO);
    collected.set(thing, before + out);
  }
  return { ...placed, store: amountsFrom(store) };
}

/** Why nothing came out: the player has the most of what there is, or there is nothing yet. */
function nothingOf(
  buildings: readonly Placed[],
  holder: Holder,
  catalogue: WorldCatalogue,
): WorldRefusal {
  const [full] = buildings.flatMap((placed) => outputsOf(placed, catalogue));
  const item = full && catalogue.items.get(full[0]);
  return item ? tooMany(item, holder) : { refused: 'There is nothing to collect yet.' };
}

/**
 * Whole units that may be taken out: of all but what it uses up, so that nothing is stuck when the catalogue changes.
 * What is no item of the catalogue any more stays.
 */
function outputsOf(placed: Placed, catalogue: WorldCatalogue): [string, number][] {
  const level = levelOf(placed, catalogue);
  const rates = level ? ratesOf(level) : new Map<string, number>();
  return Object.entries(placed.store)
    .filter(([thing]) => thing === COIN || catalogue.items.has(thing))
    .filter(([thing]) => (rates.get(thing) ?? 0) >= 0)
    .map(([thing, stock]): [string, number] => [thing, unitsOf(stock)])
    .filter(([, units]) => units > 0);
}
