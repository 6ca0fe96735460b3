/** What is counted and measured. Each worker counts for its own bots; the parts are added up for the whole. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** How often, by code. */
export type Counts = Record<string, number>;

/** Of commands with an id. */
interface Asked {
  sent: number;
  acknowledged: number;
  refused: Counts;
  /** No answer came, however often it was asked for. */
  unanswered: number;
  /** Sent again with the same id, because the connection broke before the answer. */
  repeated: number;
}

/** What was acknowledged, beside what stands in the books. */
export interface Compared {
  acknowledged: number;
  missing: number;
  different: number;
  unread: number;
}

export interface Figures {
  joins: { made: number; failed: Counts };
  bets: Asked;
  cashOuts: { sent: number; paid: number; refused: Counts; unanswered: number; repeated: number };
  matches: {
    /** Rounds that came to an end in which somebody won or nobody did. */
    played: Set<string>;
    drawn: Set<string>;
    sits: Asked;
    moves: {
      sent: number;
      made: number;
      refused: Counts;
      unanswered: number;
      /** A move has no id: after a broken connection the position tells whether it was made. */
      broken: number;
    };
    /** What the players' own lists of transactions said of their seats at the end. */
    books: Compared;
  };
  worlds: {
    commands: Asked;
    /** What the players' own saves, wallets and inventories said at the end, for all commands that were answered. */
    books: Compared;
  };
  connections: { reconnected: number; lost: Counts };
  /** What all clients received while they played. */
  traffic: { frames: number; patches: number; bytes: number };
  /** What the players' own lists of bets said at the end. */
  books: Compared;
  rounds: Set<string>;
}

export function noFigures(): Figures {
  const asked = () => ({ sent: 0, acknowledged: 0, refused: {}, unanswered: 0, repeated: 0 });
  const compared = () => ({ acknowledged: 0, missing: 0, different: 0, unread: 0 });
  return {
    joins: { made: 0, failed: {} },
    bets: asked(),
    cashOuts: { sent: 0, paid: 0, refused: {}, unanswered: 0, repeated: 0 },
    matches: {
      played: new Set(),
      drawn: new Set(),
      sits: asked(),
      moves: { sent: 0, made: 0, refused: {}, unanswered: 0, broken: 0 },
      books: compared(),
    },
    worlds: { commands: asked(), books: compared() },
    connections: { reconnected: 0, lost: {} },
    traffic: { frames: 0, patches: 0, bytes: 0 },
    books: compared(),
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

const MEASURED = ['join', 'bet', 'cashOut', 'sit', 'move', 'command'] as const;
/** From the question to its answer. A worker sends them once, and records into them from then on. */
export type Latencies = Readonly<Record<(typeof MEASURED)[number], RecordableHistogram>>;

export function noLatencies(): Latencies {
  return ofMeasured(createLatencies);
}

/** Of all workers together. */
export function latenciesOf(parts: readonly Latencies[]): Record<keyof Latencies, Percentiles> {
  return ofMeasured((name) => percentilesOf(parts.map((part) => part[name])));
}

function ofMeasured<T>(make: (name: keyof Latencies) => T): Record<keyof Latencies, T> {
  return Object.fromEntries(MEASURED.map((name) => [name, make(name)])) as never;
}
