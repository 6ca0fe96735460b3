/** What an attacker has: seats by plain HTTP, and sockets on which every byte can be chosen. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { decode, encode, type Iterator } from '@colyseus/schema';
import { pack, unpack } from 'msgpackr';
import WebSocket from 'ws';
import { until } from '../support/server.ts';

/** The protocol's codes, as bytes of a frame. */
export const CODE = {
  join: 10,
  leave: 12,
  data: 13,
  bytes: 17,
  ping: 18,
  inputReliable: 19,
  inputUnreliable: 20,
  request: 21,
  response: 22,
} as const;
const STATUS_OK = 0;
const GUESTS_AT_ONCE = 50;
const ANSWER_TIMEOUT_MS = 10_000;

export interface Guest {
  readonly url: string;
  readonly token: string;
  readonly userId: number;
  /** Sent with each HTTP request. */
  readonly headers: Record<string, string>;
}

export interface Seat {
  readonly sessionId: string;
  readonly roomId: string;
  readonly processId: string;
}

export interface Answer {
  readonly ok: boolean;
  readonly payload: { code?: string; message?: string; [key: string]: unknown };
}

/** `from` is the address that the guest seems to come from; the server must trust its proxy for that. */
export async function guest(url: string, from?: string): Promise<Guest> {
  const headers: Record<string, string> = from === undefined ? {} : { 'x-forwarded-for': from };
  const response = await post(`${url}/auth/anonymous`, {}, headers);
  const { token, user } = response.body as { token: string; user: { id: number } };
  assert.equal(typeof token, 'string', JSON.stringify(response));
  const authorization = `Bearer ${token}`;
  return { url, token, userId: user.id, headers: { ...headers, authorization } };
}

/** Guests that seem to come from addresses other than anybody else's, made a few at a time. */
export async function strangers(url: string, count: number): Promise<Guest[]> {
  const guests: Guest[] = [];
  while (guests.length < count) {
    const some = Math.min(GUESTS_AT_ONCE, count - guests.length);
    const from = (index: number) => `10.1.${guests.length % 250}.${index}`;
    guests.push(
      ...(await Promise.all(Array.from({ length: some }, (_, index) => guest(url, from(index))))),
    );
  }
  return guests;
}

/** Asks for a seat: `joinOrCreate/crash` unless `target` says otherwise. */
export function askForSeat(who: Guest, options: unknown = {}, target = 'joinOrCreate/crash') {
  return post(`${who.url}/matchmake/${target}`, options, who.headers);
}

export async function seatFor(who: Guest, options: unknown = {}, target?: string): Promise<Seat> {
  const { status, body } = await askForSeat(who, options, target);
  assert.equal(status, 200, JSON.stringify(body));
  return body as unknown as Seat;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: { code?: unknown; reason?: string; [key: string]: unknown };
}

export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<HttpAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : { text } };
}

export function socketPath(seat: Seat, more = ''): string {
  return `/${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}${more}`;
}

/** A WebSocket with a seat in a room, past the handshake of the protocol unless it was told not to end it. */
export class RawClient {
  readonly socket: WebSocket;
  readonly seat: Seat;
  /** Frames as they came, and what was read from them. */
  readonly frames: Buffer[] = [];
  readonly answers = new Map<number, Answer>();
  readonly answeredTwice: number[] = [];
  /** What the server sent and this client cannot make sense of. */
  readonly unreadable: Buffer[] = [];
  readonly messages: { type: string; payload: Answer['payload'] }[] = [];
  reconnectionToken = '';
  /** The code that the connection was closed with; undefined while it is open. */
  closeCode: number | undefined;
  #nextRequestId = 1;

  constructor(url: string, seat: Seat, more = '') {
    this.seat = seat;
    this.socket = new WebSocket(`${url.replace('http', 'ws')}${socketPath(seat, more)}`);
    this.socket.on('error', () => {});
    this.socket.on('close', (code) => {
      this.closeCode = code;
    });
    this.socket.on('message', (data: Buffer) => {
      this.frames.push(data);
      try {
        this.#read(data);
      } catch {
        this.unreadable.push(data);
      }
    });
  }

