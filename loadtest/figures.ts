/** What is counted and measured. Each worker counts for its own bots; the parts are added up for the whole. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** How often, by code. */
export type Counts = Record<string, number>;

export interface Figures {
  joins: { made: number; failed: Counts };
  bets: {
    sent: number;
    acknowledged: number;
    refused: Counts;
    /** No answer came, however often it was asked for. */
    unanswered: number;
    /** Sent again with the same id, because the connection broke before the answer. */
    repeated: number;
  };
  cashOuts: { sent: number; paid: number; refused: Counts; unanswered: number; repeated: number };
  connections: { reconnected: number; lost: Counts };
  /** What all clients received while they played. */
  traffic: { frames: number; patches: number; bytes: number };
  /** What the players' own lists of bets said at the end. */
  books: { acknowledged: number; missing: number; different: number; unread: number };
  rounds: Set<string>;
}

export function noFigures(): Figures {
  return {
    joins: { made: 0, failed: {} },
    bets: { sent: 0, acknowledged: 0, refused: {}, unanswered: 0, repeated: 0 },
    cashOuts: { sent: 0, paid: 0, refused: {}, unanswered: 0, repeated: 0 },
    connections: { reconnected: 0, lost: {} },
    traffic: { frames: 0, patches: 0, bytes: 0 },
    books: { acknowledged: 0, missing: 0, different: 0, unread: 0 },
    rounds: new Set(),
  };
}

export function count(counts: Counts, code: string): void {
  counts[code] = (counts[code] ?? 0) + 1;
}

export function totalOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0);
}

export function sumOf(parts: readonly Figures[]): Figures {
  const sum = noFigures();
  for (const part of parts) addTo(sum as never, part as never);
  return sum;
}

type Tree = { [name: string]: number | Set<string> | Tree };

function addTo(sum: Tree, part: Tree): void {
  for (const [name, value] of Object.entries(part)) {
    const before = sum[name];
    if (typeof value === 'number') sum[name] = ((before as number | undefined) ?? 0) + value;
    else if (value instanceof Set) for (const member of value) (before as Set<string>).add(member);
    else addTo(before as Tree, value);
  }
}

const LONGEST_US = 120_000_000;

/** Of microseconds, to three digits. Threads share one: what a worker records is seen where it was sent to. */
export function createLatencies(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: LONGEST_US, figures: 3 });
}

/** Since `startedAt`, both by performance.now(). */
export function record(latencies: RecordableHistogram, startedAt: number): void {
  const us = Math.round((performance.now() - startedAt) * 1000);
  latencies.record(Math.min(LONGEST_US, Math.max(1, us)));
}

export interface Percentiles {
  count: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
}

/** In milliseconds; null where nothing was measured. */
export function percentilesOf(parts: readonly RecordableHistogram[]): Percentiles {
  const all = createLatencies();
  for (const part of parts) all.add(part);
  const ms = (us: number) => (all.count === 0 ? null : Math.round(us) / 1000);
  return {
    count: all.count,
    p50: ms(all.percentile(50)),
    p95: ms(all.percentile(95)),
    p99: ms(all.percentile(99)),
    max: ms(all.max),
  };
}
