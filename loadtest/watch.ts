/** Looks at the server from outside while the bots play: its own /metrics, and the cores of this machine. */
import { cpus } from 'node:os';

const SAMPLE_MS = 2_000;
const SAMPLE_TIMEOUT_MS = 10_000;
/** The server's metrics see event-loop delay with a timer of this length, which is not delay. */
const LAG_RESOLUTION_MS = 10;

export interface ServerLoad {
  readonly cpuCores: number;
  readonly rssMaxBytes: number;
  readonly heapMaxBytes: number;
  /** The 99th percentile in a typical sample (the median of them), and the longest delay of all. */
  readonly lagP99Ms: number;
  readonly lagMaxMs: number;
  readonly samples: number;
}

/** What a stretch of time cost. */
export interface Cost {
  readonly seconds: number;
  /** Undefined when the server shows no metrics, or asks for a token that is not METRICS_TOKEN. */
  readonly server: ServerLoad | undefined;
  readonly machine: { readonly cores: number; readonly busyCores: number };
}

interface Sample {
  readonly at: number;
  readonly values: ReadonlyMap<string, number>;
}

export class Watch {
  readonly #url: string;
  readonly #samples: Sample[] = [];
  #machineAtStart = machineTimes();
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  async start(): Promise<void> {
    // Metrics of delay begin anew with each look; the first only marks the beginning.
    await this.#look();
    this.#startedAt = performance.now();
    this.#machineAtStart = machineTimes();
    this.#timer = setInterval(() => void this.#look(), SAMPLE_MS);
  }

  async stop(): Promise<Cost> {
    this.cancel();
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const now = machineTimes();
    const all = now.all - this.#machineAtStart.all;
    const busy = now.busy - this.#machineAtStart.busy;
    const cores = cpus().length;
    await this.#look();
    const machine = { cores, busyCores: all > 0 ? (busy / all) * cores : 0 };
    return { seconds, server: this.#server(), machine };
  }

  cancel(): void {
    clearInterval(this.#timer);
  }

  #server(): ServerLoad | undefined {
    const [first, ...later] = this.#samples;
    const last = later.at(-1);
    if (!first || !last) return undefined;
    const column = (name: string) => later.map(({ values }) => values.get(name) ?? 0);
    const cpu = ({ values }: Sample) => values.get('process_cpu_seconds_total') ?? 0;
    const lagMs = (name: string) =>
      column(name).map((seconds) => Math.max(0, seconds * 1000 - LAG_RESOLUTION_MS));
    return {
      cpuCores: (cpu(last) - cpu(first)) / ((last.at - first.at) / 1000),
      rssMaxBytes: Math.max(...column('process_resident_memory_bytes')),
      heapMaxBytes: Math.max(...column('nodejs_heap_size_used_bytes')),
      lagP99Ms: median(lagMs('nodejs_eventloop_lag_p99_seconds')),
      lagMaxMs: Math.max(...lagMs('nodejs_eventloop_lag_max_seconds')),
      samples: later.length,
    };
  }

  async #look(): Promise<void> {
    const token = process.env.METRICS_TOKEN;
    try {
      const response = await fetch(`${this.#url}/metrics`, {
        headers: token ? { Authorization: `Bearer ${token}` } : {},
        signal: AbortSignal.timeout(SAMPLE_TIMEOUT_MS),
      });
      const at = performance.now();
      const text = await response.text();
      if (response.ok) this.#samples.push({ at, values: plainValues(text) });
    } catch {
      // A server that is down for a moment is missing one sample.
    }
  }
}

/** Lines of the Prometheus text format that have no labels. */
function plainValues(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const [, name, value] of text.matchAll(/^(\w+) ([-+.\deE]+)$/gm)) {
    values.set(name as string, Number(value));
  }
  return values;
}

function machineTimes(): { all: number; busy: number } {
  const times = cpus().map((cpu) => cpu.times);
  const idle = times.reduce((sum, time) => sum + time.idle, 0);
  const all = times.reduce(
    (sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq,
    0,
  );
  return { all, busy: all - idle };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
