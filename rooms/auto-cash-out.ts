/** Fires each bet's automatic cash-out at its time. Work happens when one is due, not per tick. */
import type { BoardBet } from './bet-board.ts';

export interface DueCashOut {
  readonly bet: BoardBet;
  readonly atMs: number;
  readonly multiplier: number;
}

export class AutoCashOuts {
  readonly #due: DueCashOut[];
  readonly #elapsedMs: () => number;
  readonly #fire: (due: DueCashOut[]) => void;
  #next = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(due: DueCashOut[], elapsedMs: () => number, fire: (due: DueCashOut[]) => void) {
    this.#due = due.sort((a, b) => a.atMs - b.atMs);
    this.#elapsedMs = elapsedMs;
    this.#fire = fire;
    this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#next = this.#due.length;
  }

  #arm(): void {
    const next = this.#due[this.#next];
    if (!next) return;
    this.#timer = setTimeout(
      () => this.#run(),
      Math.max(1, Math.ceil(next.atMs - this.#elapsedMs())),
    );
  }

  #run(): void {
    const elapsed = this.#elapsedMs();
    const from = this.#next;
    while ((this.#due[this.#next]?.atMs ?? Number.POSITIVE_INFINITY) <= elapsed) this.#next += 1;
    const due = this.#due.slice(from, this.#next).filter(({ bet }) => bet.status === 'accepted');
    if (due.length > 0) this.#fire(due);
    this.#arm();
  }
}
