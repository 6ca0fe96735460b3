/** What a player can pay for, and what is missing where not. The server has the last word on each command. */
import type { Inventory } from '../../rooms/news.ts';
import { type Amounts, type Level, type Recipe, type TownCatalogue, titleOf } from './catalogue.ts';
import { listed } from './words.ts';

/** What there is; null: not told yet, and then nothing is said to be missing. */
export interface Purse {
  readonly balance: number | null;
  readonly inventory: Inventory | null;
}

export interface Price {
  readonly coins: number;
  readonly items: Amounts;
}

/** What is missing; null: nothing. */
export interface Lack {
  readonly coins: number;
  readonly items: Amounts;
}

export const priceOf = ({ cost, takes }: Pick<Level, 'cost' | 'takes'>): Price => ({
  coins: cost,
  items: takes,
});

export function lackOf({ coins, items }: Price, { balance, inventory }: Purse): Lack | null {
  const missingCoins = balance === null ? 0 : Math.max(0, coins - balance);
  const missing = Object.entries(items)
    .map(([item, needed]): [string, number] => [
      item,
      inventory === null ? 0 : needed - (inventory.get(item) ?? 0),
    ])
    .filter(([, quantity]) => quantity > 0);
  if (missingCoins === 0 && missing.length === 0) return null;
  return { coins: missingCoins, items: Object.fromEntries(missing) };
}

/** "Needs 40 more coins and 3 more plank" */
export function lackInWords({ coins, items }: Lack, catalogue: TownCatalogue): string {
  const parts = Object.entries(items).map(
    ([item, quantity]) => `${quantity} more ${titleOf(catalogue, item).toLowerCase()}`,
  );
  if (coins > 0) parts.unshift(`${coins} more ${coins === 1 ? 'coin' : 'coins'}`);
  return `Needs ${listed(parts)}`;
}

/** How often a recipe can be made at once, of what there is and with `room` for so many more of what it makes. */
export function craftable(recipe: Recipe, { inventory }: Purse, room: number): number {
  const byItems = Object.entries(recipe.takes).map(([item, needed]) =>
    Math.floor((inventory?.get(item) ?? 0) / needed),
  );
  return Math.max(0, Math.min(Math.floor(room / recipe.makes), ...byItems));
}
