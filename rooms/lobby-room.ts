/**
 * Lists the open tables as they come, change and go, and counts the players online. Speaks the messages of Colyseus'
 * own lobby (`rooms`, `+`, `-`), so that its guides apply; `state.online` is the number of players on all nodes.
 */
import { matchMaker, subscribeLobby } from '@colyseus/core';
import { schema, t } from '@colyseus/schema';
import { BaseRoom, onAuthWith, type Player, type PlayerClient } from './base-room.ts';
import type { Command } from './dispatch.ts';
import type { RoomServices } from './services.ts';

const MAX_CLIENTS = 2_000;
/** A table's changes are told at most this often. */
const CHANGES_MS = 250;

export const LobbyState = schema({ online: t.number().default(0) }, 'LobbyState');

/** What a lobby tells of a room. */
interface Listing {
  roomId: string;
  name: string;
  clients: number;
  maxClients: number;
  locked: boolean;
  metadata: unknown;
}

export abstract class LobbyRoom extends BaseRoom<InstanceType<typeof LobbyState>> {
  override state = new LobbyState();
  override maxClients = MAX_CLIENTS;
  readonly #rooms = new Map<string, Listing>();
  readonly #changed = new Map<string, NodeJS.Timeout>();
  readonly #undo: (() => void)[] = [];

  protected override commands(): Record<string, Command<PlayerClient>> {
    return {};
  }

  override async onCreate(options: unknown): Promise<void> {
    await super.onCreate(options);
    // Found by those who join it, not listed by itself.
    (this as unknown as { _listing: { unlisted: boolean } })._listing.unlisted = true;
    const { online } = this.services;
    this.state.online = online.count;
    this.#undo.push(
      online.onChange((count) => {
        this.state.online = count;
      }),
    );
    const unsubscribe = await subscribeLobby((roomId, room) =>
      this.#update(roomId, room as Listing | null),
    );
    this.#undo.push(() => void unsubscribe());
    for (const room of await matchMaker.query({ private: false, unlisted: false })) {
      this.#rooms.set(room.roomId, listing(room as unknown as Listing));
    }
  }

  protected override onPlayerJoin(_player: Player, client: PlayerClient): void {
    client.send('rooms', [...this.#rooms.values()]);
  }

  override onDispose(): void {
    for (const undo of this.#undo) undo();
    for (const timer of this.#changed.values()) clearTimeout(timer);
  }

  #update(roomId: string, room: Listing | null | undefined): void {
    if (room) {
      this.#rooms.set(roomId, listing(room));
      if (this.#changed.has(roomId)) return;
      this.#changed.set(
        roomId,
        setTimeout(() => this.#tell(roomId), CHANGES_MS),
      );
    } else if (this.#rooms.delete(roomId)) {
      clearTimeout(this.#changed.get(roomId));
      this.#changed.delete(roomId);
      this.broadcast('-', roomId);
    }
  }

  #tell(roomId: string): void {
    this.#changed.delete(roomId);
    const room = this.#rooms.get(roomId);
    if (room) this.broadcast('+', [roomId, room]);
  }
}

function listing({ roomId, name, clients, maxClients, locked, metadata }: Listing): Listing {
  return { roomId, name, clients, maxClients, locked, metadata };
}

/** The lobby's class for these services. */
export function lobbyRoom(services: RoomServices): new () => LobbyRoom {
  return class extends LobbyRoom {
    protected override readonly services = services;
    static override onAuth = onAuthWith(services) as never;
  };
}
