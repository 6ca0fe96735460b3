/** A guest's place at a table: the connection, the questions asked over it, and what came in. */
import { Client, Protocol, type Room } from '@colyseus/sdk';
import type { Bet, CrashState } from '../src/protocol.ts';
import { count, type Figures } from './figures.ts';

/** How late an answer comes is a figure; beyond this it does not come. */
const ANSWER_TIMEOUT_MS = 30_000;
/** A question is asked again, with the same id, when the connection broke before the answer. */
const MAX_ATTEMPTS = 5;
const FRAME_CODE_MASK = 0x1f;

type CrashRoom = Room<unknown, CrashState>;

export type Answer =
  | { readonly kind: 'given'; readonly bet: Bet }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'none' };

export interface Listener {
  state(state: CrashState): void;
  resolved(bet: Bet): void;
}

export class Seat {
  readonly client: Client;
  readonly #room: CrashRoom;
  readonly #figures: Figures;
  readonly #gone = Promise.withResolvers<void>();
  #back = Promise.withResolvers<void>();
  #left = false;

  /** Signs in as a new guest and joins. `measuring` tells whether what comes in is counted. */
  static async take(
    url: string,
    table: string | undefined,
    figures: Figures,
    measuring: () => boolean,
    listener: Listener,
  ): Promise<Seat> {
    const client = new Client(url);
    // The SDK keeps the last token in a storage that all clients of a process share; a new guest has none.
    client.http.authToken = undefined as never;
    await client.auth.signInAnonymously();
    const room = await client.joinOrCreate('crash', table === undefined ? {} : { table });
    return new Seat(client, room as unknown as CrashRoom, figures, measuring, listener);
  }

  private constructor(
    client: Client,
    room: CrashRoom,
    figures: Figures,
    measuring: () => boolean,
    listener: Listener,
  ) {
    this.client = client;
    this.#room = room;
    this.#figures = figures;
    countFrames(room, figures, measuring);
    room.onMessage('bet', (bet: Bet) => listener.resolved(bet));
    room.onMessage('wallet', () => {});
    room.onStateChange((state) => listener.state(state));
    room.onReconnect(() => {
      figures.connections.reconnected += 1;
      this.#back.resolve();
      this.#back = Promise.withResolvers();
    });
    room.onLeave((code) => {
      if (!this.#left) count(figures.connections.lost, `closed ${code}`);
      this.#left = true;
      this.#gone.resolve();
    });
  }

  /** Resolves when the connection is over for good. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  async ask(type: 'bet' | 'cashout', payload: object, onRepeat: () => void): Promise<Answer> {
    const options = { timeout: ANSWER_TIMEOUT_MS };
    for (let attempt = 1; ; attempt++) {
      try {
        const bet: Bet = await this.#room.request(type as never, payload as never, options);
        return { kind: 'given', bet };
      } catch (error) {
        const { reason } = error as { reason?: { code: string } };
        if (reason) return { kind: 'refused', code: reason.code };
        const silent = this.#room.connection.isOpen;
        if (silent || attempt === MAX_ATTEMPTS) return { kind: 'none' };
        await Promise.race([this.#back.promise, this.gone]);
        if (this.#left) return { kind: 'none' };
        onRepeat();
      }
    }
  }

  async leave(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    await this.#room.leave();
  }
}

function countFrames(room: Room, { traffic }: Figures, measuring: () => boolean): void {
  const { events } = room.connection;
  const receive = events.onmessage;
  events.onmessage = (event: MessageEvent<ArrayBuffer>) => {
    if (measuring()) {
      const frame = new Uint8Array(event.data);
      traffic.frames += 1;
      traffic.bytes += frame.byteLength;
      const code = (frame[0] ?? 0) & FRAME_CODE_MASK;
      if (code === Protocol.ROOM_STATE_PATCH) traffic.patches += 1;
    }
    receive?.(event);
  };
}
