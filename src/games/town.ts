/**
 * Town: buildings on a grid of 16 x 16 that earn coins and make goods, also while their owner is away. In town/:
 * - state.ts: what a town is, and how its parts are found
 * - production.ts: what a building makes and uses up in a span of time, in closed form
 * - grid.ts: where a building may stand
 * - commands.ts: what a player may ask for, read from payloads
 * - deeds.ts: carries a command out; sites.ts those about buildings, stores.ts those about what lies in them, trade.ts
 *   crafting and the shop, holdings.ts what the player gives and gets
 * - snapshot.ts: reads a stored town; upgrades.ts makes one of older formats; shape.ts is what both read with
 * - tables.ts, of items.ts and buildings.ts: the catalogue that a new server begins with
 *
 * The catalogue may change under a town. A building whose kind is gone stands still and can be moved, emptied and
 * demolished; one above the last level of its kind goes by that level.
 */
import { commands, type TownCommand } from './town/commands.ts';
import { carryOut } from './town/deeds.ts';
import { advance } from './town/production.ts';
import { read } from './town/snapshot.ts';
import { type TownState, viewOf } from './town/state.ts';
import { upgrades } from './town/upgrades.ts';
import type { WorldGame } from './world.ts';

const DAY_MS = 86_400_000;

export const town = {
  kind: 'world',
  name: 'town',
  title: 'Town',
  description: 'Build, produce, craft and trade. The town lives on while you are away.',
  payTableVersion: 1,
  slots: 8,
  absenceMs: 7 * DAY_MS,
  maxSnapshotBytes: 131_072,
  entry: { building: 'string', x: 'uint8', y: 'uint8', level: 'uint8', readyAt: 'number' },

  format: 3,
  upgrades,
  read,

  create: (): TownState => ({ nextId: 1, buildings: [] }),
  advance,
  commands,
  carryOut,

  view: (state, at) =>
    Object.fromEntries(state.buildings.map((placed) => [placed.id, viewOf(placed, at)])),
  ownView: (state) => Object.fromEntries(state.buildings.map(({ id, store }) => [id, { store }])),
} satisfies WorldGame<TownState, TownCommand>;
