/** A seat at a crash table: its state as plain values, the server's clock, and commands with their answers. */
import type { Room } from '@colyseus/sdk';
import type { Bet, CrashState } from '../../../src/protocol.ts';
import { client } from '../client.ts';
import { createServerClock, type ServerClock } from '../clock.ts';
import { Failure, toFailure } from '../failure.ts';
import { createStore, type Store } from '../store.ts';
import { applyWallet } from '../wallet.ts';
import { type Link, openLink } from './link.ts';

export interface CrashTable {
  readonly name: string;
  readonly link: Link;
  readonly state: Store<CrashState | null>;
  /** Commitments that were shown here before the round was over, by round. */
  readonly commitments: ReadonlyMap<string, string>;
  clock(): ServerClock;
  /** Rejects with a `Failure`; code NO_ANSWER when the command may or may not have arrived. */
  request<T>(type: string, payload: object): Promise<T>;
}

const COMMITMENTS_KEPT = 100;

export interface CrashTableEvents {
  onLive(): void;
  /** One of the player's bets was resolved. */
  onBet(bet: Bet): void;
}

export function openCrashTable(name: string, events: CrashTableEvents): CrashTable {
  const state = createStore<CrashState | null>(null);
  const commitments = new Map<string, string>();
  let clock = createServerClock();

  function attach(room: Room<unknown, CrashState>): void {
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
    room.onMessage('*', () => undefined);
  }

  const link = openLink({
    join: () => client.joinOrCreate<CrashState>('crash', { table: name }),
    attach,
    onLive: events.onLive,
  });

  async function request<T>(type: string, payload: object): Promise<T> {
    const room = link.room();
    if (room === null) throw new Failure('NO_ANSWER', 'Not connected.');
    try {
      return (await room.request(type, payload)) as T;
    } catch (error) {
      throw toFailure(error);
    }
  }

  return { name, link, state, commitments, clock: () => clock, request };
}

/** The synchronized state is changed in place; components get a copy of its own for each patch. */
function plainState(state: CrashState): CrashState {
  return (state as CrashState & { toJSON(): CrashState }).toJSON();
}

function remember(state: CrashState, commitments: Map<string, string>): void {
  if (state.phase !== 'betting' || commitments.has(state.roundId)) return;
  commitments.set(state.roundId, state.commitment);
  for (const roundId of commitments.keys()) {
    if (commitments.size <= COMMITMENTS_KEPT) break;
    commitments.delete(roundId);
  }
}
