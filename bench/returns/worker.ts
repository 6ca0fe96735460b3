/** A thread that draws one part of a game's rounds. */
import { parentPort, workerData } from 'node:worker_threads';
import { roundByName } from '../../src/games/registry.ts';
import { rowsOf } from './rows.ts';
import { simulate } from './simulate.ts';

export interface Part {
  readonly game: string;
  /** What its rounds are drawn from. */
  readonly seed: string;
  readonly rounds: number;
}

const { game: name, seed, rounds } = workerData as Part;
const game = roundByName(name);
parentPort?.postMessage(simulate(game, rowsOf(game), seed, rounds));
