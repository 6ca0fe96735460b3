/**
 * Commands that carry an id of their own and answer a repeat like the first (M5): sent again, with the same payload, for
 * as long as the answer is missing.
 */
import { Failure, toFailure } from './failure.ts';

/** What this needs of the room, so that tests can play it. */
export interface InsistDeps {
  request<T>(type: string, payload: object): Promise<T>;
  /** Resolves when the room can be talked to again; rejects when it was left or given up. */
  whenLive(): Promise<void>;
}

/** Answers after which the command may have been carried out all the same. */
export const UNSURE: ReadonlySet<string> = new Set(['NO_ANSWER', 'INTERNAL', 'ROOM_MOVED']);
/** The code of a failure after which it is not certain what became of the command. */
export const UNKNOWN = 'UNKNOWN';
export const MAX_SENDS = 3;
const PAUSE_MS = 300;
export const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

/** Rejects with a `Failure`; UNKNOWN when it is not certain what became of it. */
export async function insist<T>(
  deps: InsistDeps,
  type: string,
  payload: object,
  unsure: ReadonlySet<string> = UNSURE,
): Promise<T> {
  for (let sends = 1; ; sends += 1) {
    try {
      return await deps.request<T>(type, payload);
    } catch (error) {
      const failure = toFailure(error);
      if (!unsure.has(failure.code)) throw failure;
      if (sends === MAX_SENDS) throw new Failure(UNKNOWN, 'The server did not answer.');
    }
    await pause();
    await deps.whenLive().catch(() => {
      throw new Failure(UNKNOWN, 'The table was left before the server answered.');
    });
  }
}
