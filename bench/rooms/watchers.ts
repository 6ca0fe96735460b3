/** A process with many SDK clients that watch one room and count what comes in. Only the first one looks at the state. */
import { Client, Protocol, type Room } from '@colyseus/sdk';

/** The only argument, as JSON. */
export interface Watch {
  readonly url: string;
  readonly room: string;
  readonly options: object;
  readonly clients: number;
  /** Whether one has to sign in. */
  readonly guests: boolean;
}

/** The answer to 'traffic': of all clients since they joined. `at` is this process' own clock, in ms. */
export interface Traffic {
  readonly kind: 'traffic';
  readonly at: number;
  readonly patches: number;
  readonly bytes: number;
}

/** Sent whenever it changes. */
export interface Phase {
  readonly kind: 'phase';
  readonly phase: string;
}

const JOINS_AT_ONCE = 8;
const FRAME_CODE_MASK = 0x1f;

const watch = JSON.parse(process.argv[2] as string) as Watch;
let patches = 0;
let bytes = 0;
let left = watch.clients;
let phase = '';

console.info = () => {};
process.on('message', (question) => {
  if (question !== 'traffic') return;
  const at = performance.now();
  process.send?.({ kind: 'traffic', at, patches, bytes } satisfies Traffic);
});
await Promise.all(Array.from({ length: JOINS_AT_ONCE }, joinSome));
console.log('All are watching.');

async function joinSome(): Promise<void> {
  while (left > 0) {
    left -= 1;
    await join(left === 0);
  }
}

async function join(looks: boolean): Promise<void> {
  const client = new Client(watch.url);
  // The SDK keeps the last token in a storage that all clients of a process share; a new guest has none.
  client.http.authToken = undefined as never;
  if (watch.guests) await client.auth.signInAnonymously();
  const room = (await client.joinOrCreate(watch.room, watch.options)) as unknown as Room;
  room.reconnection.enabled = false;
  room.onLeave((code) => {
    console.error(`a connection was closed: ${code}`);
    process.exit(1);
  });
  room.onMessage('*', () => {});
  count(room, looks);
  if (looks) room.onStateChange((state) => tell((state as { phase?: string }).phase ?? ''));
}

function count(room: Room, looks: boolean): void {
  const { events } = room.connection;
  const receive = events.onmessage;
  events.onmessage = (event: MessageEvent<ArrayBuffer>) => {
    const frame = new Uint8Array(event.data);
    bytes += frame.byteLength;
    const isPatch = ((frame[0] ?? 0) & FRAME_CODE_MASK) === Protocol.ROOM_STATE_PATCH;
    if (isPatch) patches += 1;
    if (looks || !isPatch) receive?.(event);
  };
}

function tell(now: string): void {
  if (now === phase) return;
  phase = now;
  process.send?.({ kind: 'phase', phase } satisfies Phase);
}
