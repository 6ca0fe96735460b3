/**
 * A room that holds one saved world while somebody is there. Its owner, on any number of devices, plays; who may visit it
 * watches. What a command changed is shown once it is committed; between commands nothing is sent, for clients compute
 * what goes on by itself.
 */
import { AppError } from '../src/errors.ts';
import type { WorldGame } from '../src/games/world.ts';
import type { GameSessionId, UserId } from '../src/ids.ts';
import type { OwnedWorld } from '../src/ledger/types.ts';
import { metrics } from '../src/metrics.ts';
import { type InventoryNews, WorldCommand, type WorldView } from '../src/protocol.ts';
import type { LoadedSave, OpenedSave } from '../src/worlds/saves.ts';
import {
  BaseRoom,
  CLOSE_TRY_AGAIN,
  onAuthWith,
  type Player,
  type PlayerClient,
} from './base-room.ts';
import { type Command, command } from './dispatch.ts';
import type { Identity, RoomServices } from './services.ts';
import { LiveWorld } from './world.ts';
import { WorldDisplay } from './world-display.ts';
import { type WorldState, type WorldStateClasses, worldStateOf } from './world-state.ts';

/** Who comes after them is BUSY; the owner is not counted, so that nobody can keep the owner out. */
const MAX_VISITORS = 200;
const MAX_WORLDS_PER_NODE = 5_000;
/** The longest that a timer can wait: patches go out when something changed, and a thousand idle worlds cost nothing. */
const NEVER_MS = 2 ** 31 - 1;
/** Of a room that was just opened. */
const FIRST_FENCE = 1;
/** What the books did not take or tell is tried again so much later. */
const AGAIN_MS = 2_000;
/** How many are there follows who comes and goes at most this often. */
const PLAYERS_MS = 250;

/** How many worlds are live in this process. */
let liveWorlds = 0;

export abstract class WorldRoom extends BaseRoom<WorldState> {
  protected abstract readonly game: WorldGame;
  protected abstract readonly classes: WorldStateClasses;
  override patchRate = NEVER_MS;
  readonly #stays = new Map<string, GameSessionId>();
  #opened: OpenedSave | undefined;
  #world!: LiveWorld;
  #display!: WorldDisplay;
  #unwatch: (() => void)[] = [];
  #playersTimer: NodeJS.Timeout | undefined;
  #saveTimer: NodeJS.Timeout | undefined;

  protected override commands(): Record<string, Command<PlayerClient>> {
    return Object.fromEntries(
      Object.keys(this.game.commands).map((type) => [
        type,
        command(WorldCommand, (client: PlayerClient, { commandId, ...input }) =>
          this.#command(this.actor(client), type, commandId, input),
        ),
      ]),
    );
  }

