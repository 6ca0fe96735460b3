/** A process of a run: started, asked over its channel, ended. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROBE = new URL('./probe.ts', import.meta.url).href;
const ANSWER_TIMEOUT_MS = 60_000;
/** Longer than a server gives itself. */
const END_TIMEOUT_MS = 40_000;

export interface Answer {
  readonly kind: string;
}

export class Child {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #broken = Promise.withResolvers<never>();
  #output = '';
  #ending = false;

  /** `script` is relative to this file. Every one of them can be asked for 'cpu'. */
  constructor(name: string, script: string, args: readonly string[], env = process.env) {
    this.#name = name;
    this.#process = fork(fileURLToPath(new URL(script, import.meta.url)), [...args], {
      env,
      execArgv: ['--import', PROBE],
      silent: true,
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
    const fail = (why: string) => {
      if (!this.#ending) this.#broken.reject(new Error(`${name}: ${why}\n${this.#output}`));
    };
    this.#process.once('error', (error) => fail(error.message));
    this.#process.once('exit', (code) => fail(`ended with ${code}`));
    // Whoever waits for it hears of it; nobody may be waiting yet.
    this.#broken.promise.catch(() => {});
  }

  /** Resolves when it has printed this. */
  async printed(text: string): Promise<void> {
    const came = Promise.withResolvers<void>();
    const look = () => {
      if (this.#output.includes(text)) came.resolve();
    };
    const streams = [this.#process.stdout, this.#process.stderr];
    for (const stream of streams) stream?.on('data', look);
    look();
    await this.#within(came.promise, text).finally(() => {
      for (const stream of streams) stream?.off('data', look);
    });
  }

  tell(order: string): void {
    this.#process.send(order);
  }

  async ask<A extends Answer>(question: A['kind']): Promise<A> {
    const answered = this.next<A>((answer) => answer.kind === question, question);
    this.tell(question);
    return answered;
  }

  /** The next message for which `wanted` answers true. */
  async next<A extends Answer>(wanted: (answer: A) => boolean, what: string): Promise<A> {
    const came = Promise.withResolvers<A>();
    const hear = (answer: unknown) => {
      if (wanted(answer as A)) came.resolve(answer as A);
    };
    this.#process.on('message', hear);
    return this.#within(came.promise, what).finally(() => this.#process.off('message', hear));
  }

  async end(): Promise<void> {
    if (this.#ending || this.#process.exitCode !== null || this.#process.signalCode !== null)
      return;
    this.#ending = true;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), END_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }

  async #within<T>(work: Promise<T>, what: string): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new Error(`${this.#name}: waited too long for ${what}\n${this.#output}`)),
      ANSWER_TIMEOUT_MS,
    );
    return Promise.race([work, late.promise, this.#broken.promise]).finally(() =>
      clearTimeout(timer),
    );
  }
}
