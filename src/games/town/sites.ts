/** Building, raising, moving and demolishing (W4). */
import type { Holder, WorldCatalogue } from '../world.ts';
import type { Build, Demolish, Move, Upgrade } from './commands.ts';
import { placeRefused } from './grid.ts';
import { coinsOf, type Decision, lacking, notFound, roomFor, taken, tooMany } from './holdings.ts';
import { unitsOf } from './production.ts';
import {
  amountOf,
  amountsFrom,
  buildingById,
  COIN,
  MAX_LEVEL,
  MAX_PAID,
  type Placed,
  type TownState,
  viewOf,
  withBuilding,
} from './state.ts';

const SECOND_MS = 1_000;

export function build(
  state: TownState,
  { building, x, y }: Build,
  holder: Holder,
  catalogue: WorldCatalogue,
): Decision {
  const kind = catalogue.buildings.get(building);
  const level = kind?.levels[0];
  if (!kind || !level) return notFound(`building "${building}"`);
  if (!kind.isActive) return { refused: `${kind.title} is not built any more.` };
  const refusal =
    placeRefused({ building, x, y }, state, catalogue) ??
    lacking(level.takes, 1, holder, catalogue);
  if (refusal) return refusal;
  const placed: Placed = {
    id: state.nextId,
    building,
    x,
    y,
    level: 1,
    wait: level.seconds * SECOND_MS,
    store: {},
    paid: Math.min(level.cost, MAX_PAID),
  };
  return {
    state: { nextId: state.nextId + 1, buildings: [...state.buildings, placed] },
    coins: coinsOf('paid', level.cost),
    items: taken(level.takes),
    answer: { building: { id: placed.id, ...viewOf(placed, holder.now) }, price: level.cost },
  };
}

export function upgrade(
  state: TownState,
  { id }: Upgrade,
  holder: Holder,
  catalogue: WorldCatalogue,
): Decision {
  const placed = buildingById(state, id);
  if (!placed) return notFound(`building ${id} in this town`);
  const kind = catalogue.buildings.get(placed.building);
  if (!kind) return notFound(`building "${placed.building}" any more`);
  if (placed.wait > 0) return { refused: `${kind.title} ${id} is still being built.` };
  const level = placed.level < MAX_LEVEL ? kind.levels[placed.level] : undefined;
  if (!level) return { refused: `${kind.title} ${id} has its highest level.` };
  const refusal = lacking(level.takes, 1, holder, catalogue);
  if (refusal) return refusal;
  const raised: Placed = {
    ...placed,
    level: placed.level + 1,
    wait: level.seconds * SECOND_MS,
    paid: Math.min(placed.paid + level.cost, MAX_PAID),
  };
  return {
    state: withBuilding(state, raised),
    coins: coinsOf('paid', level.cost),
    items: taken(level.takes),
    answer: { building: { id, ...viewOf(raised, holder.now) }, price: level.cost },
  };
}

export function move(
  state: TownState,
  { id, x, y }: Move,
  holder: Holder,
  catalogue: WorldCatalogue,
): Decision {
  const placed = buildingById(state, id);
  if (!placed) return notFound(`building ${id} in this town`);
  if (placed.x === x && placed.y === y) return { refused: 'It stands there.' };
  const moved: Placed = { ...placed, x, y };
  const refusal = placeRefused(moved, state, catalogue, id);
  if (refusal) return refusal;
  return {
    state: withBuilding(state, moved),
    coins: null,
    items: {},
    answer: { building: { id, ...viewOf(moved, holder.now) } },
  };
}

/** Half of the coins that were paid for it come back, and what lies in it, in whole units. */
export function demolish(
  state: TownState,
  { id }: Demolish,
  holder: Holder,
  catalogue: WorldCatalogue,
): Decision {
  const placed = buildingById(state, id);
  if (!placed) return notFound(`building ${id} in this town`);
  const stored = amountsFrom(
    Object.entries(placed.store).map(([thing, stock]) => [thing, unitsOf(stock)]),
  );
  const items = Object.entries(stored).filter(([thing]) => thing !== COIN);
  for (const [name, units] of items) {
    const item = catalogue.items.get(name);
    // Without its row in the catalogue nobody can have it, and it must not get lost.
    if (!item) return notFound(`item "${name}" any more, and there are ${units} in the store`);
    if (units > roomFor(item, holder)) return tooMany(item, holder);
  }
  const refund = Math.floor(placed.paid / 2);
  return {
    state: { ...state, buildings: state.buildings.filter((other) => other.id !== id) },
    coins: coinsOf('got', refund + amountOf(stored, COIN)),
    items: amountsFrom(items),
    answer: { removed: id, refund, collected: stored },
  };
}
