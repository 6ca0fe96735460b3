/**
 * Reads a client's frames and answers commands. Colyseus' own dispatch throws on some malformed frames, closes the
 * connection on others and cannot answer an unknown request with a code, so rooms of this server use this one: a bad
 * command is answered, only a flood closes the connection.
 */
import {
  type Client,
  type ClientPrivate,
  getMessageBytes,
  Protocol,
  ResponseStatus,
} from '@colyseus/core';
import { decode, type Iterator } from '@colyseus/schema';
import { unpack } from 'msgpackr';
import type { z } from 'zod';
import { AppError, describeError } from '../src/errors.ts';
import { metrics } from '../src/metrics.ts';

/** Frames a client may send in a second before commands are refused, and before the connection is closed. */
const MAX_COMMANDS_PER_SECOND = 60;
const MAX_FRAMES_PER_SECOND = 300;
/** Commands of one client that may wait for their answer at the same time. */
const MAX_PENDING_PER_CLIENT = 50;
export const CLOSE_FLOOD = 4008;
const CLOSE_GRACE_MS = 1_000;

/** A command that a room answers. `handle` gets the validated payload and the monotonic time of receipt in ms (M7). */
export interface Command<C> {
  readonly schema: z.ZodType;
  handle(client: C, payload: unknown, receivedAt: number): Promise<object>;
}

/** A command whose handler takes what its schema gives. */
export function command<C, Schema extends z.ZodType>(
  schema: Schema,
  handle: (client: C, payload: z.output<Schema>, receivedAt: number) => Promise<object>,
): Command<C> {
  return { schema, handle: handle as Command<C>['handle'] };
}

type AnyClient = Client & ClientPrivate;

interface Frame {
  readonly requestId: number | null;
  readonly type: string;
  readonly payload: unknown;
  readonly error?: AppError;
}

interface Budget {
  secondStartedAt: number;
  frames: number;
  pending: number;
}

const PROTOCOL_CODE_MASK = 0x1f;
const MAX_TYPE_LENGTH = 64;
/** How the length of a text is read that is not part of its first byte. */
const LENGTHS: Record<number, (bytes: Buffer, at: Iterator) => number> = {
  217: decode.uint8,
  218: decode.uint16,
  219: decode.uint32,
};

export class Dispatcher {
  readonly #commands: ReadonlyMap<string, Command<Client>>;
  readonly #budgets = new WeakMap<object, Budget>();
  readonly #onBug: (error: unknown, type: string) => void;

  constructor(
    commands: Record<string, Command<Client>>,
    onBug: (error: unknown, type: string) => void,
  ) {
    this.#commands = new Map(Object.entries(commands));
    this.#onBug = onBug;
  }

