/**
 * The one error type and the one table of codes. A code is stable: clients match on it, in HTTP problem documents
 * and in room answers alike; the text beside it may change.
 */

/** code -> HTTP status and the sentence that is shown when nothing more precise is known. */
export const CODES = {
  BAD_REQUEST: { status: 400, title: 'The request is malformed.' },
  UNAUTHENTICATED: { status: 401, title: 'Sign in first.' },
  FORBIDDEN: { status: 403, title: 'You may not do this.' },
  NOT_FOUND: { status: 404, title: 'There is no such thing.' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This address does not take this method.' },
  CONFLICT: { status: 409, title: 'This is already taken.' },
  INSUFFICIENT_FUNDS: { status: 409, title: 'The balance does not cover this amount.' },
  BETTING_CLOSED: { status: 409, title: 'Betting for this round is closed.' },
  LIMIT_EXCEEDED: { status: 422, title: 'This is above or below a limit.' },
  BET_CONFLICT: { status: 409, title: 'This bet id was used for another bet.' },
  ALREADY_RESOLVED: { status: 409, title: 'This bet is already resolved.' },
  NOT_YOUR_TURN: { status: 409, title: 'It is not your turn.' },
  ILLEGAL_MOVE: { status: 422, title: 'The rules do not allow this move.' },
  CORRUPT_SNAPSHOT: { status: 409, title: 'This save cannot be read; it was set aside.' },
  EXCLUDED: { status: 403, title: 'This account is excluded from play.' },
  RATE_LIMITED: { status: 429, title: 'Too many requests; slow down.' },
  PAYLOAD_TOO_LARGE: { status: 413, title: 'The payload is too large.' },
  BUSY: { status: 503, title: 'The server is busy; try again in a moment.' },
  ROOM_MOVED: { status: 503, title: 'This room has moved to another server; join again.' },
  INTERNAL: { status: 500, title: 'Something went wrong on our side.' },
} as const;

export type Code = keyof typeof CODES;

/** An operating error: expected in normal use, told to the client with its code. Anything else thrown is a bug. */
export class AppError extends Error {
  readonly code: Code;
  /** Machine-readable details that may be shown to the client, e.g. the fields that failed validation. */
  readonly details: Record<string, unknown> | undefined;
  constructor(code: Code, message?: string, details?: Record<string, unknown>) {
    super(message ?? CODES[code].title);
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }
  get status(): number {
    return CODES[this.code].status;
  }
}

/** What a client is told of an error: AppErrors as they are, anything else without its inner text. */
export function describeError(error: unknown): { code: Code; message: string } {
  if (error instanceof AppError) return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: CODES.INTERNAL.title };
}
