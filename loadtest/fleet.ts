/** All the bots, spread over worker threads so that neither the server nor the clock that measures waits for them. */
import type { RecordableHistogram } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { type Figures, noFigures, type Percentiles, percentilesOf, sumOf } from './figures.ts';
import type { Options } from './options.ts';
import type { Load, Order, Report, Share } from './worker.ts';

/** A server that is slow to seat guests is not swamped with more of them. */
const JOINS_AT_ONCE = 32;

interface Member {
  readonly worker: Worker;
  readonly seated: Promise<void>;
  readonly done: Promise<void>;
  join: RecordableHistogram | undefined;
  bet: RecordableHistogram | undefined;
  cashOut: RecordableHistogram | undefined;
  figures: Figures;
  load: Load | undefined;
}

export interface Latencies {
  readonly join: Percentiles;
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
      join: percentilesOf(this.#members.flatMap(({ join }) => join ?? [])),
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
    join: undefined,
    bet: undefined,
    cashOut: undefined,
    figures: noFigures(),
    load: undefined,
  };
  worker.on('message', (report: Report) => {
    if (report.kind === 'latencies')
      Object.assign(member, { join: report.join, bet: report.bet, cashOut: report.cashOut });
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
  const length = Math.min(workers, options.bots);
  const joinsAtOnce = Math.max(1, Math.floor(JOINS_AT_ONCE / length));
  return Array.from({ length }, (_, index) => {
    const bots = Math.floor((options.bots + index) / length);
    const joinsPerSecond = (options.ramp * bots) / options.bots;
    const share = { url, table, bots, joinsPerSecond, joinsAtOnce };
    return { ...share, betsPerRound, stake, cashOut, spreadMs };
  });
}
