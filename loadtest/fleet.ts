/** All the bots, spread over worker threads so that neither the server nor the clock that measures waits for them. */
import { Worker } from 'node:worker_threads';
import {
  type Figures,
  type Latencies,
  latenciesOf,
  noFigures,
  type Percentiles,
  sumOf,
} from './figures.ts';
import type { GameToPlay, MatchesToPlay } from './game.ts';
import type { Options } from './options.ts';
import type { Load, Order, Report, Share } from './worker.ts';

/** A server that is slow to seat guests is not swamped with more of them. */
const JOINS_AT_ONCE = 32;
/** Longer than nearly every round. */
const MAX_WAIT_MS = 90_000;
/** Of matches, all workers together: a server has 200 of all kinds. With more bots, more of them watch. */
const MAX_TABLES = 150;
/** Of a table's name, so that it stays a name with the numbers behind it. */
const TABLE_PREFIX_LENGTH = 16;

interface Member {
  readonly worker: Worker;
  readonly seated: Promise<void>;
  readonly playing: Promise<void>;
  readonly done: Promise<void>;
  latencies: Latencies | undefined;
  figures: Figures;
  load: Load | undefined;
}

export class Fleet {
  readonly #members: readonly Member[];

  /** The bots begin to join at once. */
  constructor(url: string, game: GameToPlay, options: Options) {
    this.#members = shares(url, game, options).map(startMember);
  }

  /** Resolves when every bot has joined or given up. */
  async seated(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.seated));
  }

  /** Resolves when the bots begin to play: with the next betting phase, if there are any, or when it is long in coming. */
  async play(): Promise<void> {
    this.#order('ready');
    const late = setTimeout(() => this.#order('play'), MAX_WAIT_MS);
    const playing = this.#members.map((member) => member.playing);
    await Promise.race(playing).finally(() => clearTimeout(late));
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

  latencies(): Record<keyof Latencies, Percentiles> {
    return latenciesOf(this.#members.flatMap(({ latencies }) => latencies ?? []));
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
  const playing = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const member: Member = {
    worker,
    seated: seated.promise,
    playing: playing.promise,
    done: done.promise,
    latencies: undefined,
    figures: noFigures(),
    load: undefined,
  };
  worker.on('message', (report: Report) => {
    switch (report.kind) {
      case 'latencies':
        member.latencies = report.latencies;
        break;
      case 'progress':
        member.figures = report.figures;
        break;
      case 'load':
        member.load = report.load;
        break;
      case 'seated':
        seated.resolve();
        break;
      case 'playing':
        playing.resolve();
        break;
      case 'done':
        done.resolve();
    }
  });
  // Whoever waits for one of them hears of it; nobody may be waiting yet.
  for (const { promise } of [seated, playing, done]) promise.catch(() => {});
  const fail = (error: unknown) => {
    seated.reject(error);
    playing.reject(error);
    done.reject(error);
  };
  worker.once('error', fail);
  worker.once('exit', () => fail(new Error('A worker ended too early.')));
  return member;
}

function shares(url: string, game: GameToPlay, options: Options): Share[] {
  const { workers, betsPerRound, stake, cashOut, spreadMs } = options;
  const length = Math.min(workers, options.bots);
  const joinsAtOnce = Math.max(1, Math.floor(JOINS_AT_ONCE / length));
  const run = crypto.randomUUID().slice(0, 8);
  const name = `${(options.table ?? 'bots').slice(0, TABLE_PREFIX_LENGTH)}-${run}`;
  return Array.from({ length }, (_, index) => {
    const bots = Math.floor((options.bots + index) / length);
    const joinsPerSecond = (options.ramp * bots) / options.bots;
    const places =
      game.kind === 'match'
        ? matchTables(game, bots, Math.floor(MAX_TABLES / length), `${name}-${index}`)
        : { tables: [options.table], seated: bots };
    const share = { url, game, bots, ...places, joinsPerSecond, joinsAtOnce };
    return { ...share, betsPerRound, stake, cashOut, spreadMs };
  });
}

/** Each with a bot for every seat, and one or more that watch. */
function matchTables({ seats }: MatchesToPlay, bots: number, most: number, name: string) {
  const count = Math.max(1, Math.min(Math.floor(bots / (seats + 1)), most));
  return { tables: Array.from({ length: count }, (_, n) => `${name}-${n}`), seated: seats * count };
}
