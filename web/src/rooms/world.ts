/** A world of any game: its state as plain values, what only its owner sees, and commands that are known to be done. */
import type { Room } from '@colyseus/sdk';
import type { InventoryNews, WorldState, WorldView } from '../../../src/protocol.ts';
import { getWallet } from '../api.ts';
import { client } from '../client.ts';
import { createServerClock, type ServerClock } from '../clock.ts';
import { newId } from '../ids.ts';
import { insist, UNSURE } from '../insist.ts';
import { createStore, type ReadableStore } from '../store.ts';
import { applyWallet } from '../wallet.ts';
import { type Link, openLink, request, whenLive } from './link.ts';
import { type ByKey, type Inventory, withHoldings, withNews } from './news.ts';
import { plainState } from './table.ts';
import { whichWorld } from './which-world.ts';

export interface WorldPicture<Entry> extends Omit<WorldState, 'entries'> {
  readonly entries: ByKey<Entry>;
}

/** `Own` is what only the owner sees of an entry. */
export interface World<Entry = unknown, Own = unknown> {
  readonly link: Link;
  readonly state: ReadableStore<WorldPicture<Entry> | null>;
  /** Null until it is told, and to visitors always. */
  readonly own: ReadableStore<ByKey<Own> | null>;
  readonly inventory: ReadableStore<Inventory | null>;
  clock(): ServerClock;
  /** Sent until it is known to be done, once. Rejects with a `Failure`; UNKNOWN when it is not certain. */
  command<T>(type: string, payload: object): Promise<T>;
  leave(): void;
}

/** A command that was not answered in time may have been carried out; repeated with its id it is harmless. */
const UNSURE_HERE: ReadonlySet<string> = new Set([...UNSURE, 'BUSY']);

export function enterWorld<Entry, Own>(game: string, place: string | null): World<Entry, Own> {
  const state = createStore<WorldPicture<Entry> | null>(null);
  const own = createStore<ByKey<Own> | null>(null);
  const inventory = createStore<Inventory | null>(null);
  let clock = createServerClock();

  function attach(room: Room<unknown, WorldState>): void {
    // Another room may be at another server, with another clock.
    clock = createServerClock();
    room.onStateChange((next) => {
      const plain = plainState(next) as unknown as WorldPicture<Entry>;
      clock.sample(plain.now);
      state.set(plain);
    });
    room.onMessage('view', ({ whole, entries }: WorldView) => {
      own.set(withNews(own.get(), { whole, entries: entries as Record<string, Own | null> }));
    });
    room.onMessage('inventory', (news: InventoryNews) => {
      inventory.set(withHoldings(inventory.get(), news));
    });
    room.onMessage('wallet', applyWallet);
    // Rooms may grow messages that this page does not know.
    room.onMessage('*', () => undefined);
  }

  const link = openLink({
    join: () => client.joinOrCreate<WorldState>(game, whichWorld(place)),
    attach,
    // Messages are lost with a connection; view and inventory are told anew by the room itself.
    onLive: () => void getWallet().then(applyWallet, () => undefined),
  });
  const room = {
    request: <T>(type: string, payload: object) => request<T>(link, type, payload),
    whenLive: () => whenLive(link),
  };

  return {
    link,
    state,
    own,
    inventory,
    clock: () => clock,
    // M5: one id for as long as the answer is missing.
    command: (type, payload) => insist(room, type, { commandId: newId(), ...payload }, UNSURE_HERE),
    leave: link.close,
  };
}
