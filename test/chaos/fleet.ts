/** Bots in processes of their own, so that they do not starve the test, nor it them. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '../support/server.ts';
import type { Account, Order, Progress, Report } from './orders.ts';

const BOTS = fileURLToPath(new URL('./bots.ts', import.meta.url));
const PROCESSES = 2;
const ANSWERS_TIMEOUT_MS = 60_000;

type Counts = Omit<Progress, 'kind'>;

export interface Fleet {
  /** How many bots are at their tables now. */
  counts(): Counts;
  order(order: Order): void;
  /** Resolves when a bot has sent what ends its match. */
  nextEnding(): Promise<void>;
  /** Every bot asks twice about all that it ever sent; then all that they know. */
  askAboutAll(): Promise<Account[]>;
  stop(): Promise<void>;
}

export interface FleetOptions {
  readonly url: string;
  /** At tables of rounds, all processes together. */
  readonly bots: number;
  readonly tables: readonly string[];
  readonly bettingMs: number;
  /** Each has three bots more. */
  readonly matchTables: readonly string[];
}

export function startFleet({ bots, matchTables, ...rest }: FleetOptions): Fleet {
  const progress = new Map<ChildProcess, Progress>();
  const answers: Account[][] = [];
  let ending = Promise.withResolvers<void>();
  const children = Array.from({ length: PROCESSES }, () =>
    fork(BOTS, { serialization: 'advanced' }),
  );
  children.forEach((child, at) => {
    child.on('message', (report: Report) => {
      switch (report.kind) {
        case 'progress':
          progress.set(child, report);
          break;
        case 'ending':
          ending.resolve();
          ending = Promise.withResolvers();
          break;
        case 'answers':
          answers.push([...report.bots]);
      }
    });
    child.send({
      kind: 'play',
      ...rest,
      bots: bots / PROCESSES,
      matchTables: matchTables.filter((_, index) => index % PROCESSES === at),
    } satisfies Order);
  });
  const order = (what: Order) => {
    for (const child of children) child.send(what);
  };
  const sum = (key: keyof Counts) =>
    [...progress.values()].reduce((total, each) => total + each[key], 0);
  return {
    counts: () => ({ joined: sum('joined'), caughtUp: sum('caughtUp') }),
    order,
    nextEnding: () => ending.promise,
    async askAboutAll() {
      order({ kind: 'ask about all' });
      await until(
        () => answers.length === PROCESSES,
        'the answers to all bots',
        ANSWERS_TIMEOUT_MS,
      );
      return answers.flat();
    },
    async stop() {
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const exited = once(child, 'exit');
          child.kill('SIGKILL');
          await exited;
        }),
      );
    },
  };
}
