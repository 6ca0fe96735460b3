/** Random commands of a town: most of them possible, some not. */
import type { WorldCatalogue } from '../../../src/games/world.ts';

export interface Order {
  readonly type: string;
  readonly input: Record<string, unknown>;
}

/** What the asker knows of the town and of the inventory. */
export interface Known {
  readonly buildings: readonly { readonly id: number; readonly building: string }[];
  /** Names of items. */
  readonly held: readonly string[];
}

const SIZE = 16;
/** One in so many asks for something at random, whether it can be or not. */
const WILD = 6;
const TYPES = [
  'build',
  'build',
  'build',
  'upgrade',
  'move',
  'demolish',
  'collect',
  'collect',
  'supply',
  'supply',
  'craft',
  'buy',
  'buy',
  'sell',
] as const;

export function randomOrder(
  random: () => number,
  { items, buildings }: WorldCatalogue,
  { buildings: standing, held }: Known,
): Order {
  const below = (n: number) => Math.floor(random() * n);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const isWild = below(WILD) === 0;
  const oneOf = <T>(likely: readonly T[], all: readonly T[]): T =>
    isWild || likely.length === 0 ? pick(all) : pick(likely);
  const cell = () => below(isWild ? SIZE + 1 : SIZE - 2);
  const names = [...items.keys()];
  const site = isWild ? undefined : pick(standing);
  const id = site?.id ?? 1 + below(40);
  const quantity = 1 + below(isWild ? 1_000 : 6);
  const type = standing.length === 0 && !isWild ? pick(['build', 'buy']) : pick(TYPES);
  switch (type) {
    case 'build':
      return { type, input: { building: pick([...buildings.keys()]), x: cell(), y: cell() } };
    case 'move':
      return { type, input: { id, x: cell(), y: cell() } };
    case 'collect':
      return { type, input: random() < 0.7 ? {} : { id } };
    case 'supply': {
      const needed = Object.keys(buildings.get(site?.building ?? '')?.levels[0]?.consumes ?? {});
      const item = oneOf(needed, names);
      return { type, input: random() < 0.5 ? { id, item } : { id, item, quantity } };
    }
    case 'craft': {
      const made = names.filter((name) => items.get(name)?.recipe);
      return { type, input: { item: oneOf(made, names), quantity } };
    }
    case 'buy': {
      const sold = names.filter((name) => items.get(name)?.price !== null);
      return { type, input: { item: oneOf(sold, names), quantity } };
    }
    case 'sell':
      return { type, input: { item: oneOf(held, names), quantity } };
    default:
      return { type, input: { id } };
  }
}
