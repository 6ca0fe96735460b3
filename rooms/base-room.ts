/**
 * What every room of this server has: errors that stay in the room, commands that are counted, bounded and always
 * answered, players with their presence, and a wallet that speaks up whenever the ledger moves it.
 */
import {
  type AuthContext,
  type Client,
  type ClientPrivate,
  Room,
  type RoomException,
} from '@colyseus/core';
import { AppError } from '../src/errors.ts';
import type { RoomId, UserId } from '../src/ids.ts';
import { metrics } from '../src/metrics.ts';
import { JoinOptions, RECONNECTION_SECONDS } from '../src/protocol.ts';
import { type Command, Dispatcher } from './dispatch.ts';
import { SEAT_SECONDS } from './seats.ts';
import type { Identity, RoomServices } from './services.ts';

/** A client ends the handshake of the protocol within this time; until then all that is sent to it waits in memory. */
const HANDSHAKE_MS = 10_000;
/** Messages kept for a player whose connection is down; older ones are dropped, the ledger has them all. */
const MAX_MISSED_MESSAGES = 50;

/** MAY_TRY_RECONNECT: the SDK tries again, where 4001 would be final. */
export const CLOSE_TRY_AGAIN = 4010;

export type PlayerClient = Client<{ auth: Identity }>;

/** One stay of a player in a room: from joining to leaving, over any number of reconnections. */
export interface Player extends Identity {
  readonly sessionId: string;
  readonly spectator: boolean;
  readonly leave: (() => void)[];
  missed: [type: string, message: unknown][] | null;
}

