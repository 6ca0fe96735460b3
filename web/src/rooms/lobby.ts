/** The lobby: which tables are open, who is at them, and how many players are online. */
import type { Room, RoomAvailable } from '@colyseus/sdk';
import { DEFAULT_TABLE } from '../address.ts';
import { client } from '../client.ts';
import { createStore, type Store } from '../store.ts';
import { applyWallet } from '../wallet.ts';
import { type Link, openLink } from './link.ts';

export interface TableListing {
  readonly roomId: string;
  readonly game: string;
  readonly table: string;
  readonly currency: string;
  /** Seats taken, spectators' too. */
  readonly players: number;
}

export interface Lobby {
  readonly link: Link;
  readonly online: Store<number | null>;
  /** The fullest first. */
  readonly tables: Store<readonly TableListing[]>;
}

type Listing = RoomAvailable<{ table?: string; currency?: string } | undefined>;

export function openLobby(): Lobby {
  const online = createStore<number | null>(null);
  const tables = createStore<readonly TableListing[]>([]);
  const rooms = new Map<string, Listing>();

  function show(): void {
    const listed = [...rooms.values()].map(toTable);
    tables.set(listed.sort((a, b) => b.players - a.players || a.table.localeCompare(b.table)));
  }

  function attach(room: Room<unknown, { online: number }>): void {
    room.onStateChange((state) => online.set(state.online));
    room.onMessage('rooms', (list: Listing[]) => {
      rooms.clear();
      for (const listing of list) rooms.set(listing.roomId, listing);
      show();
    });
    room.onMessage('+', ([roomId, listing]: [string, Listing]) => {
      rooms.set(roomId, listing);
      show();
    });
    room.onMessage('-', (roomId: string) => {
      rooms.delete(roomId);
      show();
    });
    room.onMessage('wallet', applyWallet);
    // Rooms may grow messages that this page does not know.
    room.onMessage('*', () => undefined);
  }

  const link = openLink({
    join: () => client.joinOrCreate('lobby'),
    attach,
    onLive: () => undefined,
  });
  return { link, online, tables };
}

function toTable({ roomId, name, clients, metadata }: Listing): TableListing {
  return {
    roomId,
    game: name,
    table: metadata?.table ?? DEFAULT_TABLE,
    currency: metadata?.currency ?? '',
    players: clients,
  };
}
