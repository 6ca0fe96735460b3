/** What a world shows: to everybody the entries of its state, to its owner the rest; each when a command has changed it. */
import { isDeepStrictEqual } from 'node:util';
import type { Entries, WorldGame } from '../src/games/world.ts';
import type { WorldView } from '../src/protocol.ts';
import type { Snapshot } from '../src/worlds/snapshot.ts';
import { assignChanged } from './bet-board.ts';
import type { WorldState, WorldStateClasses } from './world-state.ts';

type OwnEntries = Readonly<Record<string, object>>;

export interface WorldViewers {
  /** Sends what changed of the state at once. */
  patch(): void;
  tellOwner(view: WorldView): void;
}

export class WorldDisplay {
  readonly state: WorldState;
  readonly #game: WorldGame;
  readonly #classes: WorldStateClasses;
  readonly #viewers: WorldViewers;
  /** What the owner was shown, with `since` when it was so, by key. */
  #own: OwnEntries = {};

  constructor(game: WorldGame, classes: WorldStateClasses, viewers: WorldViewers) {
    this.#game = game;
    this.#classes = classes;
    this.#viewers = viewers;
    this.state = new classes.State();
  }

  describe(values: Partial<Omit<WorldState, 'entries'>>): void {
    assignChanged(this.state, values);
    this.#viewers.patch();
  }

  /** What a command changed, which it changed just now; all of it where `before` is not known. */
  show(version: number, before: Snapshot | null, shown: Snapshot): void {
    const { at } = shown;
    assignChanged(this.state, { version, now: at });
    const changed = this.#showEntries(
      before && this.#game.view(before.state, before.at),
      this.#game.view(shown.state, at),
    );
    this.#viewers.patch();
    this.#showOwn(
      before && this.#game.ownView(before.state),
      this.#game.ownView(shown.state),
      changed,
      at,
    );
  }

  /** All that the owner may see, for a connection that has just come. */
  whole(): WorldView {
    return { whole: true, entries: { ...this.#own } };
  }

  #showEntries(before: Entries | null, shown: Entries): ReadonlySet<string> {
    const { entries } = this.state;
    for (const key of entries.keys()) if (!Object.hasOwn(shown, key)) entries.delete(key);
    const changed = new Set<string>();
    for (const [key, fields] of Object.entries(shown)) {
      if (before && isDeepStrictEqual(before[key], fields)) continue;
      const entry = entries.get(key) ?? new this.#classes.Entry();
      assignChanged(entry, fields);
      if (!entries.has(key)) entries.set(key, entry);
      changed.add(key);
    }
    return changed;
  }

  /** By what everybody sees of an entry clients compute how it goes on: from a change of that it is told anew. */
  #showOwn(
    before: OwnEntries | null,
    shown: OwnEntries,
    changedForAll: ReadonlySet<string>,
    at: number,
  ): void {
    const changed: Record<string, object | null> = {};
    const own: Record<string, object> = {};
    for (const [key, entry] of Object.entries(shown)) {
      const last = this.#own[key];
      const isOld = before && !changedForAll.has(key) && isDeepStrictEqual(before[key], entry);
      own[key] = isOld && last ? last : { since: at, ...entry };
      if (own[key] !== last) changed[key] = own[key] as object;
    }
    for (const key of Object.keys(this.#own)) if (!Object.hasOwn(own, key)) changed[key] = null;
    this.#own = own;
    if (Object.keys(changed).length > 0) {
      this.#viewers.tellOwner({ whole: before === null, entries: changed });
    }
  }
}
