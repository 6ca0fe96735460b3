/**
 * One live world: its saved state, brought to now whenever it is asked for, and its commands, one after the other. Each
 * is decided by the rules, committed with all that it moves, and only then shown (M6).
 */
import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../src/errors.ts';
import { isRefusal } from '../src/games/contract.ts';
import type { Deed, WorldCatalogue, WorldGame, WorldRefusal } from '../src/games/world.ts';
import type { UserId } from '../src/ids.ts';
import { InventoryChanged, type ItemMove, VersionChanged } from '../src/ledger/commands.ts';
import type { Ledger } from '../src/ledger/ledger.ts';
import type { OwnedWorld } from '../src/ledger/types.ts';
import type { LoadedSave, OpenedSave } from '../src/worlds/saves.ts';
import { readSnapshot, type Snapshot, writeSnapshot } from '../src/worlds/snapshot.ts';
import { Line } from './line.ts';

/** Commands of one world that may wait for those before them. */
const MAX_WAITING = 200;
/** One that waited longer is given up: when the books are away, each of those before it takes seconds to fail. */
const MAX_WAIT_MS = 10_000;
/** After an outcome that nobody knows, the save is read again so soon, also when no other command comes. */
const READ_AGAIN_MS = 500;
/** How often a command is decided anew because the books were not as they were taken for. */
const MAX_DECISIONS = 4;
/** After these, nothing was written, and what is known of the books is as true as before. */
const CERTAIN = new Set(['INSUFFICIENT_FUNDS', 'LIMIT_EXCEEDED', 'BET_CONFLICT']);
const CATEGORIES = { paid: 'purchase', got: 'sale', produced: 'grant' } as const;

export interface WorldParts {
  readonly game: WorldGame;
  readonly ledger: Pick<Ledger, 'commands' | 'feed'>;
  readonly currency: string;
  catalogue(): Promise<WorldCatalogue>;
  /** Null: the save is gone. */
  load(stateId: number): Promise<LoadedSave | null>;
  /** The state changed to what `shown` is, by a command at this moment, or it was read anew (`before` is null). */
  changed(before: Snapshot | null, shown: Snapshot): void;
  /** The save was deleted. */
  gone(): void;
  /** A clock that nobody sets, in ms; a test's own. */
  monotonic?(): number;
}

