/** The options of the command line, checked, and the text of --help. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { TableName } from '../src/protocol.ts';

export type CashOut = 'auto' | 'manual' | 'mixed';

export interface Options {
  readonly bots: number;
  readonly seconds: number;
  /** The server to play against; undefined: one of our own. */
  readonly url: string | undefined;
  readonly game: string;
  readonly table: string | undefined;
  readonly betsPerRound: number;
  readonly stake: number;
  readonly cashOut: CashOut;
  readonly spreadMs: number;
  readonly workers: number;
  /** Joins per second, all workers together. */
  readonly ramp: number;
  readonly auditHere: boolean;
  readonly json: string | undefined;
}

/** An option that cannot be used. The message names it. */
export class OptionError extends Error {}

const DEFAULT_RAMP = 100;
/** What a server lets one address do: 3,000 new guests in ten minutes, and 3,000 seats in ten seconds. */
const MAX_BOTS = 3_000;
const MAX_RAMP = 300;
const MAX_SECONDS = 7_200;
const MAX_BETS_PER_ROUND = 10;
const MAX_STAKE = 1_000_000;
const MAX_SPREAD_MS = 60_000;
const MAX_WORKERS = 64;
/** How many bots one thread plays before its own delays show in the figures. */
const BOTS_PER_WORKER = 1_000;

export const HELP = `Headless bots that play over real SDK connections, and an audit at the end.

  npm run loadtest -- [options]

  --game NAME          what they play: any game that the server has (crash); of a game of matches, in threes: two play
                       again and again, the third bets on who wins; town: each in a town of its own
  --bots N             players, each a new guest with a connection of its own (200, at most ${MAX_BOTS})
  --seconds N          how long they play, from the first betting phase after all have joined (30)
  --bets-per-round N   bets of each bot in each round, or of who watches in each match (1)
  --stake N            of a bet and of a seat, in minor units (1); a bot without money is replaced by a new guest
  --cashout KIND       auto, manual, or mixed: every other bot (mixed)
  --spread MS          a bot bets at a random time within the first MS of the betting phase (4000; 0: all at once); in a
                       town it waits at most so long from an answer to its next command
  --table NAME         the table they join (the default one); of matches, how the names of their tables begin
  --ramp N             joins per second at most (${DEFAULT_RAMP}, up to ${MAX_RAMP}: what a server takes from one address)
  --workers N          threads that play the bots (one for each ${BOTS_PER_WORKER}, but one core stays for the server)
  --url URL            play against this server; its figures come from its /metrics (METRICS_TOKEN is sent if set).
                       Without it a server is started for the run, with an embedded PostgreSQL in a temporary
                       folder, or on DATABASE_URL where that is set
  --audit-here         with --url: audit the database that DATABASE_URL names
  --json FILE          write the figures there, too
  --help               print this

Exit code 1: a bet, a seat, a move or a command was never answered, an acknowledged bet or seat is missing from the
books or stands there otherwise than was told, a save, wallet or inventory is not as it was told last, the audit failed,
or nobody could join. 2: the options cannot be used.`;

/** Undefined when help was asked for. @throws OptionError */
export function readOptions(argv: readonly string[]): Options | undefined {
  const { values } = parsed(argv);
  if (values.help) return undefined;
  const bots = integer('bots', values.bots, 200, 1, MAX_BOTS);
  const enough = Math.ceil(bots / BOTS_PER_WORKER);
  const workers = Math.max(1, Math.min(enough, availableParallelism() - 1));
  if (values['audit-here'] && values.url === undefined) {
    throw new OptionError('--audit-here goes with --url; a server of our own is always audited.');
  }
  if (values['audit-here'] && !process.env.DATABASE_URL) {
    throw new OptionError('--audit-here needs DATABASE_URL.');
  }
  return {
    bots,
    seconds: integer('seconds', values.seconds, 30, 1, MAX_SECONDS),
    url: values.url === undefined ? undefined : server(values.url),
    game: values.game ?? 'crash',
    table: values.table === undefined ? undefined : table(values.table),
    betsPerRound: integer('bets-per-round', values['bets-per-round'], 1, 1, MAX_BETS_PER_ROUND),
    stake: integer('stake', values.stake, 1, 1, MAX_STAKE),
    cashOut: cashOut(values.cashout ?? 'mixed'),
    spreadMs: integer('spread', values.spread, 4_000, 0, MAX_SPREAD_MS),
    workers: integer('workers', values.workers, workers, 1, MAX_WORKERS),
    ramp: integer('ramp', values.ramp, DEFAULT_RAMP, 1, MAX_RAMP),
    auditHere: values['audit-here'] ?? false,
    json: values.json,
  };
}

function parsed(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: {
        game: text,
        bots: text,
        seconds: text,
        url: text,
        table: text,
        'bets-per-round': text,
        stake: text,
        cashout: text,
        spread: text,
        workers: text,
        ramp: text,
        'audit-here': flag,
        json: text,
        help: flag,
      },
    });
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
}

function integer(
  name: string,
  given: string | undefined,
  preset: number,
  min: number,
  max: number,
): number {
  if (given === undefined) return preset;
  const value = Number(given);
  if (/^\d+$/.test(given) && value >= min && value <= max) return value;
  throw new OptionError(`--${name}: a whole number from ${min} to ${max}, not "${given}".`);
}

function server(given: string): string {
  const protocol = URL.canParse(given) ? new URL(given).protocol : '';
  if (protocol === 'http:' || protocol === 'https:') return given.replace(/\/$/, '');
  throw new OptionError(`--url: an http: or https: address, not "${given}".`);
}

function table(given: string): string {
  if (TableName.safeParse(given).success) return given;
  throw new OptionError(`--table: 1 to 32 of a-z, 0-9 and -, not "${given}".`);
}

function cashOut(given: string): CashOut {
  if (given === 'auto' || given === 'manual' || given === 'mixed') return given;
  throw new OptionError(`--cashout: auto, manual or mixed, not "${given}".`);
}
