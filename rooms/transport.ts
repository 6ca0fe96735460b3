/**
 * The WebSocket transport with its defences: a bound on what waits for a client that does not read, small frames, and
 * no path by which a connection's failure can reach the process.
 */
import { WebSocketTransport } from '@colyseus/ws-transport';
import type { Server } from 'node:http';
import { metrics } from '../src/metrics.ts';
import { MAX_MESSAGE_BYTES } from '../src/protocol.ts';

/** Bytes that may wait for one client; whoever is further behind is cut off and may reconnect. */
export const MAX_BUFFERED_BYTES = 512 * 1024;
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
    boundBuffer(socket);
    try {
      await super.onConnection(socket, request, upgrade);
    } catch {
      socket.terminate();
    }
  }
}

function boundBuffer(socket: Connect[0]): void {
  const send = socket.send.bind(socket) as (...args: unknown[]) => void;
  socket.send = (data: unknown, ...rest: unknown[]) => {
    const { byteLength, length } = data as { byteLength?: number; length?: number };
    const size = byteLength ?? length ?? 0;
    if (socket.bufferedAmount + size > MAX_BUFFERED_BYTES) {
      metrics.connectionsCut.inc({ reason: 'slow reader' });
      socket.terminate();
      return;
    }
    send(data, ...rest);
  };
}