  override async onCreate(options: unknown): Promise<void> {
    await super.onCreate(options);
    if (liveWorlds >= MAX_WORLDS_PER_NODE) {
      throw new AppError('BUSY', 'No more worlds on this server.');
    }
    liveWorlds += 1;
    metrics.rooms.inc({ name: this.game.name });
    this.#unwatch.push(() => {
      liveWorlds -= 1;
      metrics.rooms.dec({ name: this.game.name });
    });
    try {
      await this.#open((options as { world: number }).world);
    } catch (error) {
      await this.onDispose();
      throw error;
    }
  }

  async #open(stateId: number): Promise<void> {
    const { services, game } = this;
    const { saves, lease, ledger, catalogue } = services;
    const currency = ledger.currencies.usual;
    const opened = await saves
      .open(lease.id, this.id, game.name, stateId, currency)
      .catch((error) => {
        // Where the answer was lost it may be open in the books all the same.
        void closeInBooks(services, { nodeId: lease.id, roomId: this.id, fence: FIRST_FENCE });
        throw error;
      });
    this.#opened = opened;
    try {
      this.#world = new LiveWorld(opened, {
        game,
        ledger,
        currency,
        catalogue,
        load: (id) => saves.load(id),
        changed: (before, shown) => this.#display.show(this.#world.version, before, shown),
        gone: () => this.#end(),
      });
    } catch (error) {
      if (error instanceof AppError && error.code === 'CORRUPT_SNAPSHOT') {
        services.logger.error({ stateId, reason: error.message }, 'snapshot set aside');
        metrics.snapshotsSetAside.inc({ game: game.name });
        await saves.setAside(stateId, error.message);
      }
      throw error;
    }
    await Promise.all([this.#world.ready(), catalogue()]);
    this.#display = new WorldDisplay(game, this.classes, {
      patch: () => this.broadcastPatch(),
      tellOwner: (view) => this.#tellOwner('view', view),
    });
    this.state = this.#display.state;
    const { ownerId, owner, slot, title, isPublic } = opened;
    this.#display.describe({ world: stateId, slot, owner, title, isPublic });
    this.#display.show(this.#world.version, null, await this.#world.present());
    // By `world` it is found.
    await this.setMatchmaking({ unlisted: true, metadata: { world: stateId, title: game.title } });
    this.#unwatch.push(
      lease.onLapsed(() => void this.#checkOwner()),
      ledger.feed.subscribeInventory(ownerId, ({ item, quantity }) =>
        this.#tellOwner('inventory', { whole: false, items: [{ item, quantity }] }),
      ),
    );
  }

  /** W7: the owner plays, others watch; whether they may, `onPlayerJoin` asks the books. */
  protected override watches({ userId }: Identity, wish: boolean): boolean {
    const { ownerId } = this.#opened as OpenedSave;
    if (userId === ownerId) return wish;
    const visitors = [...this.players.values()].filter((player) => player.userId !== ownerId);
    if (visitors.length >= MAX_VISITORS) {
      throw new AppError('BUSY', 'There are too many visitors here; come back later.');
    }
    return true;
  }

  protected override async onPlayerJoin(player: Player, client: PlayerClient): Promise<void> {
    const { gameId, ownerId, owned } = this.#opened as OpenedSave;
    if (player.userId !== ownerId && !(await this.#mayVisit(player.userId, owned.stateId))) {
      throw new AppError('NOT_FOUND', 'There is no such save.');
    }
    const plays = player.userId === ownerId && !player.spectator;
    const [stay, woken] = await Promise.allSettled([
      this.services.beginSession(player.userId, gameId, this.id, player.sessionId),
      plays ? this.#asOwner(this.#world.wake()) : undefined,
    ]);
    if (stay.status === 'rejected') throw stay.reason;
    this.#stays.set(player.sessionId, stay.value);
    this.#countSoon();
    if (woken.status === 'rejected') {
      this.onPlayerLeave(player);
      throw woken.reason;
    }
    if (player.userId === ownerId) this.#tellWhole(client);
  }

  /** By the books: this room hears a moment later that its save was opened or closed, or was in the making then. */
  #mayVisit(userId: UserId, stateId: number): Promise<boolean> {
    return this.services.saves.mayEnter(userId, this.game, stateId);
  }

  override onReconnect(client: PlayerClient): void {
    super.onReconnect(client);
    const isOwner = this.players.get(client.sessionId)?.userId === this.#opened?.ownerId;
    if (isOwner) this.#tellWhole(client);
    else if (!this.state.isPublic) client.leave(CLOSE_PRIVATE, PRIVATE);
  }

  protected override onPlayerLeave(player: Player): void {
    const stay = this.#stays.get(player.sessionId);
    this.#stays.delete(player.sessionId);
    this.#countSoon();
    if (stay === undefined) return;
    this.services
      .endSession(stay)
      .catch((error) => this.services.logger.warn({ err: error }, 'end of a stay not recorded'));
  }

  override async onDispose(): Promise<void> {
    clearTimeout(this.#playersTimer);
    clearTimeout(this.#saveTimer);
    for (const undo of this.#unwatch.splice(0)) undo();
    await this.#world?.close();
    const owned = this.#opened?.owned;
    this.#opened = undefined;
    if (owned) await closeInBooks(this.services, owned);
  }

  /** Called on the room's own node when its save was changed or deleted from outside. Tries until it knows how. */
  async saveChanged(): Promise<void> {
    clearTimeout(this.#saveTimer);
    if (!this.#opened) return;
    let save: LoadedSave | null;
    try {
      save = await this.#world.refresh();
    } catch {
      this.#saveTimer = setTimeout(() => void this.saveChanged(), AGAIN_MS);
      return;
    }
    if (!save) return;
    this.#display.describe({ title: save.title, isPublic: save.isPublic });
    if (save.isPublic) return;
    for (const client of [...this.clients]) {
      const visits = this.players.get(client.sessionId)?.userId !== this.#opened?.ownerId;
      if (visits) client.leave(CLOSE_PRIVATE, PRIVATE);
    }
  }

  async #command(
    { userId }: Player,
    type: string,
    commandId: string,
    input: Record<string, unknown>,
  ): Promise<object> {
    if (userId !== this.#opened?.ownerId) throw new AppError('FORBIDDEN');
    return this.#asOwner(this.#world.command(type, commandId, input));
  }

  /** M8: who owns the save no more lets its players look for it again. */
  async #asOwner<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof AppError && error.code === 'ROOM_MOVED') this.#end();
      throw error;
    }
  }

  /** To a connection of the owner's that has just come. */
  #tellWhole(client: PlayerClient): void {
    client.send('view', this.#display.whole());
    const items = [...this.#world.inventory]
      .filter(([, quantity]) => quantity > 0)
      .map(([item, quantity]) => ({ item, quantity }));
    client.send('inventory', { whole: true, items } satisfies InventoryNews);
  }

  #tellOwner(type: 'view', news: WorldView): void;
  #tellOwner(type: 'inventory', news: InventoryNews): void;
  #tellOwner(type: string, news: object): void {
    if (this.#opened) this.tellUser(this.#opened.ownerId, type, news);
  }

  #countSoon(): void {
    this.#playersTimer ??= setTimeout(() => {
      this.#playersTimer = undefined;
      const players = new Set([...this.players.values()].map(({ userId }) => userId)).size;
      this.#display.describe({ players, now: this.#world.now() });
    }, PLAYERS_MS);
  }

  /** M8: whoever was owner while the lease was lost may be one no more. */
  async #checkOwner(): Promise<void> {
    const owned = this.#opened?.owned;
    if (!owned) return;
    const isOurs = await this.services.ledger.rounds.owns(owned).catch(() => true);
    if (!isOurs) this.#end();
  }

  /** Another node has the save, or nobody: players look for it again. */
  #end(): void {
    this.disconnect(CLOSE_TRY_AGAIN).catch(() => {});
  }
}

