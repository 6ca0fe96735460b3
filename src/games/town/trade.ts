/** Crafting, and the shop (W4): what an item is made of, costs, and brings. */
import type { CatalogueItem, Holder, Recipe, WorldCatalogue, WorldRefusal } from '../world.ts';
import type { Trade } from './commands.ts';
import { coinsOf, type Decision, lacking, notFound, roomFor, taken, tooMany } from './holdings.ts';
import { amountOf, amountsFrom, type TownState, titleOf } from './state.ts';

/** `quantity` times the recipe, at once. */
export function craft(
  state: TownState,
  { item: name, quantity }: Trade,
  holder: Holder,
  catalogue: WorldCatalogue,
): Decision {
  const item = catalogue.items.get(name);
  if (!item) return notFound(`item "${name}"`);
  const { recipe } = item;
  if (!recipe) return { refused: `There is no recipe for ${item.title}.` };
  const refusal =
    workshopMissing(item, recipe, state, catalogue) ??
    lacking(recipe.takes, quantity, holder, catalogue);
  if (refusal) return refusal;
  const made = recipe.makes * quantity;
  const items = new Map(Object.entries(taken(recipe.takes, quantity)));
  // A recipe may take some of what it makes.
  const more = made - amountOf(recipe.takes, name) * quantity;
  if (more > 0 && more > roomFor(item, holder)) return tooMany(item, holder);
  return {
    state,
    coins: null,
    items: amountsFrom(items.set(name, more)),
    answer: { crafted: { item: name, quantity: made } },
  };
}

export function buy(
  state: TownState,
  { item: name, quantity }: Trade,
  holder: Holder,
  catalogue: WorldCatalogue,
): Decision {
  const item = catalogue.items.get(name);
  if (!item) return notFound(`item "${name}"`);
  if (!item.isActive || item.price === null) return { refused: `${item.title} is not for sale.` };
  if (quantity > roomFor(item, holder)) return tooMany(item, holder);
  const price = item.price * quantity;
  if (!Number.isSafeInteger(price)) {
    return { code: 'INSUFFICIENT_FUNDS', refused: 'There are not so many coins.' };
  }
  return {
    state,
    coins: coinsOf('paid', price),
    items: { [name]: quantity },
    answer: { bought: { item: name, quantity }, price },
  };
}

export function sell(
  state: TownState,
  { item: name, quantity }: Trade,
  holder: Holder,
  catalogue: WorldCatalogue,
): Decision {
  const item = catalogue.items.get(name);
  if (!item) return notFound(`item "${name}"`);
  if (item.sellPrice === null) return { refused: `The shop buys no ${item.title}.` };
  const refusal = lacking({ [name]: quantity }, 1, holder, catalogue);
  if (refusal) return refusal;
  const price = item.sellPrice * quantity;
  if (!Number.isSafeInteger(price)) {
    return { code: 'LIMIT_EXCEEDED', refused: 'There are not so many coins.' };
  }
  return {
    state,
    coins: coinsOf('got', price),
    items: taken({ [name]: quantity }),
    answer: { sold: { item: name, quantity }, price },
  };
}

/** A building that is being raised does not work. */
function workshopMissing(
  item: CatalogueItem,
  { at }: Recipe,
  state: TownState,
  catalogue: WorldCatalogue,
): WorldRefusal | null {
  if (!at) return null;
  const top = catalogue.buildings.get(at.building)?.levels.length ?? 0;
  const workshops = state.buildings.filter(
    ({ building, level }) => building === at.building && Math.min(level, top) >= at.level,
  );
  const title = titleOf(at.building, catalogue);
  if (workshops.length === 0) {
    return { refused: `${item.title} is made in ${title}, level ${at.level}; there is none here.` };
  }
  if (workshops.some(({ wait }) => wait === 0)) return null;
  return { refused: `${title} is still being built.` };
}
