/** A seat at a table of any game: its state as plain values, the server's clock, and commands with their answers. */
import type { Room } from '@colyseus/sdk';
import type { Bet, RoundState } from '../../../src/protocol.ts';
import type { JoinWish } from '../address.ts';
import { client } from '../client.ts';
import { createServerClock, type ServerClock } from '../clock.ts';
import { createStore, type ReadableStore } from '../store.ts';
import { applyWallet } from '../wallet.ts';
import { type Link, openLink, request } from './link.ts';

export interface Table<S extends RoundState = RoundState> {
  readonly game: string;
  readonly link: Link;
  readonly state: ReadableStore<S | null>;
  /** Commitments that were shown here before the round was over, by round. */
  readonly commitments: ReadonlyMap<string, string>;
  clock(): ServerClock;
  /** Rejects with a `Failure`; code NO_ANSWER when the command may or may not have arrived. */
  request<T>(type: string, payload: object): Promise<T>;
  /** Messages of this game beyond `bet` and `wallet`, also after joining again. Returns the function that ends it. */
  onMessage(listener: (type: string, payload: unknown) => void): () => void;
}

const COMMITMENTS_KEPT = 100;

export interface TableEvents {
  onLive(): void;
  /** One of the player's bets was resolved. */
  onBet(bet: Bet): void;
}

export function openTableOf<S extends RoundState>(
  game: string,
  name: string | null,
  wish: JoinWish,
  events: TableEvents,
): Table<S> {
  const state = createStore<S | null>(null);
  const commitments = new Map<string, string>();
  const listeners = new Set<(type: string, payload: unknown) => void>();
  let clock = createServerClock();

  function attach(room: Room<unknown, S>): void {
    // Another seat may be at another server, with another clock.
    clock = createServerClock();
    room.onStateChange((next) => {
      const plain = plainState(next);
      clock.sample(plain.now);
      remember(plain, commitments);
      state.set(plain);
    });
    room.onMessage('wallet', applyWallet);
    room.onMessage('bet', events.onBet);
    // Rooms may grow messages that this page does not know.
    room.onMessage('*', (type, payload) => {
      for (const listener of [...listeners]) listener(String(type), payload);
    });
  }

  /** Whoever joins again goes to the same table, also if it was found by the server. */
  function joinOptions(): object {
    const { stake: _found, ...others } = wish;
    const table = state.get()?.table ?? name;
    return table === null ? wish : { ...others, table };
  }

  const link = openLink({
    join: () => client.joinOrCreate<S>(game, joinOptions()),
    attach,
    onLive: events.onLive,
  });

  return {
    game,
    link,
    state,
    commitments,
    clock: () => clock,
    request: (type, payload) => request(link, type, payload),
    onMessage(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The synchronized state is changed in place; components get a copy of its own for each patch. */
export function plainState<S>(state: S): S {
  return (state as S & { toJSON(): S }).toJSON();
}

function remember(state: RoundState, commitments: Map<string, string>): void {
  if (state.phase !== 'betting' || commitments.has(state.roundId)) return;
  commitments.set(state.roundId, state.commitment);
  for (const roundId of commitments.keys()) {
    if (commitments.size <= COMMITMENTS_KEPT) break;
    commitments.delete(roundId);
  }
}