/**
 * A room that stays open in the books keeps all other nodes from its save, so this goes on, behind the caller's back,
 * until the room is closed or somebody else's.
 */
async function closeInBooks(
  services: RoomServices,
  room: Pick<OwnedWorld, 'nodeId' | 'roomId' | 'fence'>,
): Promise<void> {
  try {
    await services.ledger.rounds.closeRoom(room);
  } catch (error) {
    if (error instanceof AppError && error.code === 'ROOM_MOVED') return;
    services.logger.warn({ err: error, roomId: room.roomId }, 'room not closed');
    // The books are away, or for a moment not this node's to write in; anything else would not be helped by time.
    if (!(error instanceof AppError)) return;
    setTimeout(() => void closeInBooks(services, room), AGAIN_MS).unref();
  }
}

/** A visitor is sent away: the save is private now. The SDK does not try again. */
const CLOSE_PRIVATE = 4020;
const PRIVATE = 'not open to the public any more';

/** The room class of one world. */
export function worldRoom(game: WorldGame, services: RoomServices): new () => WorldRoom {
  const classes = worldStateOf(game);
  return class extends WorldRoom {
    protected override readonly game = game;
    protected override readonly classes = classes;
    protected override readonly services = services;
    static override onAuth = onAuthWith(services) as never;
  };
}
