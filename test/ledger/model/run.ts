/** Runs of both models, sequences and histories, with a seed, for so many runs or so long. */
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import type { Books } from '../fixture.ts';
import { Play, type Step, steps } from './play.ts';
import { type Group, PLAYERS, START, scripts } from './scripts.ts';
import { Stage } from './stage.ts';

export interface Extent {
  readonly seed: number;
  readonly runs: number;
  readonly seconds?: number;
  /** false: the first failure is enough. */
  readonly shrink?: boolean;
}

export interface Figures {
  runs: number;
  /** Steps of a sequence, calls of a history. */
  commands: number;
  /** States that were looked at to explain histories. */
  states: number;
}

/** SEED repeats a run. */
export function chosenSeed(): number {
  return Number(process.env.SEED ?? randomInt(2 ** 31));
}

/** @throws with the seed, the path and the shortest failing sequence */
export async function playSequences(books: Books, extent: Extent): Promise<Figures> {
  const figures = { runs: 0, commands: 0, states: 0 };
  await check(books, extent, steps, (given, dbs) => playSequence(books, dbs, given, figures));
  return figures;
}

/** The same for commands that are issued at once. */
export async function playHistories(books: Books, extent: Extent): Promise<Figures> {
  const figures = { runs: 0, commands: 0, states: 0 };
  await check(books, extent, scripts, (given, dbs) => playHistory(books, dbs, given, figures));
  return figures;
}

export async function playSequence(
  books: Books,
  dbs: Books['db'][],
  given: readonly Step[],
  figures?: Figures,
): Promise<void> {
  const play = new Play(books, dbs, await books.players(PLAYERS, START));
  await play.openTables();
  for (const step of given) {
    await play.step(step);
    await play.compare();
  }
  await play.end();
  await play.compare();
  if (!figures) return;
  figures.runs += 1;
  figures.commands += given.length;
}

export async function playHistory(
  books: Books,
  dbs: Books['db'][],
  given: readonly Group[],
  figures?: Figures,
): Promise<void> {
  const stage = new Stage(books, dbs, await books.players(PLAYERS, START));
  await stage.open();
  for (const group of given) await stage.play(group);
  await stage.close();
  if (!figures) return;
  figures.runs += 1;
  figures.commands += stage.calls;
  figures.states += stage.states;
}

async function check<T>(
  books: Books,
  { seed, runs, seconds, shrink = true }: Extent,
  arbitrary: fc.Arbitrary<T>,
  play: (given: T, dbs: Books['db'][]) => Promise<void>,
): Promise<void> {
  const dbs = [books.db, (await books.another()).db];
  const limit = seconds === undefined ? {} : { interruptAfterTimeLimit: seconds * 1_000 };
  try {
    const property = fc.asyncProperty(arbitrary, (given) => play(given, dbs));
    await fc.assert(property, { seed, numRuns: runs, endOnFailure: !shrink, ...limit });
  } finally {
    await books.closeOthers();
  }
}
