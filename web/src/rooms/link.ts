/**
 * A seat in a room that is kept: the SDK takes back a dropped connection by itself; when that fails for good (the
 * server was restarted, the seat expired) the link joins again, with growing pauses and a last attempt.
 */
import type { Room } from '@colyseus/sdk';
import { ensureFreshToken, renewAfterRefusal } from '../account/session.ts';
import { Failure, toFailure } from '../failure.ts';
import { createStore, type Store } from '../store.ts';

export type LinkState =
  | { phase: 'joining' }
  | { phase: 'live' }
  /** The SDK is taking the connection back: same seat. */
  | { phase: 'dropped' }
  /** The seat is gone: joining again. `code` says why the last attempt failed. */
  | { phase: 'rejoining'; attempt: number; code: string | null }
  /** Gave up until the player asks again. */
  | { phase: 'failed'; code: string }
  /** Left on purpose. */
  | { phase: 'closed' };

export interface Link {
  readonly state: Store<LinkState>;
  /** The joined room, also while its connection is dropped. */
  room(): Room | null;
  /** Tries at once, also after giving up. */
  retry(): void;
  close(): void;
}

export interface LinkOptions {
  join(): Promise<Room>;
  /** Attach the listeners; called for each seat anew. */
  attach(room: Room): void;
  /** The room can be talked to: after a join, and after each reconnection. */
  onLive(): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const MAX_ATTEMPTS = 30;
/** A seat that lasted this long starts a new count of attempts. */
const STEADY_MS = 10_000;
const PING_EVERY_MS = 5000;
/**
 * The SDK's own reconnection: also for a drop in the first seconds; every two seconds for about as long as the seat is
 * held, and not for all players at the same moment.
 */
const RECONNECTION = {
  minUptime: 0,
  maxRetries: 30,
  maxDelay: 2500,
  backoff: (attempt: number, delay: number) =>
    Math.min(2000, delay * 2 ** attempt) * (0.75 + Math.random() / 2),
};
/** Another try cannot change the answer to these. */
const FINAL_CODES = new Set([
  'BAD_REQUEST',
  'FORBIDDEN',
  'EXCLUDED',
  'NOT_FOUND',
  'UNAUTHENTICATED',
]);
/** The SDK's own reconnection is started by this close code. */
const MAY_TRY_RECONNECT = 4010;

export function openLink({ join, attach, onLive }: LinkOptions): Link {
  const state = createStore<LinkState>({ phase: 'joining' });
  let room: Room | null = null;
  let closed = false;
  let attempt = 0;
  let lastCode = '';
  let liveSince = Number.POSITIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stopWatching = watchConnection(() => room);

  async function tryJoin(): Promise<void> {
    clearTimeout(timer);
    try {
      await ensureFreshToken();
      const joined = await join();
      if (closed) return abandon(joined);
      take(joined);
    } catch (error) {
      if (!closed) await onJoinFailed(toFailure(error).code);
    }
  }

  async function onJoinFailed(code: string): Promise<void> {
    attempt += 1;
    const refusedAgain = code === 'UNAUTHENTICATED' && lastCode === code;
    lastCode = code;
    if (code === 'UNAUTHENTICATED' && !refusedAgain) {
      // Signs out by itself when the session is over; otherwise the next attempt carries a new token.
      await renewAfterRefusal().catch(() => undefined);
    } else if (FINAL_CODES.has(code) || attempt >= MAX_ATTEMPTS) {
      state.set({ phase: 'failed', code });
      return;
    }
    if (closed) return;
    state.set({ phase: 'rejoining', attempt, code });
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
    timer = setTimeout(tryJoin, pause * (0.75 + Math.random() / 2));
  }

  function take(joined: Room): void {
    room = joined;
    lastCode = '';
    liveSince = Number.POSITIVE_INFINITY;
    Object.assign(joined.reconnection, RECONNECTION);
    let stateIsOld = true;
    joined.onDrop(() => {
      if (!closed) state.set({ phase: 'dropped' });
    });
    joined.onReconnect(() => {
      stateIsOld = true;
      if (closed) abandon(joined);
    });
    joined.onLeave(() => {
      if (closed) return;
      room = null;
      if (Date.now() - liveSince > STEADY_MS) attempt = 0;
      void onJoinFailed('NO_ANSWER');
    });
    attach(joined);
    // Live begins with the first state, so that nobody acts on what the page still shows from before.
    joined.onStateChange(() => {
      if (!stateIsOld || closed) return;
      stateIsOld = false;
      liveSince = Date.now();
      state.set({ phase: 'live' });
      onLive();
    });
  }

  function retry(): void {
    const { phase } = state.get();
    if (closed || (phase !== 'rejoining' && phase !== 'failed')) return;
    attempt = 0;
    state.set({ phase: 'rejoining', attempt: 1, code: null });
    void tryJoin();
  }

  addEventListener('online', retry);
  void tryJoin();
  return {
    state,
    room: () => room,
    retry,
    close() {
      closed = true;
      clearTimeout(timer);
      stopWatching();
      removeEventListener('online', retry);
      if (room) abandon(room);
      state.set({ phase: 'closed' });
    },
  };
}

/** Resolves when the room can be talked to; rejects when it was left or given up. */
export function whenLive({ state }: Link): Promise<void> {
  return new Promise((resolve, reject) => {
    let stop = () => {};
    const look = () => {
      const { phase } = state.get();
      if (phase === 'live') resolve();
      else if (phase === 'failed' || phase === 'closed') reject(new Error(phase));
      else return false;
      stop();
      return true;
    };
    if (!look()) stop = state.subscribe(look);
  });
}

/** One request; rejects with a `Failure`, code NO_ANSWER when it may or may not have arrived. */
export async function request<T>(link: Link, type: string, payload: object): Promise<T> {
  const room = link.room();
  if (room === null) throw new Failure('NO_ANSWER', 'Not connected.');
  try {
    return (await room.request(type, payload)) as T;
  } catch (error) {
    throw toFailure(error);
  }
}

/** Leaves; a seat whose connection is down is left to expire. */
function abandon(room: Room): void {
  room.reconnection.enabled = false;
  room.reconnection.maxRetries = 0;
  if (room.connection.isOpen) void room.leave();
}

/** A browser may not notice for minutes that a connection is dead; a ping that stays unanswered does. */
function watchConnection(current: () => Room | null): () => void {
  let unanswered: Room | null = null;
  const timer = setInterval(() => {
    const room = current();
    if (room === null || !room.connection.isOpen) {
      unanswered = null;
    } else if (unanswered === room) {
      unanswered = null;
      room.connection.close(MAY_TRY_RECONNECT);
    } else {
      unanswered = room;
      room.ping(() => {
        unanswered = null;
      });
    }
  }, PING_EVERY_MS);
  return () => clearInterval(timer);
}
