/** Fires each bet's automatic cash-out at its time. Work happens when one is due, not per tick. */
import type { BoardBet } from './bet-board.ts';

export interface DueCashOut {
  readonly bet: BoardBet;
  readonly atMs: number;
  readonly multiplier: number;
}

/** As far away as a timer goes. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * Until it is stopped one timer is set, whether a cash-out is still due or not: which of them come before the end of the
 * round must not be told by how many timers the process has, a figure of `GET /metrics` (F1).
 */
export class AutoCashOuts {
  readonly #due: DueCashOut[];
  readonly #elapsedMs: () => number;
  readonly #fire: (due: DueCashOut[]) => void;
  #next = 0;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(due: DueCashOut[], elapsedMs: () => number, fire: (due: DueCashOut[]) => void) {
    this.#due = due.sort((a, b) => a.atMs - b.atMs);
    this.#elapsedMs = elapsedMs;
    this.#fire = fire;
    this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stopped = true;
  }

  #arm(): void {
    if (this.#stopped) return;
    const next = this.#due[this.#next];
    const waitMs = next ? Math.max(1, Math.ceil(next.atMs - this.#elapsedMs())) : NEVER_MS;
    this.#timer = setTimeout(() => this.#run(), waitMs);
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
