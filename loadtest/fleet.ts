/** All the bots, spread over worker threads so that neither the server nor the clock that measures waits for them. */
import type { RecordableHistogram } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { type Figures, noFigures, type Percentiles, percentilesOf, sumOf } from './figures.ts';
import type { Options } from './options.ts';
import type { Load, Order, Report, Share } from './worker.ts';

interface Member {
  readonly worker: Worker;
  readonly seated: Promise<void>;
  readonly done: Promise<void>;
  bet: RecordableHistogram | undefined;
  cashOut: RecordableHistogram | undefined;
  figures: Figures;
  load: Load | undefined;
}

export interface Latencies {
  readonly bet: Percentiles;
  readonly cashOut: Percentiles;
}

export class Fleet {
  readonly #members: readonly Member[];

  /** The bots begin to join at once. */
  constructor(url: string, options: Options) {
    this.#members = shares(url, options).map(startMember);
  }

  /** Resolves when every bot has joined or given up. */
  async seated(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.seated));
  }

  play(): void {
    this.#order('play');
  }

  /** Ends the play; resolves when every answer has come or is overdue, and the books are compared. */
  async stop(): Promise<void> {
    this.#order('stop');
    await Promise.all(this.#members.map((member) => member.done));
  }

  async end(): Promise<void> {
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
  }

  figures(): Figures {
    return sumOf(this.#members.map(({ figures }) => figures));
  }

  latencies(): Latencies {
    return {
      bet: percentilesOf(this.#members.flatMap(({ bet }) => bet ?? [])),
      cashOut: percentilesOf(this.#members.flatMap(({ cashOut }) => cashOut ?? [])),
    };
  }

  loads(): Load[] {
    return this.#members.flatMap(({ load }) => load ?? []);
  }

  #order(order: Order): void {
    for (const { worker } of this.#members) worker.postMessage(order);
  }
}

function startMember(share: Share): Member {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: share });
  const seated = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const member: Member = {
    worker,
    seated: seated.promise,
    done: done.promise,
    bet: undefined,
    cashOut: undefined,
    figures: noFigures(),
    load: undefined,
  };
  worker.on('message', (report: Report) => {
    if (report.kind === 'latencies')
      Object.assign(member, { bet: report.bet, cashOut: report.cashOut });
    else if (report.kind === 'load') member.load = report.load;
    else if (report.kind === 'seated') seated.resolve();
    else member.figures = report.figures;
    if (report.kind === 'done') done.resolve();
  });
  // Whoever waits for either hears of it; nobody may be waiting yet.
  for (const { promise } of [seated, done]) promise.catch(() => {});
  const fail = (error: unknown) => {
    seated.reject(error);
    done.reject(error);
  };
  worker.once('error', fail);
  worker.once('exit', () => fail(new Error('A worker ended too early.')));
  return member;
}

function shares(url: string, options: Options): Share[] {
  const { workers, table, betsPerRound, stake, cashOut, spreadMs } = options;
  return Array.from({ length: Math.min(workers, options.bots) }, (_, index) => {
    const bots = Math.floor((options.bots + index) / Math.min(workers, options.bots));
    const joinsPerSecond = (options.ramp * bots) / options.bots;
    return { url, table, bots, joinsPerSecond, betsPerRound, stake, cashOut, spreadMs };
  });
}
