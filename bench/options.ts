/** The options of the command line, checked, and the text of --help. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export interface Options {
  readonly benches: readonly string[];
  /** Short windows and fewer variants: whether it works, not how fast it is. */
  readonly quick: boolean;
  /** Length of one window. */
  readonly seconds: number;
  /** How many windows each figure is the median of. */
  readonly repeats: number;
  /** Bets in the books that are not empty. */
  readonly stored: number;
  /** Rounds of each game whose returns are simulated. */
  readonly draws: number;
  /** What those rounds are drawn from. */
  readonly seed: number;
  /** Who watches a room. */
  readonly clients: number;
  /** Measures only the rows whose name this matches. */
  readonly only: RegExp | undefined;
  readonly json: string | undefined;
}

/** An option that cannot be used. The message names it. */
export class OptionError extends Error {}

const FULL = { seconds: 2, repeats: 5, stored: 5_000_000, draws: 2_000_000, clients: 200 };
const QUICK = { seconds: 0.1, repeats: 1, stored: 4_000, draws: 20_000, clients: 10 };
const MAX_SECONDS = 600;
const MAX_REPEATS = 1_000;
const MAX_STORED = 100_000_000;
const MAX_DRAWS = 1_000_000_000;
const SEEDS = 2 ** 32;
const MAX_CLIENTS = 1_000;

export function help(benches: readonly string[]): string {
  return `Figures, side by side, as a table and as JSON. Benches: ${benches.join(', ')}; without a name all are run.

  npm run bench -- [bench ...] [options]

  --seconds N      ledger, worlds: length of one window (${FULL.seconds})
  --repeats N      windows of each figure, interleaved; the figure is their median (${FULL.repeats})
  --stored N       ledger, audit: bets in the books that are not empty (${FULL.stored})
  --draws N        returns: simulated rounds of each game, a tenth of it where bets are divided among each other
                   (${FULL.draws})
  --seed N         returns: what those rounds are drawn from (random, and printed)
  --clients N      rooms: connections that watch each room (${FULL.clients})
  --only PATTERN   measure only the rows whose name this regular expression matches, without regard to case; a
                   name is as in "open loop, 3,000 a second, ours, 0 stored", or in "roulette straight"
  --quick          short windows and fewer variants: shows that it works, not how fast it is
  --json FILE      write the figures there, too
  --help           print this

The database is an embedded PostgreSQL in a temporary folder, or the one that DATABASE_URL names, where schemas of
the run are made and dropped; returns needs none. Takes about three quarters of an hour without options; the machine
should have nothing else to do. Exit code 1: the books were not sound at the end, a return was not what it should be,
a room cost too much, or towns were slow to open or took too much memory. 2: the options or the database cannot be used.`;
}

/** Undefined when help was asked for. @throws OptionError */
export function readOptions(
  argv: readonly string[],
  known: readonly string[],
): Options | undefined {
  const { values, positionals } = parsed(argv);
  if (values.help) return undefined;
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new OptionError(`There is no bench "${unknown}"; there is: ${known.join(', ')}.`);
  }
  const preset = values.quick ? QUICK : FULL;
  return {
    benches: positionals.length > 0 ? positionals : known,
    quick: values.quick ?? false,
    seconds: number('seconds', values.seconds ?? preset.seconds, 0.05, MAX_SECONDS),
    repeats: whole('repeats', values.repeats ?? preset.repeats, 1, MAX_REPEATS),
    stored: whole('stored', values.stored ?? preset.stored, 0, MAX_STORED),
    draws: whole('draws', values.draws ?? preset.draws, 1_000, MAX_DRAWS),
    seed: whole('seed', values.seed ?? randomInt(SEEDS), 0, SEEDS - 1),
    clients: whole('clients', values.clients ?? preset.clients, 1, MAX_CLIENTS),
    only: pattern(values.only),
    json: values.json,
  };
}

function parsed(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        seconds: text,
        repeats: text,
        stored: text,
        draws: text,
        seed: text,
        clients: text,
        only: text,
        quick: flag,
        json: text,
        help: flag,
      },
    });
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
}

function number(name: string, given: string | number, min: number, max: number): number {
  const value = Number(given);
  if (given !== '' && value >= min && value <= max) return value;
  throw new OptionError(`--${name}: a number from ${min} to ${max}, not "${given}".`);
}

function whole(name: string, given: string | number, min: number, max: number): number {
  const value = number(name, given, min, max);
  if (Number.isInteger(value)) return value;
  throw new OptionError(`--${name}: a whole number, not "${given}".`);
}

function pattern(given: string | undefined): RegExp | undefined {
  if (given === undefined) return undefined;
  try {
    return new RegExp(given, 'i');
  } catch (error) {
    throw new OptionError(`--only: ${(error as Error).message}`);
  }
}
