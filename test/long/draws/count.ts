/** Counts what a stream of rounds draws, on a thread for each core. */
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { roundsOf } from '../../../bench/returns/rounds.ts';
import { distributionOf } from './distributions.ts';

export interface Stream {
  readonly distribution: string;
  /** What its rounds are drawn from. */
  readonly seed: string;
  readonly draws: number;
}

export function countOf({ distribution, seed, draws }: Stream): number[] {
  const { probabilities, drawsPerRound, round } = distributionOf(distribution);
  const counts = Array<number>(probabilities.length).fill(0);
  const next = roundsOf(seed);
  const hit = (bin: number) => {
    counts[bin] = (counts[bin] as number) + 1;
  };
  for (let drawn = 0; drawn < draws; drawn += drawsPerRound) round(next(), hit);
  return counts;
}

/** In the order of the streams. */
export async function countAll(streams: readonly Stream[]): Promise<number[][]> {
  const counts: number[][] = [];
  const threads = Math.min(availableParallelism(), streams.length);
  const shares = Array.from({ length: threads }, (_, thread) =>
    [...streams.keys()].filter((at) => at % threads === thread),
  );
  await Promise.all(
    shares.map(async (share) => {
      const counted = await inThread(share.map((at) => streams[at] as Stream));
      for (const [n, at] of share.entries()) counts[at] = counted[n] as number[];
    }),
  );
  return counts;
}

async function inThread(streams: readonly Stream[]): Promise<number[][]> {
  const worker = new Worker(new URL(import.meta.url), { workerData: streams });
  const done = Promise.withResolvers<number[][]>();
  worker.once('message', done.resolve);
  worker.once('error', done.reject);
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  return done.promise.finally(() => ended);
}

if (!isMainThread && workerData) {
  parentPort?.postMessage((workerData as readonly Stream[]).map(countOf));
}
