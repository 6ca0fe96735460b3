/** What a bench is given, and what it answers. */
import type { Options } from './options.ts';
import type { Store } from './store.ts';

export interface Surroundings {
  readonly options: Options;
  /** The run's database; started when the first bench asks for it. */
  store(): Promise<Store>;
  readonly signal: AbortSignal;
  /** Says what is being done. */
  log(line: string): void;
}

export interface Report {
  /** Whether what must hold held. Figures may be small; books must be sound. */
  readonly ok: boolean;
  /** For people. */
  readonly text: string;
  /** For programs. */
  readonly figures: object;
}

export type Bench = (surroundings: Surroundings) => Promise<Report>;
