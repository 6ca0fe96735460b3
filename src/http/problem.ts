/**
 * Every error as application/problem+json (RFC 9457). What is not an AppError is logged and told
 * without its text.
 */
import type { ErrorRequestHandler, Response } from 'express';
import { AppError, CODES, describeError } from '../errors.ts';
import type { Problem } from '../protocol.ts';
import type { IsUnavailable, Logger } from './services.ts';

const PROBLEM_TYPE = 'application/problem+json';
/** For BUSY, which knows no better moment. */
const RETRY_AFTER_SECONDS = 1;

export function problemHandler(
  logger: Logger,
  isUnavailable?: IsUnavailable | undefined,
): ErrorRequestHandler {
  return (thrown, request, response, next) => {
    const error = asAppError(thrown, isUnavailable);
    if (!(error instanceof AppError)) {
      logger.error({ err: error, method: request.method, path: request.path }, 'request failed');
    }
    if (response.headersSent) {
      // Half an answer cannot be taken back; Express closes the connection, so that it is not taken
      // for a whole one.
      next(error);
      return;
    }
    const problem = toProblem(error);
    setRetryAfter(response, error);
    // The rest of a body that is too large is not waited for.
    if (problem.status === CODES.PAYLOAD_TOO_LARGE.status) response.set('Connection', 'close');
    response.status(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
  };
}

/** Sets Retry-After where the error says when to come back. */
export function setRetryAfter(response: Response, error: unknown): void {
  if (!(error instanceof AppError)) return;
  const seconds = error.details?.retryAfterSeconds;
  if (typeof seconds === 'number') response.set('Retry-After', String(seconds));
  else if (error.code === 'BUSY') response.set('Retry-After', String(RETRY_AFTER_SECONDS));
}

/**
 * Errors of Express and its body parser carry an HTTP status: those of the client become ours, the
 * rest are bugs.
 */
export function asAppError(thrown: unknown, isUnavailable?: IsUnavailable): unknown {
  if (thrown instanceof AppError || !(thrown instanceof Error)) return thrown;
  if (isUnavailable?.(thrown)) return new AppError('BUSY');
  const { status, type } = thrown as Error & { status?: unknown; type?: unknown };
  if (typeof status !== 'number' || status < 400 || status > 499) return thrown;
  if (type === 'entity.too.large') return new AppError('PAYLOAD_TOO_LARGE');
  if (type === 'entity.parse.failed') return new AppError('BAD_REQUEST', 'The body is not JSON.');
  if (status === 415) {
    return new AppError('BAD_REQUEST', 'The body must be JSON in UTF-8, not compressed.');
  }
  return new AppError('BAD_REQUEST');
}

function toProblem(error: unknown): Problem {
  const { code, message } = describeError(error);
  const { status, title } = CODES[code];
  const details = error instanceof AppError ? error.details : undefined;
  return {
    type: `urn:roundhouse:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail: message,
    code,
    message,
    ...(details && { details }),
  };
}