  /** True when the frame was a command and is taken care of; false when it is Colyseus' own (join, ping, leave). */
  receive(client: AnyClient, buffer: Buffer): boolean {
    const receivedAt = performance.now();
    const budget = this.#count(client, receivedAt);
    if (!budget) return true;
    const code = (buffer[0] ?? 0) & PROTOCOL_CODE_MASK;
    if (code === Protocol.JOIN_ROOM || code === Protocol.LEAVE_ROOM || code === Protocol.PING) {
      return false;
    }
    const frame = readFrame(code, buffer);
    if (frame.error) {
      this.#answer(client, frame, frame.error);
    } else if (budget.frames > MAX_COMMANDS_PER_SECOND) {
      this.#answer(client, frame, new AppError('RATE_LIMITED'));
    } else if (budget.pending >= MAX_PENDING_PER_CLIENT) {
      this.#answer(
        client,
        frame,
        new AppError('BUSY', 'Wait for the answers to your other commands.'),
      );
    } else {
      budget.pending += 1;
      this.#run(client, frame, receivedAt)
        .then(
          (result) => this.#answer(client, frame, result),
          (error) => this.#answer(client, frame, error),
        )
        .finally(() => {
          budget.pending -= 1;
        });
    }
    return true;
  }

  /** Null when the client floods and was cut off. */
  #count(client: AnyClient, now: number): Budget | null {
    let budget = this.#budgets.get(client.ref);
    if (!budget) {
      budget = { secondStartedAt: now, frames: 0, pending: 0 };
      this.#budgets.set(client.ref, budget);
    }
    if (now - budget.secondStartedAt >= 1000) {
      budget.secondStartedAt = now;
      budget.frames = 0;
    }
    budget.frames += 1;
    if (budget.frames <= MAX_FRAMES_PER_SECOND) return budget;
    if (budget.frames === MAX_FRAMES_PER_SECOND + 1) {
      metrics.connectionsCut.inc({ reason: 'flood' });
      client.ref.removeAllListeners('message');
      client.leave(CLOSE_FLOOD, 'too many messages');
      // One that does not answer the close is not listened to for long.
      setTimeout(
        () => (client.ref as unknown as { terminate(): void }).terminate(),
        CLOSE_GRACE_MS,
      ).unref();
    }
    return null;
  }

  async #run(client: AnyClient, frame: Frame, receivedAt: number): Promise<object> {
    const command = this.#commands.get(frame.type);
    if (!command) throw new AppError('BAD_REQUEST', `There is no command "${frame.type}" here.`);
    const parsed = command.schema.safeParse(frame.payload);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const where = issue?.path.length ? `${issue.path.join('.')}: ` : '';
      throw new AppError('BAD_REQUEST', `${where}${issue?.message ?? 'malformed payload'}`);
    }
    return command.handle(client, parsed.data, receivedAt);
  }

  #answer(client: AnyClient, frame: Frame, result: unknown): void {
    const error = result instanceof Error ? describeError(result) : undefined;
    if (error) {
      metrics.betsRefused.inc({ code: error.code });
      if (error.code === 'INTERNAL') this.#onBug(result, frame.type);
    }
    if (frame.requestId !== null) {
      const status = error ? ResponseStatus.REJECTED : ResponseStatus.OK;
      client.enqueueRaw(
        getMessageBytes[Protocol.ROOM_RESPONSE](frame.requestId, status, error ?? result),
      );
    } else if (error) {
      client.send(`${frame.type}:result`, { ok: false, ...error, ...idsOf(frame.payload) });
    } else {
      client.send(`${frame.type}:result`, { ok: true, ...(result as object) });
    }
  }
}

/** What the frame asks; `error` says why it cannot be read, and its request, if there is one, is answered with that. */
function readFrame(code: number, buffer: Buffer): Frame {
  let requestId: number | null = null;
  try {
    const at: Iterator = { offset: 1 };
    if (code === Protocol.ROOM_REQUEST) {
      const id: unknown = decode.number(buffer, at);
      if (!Number.isInteger(id) || at.offset > buffer.byteLength) return unreadable(null);
      requestId = id as number;
    } else if (code !== Protocol.ROOM_DATA) {
      return unreadable(null);
    }
    const type = readType(buffer, at);
    if (at.offset > buffer.byteLength) return unreadable(requestId);
    const payload = at.offset < buffer.byteLength ? unpack(buffer.subarray(at.offset)) : undefined;
    return { requestId, type, payload };
  } catch {
    return unreadable(requestId);
  }
}

function unreadable(requestId: number | null): Frame {
  const error = new AppError('BAD_REQUEST', 'This frame cannot be read.');
  return { requestId, type: 'error', payload: undefined, error };
}

/**
 * In place of `decode.string`, which prints a line for bytes that are no text, and reads a length beyond the end and
 * surrogates without their other half as if they were well: these could not be sent back in an answer.
 */
function readType(buffer: Buffer, at: Iterator): string {
  if (!decode.stringCheck(buffer, at)) return String(decode.number(buffer, at));
  const prefix = buffer[at.offset++] ?? 0;
  const length = LENGTHS[prefix]?.(buffer, at) ?? prefix & 0x1f;
  const text = buffer.toString('utf8', at.offset, at.offset + length);
  at.offset += length;
  return text.slice(0, MAX_TYPE_LENGTH).toWellFormed();
}

/** The ids that a refused message named, so that its sender can tell which one was refused. */
function idsOf(payload: unknown): Record<string, string> {
  const ids: Record<string, string> = {};
  if (payload === null || typeof payload !== 'object') return ids;
  for (const [key, value] of Object.entries(payload)) {
    if (/^(bet|command|match)Id$/.test(key) && typeof value === 'string')
      ids[key] = value.slice(0, 64);
  }
  return ids;
}
