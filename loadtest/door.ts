/** Lets a bounded number in at a time; the others wait in order of arrival. */
export class Door {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  async open(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Whoever waits longest takes the place over. */
  close(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