export class LiveWorld {
  readonly #parts: WorldParts;
  readonly #owned: OwnedWorld;
  readonly #ownerId: UserId;
  /** The database's time when the monotonic clock stood at `#startedAt`. */
  readonly #openedAt: number;
  readonly #startedAt: number;
  #version: number;
  #saved: Snapshot;
  /** Whether that is what the books say, as far as is known. */
  #isFresh = true;
  #inventory = new Map<string, number>();
  /** What was heard of the inventory while it was being read: the answer may be older. */
  readonly #heard = new Map<string, number>();
  readonly #line = new Line({
    maxWaiting: MAX_WAITING,
    maxWaitMs: MAX_WAIT_MS,
    now: () => this.#monotonic(),
  });
  #closed = false;
  #readAgain: NodeJS.Timeout | undefined;
  readonly #unsubscribe: () => void;

  /** @throws AppError CORRUPT_SNAPSHOT; BUSY when it is from a newer server */
  constructor(opened: OpenedSave, parts: WorldParts) {
    this.#parts = parts;
    this.#owned = opened.owned;
    this.#ownerId = opened.ownerId;
    this.#openedAt = opened.now;
    this.#startedAt = this.#monotonic();
    this.#version = opened.version;
    this.#saved = this.#read(opened.stored);
    this.#unsubscribe = parts.ledger.feed.subscribeInventory(
      opened.ownerId,
      ({ item, quantity }) => {
        this.#inventory.set(item, quantity);
        this.#heard.set(item, quantity);
      },
    );
  }

  /** Before the first command. @throws AppError BUSY */
  async ready(): Promise<void> {
    await this.#readInventory();
  }

  get version(): number {
    return this.#version;
  }

  get inventory(): ReadonlyMap<string, number> {
    return this.#inventory;
  }

  /** The database's time, by this node's monotonic clock. */
  now(): number {
    return this.#openedAt + Math.floor(this.#monotonic() - this.#startedAt);
  }

  #monotonic(): number {
    return this.#parts.monotonic?.() ?? performance.now();
  }

  /** The state as it is now: what was saved, gone on until now, or until it came to rest. */
  async present(): Promise<Snapshot> {
    return this.#advanced(await this.#parts.catalogue());
  }

  /**
   * Carries a command out, once per id (M5); answers what the first one answered.
   * @throws AppError of the rules, and as `Commands.carryOut`; BUSY
   */
  command(type: string, commandId: string, input: Record<string, unknown>): Promise<object> {
    const { commands } = this.#parts.game;
    const command = Object.hasOwn(commands, type)
      ? (commands[type] as (typeof commands)[string])(input)
      : { refused: `There is no command "${type}" here.` };
    if (isRefusal(command)) {
      return Promise.reject(new AppError('BAD_REQUEST', command.refused));
    }
    const request = { ...command, world: this.#owned.stateId, type };
    const has = (item: string) => this.#inventory.get(item) ?? 0;
    const decide = ({ state, at }: Snapshot, catalogue: WorldCatalogue) =>
      this.#parts.game.carryOut(state, command, { now: at, has }, catalogue);
    return this.#line.run(() => this.#untilDone(commandId, request, decide));
  }

  /** The owner is here: a world that came to rest goes on from now on. @throws AppError as `command` */
  async wake(): Promise<void> {
    if (this.now() - this.#saved.at <= this.#parts.game.absenceMs) return;
    const request = { world: this.#owned.stateId, type: 'wake' };
    await this.#line.run(() =>
      this.#untilDone(uuidv7(), request, ({ state }) => ({
        state,
        coins: null,
        items: {},
        answer: {},
      })),
    );
  }

  /** Reads the save anew, after it was changed from outside. Null: it is gone. @throws AppError BUSY */
  refresh(): Promise<LoadedSave | null> {
    return this.#line.run(() => this.#reload());
  }

  /** Answers when all commands are answered. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#readAgain);
    await this.#line.idle();
    this.#unsubscribe();
  }

  async #untilDone(
    commandId: string,
    request: object & { type: string },
    decide: (before: Snapshot, catalogue: WorldCatalogue) => Deed<object> | WorldRefusal,
  ): Promise<object> {
    const { game, ledger } = this.#parts;
    for (let decisions = 0; decisions < MAX_DECISIONS; decisions++) {
      const catalogue = await this.#parts.catalogue();
      if (!this.#isFresh && !(await this.#reload())) throw new AppError('NOT_FOUND');
      const before = this.#advanced(catalogue);
      const deed = decide(before, catalogue);
      if (isRefusal(deed)) {
        const first = await ledger.commands.answerOf(this.#ownerId, commandId, request);
        if (first) return first;
        if (decisions === 0 && !(await this.#isUpToDate())) continue;
        throw new AppError(deed.code ?? 'ILLEGAL_MOVE', deed.refused);
      }
      const after = { state: deed.state, at: before.at };
      const snapshot = writeSnapshot(game, after);
      // What grew too large by itself, or by the catalogue, may still be made smaller.
      if (
        sizeOf(snapshot) > game.maxSnapshotBytes &&
        sizeOf(snapshot) > sizeOf(writeSnapshot(game, before))
      ) {
        throw new AppError('LIMIT_EXCEEDED', 'There is no room for more in this save.');
      }
      try {
        const { first, answer } = await ledger.commands.carryOut({
          userId: this.#ownerId,
          commandId,
          request,
          currency: this.#parts.currency,
          world: { owned: this.#owned, version: this.#version, snapshot },
          items: movesOf(deed, catalogue, this.#inventory),
          coins: deed.coins && {
            category: CATEGORIES[deed.coins.kind],
            amount: deed.coins.amount,
          },
          reason: `${game.name}: ${request.type}`,
          answer: { commandId, ...deed.answer },
        });
        if (first) {
          this.#version += 1;
          this.#saved = after;
          this.#parts.changed(before, after);
        } else if ((answer as { version: number }).version > this.#version) {
          // Carried out by this very call, whose first answer was lost.
          await this.#reload();
        }
        return answer;
      } catch (error) {
        if (error instanceof AppError && CERTAIN.has(error.code)) throw error;
        this.#isFresh = false;
        if (error instanceof VersionChanged || error instanceof InventoryChanged) continue;
        this.#readSoon();
        throw error;
      }
    }
    throw new AppError('BUSY');
  }

  /** A refusal must not come from what is known no more: coins and items move elsewhere too. */
  async #isUpToDate(): Promise<boolean> {
    const known = [...this.#inventory].filter(([, quantity]) => quantity > 0).sort(byName);
    await this.#readInventory();
    return JSON.stringify(known) === JSON.stringify([...this.#inventory].sort(byName));
  }

  async #readInventory(): Promise<void> {
    this.#heard.clear();
    const inventory = await this.#parts.ledger.commands.inventory(this.#ownerId);
    for (const [item, quantity] of this.#heard) inventory.set(item, quantity);
    this.#inventory = inventory;
  }

  /** What is shown must not stay behind the books until somebody asks for something. */
  #readSoon(): void {
    if (this.#closed) return;
    this.#readAgain ??= setTimeout(() => {
      this.#readAgain = undefined;
      if (!this.#isFresh) this.refresh().catch(() => this.#readSoon());
    }, READ_AGAIN_MS);
  }

  async #reload(): Promise<LoadedSave | null> {
    const [save] = await Promise.all([
      this.#parts.load(this.#owned.stateId),
      this.#readInventory(),
    ]);
    if (!save) {
      this.#parts.gone();
      return null;
    }
    this.#saved = this.#read(save.stored);
    this.#version = save.version;
    this.#isFresh = true;
    this.#parts.changed(null, await this.present());
    return save;
  }

  #advanced(catalogue: WorldCatalogue): Snapshot {
    const { game } = this.#parts;
    const { state, at } = this.#saved;
    const now = this.now();
    // A clock that went back produces nothing and takes nothing.
    const until = Math.max(at, Math.min(now, at + game.absenceMs));
    return { state: game.advance(state, at, until, catalogue), at: now };
  }

  #read(stored: unknown): Snapshot {
    const read = readSnapshot(this.#parts.game, stored);
    if (isRefusal(read)) {
      throw new AppError(read.isNewer ? 'BUSY' : 'CORRUPT_SNAPSHOT', read.refused);
    }
    return read;
  }
}

/** @throws Error when the rules name an item that is not in the catalogue: a bug of theirs */
function movesOf(
  deed: Deed<object>,
  { items }: WorldCatalogue,
  inventory: ReadonlyMap<string, number>,
): ItemMove[] {
  return Object.entries(deed.items).map(([name, delta]) => {
    const item = items.get(name);
    if (!item) throw new Error(`the rules move ${delta} of ${name}, which is in no catalogue`);
    return { id: item.id, delta, most: item.stack, held: inventory.get(name) ?? 0 };
  });
}

function sizeOf(snapshot: string): number {
  return Buffer.byteLength(snapshot);
}

function byName([a]: [string, number], [b]: [string, number]): number {
  return a < b ? -1 : 1;
}
