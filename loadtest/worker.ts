/** A thread with a share of the bots: seats them, lets them play when told to, and compares the books when they stop. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { compareBooks } from './books.ts';
import { Bot } from './bot.ts';
import { Door } from './door.ts';
import { count, type Figures, type Latencies, noFigures, noLatencies, record } from './figures.ts';
import type { GameToPlay } from './game.ts';
import { MatchBot } from './match-bot.ts';
import type { CashOut } from './options.ts';
import type { Play, Player } from './player.ts';
import { WorldBot } from './world-bot.ts';

/** What a worker is given. */
export interface Share {
  readonly url: string;
  readonly game: GameToPlay;
  /** One bot after the other goes to the next of them; undefined is the default one. */
  readonly tables: readonly (string | undefined)[];
  readonly bots: number;
  /** So many of them play, beginning with the first; the others watch. */
  readonly seated: number;
  readonly joinsPerSecond: number;
  readonly joinsAtOnce: number;
  readonly betsPerRound: number;
  readonly stake: number;
  readonly cashOut: CashOut;
  readonly spreadMs: number;
}

/** How busy the thread was while its bots played. */
export interface Load {
  readonly cpuSeconds: number;
  /** Share of the time in which its event loop had work. */
  readonly busy: number;
  readonly lagP99Ms: number;
  readonly lagMaxMs: number;
}

/** `ready`: play from the next betting phase on. `play`: now, whatever the phase. */
export type Order = 'ready' | 'play' | 'stop';
export type Report =
  | { readonly kind: 'latencies'; readonly latencies: Latencies }
  | { readonly kind: 'progress'; readonly figures: Figures }
  | { readonly kind: 'load'; readonly load: Load }
  | { readonly kind: 'seated' | 'playing' | 'done' };

const PROGRESS_MS = 500;
/** The play does not begin in the last moments of a betting phase. */
const MIN_BETTING_MS = 3_000;
const JOIN_ATTEMPTS = 4;
const JOIN_RETRY_MS = 1_000;
/** Event-loop delay is seen by a timer of this length, which is not delay. */
const LAG_RESOLUTION_MS = 10;

const share = workerData as Share;
const port = parentPort as NonNullable<typeof parentPort>;
const report = (message: Report) => port.postMessage(message);

const { url, game, betsPerRound, stake, spreadMs } = share;
const figures = noFigures();
const latencies = noLatencies();
const play: Play = {
  ...{ url, betsPerRound, stake, spreadMs, figures, latencies },
  on: false,
  betting(leftMs) {
    if (ready && !play.on && leftMs >= MIN_BETTING_MS) begin();
  },
};
const door = new Door(share.joinsAtOnce);
const bots = new Set<Player>();
const stopped = Promise.withResolvers<void>();
const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
let waiting = share.bots;
let ready = false;
let stopping = false;
/** The books are read one player after the other: a check, not a load. */
let reading = Promise.resolve();
let busySince = performance.eventLoopUtilization();
let cpuSince = process.threadCpuUsage();

// The SDK tells each step of a reconnection; here the figures do.
console.info = () => {};
console.warn = () => {};
report({ kind: 'latencies', latencies });
const progress = setInterval(() => report({ kind: 'progress', figures }), PROGRESS_MS);
port.on('message', (order: Order) => {
  if (order === 'stop') end();
  else if (order === 'play') begin();
  else {
    ready = true;
    for (const bot of bots) bot.look();
  }
});
await Promise.all(Array.from({ length: share.bots }, (_, index) => chair(index)));
await stopped.promise;
await reading;
clearInterval(progress);
report({ kind: 'progress', figures });
report({ kind: 'done' });
port.close();

function begin(): void {
  if (play.on || stopping) return;
  lag.enable();
  busySince = performance.eventLoopUtilization();
  cpuSince = process.threadCpuUsage();
  play.on = true;
  report({ kind: 'playing' });
  for (const bot of bots) bot.look();
}

function end(): void {
  play.on = false;
  lag.disable();
  const { user, system } = process.threadCpuUsage(cpuSince);
  report({
    kind: 'load',
    load: {
      cpuSeconds: (user + system) / 1e6,
      busy: performance.eventLoopUtilization(busySince).utilization,
      lagP99Ms: Math.max(0, lag.percentile(99) / 1e6 - LAG_RESOLUTION_MS),
      lagMaxMs: Math.max(0, lag.max / 1e6 - LAG_RESOLUTION_MS),
    },
  });
  stopping = true;
  stopped.resolve();
}

function arrived(): void {
  waiting -= 1;
  if (waiting > 0) return;
  report({ kind: 'progress', figures });
  report({ kind: 'seated' });
}

/** One bot after the other on the same chair: whoever has no money left makes room for a new guest. */
async function chair(index: number): Promise<void> {
  await delay((index / share.joinsPerSecond) * 1000);
  for (let first = true; !stopping; first = false) {
    const bot = await enter(index);
    if (first) arrived();
    if (!bot) return;
    bots.add(bot);
    await Promise.race([bot.over, stopped.promise]);
    bots.delete(bot);
    await bot.leave();
    reading = reading.then(() => compareBooks(bot.read, bot.sent, figures));
  }
}

async function enter(index: number): Promise<Player | undefined> {
  for (let attempt = 1; !stopping; attempt++) {
    const bot = botFor(index);
    await door.open();
    const startedAt = performance.now();
    try {
      await bot.enter();
      record(latencies.join, startedAt);
      figures.joins.made += 1;
      return bot;
    } catch (error) {
      count(figures.joins.failed, codeOf(error));
    } finally {
      door.close();
    }
    if (attempt === JOIN_ATTEMPTS) return undefined;
    await Promise.race([delay(attempt * JOIN_RETRY_MS), stopped.promise]);
  }
  return undefined;
}

function botFor(index: number): Player {
  const table = share.tables[index % share.tables.length];
  if (game.kind === 'world') return new WorldBot(play, game);
  if (game.kind === 'match') {
    return new MatchBot(play, game, { game: game.name, table, spectate: index >= share.seated });
  }
  const auto = share.cashOut === 'auto' || (share.cashOut === 'mixed' && index % 2 === 0);
  return new Bot(play, game, { game: game.name, table }, auto);
}

/** The code of a problem document; where there is none, the HTTP status, the close code or the system's error. */
function codeOf(error: unknown): string {
  const { data } = error as { data?: { code?: unknown } };
  if (typeof data?.code === 'string') return data.code;
  const { code, message } = error as { code?: unknown; message?: unknown };
  return String(code || message || error);
}
