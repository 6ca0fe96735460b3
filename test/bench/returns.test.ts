import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exactOf } from '../../bench/returns/exact.ts';
import { equal, fraction, toNumber } from '../../bench/returns/fraction.ts';
import { type Row, rowsOf } from '../../bench/returns/rows.ts';
import { meanOf, simulate } from '../../bench/returns/simulate.ts';
import type { Draw } from '../../src/fairness/draw.ts';
import type { RoundGame } from '../../src/games/contract.ts';
import { crash } from '../../src/games/crash.ts';
import { derby } from '../../src/games/derby.ts';
import { roundGames } from '../../src/games/registry.ts';
import { BETS } from '../../src/games/roulette/layout.ts';
import { roulette } from '../../src/games/roulette.ts';

const MAIN = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
const ROUNDS = 3_000;
const SEED = '1';

const asGame = (game: unknown) => game as RoundGame;

describe('npm run bench -- returns', () => {
  it('[F5] prints a table and writes JSON, and the same seed draws the same', function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    try {
      const run = (file: string, ...more: string[]) => {
        const path = join(folder, file);
        const args = [
          'returns',
          '--quick',
          '--draws',
          '1000',
          '--seed',
          SEED,
          '--json',
          path,
          ...more,
        ];
        const { status, stdout } = spawnSync(process.execPath, [MAIN, ...args], {
          encoding: 'utf8',
        });
        assert.equal(status, 0, stdout);
        assert.match(stdout, new RegExp(`--seed ${SEED} draws the same`));
        const { returns } = JSON.parse(readFileSync(path, 'utf8')) as {
          returns: { rows: { game: string; simulated: number; rounds: number }[] };
        };
        return { stdout, rows: returns.rows };
      };
      const { stdout, rows } = run('one.json');
      assert.match(stdout, /roulette +straight +37 +all 37 draws +36\/37 +97\.2973/);
      assert.deepEqual(
        [...new Set(rows.map(({ game }) => game))],
        roundGames.map(({ name }) => name),
      );
      assert.ok(rows.every(({ rounds }) => rounds >= 100));
      assert.deepEqual(
        run('two.json', '--only', 'crash').rows,
        rows.filter(({ game }) => game === 'crash'),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('[F5] [F7] every bet of roulette returns exactly 36/37, at every stake', () => {
    for (const least of [false, true]) {
      const rows = rowsOf(asGame(roulette), least);
      assert.deepEqual(
        rows.map(({ bet }) => bet),
        Object.keys(BETS),
      );
      for (const row of rows) {
        const exact = exactOf(asGame(roulette), row);
        assert.ok(exact?.same, row.bet);
        assert.ok(equal(exact.return, fraction(36, 37)), row.bet);
      }
    }
  });

  it('[F4] [F5] crash returns 0.99 at every cash-out, and less where a small payout is rounded down', () => {
    for (const row of rowsOf(asGame(crash))) {
      const exact = exactOf(asGame(crash), row);
      assert.ok(Math.abs(toNumber(exact?.return ?? fraction(0, 1)) - 0.99) < 1e-9, row.bet);
      // Found among the numbers that the game draws, and equal to the formula.
      assert.match(exact?.how ?? '', /steps.*formula/);
    }
    const least = rowsOf(asGame(crash), true);
    const at151 = exactOf(asGame(crash), least.find(({ bet }) => bet.endsWith('151')) as Row);
    assert.equal(toNumber(at151?.return ?? fraction(0, 1)).toFixed(9), (0.99 / 1.51).toFixed(9));
  });

  it('[F8] [P1] a pool of the derby returns 95% of what is staked, less what rounding leaves', () => {
    const rows = rowsOf(asGame(derby));
    const of = (bet: string) =>
      toNumber(exactOf(asGame(derby), rows.find((row) => row.bet === bet) as Row)?.return as never);
    assert.equal(of('win, pool, even').toFixed(6), '0.950000');
    const place = of('place, pool, even');
    assert.ok(place > 0.945 && place <= 0.95, `${place}`);
    // Where most runners have no backers, some pools are given back.
    assert.ok(of('win, pool, three backed') > 0.95);
  });

  it('[F5] every row of every game has a simulated return that agrees with the exact one', function () {
    this.timeout(60_000);
    for (const game of roundGames) {
      const rows = rowsOf(game);
      assert.ok(rows.length > 0, game.name);
      const sums = simulate(game, rows, SEED, game.stakeKey ? ROUNDS / 10 : ROUNDS);
      for (const [at, row] of rows.entries()) {
        const exact = exactOf(game, row);
        const { mean } = meanOf(sums[at] as (typeof sums)[number]);
        if (!exact) continue;
        const error = exact.deviation / Math.sqrt(sums[at]?.rounds ?? 0);
        const off = Math.abs(mean - toNumber(exact.return));
        assert.ok(off < 1e-9 || off < 5 * error, `${game.name} ${row.bet}: ${off / error}`);
      }
    }
  });

  it('[F5] a game of its own appears by its examples, with every way its draw can fall', () => {
    const exact = exactOf(dice, rowsOf(dice)[0] as Row);
    assert.deepEqual(exact?.return, fraction(5 * 2, 36));
    assert.equal(exact?.how, 'all 36 draws');
    const [sums] = simulate(dice, rowsOf(dice), SEED, ROUNDS);
    assert.ok(Math.abs(meanOf(sums as never).mean - 5 / 18) < 0.1);
  });

  it('[F5] a formula that the draws do not keep is an error, not a figure', () => {
    const generous = {
      ...crash,
      draw: (source: Draw) => ({ crashPoint: crash.draw(source).crashPoint + 1 }),
    };
    assert.throws(() => exactOf(asGame(generous), rowsOf(asGame(generous))[0] as Row), /formula/);
  });
});

/** Two dice; a bet on the sum of eight pays twice its stake. */
const dice = asGame({
  ...roulette,
  name: 'dice',
  examples: [{}],
  parseSelection: () => ({}),
  draw: (source: Draw) => ({ sum: 2 + source.integer(6) + source.integer(6) }),
  resolve: ({ amount }: { amount: number }, { sum }: { sum: number }) =>
    sum === 8
      ? { status: 'won', multiplier: 200, payout: 2 * amount }
      : { status: 'lost', multiplier: 0, payout: 0 },
});
