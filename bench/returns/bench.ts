/**
 * `npm run bench -- returns`: what each type of bet returns in the long run (F5), exactly and in simulated rounds of the
 * real draws and rules. Games come from the registry; a new one is told of by its examples.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { RoundGame } from '../../src/games/contract.ts';
import { roundGames } from '../../src/games/registry.ts';
import type { Bench, Surroundings } from '../bench.ts';
import { tableOf, whole } from '../table.ts';
import { type Exact, exactOf } from './exact.ts';
import { toNumber } from './fraction.ts';
import { type Row, rowsOf } from './rows.ts';
import { added, meanOf, type Sums } from './simulate.ts';
import type { Part } from './worker.ts';

/** Of each game, each with a seed of its own. */
const PARTS = 4;
/** Bets of a pool are resolved against all others; so many times fewer of its rounds are simulated. */
const POOL_SHARE = 10;
/** In standard errors. A right return is further off once in two million rows. */
const MAX_OFF = 5;
/** Longer fractions are no easier to read than a decimal. */
const LONGEST_FRACTION = 1_000n;

interface Told {
  readonly row: Row;
  readonly exact: Exact | null;
  /** At the least stake, where its payouts are rounded the most; null for pools. */
  readonly least: Exact | null;
  readonly sums: Sums;
}

export const returns: Bench = async (surroundings) => {
  const { options } = surroundings;
  const wanted = ({ game, bet }: Row) => options.only?.test(`${game} ${bet}`) ?? true;
  const told: Told[] = [];
  const seeds: string[] = [];
  for (const game of roundGames) {
    const rows = rowsOf(game);
    if (!rows.some(wanted)) continue;
    const leastRows = game.stakeKey ? [] : rowsOf(game, true);
    const parts = partsOf(game, options);
    seeds.push(...parts.map(({ seed }) => seed));
    surroundings.log(`${game.name}: ${whole(sumOf(parts))} rounds ...`);
    const sums = await drawn(parts, surroundings);
    for (const [at, row] of rows.entries()) {
      if (!wanted(row)) continue;
      const leastRow = leastRows[at];
      told.push({
        row,
        exact: exactOf(game, row),
        least: leastRow ? exactOf(game, leastRow) : null,
        sums: added(sums.map((part) => part[at] as Sums)),
      });
    }
  }
  const wrong = told.filter((row) => Math.abs(offBy(row)) > MAX_OFF);
  return {
    ok: wrong.length === 0,
    text: textOf(told, wrong, options.seed),
    figures: { seed: options.seed, seeds, rows: told.map(figuresOf) },
  };
};

function partsOf(game: RoundGame, { draws, seed }: Surroundings['options']): Part[] {
  const rounds = Math.ceil(draws / PARTS / (game.stakeKey ? POOL_SHARE : 1));
  return Array.from({ length: PARTS }, (_, part) => ({
    game: game.name,
    seed: `${seed} ${game.name} ${part}`,
    rounds,
  }));
}

/** As many threads as there are cores, each with one part after the other. */
async function drawn(parts: readonly Part[], { signal }: Surroundings): Promise<Sums[][]> {
  const sums: Sums[][] = [];
  const left = [...parts.entries()];
  const work = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [at, part] = next;
      signal.throwIfAborted();
      sums[at] = await inThread(part, signal);
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARTS, availableParallelism()) }, work));
  return sums;
}

async function inThread(part: Part, signal: AbortSignal): Promise<Sums[]> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: part });
  const done = Promise.withResolvers<Sums[]>();
  const stop = () => void worker.terminate();
  signal.addEventListener('abort', stop);
  worker.once('message', done.resolve);
  worker.once('error', done.reject);
  worker.once('exit', () => done.reject(new Error('a thread ended without a result')));
  return done.promise.finally(() => signal.removeEventListener('abort', stop));
}

/** In standard errors of the exact distribution; without one, nothing can be off. */
function offBy({ exact, sums }: Told): number {
  if (!exact) return 0;
  const off = meanOf(sums).mean - toNumber(exact.return);
  const error = exact.deviation / Math.sqrt(sums.rounds);
  // Where every round returns the same, what is left is how numbers are added.
  return Math.abs(off) < 1e-9 ? 0 : off / error;
}

const HEAD = [
  'game',
  'bet',
  'bets',
  'how',
  'exact',
  'per cent',
  'least stake',
  'simulated',
  'error',
  'off',
  'rounds',
];

function textOf(told: readonly Told[], wrong: readonly Told[], seed: number): string {
  const lines = told.map((one) => {
    const { row, exact, least, sums } = one;
    const { mean, standardError } = meanOf(sums);
    return [
      row.game,
      row.bet,
      whole(row.wagers.reduce((count, { bets }) => count + bets.length, 0)),
      exact?.how ?? '-',
      exact ? fractionOf(exact) : '-',
      exact ? percent(toNumber(exact.return)) : '-',
      least ? percent(toNumber(least.return)) : '-',
      percent(mean),
      percent(standardError),
      exact ? offBy(one).toFixed(2) : '-',
      whole(sums.rounds),
    ];
  });
  const verdict =
    wrong.length === 0
      ? `No simulated return is more than ${MAX_OFF} standard errors from the exact one.`
      : `NOT WHAT IT SHOULD BE: ${wrong.map(({ row }) => `${row.game} ${row.bet}`).join('; ')}`;
  return `Per cent of what is staked that comes back, in the long run.
${tableOf(HEAD, lines, 4)}

"how": each draw of the round called once; or the numbers of 52 bits at which the return steps; or a formula: 0.99/x on
the grid of hundredths for crash (F4), the odds of each first place and of each set of placed runners for the derby (F8),
times what the rules pay then. "exact" is the mean over the row's bets; ~ says that they differ. "least stake" is the same with payouts rounded down as
they are for the smallest bet. "error" is the standard error of the simulated return, "off" how many standard errors lie
between both. Of a pool: what its bets get back of all that is staked in it; where nobody has won it, everything.
Seed ${seed}: part p of a game's ${PARTS} draws from SHA-256("${seed} <game> <p>"); --seed ${seed} draws the same.
${verdict}`;
}

function fractionOf({ return: { numerator, denominator }, same }: Exact): string {
  if (denominator > LONGEST_FRACTION) return same ? '' : '~';
  return `${same ? '' : '~'}${numerator}/${denominator}`;
}

function percent(value: number): string {
  return `${(value * 100).toFixed(4)}`;
}

function figuresOf(told: Told) {
  const { row, exact, least, sums } = told;
  const fractionText = exact && `${exact.return.numerator}/${exact.return.denominator}`;
  return {
    name: `${row.game} ${row.bet}`,
    game: row.game,
    bet: row.bet,
    how: exact?.how ?? null,
    exact: exact && toNumber(exact.return),
    exactFraction: fractionText,
    sameForAll: exact?.same ?? null,
    exactAtLeastStake: least && toNumber(least.return),
    simulated: meanOf(sums).mean,
    standardError: meanOf(sums).standardError,
    offByErrors: exact && offBy(told),
    rounds: sums.rounds,
  };
}

function sumOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { rounds }) => sum + rounds, 0);
}
