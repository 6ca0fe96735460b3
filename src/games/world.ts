/**
 * What a world tells the server: a state that its owner changes by commands and that goes on by itself between them.
 * Pure like the other rules: the time is passed in, and a refused command is a returned value. Coins and items that a
 * command moves are only named here; the ledger moves them, together with the new state or not at all.
 */
import type { FieldType, GameText, Refusal } from './contract.ts';

/** How many of each, by name. */
export type Amounts = Readonly<Record<string, number>>;

/** What an item of the catalogue is worth and made of; from a row that an admin may change at any time. */
export interface CatalogueItem {
  readonly id: number;
  readonly name: string;
  readonly title: string;
  /** Retired: what there is of it stays, more is not to be had in the shop. */
  readonly isActive: boolean;
  /** What the shop takes for one, in minor units; null: not for sale. */
  readonly price: number | null;
  /** What the shop gives for one, in minor units; null: it buys none. */
  readonly sellPrice: number | null;
  /** The most that a player may have. */
  readonly stack: number;
  readonly recipe: Recipe | null;
}

export interface Recipe {
  /** What one making takes. */
  readonly takes: Amounts;
  /** How many it makes. */
  readonly makes: number;
  /** Where it is made: a building of at least this level; null: anywhere. */
  readonly at: { readonly building: string; readonly level: number } | null;
}

export interface BuildingLevel {
  /** For building it (level 1), or for the step up to this level: in minor units, and items. */
  readonly cost: number;
  readonly takes: Amounts;
  /** Until it works, in seconds. */
  readonly seconds: number;
  /** Per hour; `coin` is money. */
  readonly produces: Amounts;
  /** Per hour; it works only while it has all of them. */
  readonly consumes: Amounts;
  /** How many it holds of each thing; it does not work while it is full. */
  readonly storage: number;
}

export interface CatalogueBuilding {
  readonly id: number;
  readonly name: string;
  readonly title: string;
  /** Retired: those that stand go on, new ones are not built. */
  readonly isActive: boolean;
  /** In cells of the grid. */
  readonly width: number;
  readonly height: number;
  /** From level 1 up; at least one. */
  readonly levels: readonly BuildingLevel[];
}

export interface WorldCatalogue {
  readonly items: ReadonlyMap<string, CatalogueItem>;
  readonly buildings: ReadonlyMap<string, CatalogueBuilding>;
}

/** A refusal with its code; without one it is ILLEGAL_MOVE. */
export interface WorldRefusal extends Refusal {
  readonly code?: 'BAD_REQUEST' | 'NOT_FOUND' | 'INSUFFICIENT_FUNDS' | 'LIMIT_EXCEEDED';
}

/** What a command does. */
export interface Deed<State> {
  readonly state: State;
  /** Minor units: paid to the shop, got from it, or produced; null: none. Whether the player has them the ledger knows. */
  readonly coins: { readonly kind: 'paid' | 'got' | 'produced'; readonly amount: number } | null;
  /** Into the player's inventory; below zero: out of it. No zeros. */
  readonly items: Amounts;
  /** What the answer says of it, beside balance, inventory and the new view of what changed. */
  readonly answer: Readonly<Record<string, unknown>>;
}

/** What a rule may know when it decides, beside the state. */
export interface Holder {
  /** Of which moment the state is, in ms since the epoch; for what is answered, e.g. `readyAt`. */
  readonly now: number;
  /** How many of an item the player has. */
  has(item: string): number;
}

/** Entries by key, e.g. each building by its id. */
export type Entries = Readonly<Record<string, Readonly<Record<string, number | string | boolean>>>>;

/** `State` and `Command` are plain JSON. */
export interface WorldGame<State extends object = object, Command extends object = object>
  extends GameText {
  readonly kind: 'world';
  /** How many saves of it a user may have, numbered from 1. */
  readonly slots: number;
  /** A world that its owner stays away from goes on for so long. */
  readonly absenceMs: number;
  /** A snapshot is never larger than this, in bytes of JSON; a command that would make it so is LIMIT_EXCEEDED. */
  readonly maxSnapshotBytes: number;
  /** The room's state has `entries` by key, each with these fields. */
  readonly entry: Readonly<Record<string, FieldType>>;

  /**
   * Which shape of the state this is, from 1. `upgrades[n - 1]` makes a state of format n + 1 out of one of format n, and
   * throws when it cannot; there are `format - 1` of them.
   */
  readonly format: number;
  readonly upgrades: readonly ((old: unknown) => unknown)[];
  /** A state of the present format as it was stored, or what is wrong with it. */
  read(stored: unknown): State | Refusal;

  create(): State;
  /**
   * The state at `to` of what was `state` at `from`, both in ms of the same clock, `from` <= `to`. For every time between
   * them: from `from` to there and from there to `to` is the same.
   */
  advance(state: State, from: number, to: number, catalogue: WorldCatalogue): State;
  /** What a player may ask for, by the message's type; each reads the payload beside `commandId`. */
  readonly commands: Readonly<
    Record<string, (input: Readonly<Record<string, unknown>>) => Command | Refusal>
  >;
  carryOut(
    state: State,
    command: Command,
    holder: Holder,
    catalogue: WorldCatalogue,
  ): Deed<State> | WorldRefusal;

  /** What everybody may see of the state that is at `at`, ms since the epoch. */
  view(state: State, at: number): Entries;
  /** What only the owner may see, under the same keys. */
  ownView(state: State): Readonly<Record<string, object>>;
}