  static async join(who: Guest, options: unknown = {}, target?: string): Promise<RawClient> {
    const client = await RawClient.joinWithoutAnswer(who, options, target);
    client.send([CODE.join]);
    return client;
  }

  /** As `join`, but the server's handshake is never answered. */
  static async joinWithoutAnswer(
    who: Guest,
    options: unknown = {},
    target?: string,
  ): Promise<RawClient> {
    const client = new RawClient(who.url, await seatFor(who, options, target));
    await until(() => client.reconnectionToken !== '' || client.closeCode !== undefined, 'a seat');
    assert.equal(client.closeCode, undefined, 'the seat was refused');
    return client;
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  send(bytes: Uint8Array | number[], options: { binary?: boolean; fin?: boolean } = {}): void {
    if (this.isOpen) this.socket.send(Buffer.from(bytes), { binary: true, ...options });
  }

  /** Sends a well-formed request with any type and payload, and waits for its answer. */
  async request(type: string | number, payload?: unknown): Promise<Answer> {
    const id = this.#nextRequestId++;
    this.send(requestFrame(id, type, payload));
    return this.answer(id);
  }

  async answer(id: number): Promise<Answer> {
    await until(
      () => this.answers.has(id) || this.closeCode !== undefined,
      `an answer to request ${id}`,
      ANSWER_TIMEOUT_MS,
    );
    const answer = this.answers.get(id);
    assert.deepEqual(this.answeredTwice, []);
    assert.ok(answer, `the connection was closed (${this.closeCode}) before the answer`);
    return answer;
  }

  closed(timeoutMs = 15_000): Promise<void> {
    return until(() => this.closeCode !== undefined, 'the connection to be closed', timeoutMs);
  }

  async close(): Promise<void> {
    if (this.closeCode !== undefined) return;
    const closed = once(this.socket, 'close');
    this.socket.terminate();
    await closed;
  }

  #read(data: Buffer): void {
    const at: Iterator = { offset: 1 };
    if (data[0] === CODE.join) {
      const length = data[at.offset++] as number;
      this.reconnectionToken = data.subarray(at.offset, at.offset + length).toString();
    } else if (data[0] === CODE.response) {
      const id = decode.number(data, at);
      const ok = data[at.offset++] === STATUS_OK;
      if (this.answers.has(id)) this.answeredTwice.push(id);
      this.answers.set(id, { ok, payload: restOf(data, at) });
    } else if (data[0] === CODE.data) {
      const type = decode.stringCheck(data, at)
        ? decode.string(data, at)
        : String(decode.number(data, at));
      this.messages.push({ type, payload: restOf(data, at) });
    }
  }
}

export function requestFrame(id: number, type: string | number, payload?: unknown): Buffer {
  return frame(CODE.request, (bytes, at) => encode.number(bytes, id, at), type, payload);
}

export function dataFrame(type: string | number, payload?: unknown): Buffer {
  return frame(CODE.data, () => {}, type, payload);
}

function frame(
  code: number,
  writeId: (bytes: Buffer, at: Iterator) => void,
  type: string | number,
  payload: unknown,
): Buffer {
  const header = Buffer.alloc(1_024);
  const at: Iterator = { offset: 1 };
  header[0] = code;
  writeId(header, at);
  if (typeof type === 'string') encode.string(header, type, at);
  else encode.number(header, type, at);
  const body = payload === undefined ? Buffer.alloc(0) : pack(payload);
  return Buffer.concat([header.subarray(0, at.offset), body]);
}

function restOf(data: Buffer, at: Iterator): Answer['payload'] {
  return at.offset < data.length ? unpack(data.subarray(at.offset)) : {};
}
