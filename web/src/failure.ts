/** One error type for whatever can go wrong between the page and the server, and the words for it. */
import type { Rejection } from '../../src/protocol.ts';

export class Failure extends Error {
  /**
   * A code of the server's table; or OFFLINE: the server could not be reached, nothing was sent; or NO_ANSWER: it may
   * have been done all the same.
   */
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'Failure';
    this.code = code;
  }
}

/** Sentences for codes whose meaning does not depend on the server's own text. */
const SENTENCES: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'You are signed out. Sign in again to go on.',
  FORBIDDEN: 'This account may not do that.',
  NOT_FOUND: 'The server knows nothing of this.',
  INSUFFICIENT_FUNDS: 'Your balance does not cover this stake.',
  BETTING_CLOSED: 'Too late: betting for this round had closed. Nothing was taken.',
  BET_CONFLICT: 'This bet was already sent with other values. Nothing was taken twice.',
  ALREADY_RESOLVED: 'This bet is already settled.',
  EXCLUDED: 'This account is excluded from play.',
  RATE_LIMITED: 'That was too fast. Wait a moment and try again.',
  BUSY: 'The server is busy. Nothing was taken; try again in a moment.',
  ROOM_MOVED: 'This table has moved to another server.',
  INTERNAL: 'Something went wrong on the server.',
  OFFLINE: 'The server cannot be reached right now.',
  NO_ANSWER: 'The server did not answer in time.',
};

/** What the player reads. For codes with details in them (limits, malformed input) the server's sentence is kept. */
export function inWords(error: unknown): string {
  const failure = toFailure(error);
  return SENTENCES[failure.code] ?? failure.message;
}

/** The SDK's error shapes: HTTP answers, matchmaking errors, rejected and faulted requests, lost connections. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (!(error instanceof Error)) return new Failure('INTERNAL', 'Something went wrong.');
  const { reason, data, status, code } = error as Error & SdkError;
  if (reason?.code) return new Failure(reason.code, reason.message);
  if (data?.code) return new Failure(data.code, data.detail ?? data.title ?? error.message);
  if (status !== undefined) return new Failure(codeOfStatus(status), error.message);
  if (error.name === 'MatchMakeError') return matchmakingFailure(code, error.message);
  if (error.name === 'ServerError') return new Failure('OFFLINE', error.message);
  // A closed connection, a timeout or a fault while answering: the command may have been carried out.
  return new Failure('NO_ANSWER', error.message);
}

interface SdkError {
  reason?: Rejection;
  data?: { code?: string; title?: string; detail?: string };
  status?: number;
  code?: number;
}

function matchmakingFailure(code: number | undefined, message: string): Failure {
  if (code === undefined) return new Failure('OFFLINE', message);
  // 525: the room refused the token.
  return new Failure(code === 525 ? 'UNAUTHENTICATED' : codeOfStatus(code), message);
}

function codeOfStatus(status: number): string {
  if (status === 400) return 'BAD_REQUEST';
  if (status === 401) return 'UNAUTHENTICATED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 404) return 'NOT_FOUND';
  if (status === 422) return 'LIMIT_EXCEEDED';
  if (status === 429) return 'RATE_LIMITED';
  return status === 503 ? 'BUSY' : 'INTERNAL';
}
