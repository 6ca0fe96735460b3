/**
 * The WebSocket transport with its defences: a bound on what waits for a client that does not read and on what a client
 * may send below the level of frames, small frames, and no path by which a connection's failure can reach the process.
 */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketTransport } from '@colyseus/ws-transport';
import { metrics } from '../src/metrics.ts';
import { MAX_MESSAGE_BYTES } from '../src/protocol.ts';

/** Bytes that may wait for one client; whoever is further behind is cut off and may reconnect. */
export const MAX_BUFFERED_BYTES = 512 * 1024;
/** What a client may send in a second; whole frames are counted by the room, which sees no pings and no fragments. */
const MAX_BYTES_PER_SECOND = 2 * 1024 * 1024;
const MAX_PINGS_PER_SECOND = 60;
const PING_INTERVAL_MS = 4_000;
/** A client that misses this many pings is gone. */
const PING_MAX_MISSED = 2;

type Connect = Parameters<WebSocketTransport['onConnection']>;

export class GuardedTransport extends WebSocketTransport {
  constructor(server: Server) {
    super({
      server,
      maxPayload: MAX_MESSAGE_BYTES,
      pingInterval: PING_INTERVAL_MS,
      pingMaxRetries: PING_MAX_MISSED,
    });
  }

  protected override async onConnection(...[socket, request, upgrade]: Connect): Promise<void> {
    metrics.connections.inc();
    socket.once('close', () => metrics.connections.dec());
    boundBuffer(socket, request.socket);
    boundInput(socket, request.socket);
    try {
      await super.onConnection(socket, request, upgrade);
    } catch {
      socket.terminate();
    }
  }
}

/** R3: pings and pongs, and bytes in whatever fragments, cost the process time before any room counts them. */
function boundInput(socket: Connect[0], tcp: Socket): void {
  let secondStartedAt = performance.now();
  let bytes = 0;
  let pings = 0;
  const count = (moreBytes: number, morePings: number) => {
    const now = performance.now();
    if (now - secondStartedAt >= 1_000) {
      secondStartedAt = now;
      bytes = 0;
      pings = 0;
    }
    bytes += moreBytes;
    pings += morePings;
    // What arrives while the connection is being closed is thrown away unread.
    if (socket.readyState !== socket.OPEN) return;
    if (bytes > MAX_BYTES_PER_SECOND || pings > MAX_PINGS_PER_SECOND) {
      metrics.connectionsCut.inc({ reason: 'flood' });
      socket.terminate();
    }
  };
  tcp.on('data', (chunk: Buffer) => count(chunk.length, 0));
  socket.on('ping', () => count(0, 1));
  socket.on('pong', () => count(0, 1));
}

/** Sockets with something to write, until the end of this turn of the event loop. */
const corked: Socket[] = [];

function uncorkAll(): void {
  lastFrame = undefined;
  for (const tcp of corked.splice(0)) tcp.uncork();
}

/** The last frame that was sent, and its copy: a patch goes to hundreds of sockets, one after the other. */
let lastFrame: unknown;
let lastCopy: Buffer;

/**
 * Colyseus encodes every patch into the same memory. What waits in a socket, until the end of this turn or until a slow
 * reader reads, must not change there.
 */
function kept(data: unknown): unknown {
  if (!(data instanceof Uint8Array)) return data;
  if (data !== lastFrame) {
    lastFrame = data;
    lastCopy = Buffer.from(data);
  }
  return lastCopy;
}

/** R4. What is sent in one turn of the event loop, e.g. an answer and a wallet, goes out in one write. */
export function boundBuffer(socket: Connect[0], tcp: Socket): void {
  const send = socket.send.bind(socket) as (data: unknown, options: unknown, done: unknown) => void;
  socket.send = (data: unknown, options?: unknown, done?: unknown) => {
    const { byteLength, length } = data as { byteLength?: number; length?: number };
    if (tcp.writableLength + (byteLength ?? length ?? 0) > MAX_BUFFERED_BYTES) {
      if (socket.readyState !== socket.OPEN) return;
      metrics.connectionsCut.inc({ reason: 'slow reader' });
      socket.terminate();
      return;
    }
    if (tcp.writableCorked === 0) {
      tcp.cork();
      // One for all: a patch goes to hundreds of sockets.
      if (corked.push(tcp) === 1) process.nextTick(uncorkAll);
    }
    send(kept(data), options, done);
  };
}
