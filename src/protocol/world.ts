/** The shapes of worlds: what is asked in them, what is answered, their saves, and the catalogue of items and buildings. */
import { z } from 'zod';

const Time = z.iso.datetime();
const Minor = z.int().nonnegative();
/**
 * By which rules, recipes and commands know an item or a building. Every plain object has a `constructor`, and rules keep
 * quantities by name in plain objects.
 */
export const CatalogueName = z.string().regex(/^(?!constructor$)[a-z][a-z0-9-]{0,49}$/, {
  error: 'a lower-case letter, then at most 49 letters, digits or -',
});
const Quantities = z
  .record(CatalogueName, z.int().positive().max(1_000_000))
  .refine((all) => Object.keys(all).length <= 16, { error: 'at most 16' });

/** Of how many slots there are the game says more. */
export const MAX_SLOTS = 100;

/** A command of a world: `commandId` is the player's own name for it (M5), the rest is the game's. */
export const WorldCommand = z.looseObject({ commandId: z.guid().toLowerCase() });

/** An own world by its slot, or any by the id of its save. */
export const WorldJoinOptions = z.looseObject({
  slot: z.int().min(1).max(MAX_SLOTS).optional(),
  world: z.int().positive().optional(),
  spectate: z.boolean().optional(),
});

/** How many of an item a player has after a change. */
export const Holding = z.object({ item: z.string(), quantity: Minor });
export type Holding = z.infer<typeof Holding>;

/** What every answer to a command of a world has; the game adds to it. */
export interface WorldAnswer {
  commandId: string;
  /** Of the save, after the command. */
  version: number;
  currency: string;
  balance: number;
  /** The rows that were touched. */
  inventory: Holding[];
  [more: string]: unknown;
}

/** The state that every world room synchronizes, as an SDK client sees it. */
export interface WorldState {
  /** The id of the save. */
  world: number;
  slot: number;
  title: string;
  owner: string;
  isPublic: boolean;
  version: number;
  /** Server time in ms since the epoch. */
  now: number;
  /** Users who are here, owner included. */
  players: number;
  /** As the game's `entry` says. */
  entries: Map<string, unknown>;
}

/** A building that stands in a town. */
export interface TownBuilding {
  building: string;
  x: number;
  y: number;
  level: number;
  /** When it is ready to work, in ms since the epoch; 0: it is. */
  readyAt: number;
}

/** Of a building what only the owner sees: what was in it at `since` (ms since the epoch), in 3,600,000ths of a unit. */
export interface TownStore {
  since: number;
  store: Record<string, number>;
}

/** The message `view`, to the owner: all of it, or what changed; null: gone. */
export interface WorldView {
  whole: boolean;
  entries: Record<string, object | null>;
}
/** The message `inventory`, to the owner: all of it, or what changed. */
export interface InventoryNews {
  whole: boolean;
  items: Holding[];
}

export const ItemData = z.looseObject({
  stack: z.int().min(1).max(1_000_000_000).default(999).describe('The most that a player may have'),
  sellPrice: Minor.nullable()
    .default(null)
    .describe('What the shop gives for one; null: it buys none'),
  recipe: z
    .strictObject({
      takes: Quantities,
      makes: z.int().min(1).max(1_000_000).default(1),
      at: z
        .strictObject({ building: CatalogueName, level: z.int().min(1).max(100) })
        .nullable()
        .default(null),
    })
    .nullable()
    .default(null),
});
export type ItemData = z.infer<typeof ItemData>;

const Level = z.strictObject({
  cost: Minor.optional().describe("In minor units; that of level 1 is the building's own `cost`"),
  takes: Quantities.default({}),
  seconds: z
    .int()
    .min(0)
    .max(30 * 86_400)
    .default(0)
    .describe('Until it works'),
  produces: Quantities.default({}).describe('Per hour; coin is money'),
  consumes: Quantities.default({}).describe('Per hour'),
  storage: z.int().min(0).max(1_000_000).default(0).describe('Of each thing'),
});
export const BuildingData = z.looseObject({
  width: z.int().min(1).max(16).default(1),
  height: z.int().min(1).max(16).default(1),
  levels: z
    .array(Level)
    .min(1)
    .max(100)
    .default([Level.parse({})]),
});
export type BuildingData = z.infer<typeof BuildingData>;

export const Item = z.object({
  id: z.int(),
  name: z.string().nullable().describe("null for an item of a user's own"),
  title: z.string(),
  description: z.string().nullable(),
  icon: z.string().nullable(),
  price: Minor.nullable().describe('In minor units; null: not for sale'),
  isActive: z.boolean(),
  data: z.record(z.string(), z.unknown()),
});
export type Item = z.infer<typeof Item>;

