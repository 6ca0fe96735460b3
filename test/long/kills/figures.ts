/** What a run of the kill loop did, in a few lines. */
import type { Lost } from './player.ts';
import type { Proof } from './proof.ts';

export const KINDS = ['server', 'backend', 'postmaster'] as const;
export type Kind = (typeof KINDS)[number];
export const PHASES = ['betting', 'running', 'settlement', 'recovery'] as const;
export type Phase = (typeof PHASES)[number];

const SLOWEST = 10;

/** From a kill to the first bet that was sent after it and taken. */
interface Recovery {
  readonly kind: Kind;
  readonly phase: Phase;
  readonly ms: number;
  /** When it was done with what, e.g. the database was back, in ms from the kill. */
  readonly stepsMs: Readonly<Record<string, number>>;
  /** Time of day, UTC, of the kill: to find it in PostgreSQL's log. */
  readonly at: string;
}

export class Figures {
  readonly lost: Lost = { lost: 0, found: 0, absent: 0, placedAnew: 0 };
  /** Sessions of PostgreSQL that were ended in order; no kills. */
  ended = 0;
  books: Awaited<ReturnType<Proof['proveAll']>> | undefined;
  readonly #startedAt = performance.now();
  readonly #kills = new Map<Kind, Record<Phase, number>>(
    KINDS.map((kind) => [kind, { betting: 0, running: 0, settlement: 0, recovery: 0 }]),
  );
  readonly #recoveries: Recovery[] = [];
  readonly #spent = new Map<string, number>();

  get kills(): number {
    return [...this.#kills.values()]
      .flatMap((phases) => Object.values(phases))
      .reduce((sum, n) => sum + n, 0);
  }

  killed(kind: Kind, phase: Phase): void {
    (this.#kills.get(kind) as Record<Phase, number>)[phase] += 1;
  }

  /** Counts how long `work` takes as time of `part`. */
  async timed<T>(part: string, work: Promise<T>): Promise<T> {
    const since = performance.now();
    const result = await work;
    this.#spent.set(part, (this.#spent.get(part) ?? 0) + performance.now() - since);
    return result;
  }

  recovered(recovery: Recovery): void {
    this.#recoveries.push(recovery);
  }

  recoveryP99(): number {
    return quantile(this.#recoveryMs(), 0.99);
  }

  #recoveryMs(of?: Kind): number[] {
    return this.#recoveries.filter(({ kind }) => kind === (of ?? kind)).map(({ ms }) => ms);
  }

  lines(seed: number, { confirmed, audits }: Proof): string {
    const minutes = (performance.now() - this.#startedAt) / 60_000;
    const { lost, found, absent, placedAnew } = this.lost;
    const slowest = this.#recoveries
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, SLOWEST)
      .map(
        ({ kind, phase, ms, stepsMs, at }) =>
          `${seconds(ms)} s, ${kind} in ${phase} at ${at} (${Object.entries(stepsMs)
            .map(([step, stepMs]) => `${step} after ${seconds(stepMs)}`)
            .join(', ')})`,
      );
    return [
      `seed ${seed}, ${minutes.toFixed(1)} minutes: ${[...this.#spent]
        .map(([part, ms]) => `${part} ${(ms / 60_000).toFixed(1)}`)
        .join(', ')}`,
      `${this.kills} kills with -9; ${this.ended} sessions of PostgreSQL ended beside them`,
      ...[...this.#kills].map(
        ([kind, phases]) =>
          `  ${kind}: ${JSON.stringify(phases)}, recovery ${spread(this.#recoveryMs(kind))}`,
      ),
      `recovery of all (kill to the first bet taken after it): ${spread(this.#recoveryMs())}; slowest:`,
      ...slowest.map((line) => `  ${line}`),
      `acknowledged and confirmed: ${JSON.stringify(confirmed)}`,
      `without an answer ${lost}: ${found} found, ${absent} not, ${placedAnew} sent again and taken then`,
      `in the books: ${this.books?.bets.rows} bets, ${this.books?.transactions.rows} transactions; ${audits} audits; ` +
        (this.books ? '0 lost, 0 doubled, 0 drift' : 'NOT PROVED'),
    ]
      .map((line) => `        ${line}`)
      .join('\n');
  }
}

function spread(ms: readonly number[]): string {
  if (ms.length === 0) return 'none';
  const [p50, p99, most] = [0.5, 0.99, 1].map((part) => seconds(quantile(ms, part)));
  return `p50 ${p50}, p99 ${p99}, most ${most} s`;
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(2);
}
