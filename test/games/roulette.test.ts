import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Draw } from '../../src/fairness/draw.ts';
import { isRefusal } from '../../src/games/contract.ts';
import { BETS, type BetType, POCKETS } from '../../src/games/roulette/layout.ts';
import { type RouletteSelection, roulette } from '../../src/games/roulette.ts';

const pockets = Array.from({ length: POCKETS }, (_, number) => number);
const every = Object.entries(BETS).flatMap(([type, bets]) =>
  bets.map((numbers) => ({ type: type as BetType, numbers })),
);

function selected(selection: unknown): RouletteSelection {
  const parsed = roulette.parseSelection({ selection });
  assert.ok(!isRefusal(parsed), JSON.stringify(parsed));
  return parsed;
}

function refused(input: Record<string, unknown>): string {
  const parsed = roulette.parseSelection(input);
  assert.ok(isRefusal(parsed), JSON.stringify(parsed));
  return parsed.refused;
}

/** What the bets of a type pay beyond the stake, by the rules of every house with a single zero. */
const PAYS: Record<BetType, [count: number, toOne: number]> = {
  straight: [37, 35],
  split: [60, 17],
  street: [12, 11],
  trio: [2, 11],
  corner: [22, 8],
  firstFour: [1, 8],
  sixLine: [11, 5],
  column: [3, 2],
  dozen: [3, 2],
  red: [1, 1],
  black: [1, 1],
  odd: [1, 1],
  even: [1, 1],
  low: [1, 1],
  high: [1, 1],
};

describe('games/roulette', () => {
  it('[F7] every bet of the table, and no other, pays as the house rules say', () => {
    for (const [type, [count, toOne]] of Object.entries(PAYS) as [BetType, [number, number]][]) {
      assert.equal(BETS[type].length, count, type);
      for (const numbers of BETS[type]) {
        assert.equal(new Set(numbers).size, numbers.length);
        const bet = { amount: 7, selection: selected({ type, numbers }) };
        for (const number of pockets) {
          const { status, multiplier, payout } = roulette.resolve(bet, { number });
          const wins = numbers.includes(number);
          assert.equal(status, wins ? 'won' : 'lost');
          assert.equal(payout, wins ? 7 * (toOne + 1) : 0);
          assert.equal(multiplier, wins ? 100 * (toOne + 1) : 0);
        }
      }
    }
  });

  it('[F7] every bet returns exactly 36/37, whatever its stake: enumerated over the wheel', () => {
    for (const { type, numbers } of every) {
      for (const amount of [1, 10, 999_999]) {
        const bet = { amount, selection: selected({ type, numbers }) };
        const returned = pockets.reduce(
          (sum, number) => sum + roulette.resolve(bet, { number }).payout,
          0,
        );
        assert.equal(returned, 36 * amount, `${type} ${numbers}`);
      }
    }
  });

  it('[F7] splits, streets and corners touch on the table', () => {
    const at = (number: number) => [Math.floor((number - 1) / 3), (number - 1) % 3] as const;
    for (const [a, b] of BETS.split as [number, number][]) {
      if (a === 0) continue;
      const [rowA, columnA] = at(a);
      const [rowB, columnB] = at(b);
      assert.equal(Math.abs(rowA - rowB) + Math.abs(columnA - columnB), 1, `${a}-${b}`);
    }
    for (const corner of BETS.corner) {
      const places = corner.map(at);
      assert.equal(new Set(places.map(([row]) => row)).size, 2, `${corner}`);
      assert.equal(new Set(places.map(([, column]) => column)).size, 2, `${corner}`);
    }
    assert.deepEqual(BETS.sixLine[0], [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(BETS.sixLine.at(-1), [31, 32, 33, 34, 35, 36]);
  });

  it('[F7] the outside bets divide 1 to 36 among them, and the zero is in none', () => {
    const groups: BetType[][] = [
      ['red', 'black'],
      ['odd', 'even'],
      ['low', 'high'],
      ['column'],
      ['dozen'],
    ];
    for (const types of groups) {
      const all = types.flatMap((type) => BETS[type].flat()).sort((a, b) => a - b);
      assert.deepEqual(all, pockets.slice(1), types.join());
    }
  });

  it('a column or a dozen is named by its place or by all of its numbers, and a type that is one bet by itself', () => {
    const outcome = { number: 14 };
    const won = (selection: unknown) =>
      roulette.resolve({ amount: 1, selection: selected(selection) }, outcome).status;
    assert.equal(won({ type: 'dozen', numbers: [2] }), 'won');
    assert.equal(won({ type: 'dozen', numbers: BETS.dozen[1] }), 'won');
    assert.equal(won({ type: 'column', numbers: [2] }), 'won');
    assert.equal(won({ type: 'column', numbers: [1] }), 'lost');
    assert.equal(won({ type: 'red' }), 'won');
    assert.equal(won({ type: 'red', numbers: [] }), 'won');
    assert.equal(won({ type: 'red', numbers: BETS.red[0] }), 'won');
    assert.equal(won({ type: 'firstFour' }), 'lost');
  });

  it('the order in which numbers are named changes nothing', () => {
    assert.deepEqual(selected({ type: 'corner', numbers: [5, 2, 1, 4] }), {
      type: 'corner',
      numbers: [1, 2, 4, 5],
    });
  });

  it('what is no bet of the table is refused, with the reason', () => {
    const wrong: unknown[] = [
      { type: 'split', numbers: [3, 4] },
      { type: 'split', numbers: [1, 1] },
      { type: 'split', numbers: [1] },
      { type: 'street', numbers: [2, 3, 4] },
      { type: 'corner', numbers: [3, 4, 6, 7] },
      { type: 'straight', numbers: [37] },
      { type: 'straight', numbers: [-1] },
      { type: 'straight', numbers: ['1'] },
      { type: 'straight', numbers: [1.5] },
      { type: 'straight', numbers: Array(100).fill(1) },
      { type: 'straight' },
      { type: 'dozen' },
      { type: 'dozen', numbers: [0] },
      { type: 'red', numbers: [1] },
      { type: 'toString' },
      { type: 'red', colour: 'red' },
      [],
      'red',
      null,
      undefined,
    ];
    for (const selection of wrong) assert.ok(refused({ selection }).length > 10);
    assert.match(refused({ selection: { type: 'red' }, autoCashout: 200 }), /autoCashout/);
  });

  it('[F3] every pocket is drawn from the whole wheel', () => {
    const asked: number[] = [];
    const draw = {
      integer(n: number) {
        asked.push(n);
        return n - 1;
      },
    } as unknown as Draw;
    assert.deepEqual(roulette.draw(draw), { number: 36 });
    assert.deepEqual(asked, [37]);
  });

  it('[H1] what it says of each end before the draw is what the end pays', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...every),
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.constantFrom(...pockets),
        (named, amount, number) => {
          const bet = { amount, selection: selected(named) };
          assert.equal(roulette.returnAt(bet, number), roulette.resolve(bet, { number }).payout);
        },
      ),
    );
  });
});