const ItemText = {
  title: z.string().trim().min(1).max(200),
  description: z.string().max(2_000).nullable().optional(),
  icon: z.string().max(2_048).nullable().optional(),
};
export const NewItem = z.strictObject({
  name: CatalogueName,
  ...ItemText,
  price: Minor.nullable().optional(),
  data: ItemData.default(ItemData.parse({})),
});
export type NewItem = z.infer<typeof NewItem>;
export const ItemPatch = NewItem.omit({ name: true })
  .extend({ isActive: z.boolean(), data: ItemData })
  .partial();
export type ItemPatch = z.infer<typeof ItemPatch>;

/** An item of a user's own: nothing of the catalogue, and not for sale. */
export const NewOwnItem = z.strictObject({
  ...ItemText,
  data: z.record(z.string().max(100), z.unknown()).optional(),
});
export type NewOwnItem = z.infer<typeof NewOwnItem>;
export const OwnItemPatch = NewOwnItem.partial();
export type OwnItemPatch = z.infer<typeof OwnItemPatch>;

export const Building = z.object({
  id: z.int(),
  name: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  icon: z.string().nullable(),
  cost: Minor.describe('In minor units'),
  isActive: z.boolean(),
  data: z.record(z.string(), z.unknown()),
});
export type Building = z.infer<typeof Building>;
export const NewBuilding = z.strictObject({
  name: CatalogueName,
  title: z.string().trim().min(1).max(50),
  description: z.string().max(2_000).nullable().optional(),
  icon: z.string().max(2_048).nullable().optional(),
  cost: Minor,
  data: BuildingData,
});
export type NewBuilding = z.infer<typeof NewBuilding>;
export const BuildingPatch = NewBuilding.omit({ name: true })
  .extend({ isActive: z.boolean() })
  .partial();
export type BuildingPatch = z.infer<typeof BuildingPatch>;

export const Purchase = z.strictObject({ quantity: z.int().min(1).max(1_000_000).default(1) });
export const Purchased = z.object({
  item: z.string(),
  quantity: z.int().describe('Bought'),
  price: Minor.describe('Of all of them, in minor units'),
  currency: z.string(),
  balance: z.int(),
  inventory: z.array(Holding).describe('What the player has of it now'),
});
export type Purchased = z.infer<typeof Purchased>;

export const InventoryItem = z.object({
  item: Item.pick({ id: true, name: true, title: true, icon: true }),
  quantity: z.int().positive(),
});
export type InventoryItem = z.infer<typeof InventoryItem>;

export const GameStateEntry = z.object({
  id: z.int(),
  game: z.string(),
  slot: z.int(),
  title: z.string(),
  isPublic: z.boolean(),
  version: z.int(),
  lastSaved: Time,
  createdAt: Time,
  setAside: z
    .object({ at: Time, reason: z.string() })
    .nullable()
    .describe('A snapshot that could not be read; its slot is free again'),
});
export type GameStateEntry = z.infer<typeof GameStateEntry>;
export const GameStateExport = GameStateEntry.extend({ state: z.record(z.string(), z.unknown()) });
export type GameStateExport = z.infer<typeof GameStateExport>;
const SlotTitle = z.string().trim().max(50);
export const NewGameState = z.strictObject({
  game: z.string().regex(/^[a-z0-9-]{1,32}$/),
  slot: z
    .int()
    .min(1)
    .max(MAX_SLOTS)
    .optional()
    .describe('The first free one when there is no word of it'),
  title: SlotTitle.optional(),
  isPublic: z.boolean().optional(),
});
export type NewGameState = z.infer<typeof NewGameState>;
export const GameStatePatch = z.strictObject({ title: SlotTitle, isPublic: z.boolean() }).partial();
export type GameStatePatch = z.infer<typeof GameStatePatch>;

/** What a user shows of themselves; null: not said. */
const Profile = z.object({
  bio: z.string().nullable(),
  avatarUrl: z.string().nullable(),
  location: z.string().nullable(),
  dob: z.iso.date().nullable(),
});

const MePart = z.enum(['profile', 'wallet', 'inventory', 'gameStates']);
export type MePart = z.infer<typeof MePart>;
export const MeQuery = z.object({
  include: z
    .string()
    .max(100)
    .transform((text) => text.split(','))
    .pipe(z.array(MePart))
    .optional()
    .describe(`With commas between them: ${MePart.options.join(', ')}`),
});
/** What `GET /me` has beside the user when it is asked for, but the wallet. */
export const MeParts = z
  .object({
    profile: Profile,
    inventory: z.array(InventoryItem).describe('At most 1,000, by the id of the item'),
    gameStates: z.array(GameStateEntry).describe('At most 100, those that were set aside last'),
  })
  .partial();
