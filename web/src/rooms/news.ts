/** Messages that tell all there is, or only what has changed. */
import type { InventoryNews } from '../../../src/protocol.ts';

export type ByKey<T> = Readonly<Record<string, T>>;

interface News<T> {
  readonly whole: boolean;
  /** Null: gone. */
  readonly entries: Readonly<Record<string, T | null>>;
}

export function withNews<T>(before: ByKey<T> | null, { whole, entries }: News<T>): ByKey<T> {
  const known = Object.entries({ ...(whole ? {} : before), ...entries });
  return Object.fromEntries(known.filter((entry): entry is [string, T] => entry[1] !== null));
}

/** How many of each item there are; of what is not in it, none. */
export type Inventory = ReadonlyMap<string, number>;

export function withHoldings(before: Inventory | null, { whole, items }: InventoryNews): Inventory {
  const after = new Map(whole ? [] : before);
  for (const { item, quantity } of items) {
    if (quantity > 0) after.set(item, quantity);
    else after.delete(item);
  }
  return after;
}
