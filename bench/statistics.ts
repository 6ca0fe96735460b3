/** What is said about many measured values: their median, their percentiles. */

export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** In the unit of the values; zeros when there are none. */
export function latencyOf(values: readonly number[]): Latency {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

/** The median of each percentile, and the greatest maximum. */
export function medianLatency(windows: readonly Latency[]): Latency {
  return {
    p50: median(windows.map(({ p50 }) => p50)),
    p95: median(windows.map(({ p95 }) => p95)),
    p99: median(windows.map(({ p99 }) => p99)),
    max: Math.max(...windows.map(({ max }) => max)),
  };
}
