/** What a bot is about: it is waited for before the bot leaves. */
export class Errands {
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  #ended = false;

  /** Does `work` at a random moment of the next `ms`. */
  within(ms: number, work: () => Promise<void>): void {
    this.after(Math.random() * ms, work);
  }

  after(ms: number, work: () => Promise<void>): void {
    if (this.#ended) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const running = work().finally(() => this.#running.delete(running));
      this.#running.add(running);
    }, ms);
    this.#timers.add(timer);
  }

  /** Nothing more begins; resolves when everything that began is done. */
  async end(): Promise<void> {
    this.#ended = true;
    for (const timer of this.#timers) clearTimeout(timer);
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
