/**
 * Commands of a room that are on their way to the ledger. They start in order of arrival and may be many at once (the
 * ledger batches them); a change of phase waits until those received before it are answered (M7). Bounded (M11).
 */
import { AppError } from '../src/errors.ts';

const MAX_IN_FLIGHT = 5_000;

export class CommandQueue {
  readonly #inFlight = new Set<Promise<unknown>>();

  /** Starts `work` now. @throws AppError BUSY when too many are under way */
  run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inFlight.size >= MAX_IN_FLIGHT) return Promise.reject(new AppError('BUSY'));
    const promise = work();
    const settled = promise.then(
      () => {},
      () => {},
    );
    this.#inFlight.add(settled);
    void settled.then(() => this.#inFlight.delete(settled));
    return promise;
  }

  /** Answers when everything that was started before is settled. */
  async drain(): Promise<void> {
    await Promise.all(this.#inFlight);
  }
}
