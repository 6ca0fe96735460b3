/** Work that is done one after the other, in order of arrival. Bounded in number and in time (M11). */
import { AppError } from '../src/errors.ts';

export interface LineBounds {
  /** How much of it may wait at the same time. */
  readonly maxWaiting: number;
  /** What waited longer is given up. */
  readonly maxWaitMs?: number;
  /** In ms, monotonic. */
  readonly now?: () => number;
}

export class Line {
  readonly #bounds: LineBounds;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(bounds: LineBounds) {
    this.#bounds = bounds;
  }

  /** @throws AppError BUSY */
  run<T>(work: () => Promise<T>): Promise<T> {
    const {
      maxWaiting,
      maxWaitMs = Number.POSITIVE_INFINITY,
      now = () => performance.now(),
    } = this.#bounds;
    if (this.#waiting >= maxWaiting) return Promise.reject(new AppError('BUSY'));
    this.#waiting += 1;
    const since = now();
    return this.always(() => {
      if (now() - since > maxWaitMs) throw new AppError('BUSY');
      return work();
    }).finally(() => {
      this.#waiting -= 1;
    });
  }

  /** However much waits. */
  always<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Answers when all that came before is done. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
