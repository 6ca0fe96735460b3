/**
 * Turns single commands into batches without a timer: while one batch is on its way the next one fills, so that a lone
 * command waits for nothing and a thousand at once share one commit. One batch in flight keeps the order of arrival.
 */
import { AppError } from '../errors.ts';

interface Waiting<Command, Result> {
  readonly command: Command;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface BatcherOptions<Command, Result> {
  readonly maxBatch: number;
  /** M11: a command beyond this many waiting ones is answered BUSY at once. */
  readonly maxQueue: number;
  /** At most one command of a key is in a batch; a later one waits for the next batch. */
  key(command: Command): string;
  /** Commits a batch; the results stand in the order of the commands. */
  run(commands: readonly Command[]): Promise<readonly Result[]>;
}

export class Batcher<Command, Result> {
  readonly #options: BatcherOptions<Command, Result>;
  #waiting: Waiting<Command, Result>[] = [];
  #running: Promise<void> | undefined;

  constructor(options: BatcherOptions<Command, Result>) {
    this.#options = options;
  }

  /** Commands that wait, not counting those in flight. */
  get depth(): number {
    return this.#waiting.length;
  }

  submit(command: Command): Promise<Result> {
    if (this.#waiting.length >= this.#options.maxQueue) return Promise.reject(new AppError('BUSY'));
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#waiting.push({ command, resolve, reject });
    // A microtask later, so that what arrives in the same turn of the event loop travels together.
    this.#running ??= Promise.resolve().then(() => this.#drain());
    return promise;
  }

  /** Answers when everything submitted so far is committed or refused. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      try {
        const results = await this.#options.run(batch.map((item) => item.command));
        if (results.length !== batch.length) throw new Error('a batch must answer every command');
        batch.forEach((item, index) => {
          item.resolve(results[index] as Result);
        });
      } catch (error) {
        for (const item of batch) item.reject(error);
      }
    }
    this.#running = undefined;
  }

  #take(): Waiting<Command, Result>[] {
    const keys = new Set<string>();
    const batch: Waiting<Command, Result>[] = [];
    const later: Waiting<Command, Result>[] = [];
    for (const item of this.#waiting) {
      const key = this.#options.key(item.command);
      if (batch.length < this.#options.maxBatch && !keys.has(key)) {
        keys.add(key);
        batch.push(item);
      } else {
        later.push(item);
      }
    }
    this.#waiting = later;
    return batch;
  }
}
