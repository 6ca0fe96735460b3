/**
 * `POST /matchmake/:method/:roomName`, where the SDKs ask for a seat. In place of Colyseus' own
 * binding, which sits before Express, takes bodies of 20 MB, reflects CORS and knows no limits.
 * Errors have the shape that the SDKs read, with our stable code as `reason`.
 */
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { z } from 'zod';
import type { Accounts } from '../accounts/accounts.ts';
import { type Allowance, addressKey, createThrottle } from '../accounts/throttle.ts';
import { AppError, CODES, type Code, describeError } from '../errors.ts';
import { bearerToken, jsonBody, refuseOtherMethods } from './mount.ts';
import { asAppError, setRetryAfter } from './problem.ts';
import {
  type IsUnavailable,
  type Logger,
  MATCHMAKE_METHODS,
  type Matchmake,
  type MatchmakeMethod,
} from './services.ts';

const MAX_OPTIONS_BYTES = 4 * 1024;
/** A player who changes rooms, reconnects and opens a second tab, all at once. */
export const SEATS_PER_USER: Allowance = { points: 10, seconds: 2 };
/** A load test seats a thousand bots from one address within seconds. */
const SEATS_PER_ADDRESS: Allowance = { points: 3_000, seconds: 10 };

const Target = z.object({
  method: z.enum(MATCHMAKE_METHODS, { error: 'unknown method' }),
  // Room names, and the ids that Colyseus makes.
  roomName: z.string().regex(/^[\w-]{1,64}$/, { error: 'not a room name' }),
});
const Options = z.record(z.string(), z.unknown());

export interface MatchmakeDeps {
  readonly accounts: Pick<Accounts, 'authenticate'>;
  readonly matchmake: Matchmake;
  readonly logger: Logger;
  readonly isUnavailable?: IsUnavailable | undefined;
}

export function matchmakeRouter(deps: MatchmakeDeps): express.Router {
  const router = express.Router();
  const perAddress = createThrottle(SEATS_PER_ADDRESS);
  const perUser = createThrottle(SEATS_PER_USER);

  const limitAddress: RequestHandler = async (request, _response, next) => {
    await perAddress(addressKey(request.ip));
    next();
  };

  const reserveSeat: RequestHandler = async (request, response) => {
    const { method, roomName } = valid(Target, request.params);
    const options = valid(Options, request.body ?? {});
    const token = bearerToken(request);
    const identity = await identify(deps, method, token);
    if (identity !== null) await perUser(String(identity.userId));
    const ip = request.ip ?? '';
    const headers = new Headers(
      Object.entries(request.headers).filter((entry): entry is [string, string] => {
        return typeof entry[1] === 'string';
      }),
    );
    const context = { identity, token, ip, headers };
    const seat = await deps.matchmake(method, roomName, options, context);
    response.set('Cache-Control', 'no-store').json(seat);
  };

  const path = '/matchmake/:method/:roomName';
  router.post(path, limitAddress, jsonBody(MAX_OPTIONS_BYTES), reserveSeat);
  router.all(path, refuseOtherMethods(['post']));
  router.use('/matchmake', answerAsSdksRead(deps));
  return router;
}

/**
 * Signed in, guests included; but whoever reconnects proves it with the seat's own token, however
 * old the other is.
 */
async function identify(
  { accounts }: MatchmakeDeps,
  method: MatchmakeMethod,
  token: string | undefined,
) {
  if (method === 'reconnect') return null;
  if (token === undefined) throw new AppError('UNAUTHENTICATED');
  return accounts.authenticate(token);
}

function valid<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  throw new AppError('BAD_REQUEST', outcome.error.issues[0]?.message);
}

/**
 * The SDKs take `message` or `error` for the text and the HTTP status, or `code`, for the number.
 */
function answerAsSdksRead({ logger, isUnavailable }: MatchmakeDeps): ErrorRequestHandler {
  return (thrown, request, response, next) => {
    const error = asAppError(fromColyseus(thrown), isUnavailable);
    if (!(error instanceof AppError)) {
      logger.error({ err: error, path: request.path }, 'matchmaking failed');
    }
    if (response.headersSent) {
      next(error);
      return;
    }
    const { code: reason, message } = describeError(error);
    const { status } = CODES[reason];
    setRetryAfter(response, error);
    if (status === CODES.PAYLOAD_TOO_LARGE.status) response.set('Connection', 'close');
    response.status(status).json({ code: status, error: message, message, reason });
  };
}

/**
 * ErrorCode of Colyseus, without the generic one (523): what an unhandled exception says is
 * nobody's business.
 */
const COLYSEUS_CODES: Record<number, Code> = {
  503: 'BUSY',
  520: 'NOT_FOUND',
  521: 'NOT_FOUND',
  522: 'NOT_FOUND',
  524: 'NOT_FOUND',
  525: 'UNAUTHENTICATED',
};

/**
 * Colyseus' matchmaker throws errors of its own, and ours with their code copied into another
 * error.
 */
function fromColyseus(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof AppError) return thrown;
  const { code } = thrown as { code?: unknown };
  if (typeof code === 'string' && Object.hasOwn(CODES, code)) {
    return new AppError(code as Code, thrown.message);
  }
  const known = typeof code === 'number' ? COLYSEUS_CODES[code] : undefined;
  if (known !== undefined) return new AppError(known, thrown.message);
  // No name is set on Colyseus' class; a room that is full or gone, and worth another try.
  if (thrown.constructor.name === 'SeatReservationError')
    return new AppError('BUSY', thrown.message);
  return thrown;
}
