/** A WebSocket by hand, over plain TCP: for clients that stop reading, and for bytes that no library would send. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { until } from '../support/server.ts';

const END_OF_HEAD = '\r\n\r\n';

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

interface FrameOptions {
  /** False: more fragments follow. */
  readonly fin?: boolean;
  /** False: not masked, which a client must never do. */
  readonly masked?: boolean;
  readonly reservedBits?: number;
  /** What the header says in place of the true length. */
  readonly declaredLength?: number;
}

export function wsFrame(opcode: number, payload: Uint8Array, options: FrameOptions = {}): Buffer {
  const { fin = true, masked = true, reservedBits = 0, declaredLength = payload.length } = options;
  const first = (fin ? 0x80 : 0) | (reservedBits << 4) | opcode;
  const maskBit = masked ? 0x80 : 0;
  const length = lengthBytes(declaredLength, maskBit);
  if (!masked) return Buffer.concat([Buffer.from([first]), length, payload]);
  const mask = randomBytes(4);
  const body = Buffer.from(payload.map((byte, index) => byte ^ (mask[index % 4] as number)));
  return Buffer.concat([Buffer.from([first]), length, mask, body]);
}

function lengthBytes(length: number, maskBit: number): Buffer {
  if (length < 126) return Buffer.from([maskBit | length]);
  if (length < 65_536) return Buffer.from([maskBit | 126, length >> 8, length & 0xff]);
  const bytes = Buffer.alloc(9);
  bytes[0] = maskBit | 127;
  bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}

export interface TcpClient {
  readonly socket: Socket;
  /** The status of the answer to the upgrade. */
  readonly status: number;
  readonly isClosed: boolean;
  /** Bytes that came after the answer, as far as they were read. */
  readonly received: number;
  closed(timeoutMs?: number): Promise<void>;
  close(): void;
}

/** Sends `head` as it is. */
export async function openTcp(port: number, head = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(head, 'latin1');
  return socket;
}

/** The handshake of a WebSocket. With `reading: false` nothing is read after its answer, ever. */
export async function upgrade(
  port: number,
  path: string,
  { reading = true, headers = '' } = {},
): Promise<TcpClient> {
  const socket = await openTcp(
    port,
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n${headers}\r\n`,
  );
  let closed = false;
  socket.once('close', () => {
    closed = true;
  });
  let head = '';
  const read = (chunk: Buffer) => {
    head += chunk.toString('latin1');
  };
  socket.on('data', read);
  await until(() => head.includes(END_OF_HEAD) || closed, 'the answer to an upgrade');
  socket.off('data', read);
  let received = head.length - head.indexOf(END_OF_HEAD) - END_OF_HEAD.length;
  if (reading)
    socket.on('data', (chunk) => {
      received += chunk.length;
    });
  else socket.pause();
  return {
    socket,
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0),
    get isClosed() {
      return closed;
    },
    get received() {
      return received;
    },
    closed: (timeoutMs = 15_000) => until(() => closed, 'the connection to be closed', timeoutMs),
    close: () => socket.destroy(),
  };
}