// biome-ignore lint/suspicious/noExplicitAny: the state's type is each room's own; Colyseus' generics take it from there
export abstract class BaseRoom<State extends object = any> extends Room<{
  state: State;
  client: PlayerClient;
}> {
  protected abstract readonly services: RoomServices;
  /** By session id; a user may have several stays. */
  protected readonly players = new Map<string, Player>();
  readonly #stays = new Map<UserId, Set<Player>>();
  override seatReservationTimeout = SEAT_SECONDS;

  /** The commands of this room by message type. */
  protected abstract commands(): Record<string, Command<PlayerClient>>;

  protected get id(): RoomId {
    return this.roomId as RoomId;
  }

  override onCreate(_options: unknown): void | Promise<void> {
    const dispatcher = new Dispatcher(this.commands(), (error, type) =>
      this.services.logger.error({ err: error, roomId: this.roomId, type }, 'command failed'),
    );
    // Private in Colyseus' types; its own dispatch is replaced for commands and kept for join, ping and leave.
    const room = this as unknown as {
      _onMessage(client: Client & ClientPrivate, buffer: Buffer): void;
    };
    const inner = room._onMessage;
    room._onMessage = (client, buffer) => {
      if (!dispatcher.receive(client, buffer)) inner.call(this, client, buffer);
    };
  }

  override onUncaughtException(error: RoomException, methodName: string): void {
    const cause = error.cause instanceof Error ? error.cause : error;
    if (cause instanceof AppError) return;
    this.services.logger.error({ err: cause, roomId: this.roomId, methodName }, 'room error');
  }

  override onBeforeShutdown(): void {
    this.disconnect(CLOSE_TRY_AGAIN).catch(() => {});
  }

  override async onJoin(client: PlayerClient, options: unknown): Promise<void> {
    cutOffUnlessJoined(client);
    const identity = client.auth as Identity;
    const { spectate = false } = JoinOptions.parse(options ?? {});
    const player: Player = {
      ...identity,
      sessionId: client.sessionId,
      spectator: this.watches(identity, spectate),
      leave: [],
      missed: null,
    };
    const { online, seats, ledger } = this.services;
    seats.connected(player.userId, player.sessionId);
    player.leave.push(() => seats.disconnected(player.userId));
    player.leave.push(online.enter(player.userId));
    player.leave.push(
      ledger.feed.subscribe(player.userId, ({ currency, balance, seq }) =>
        this.tell(player, 'wallet', { currency, balance, seq }),
      ),
    );
    this.players.set(client.sessionId, player);
    this.#stays.set(player.userId, (this.#stays.get(player.userId) ?? new Set()).add(player));
    try {
      await this.onPlayerJoin(player, client);
    } catch (error) {
      this.#forget(client.sessionId);
      throw error;
    }
  }

  override onDrop(client: PlayerClient): void {
    const player = this.players.get(client.sessionId);
    if (!player) return;
    player.missed = [];
    this.allowReconnection(client, RECONNECTION_SECONDS).catch(() => {});
  }

  override onReconnect(client: PlayerClient): void {
    cutOffUnlessJoined(client);
    const player = this.players.get(client.sessionId);
    const missed = player?.missed ?? [];
    if (player) player.missed = null;
    for (const [type, message] of missed) client.send(type, message);
  }

  override onLeave(client: PlayerClient): void {
    const player = this.players.get(client.sessionId);
    if (!player) return;
    this.#forget(client.sessionId);
    this.onPlayerLeave(player);
  }

  /** Whether somebody who comes takes no part; `wish` is what the join said. Throws for who may not come in. */
  protected watches(_identity: Identity, wish: boolean): boolean {
    return wish;
  }

  protected onPlayerJoin(_player: Player, _client: PlayerClient): void | Promise<void> {}
  protected onPlayerLeave(_player: Player): void {}

  protected player(client: PlayerClient): Player {
    const player = this.players.get(client.sessionId);
    if (!player) throw new AppError('UNAUTHENTICATED');
    return player;
  }

  /** @throws AppError FORBIDDEN for spectators, BUSY while this node may not act */
  protected actor(client: PlayerClient): Player {
    const player = this.participant(client);
    this.assertActing();
    return player;
  }

  /** Who has not come only to watch. @throws AppError FORBIDDEN */
  protected participant(client: PlayerClient): Player {
    const player = this.player(client);
    if (player.spectator)
      throw new AppError('FORBIDDEN', 'Spectators watch; join with a seat to play.');
    return player;
  }

  /** @throws AppError BUSY */
  protected assertActing(): void {
    if (!this.services.lease.acting()) throw new AppError('BUSY');
  }

  /** Whether the user has a stay here, also one whose connection may still come back. */
  protected isThere(userId: UserId): boolean {
    return this.#stays.has(userId);
  }

  protected isConnected(userId: UserId): boolean {
    return [...(this.#stays.get(userId) ?? [])].some(({ missed }) => missed === null);
  }

  /** Sends to one stay of a player; while the connection is down a bounded number of messages waits for it. */
  protected tell(player: Player, type: string, message: unknown): void {
    if (player.missed) {
      if (player.missed.length === MAX_MISSED_MESSAGES) player.missed.shift();
      player.missed.push([type, message]);
    } else {
      this.clients.get(player.sessionId)?.send(type, message);
    }
  }

  /** Sends to every stay of a user in this room (two tabs are two stays). */
  protected tellUser(userId: UserId, type: string, message: unknown): void {
    for (const player of this.#stays.get(userId) ?? []) this.tell(player, type, message);
  }

  #forget(sessionId: string): void {
    const player = this.players.get(sessionId);
    if (!player) return;
    this.players.delete(sessionId);
    const stays = this.#stays.get(player.userId);
    stays?.delete(player);
    if (stays?.size === 0) this.#stays.delete(player.userId);
    for (const undo of player.leave) undo();
  }
}

/** R4: Colyseus queues for a client without a bound until the client says that it has joined. */
function cutOffUnlessJoined(client: PlayerClient): void {
  const { ref } = client;
  const timer = setTimeout(() => {
    if ((client as PlayerClient & ClientPrivate)._enqueuedMessages === undefined) return;
    metrics.connectionsCut.inc({ reason: 'no handshake' });
    (ref as unknown as { terminate(): void }).terminate();
  }, HANDSHAKE_MS);
  ref.once('close', () => clearTimeout(timer));
}

/** Every room's static `onAuth`: a valid access token, whose owner becomes `client.auth`. */
export function onAuthWith(services: RoomServices) {
  return (token: string | undefined, _options: unknown, _context: AuthContext): Promise<Identity> =>
    services.authenticate(token);
}
