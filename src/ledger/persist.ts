/**
 * Sending a statement until its outcome is known. Every statement of the ledger may be sent twice (M5), so a lost
 * connection is answered by asking again; deadlocks and serialization failures are retried a bounded number of times
 * with jitter (M10).
 */
import { isConnectionError, isRetryable } from '../database/connection.ts';
import { AppError } from '../errors.ts';

const MAX_RETRIES = 8;
const RETRY_MIN_MS = 5;
const RECONNECT_MIN_MS = 50;
/** Also how late, at the most, it is noticed that the database is back. */
const RECONNECT_MAX_MS = 250;
/** After this long without the database the caller is told BUSY: the outcome is unknown and may be asked for again. */
export const GIVE_UP_MS = 6_000;

export async function persist<T>(work: () => Promise<T>, giveUpMs = GIVE_UP_MS): Promise<T> {
  const deadline = performance.now() + giveUpMs;
  let retries = 0;
  let reconnects = 0;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (isRetryable(error) && retries < MAX_RETRIES) {
        retries += 1;
        await pause(RETRY_MIN_MS * 2 ** retries * Math.random());
      } else if (isConnectionError(error)) {
        if (performance.now() > deadline) {
          throw new AppError('BUSY', 'The books cannot be reached; ask again with the same id.');
        }
        await pause(Math.min(RECONNECT_MIN_MS * 2 ** reconnects, RECONNECT_MAX_MS));
        reconnects += 1;
      } else {
        throw translate(error);
      }
    }
  }
}

/** SQLSTATEs of the ledger's functions, see migrations 0005 to 0007, and those that retries did not help. */
function translate(error: unknown): unknown {
  switch ((error as { code?: string } | null)?.code) {
    case 'RH001':
      return new AppError('ROOM_MOVED');
    case 'RH003':
      return new AppError('NOT_FOUND', 'There is no such wallet in this currency.');
    case 'RH004':
      return new AppError('INSUFFICIENT_FUNDS');
    case 'RH005':
      return new AppError(
        'BUSY',
        'This server has lost touch with the books; try again in a moment.',
      );
    case 'RH006':
      return new AppError('LIMIT_EXCEEDED', (error as Error).message);
    case 'RH007':
      return new AppError('BETTING_CLOSED', 'This round is over.');
    case 'RH008':
      return new AppError('BET_CONFLICT', 'This id was used for another request.');
    // Retried as often as is allowed (M10); nothing happened.
    case '40P01':
    case '40001':
      return new AppError('BUSY');
    default:
      return error;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
