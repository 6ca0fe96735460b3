/** What a deed takes from the player and gives to him, and why it cannot. */
import type {
  Amounts,
  CatalogueItem,
  Deed,
  Holder,
  WorldCatalogue,
  WorldRefusal,
} from '../world.ts';
import { amountsFrom, type TownState } from './state.ts';

export type Decision = Deed<TownState> | WorldRefusal;

/** `paid` or `got` at the shop, or `produced`; nothing moves nothing. */
export function coinsOf(
  kind: 'paid' | 'got' | 'produced',
  amount: number,
): Deed<TownState>['coins'] {
  return amount === 0 ? null : { kind, amount };
}

export function notFound(what: string): WorldRefusal {
  return { code: 'NOT_FOUND', refused: `There is no ${what}.` };
}

/** What the player has too few of, so many `times`; null: there is enough of everything. */
export function lacking(
  takes: Amounts,
  times: number,
  holder: Holder,
  catalogue: WorldCatalogue,
): WorldRefusal | null {
  for (const [name, quantity] of Object.entries(takes)) {
    const item = catalogue.items.get(name);
    const has = item ? holder.has(name) : 0;
    if (has < quantity * times) {
      return {
        code: 'INSUFFICIENT_FUNDS',
        refused: `This takes ${quantity * times} of ${item?.title ?? name}; you have ${has}.`,
      };
    }
  }
  return null;
}

export function taken(takes: Amounts, times = 1): Amounts {
  return amountsFrom(Object.entries(takes).map(([name, quantity]) => [name, -quantity * times]));
}

/** How many more of it the player may have. */
export function roomFor(item: CatalogueItem, holder: Holder): number {
  return Math.max(0, item.stack - holder.has(item.name));
}

export function tooMany(item: CatalogueItem, holder: Holder): WorldRefusal {
  return {
    code: 'LIMIT_EXCEEDED',
    refused: `You may have ${item.stack} of ${item.title} and have ${holder.has(item.name)}.`,
  };
}
