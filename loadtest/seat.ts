/** A guest's place at a table: the connection, the questions asked over it, and what came in. */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Protocol, type Room } from '@colyseus/sdk';
import type { Bet, RoundState, Session } from '../src/protocol.ts';
import { count, type Figures } from './figures.ts';

/** How late an answer comes is a figure; beyond this it does not come. */
const ANSWER_TIMEOUT_MS = 30_000;
/** A question with an id is asked again, with the same one, when the connection broke before the answer. */
const MAX_ATTEMPTS = 5;
/** A connection that is down at the moment need not come back for a goodbye. */
const LEAVE_TIMEOUT_MS = 5_000;
const FRAME_CODE_MASK = 0x1f;
const UNAUTHORIZED = 401;

export type Answer<T> =
  | { readonly kind: 'given'; readonly value: T }
  | { readonly kind: 'refused'; readonly code: string }
  /** The connection broke before the answer to a question that is not asked again. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'none' };

export type Read = <T>(path: string, query: Record<string, string>) => Promise<T>;

/** Where to play, and where what comes in is counted. */
export interface Place {
  readonly url: string;
  readonly figures: Figures;
  /** Traffic is counted while this is set: between the command to play and the command to stop. */
  on: boolean;
}

export interface TableToJoin {
  readonly game: string;
  /** Undefined: the game's default one. */
  readonly table: string | undefined;
  readonly spectate?: boolean;
}

export interface Listener<State extends object> {
  state(state: State): void;
  resolved?(bet: Bet): void;
  /** Any other message. */
  told?(type: string, message: unknown): void;
}

export class Seat<State extends object = RoundState> {
  readonly #client: Client;
  readonly #room: Room<unknown, State>;
  readonly #gone = Promise.withResolvers<void>();
  #back = Promise.withResolvers<void>();
  #left = false;
  #state: State | undefined;
  #refreshToken: string;

  /** Signs in as a new guest and joins. */
  static async take<State extends object>(
    place: Place,
    { game, ...options }: TableToJoin,
    listener: Listener<State>,
  ): Promise<Seat<State>> {
    const client = new Client(place.url);
    // The SDK keeps the last token in a storage that all clients of a process share; a new guest has none.
    client.http.authToken = undefined as never;
    const session = (await client.auth.signInAnonymously()) as unknown as Session;
    const room = await client.joinOrCreate(game, options);
    const own = room as unknown as Room<unknown, State>;
    const seat = new Seat<State>(client, own, session.refreshToken);
    seat.#listen(place, listener);
    return seat;
  }

  private constructor(client: Client, room: Room<unknown, State>, refreshToken: string) {
    this.#client = client;
    this.#room = room;
    this.#refreshToken = refreshToken;
  }

  #listen(place: Place, listener: Listener<State>): void {
    const room = this.#room;
    const { connections } = place.figures;
    countFrames(room as unknown as Room, place);
    room.onMessage('bet', (bet: Bet) => listener.resolved?.(bet));
    room.onMessage('*', (type, message) => listener.told?.(String(type), message));
    room.onStateChange((state) => {
      this.#state = state as State;
      listener.state(this.#state);
    });
    room.onReconnect(() => {
      connections.reconnected += 1;
      this.#back.resolve();
      this.#back = Promise.withResolvers();
    });
    room.onLeave((code) => {
      if (!this.#left) count(connections.lost, `closed ${code}`);
      this.#left = true;
      this.#gone.resolve();
    });
  }

  /** Undefined until the first one came: what the SDK has until then has no values. */
  get state(): State | undefined {
    return this.#state;
  }

  /** Resolves when the connection is over for good. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** With `onRepeat` the question is asked again after a broken connection, and that is told: it must have an id. */
  async ask<T>(type: string, payload: object, onRepeat?: () => void): Promise<Answer<T>> {
    const options = { timeout: ANSWER_TIMEOUT_MS };
    for (let attempt = 1; ; attempt++) {
      try {
        const value: T = await this.#room.request(type as never, payload as never, options);
        return { kind: 'given', value };
      } catch (error) {
        const { reason } = error as { reason?: { code: string } };
        if (reason) return { kind: 'refused', code: reason.code };
        const silent = this.#room.connection.isOpen;
        if (!silent && !onRepeat) return { kind: 'broken' };
        if (silent || !onRepeat || attempt === MAX_ATTEMPTS) return { kind: 'none' };
        await Promise.race([this.#back.promise, this.gone]);
        if (this.#left) return { kind: 'none' };
        onRepeat();
      }
    }
  }

  /** Asks the server over REST, with a new access token when the old one has run out. */
  async read<T>(path: string, query: Record<string, string>): Promise<T> {
    const { http } = this.#client;
    const get = async () => (await http.get(path, { query })).data as T;
    try {
      return await get();
    } catch (error) {
      if ((error as { status?: number }).status !== UNAUTHORIZED) throw error;
      const body = { refreshToken: this.#refreshToken };
      const { token, refreshToken } = (await http.post('/auth/refresh', { body })).data as Session;
      http.authToken = token;
      this.#refreshToken = refreshToken;
      return get();
    }
  }

  async leave(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    this.#room.reconnection.enabled = false;
    await Promise.race([this.#room.leave(), delay(LEAVE_TIMEOUT_MS, undefined, { ref: false })]);
  }
}

function countFrames(room: Room, place: Place): void {
  const { traffic } = place.figures;
  const { events } = room.connection;
  const receive = events.onmessage;
  events.onmessage = (event: MessageEvent<ArrayBuffer>) => {
    if (place.on) {
      const frame = new Uint8Array(event.data);
      traffic.frames += 1;
      traffic.bytes += frame.byteLength;
      const code = (frame[0] ?? 0) & FRAME_CODE_MASK;
      if (code === Protocol.ROOM_STATE_PATCH) traffic.patches += 1;
    }
    receive?.(event);
  };
}
