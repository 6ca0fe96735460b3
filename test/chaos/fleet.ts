/** Bots in processes of their own, so that they do not starve the test, nor it them. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '../support/server.ts';
import type { Account, Order, Progress, Report } from './orders.ts';

const BOTS = fileURLToPath(new URL('./bots.ts', import.meta.url));
const ANSWERS_TIMEOUT_MS = 60_000;

type Counts = Omit<Progress, 'kind'>;

export interface Fleet {
  /** What all bots have done so far. */
  counts(): Counts;
  order(order: Order): void;
  /** Every bot asks twice about every bet it ever sent; then all that they know. */
  askAboutAll(): Promise<Account[]>;
  stop(): Promise<void>;
}

export function startFleet(
  url: string,
  bots: number,
  tables: readonly string[],
  bettingMs: number,
  processes = 2,
): Fleet {
  const progress = new Map<ChildProcess, Progress>();
  const answers: Account[][] = [];
  const children = Array.from({ length: processes }, () =>
    fork(BOTS, { serialization: 'advanced' }),
  );
  for (const child of children) {
    child.on('message', (report: Report) => {
      if (report.kind === 'progress') progress.set(child, report);
      else answers.push([...report.bots]);
    });
    child.send({ kind: 'play', url, bots: bots / processes, tables, bettingMs } satisfies Order);
  }
  const order = (what: Order) => {
    for (const child of children) child.send(what);
  };
  const sum = (key: keyof Counts) =>
    [...progress.values()].reduce((total, each) => total + each[key], 0);
  return {
    counts: () => ({
      joined: sum('joined'),
      caughtUp: sum('caughtUp'),
      sent: sum('sent'),
      accepted: sum('accepted'),
      askedToCash: sum('askedToCash'),
    }),
    order,
    async askAboutAll() {
      order({ kind: 'ask about all' });
      await until(
        () => answers.length === processes,
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
