/**
 * Turns single commands into batches without a timer: while one batch is on its way the next one fills, so that a lone
 * command waits for nothing and a thousand at once share one commit. When many wait, a second batch goes beside the
 * first, of commands that have nothing to do with those in flight, so that order of arrival is kept where it counts.
 */
import { AppError } from '../errors.ts';

interface Waiting<Command, Result> {
  readonly command: Command;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface BatcherOptions<Command, Result> {
  /** By weight; a command that is heavier than this goes alone. */
  readonly maxBatch: number;
  /** M11: a command beyond this many waiting ones is answered BUSY at once. */
  readonly maxQueue: number;
  /** At most one command of a key is in a batch; a later one waits for another batch. */
  keys(command: Command): readonly string[];
  /** 1 unless given. */
  weight?(command: Command): number;
  /** Batches on their way at a time; 1 unless given. */
  readonly maxInFlight?: number;
  /** A batch beside another one is worth its cost from this many waiting commands on. */
  readonly minBeside?: number;
  /** Commands of one line are never in two batches at a time, so they are committed in order of arrival. */
  line?(command: Command): number;
  /** Commits a batch; the results stand in the order of the commands. */
  run(commands: readonly Command[]): Promise<readonly Result[]>;
}

export class Batcher<Command, Result> {
  readonly #options: BatcherOptions<Command, Result>;
  #waiting: Waiting<Command, Result>[] = [];
  /** The lines of each batch on its way. */
  readonly #flights = new Set<ReadonlySet<number>>();
  #scheduled = false;
  #idle = Promise.withResolvers<void>();

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
    if (this.#mayLaunch()) this.#schedule(queueMicrotask);
    return promise;
  }

  /** Answers when everything submitted so far is committed or refused. */
  async idle(): Promise<void> {
    while (this.#waiting.length > 0 || this.#flights.size > 0) await this.#idle.promise;
  }

  #mayLaunch(): boolean {
    const { maxInFlight = 1, minBeside = 1 } = this.#options;
    const least = this.#flights.size === 0 ? 1 : minBeside;
    return this.#flights.size < maxInFlight && this.#waiting.length >= least;
  }

  #schedule(later: (launch: () => void) => void): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    later(() => {
      this.#scheduled = false;
      while (this.#mayLaunch()) {
        const batch = this.#take();
        if (batch.length === 0) return;
        void this.#fly(batch);
      }
    });
  }

  async #fly(batch: readonly Waiting<Command, Result>[]): Promise<void> {
    const { line, run } = this.#options;
    const lines = new Set(line ? batch.map((item) => line(item.command)) : []);
    this.#flights.add(lines);
    try {
      const results = await run(batch.map((item) => item.command));
      if (results.length !== batch.length) throw new Error('a batch must answer every command');
      batch.forEach((item, index) => {
        item.resolve(results[index] as Result);
      });
    } catch (error) {
      for (const item of batch) item.reject(error);
    }
    this.#flights.delete(lines);
    if (this.#waiting.length === 0 && this.#flights.size === 0) {
      this.#idle.resolve();
      this.#idle = Promise.withResolvers();
    }
    // A turn of the event loop later, so that what these answers bring about joins the next batch.
    this.#schedule(setImmediate);
  }

  /** The oldest commands that may go now. */
  #take(): Waiting<Command, Result>[] {
    const { maxBatch, keys, line, weight = () => 1 } = this.#options;
    const taken = new Set<string>();
    const batch: Waiting<Command, Result>[] = [];
    const later: Waiting<Command, Result>[] = [];
    let room = maxBatch;
    let at = 0;
    for (; at < this.#waiting.length && room > 0; at++) {
      const item = this.#waiting[at] as Waiting<Command, Result>;
      const own = keys(item.command);
      const heavy = weight(item.command);
      if (heavy > room && batch.length > 0) break;
      if (own.some((key) => taken.has(key)) || (line && this.#isInFlight(line(item.command)))) {
        later.push(item);
      } else {
        for (const key of own) taken.add(key);
        batch.push(item);
        room -= heavy;
      }
    }
    this.#waiting = later.concat(this.#waiting.slice(at));
    return batch;
  }

  #isInFlight(line: number): boolean {
    for (const lines of this.#flights) if (lines.has(line)) return true;
    return false;
  }
}
