import assert from 'node:assert/strict';
import { isRefusal } from '../../src/games/contract.ts';
import { BETS } from '../../src/games/roulette/layout.ts';
import { roulette } from '../../src/games/roulette.ts';
import { nextSpot, turned } from '../../web/src/games/roulette/reach.ts';
import {
  colourOf,
  HEIGHT,
  paysOf,
  SPOTS,
  type Spot,
  spotOf,
  WIDTH,
} from '../../web/src/games/roulette/spots.ts';

const spot = (type: string, numbers: number[] = []) => spotOf({ type, numbers }) as Spot;
const sizeOf = ({ size }: Spot) => size ?? { width: 0, height: 0 };

describe('web/games/roulette: the table', () => {
  it('[F7] has a spot for every bet of the rules, each once, and no other', () => {
    const all = Object.entries(BETS).flatMap(([type, bets]) =>
      bets.map((numbers) => `${type} ${numbers.join(' ')}`),
    );
    const here = SPOTS.map(({ type, covers }) => `${type} ${covers.join(' ')}`);
    assert.deepEqual(here.toSorted(), all.toSorted());
    assert.equal(new Set(SPOTS.map(({ id }) => id)).size, SPOTS.length);
  });

  it('[F7] the rules accept the selection of every spot, pay what it says, for the numbers it shows', () => {
    for (const { selection, covers, name, ...rest } of SPOTS) {
      const parsed = roulette.parseSelection({ selection });
      assert.ok(!isRefusal(parsed), `${name}: ${JSON.stringify(parsed)}`);
      const bet = { amount: 100, selection: parsed };
      for (let number = 0; number < 37; number += 1) {
        const { payout } = roulette.resolve(bet, { number });
        const pays = 100 * (1 + paysOf({ selection, covers, name, ...rest }));
        assert.equal(payout, covers.includes(number) ? pays : 0, `${name} at ${number}`);
      }
    }
  });

  it('a bet is found again on its spot, however it names its numbers', () => {
    for (const { id, type, selection, covers } of SPOTS) {
      assert.equal(spotOf(selection)?.id, id);
      assert.equal(spotOf({ type, numbers: covers })?.id, id);
    }
    assert.equal(spotOf({ type: 'split', numbers: [1, 3] }), undefined);
    assert.equal(spotOf({}), undefined);
  });

  it('names are told apart, and red is as on every wheel', () => {
    assert.equal(new Set(SPOTS.map(({ name }) => name)).size, SPOTS.length);
    const reds = Array.from({ length: 37 }, (_, n) => n).filter((n) => colourOf(n) === 'red');
    assert.deepEqual(reds, BETS.red[0]);
  });

  it('cells tile the table without overlap', () => {
    const cells = SPOTS.filter(({ line }) => line === null);
    const area = cells.reduce((sum, cell) => sum + sizeOf(cell).width * sizeOf(cell).height, 0);
    // Two corners below the zero and the columns are bare.
    assert.equal(area, WIDTH * HEIGHT - 4);
    for (const a of cells) {
      for (const b of cells) {
        const apart =
          Math.abs(a.x - b.x) >= (sizeOf(a).width + sizeOf(b).width) / 2 ||
          Math.abs(a.y - b.y) >= (sizeOf(a).height + sizeOf(b).height) / 2;
        assert.ok(a === b || apart, `${a.name} and ${b.name}`);
      }
    }
  });

  it('a spot on a line touches exactly the numbers that it covers', () => {
    const cells = SPOTS.filter(({ type }) => type === 'straight');
    const touching = ({ x, y }: Spot) =>
      cells
        .filter((cell) => Math.abs(cell.x - x) * 2 <= sizeOf(cell).width)
        .filter((cell) => Math.abs(cell.y - y) * 2 <= sizeOf(cell).height)
        .flatMap(({ covers }) => covers)
        .toSorted((a, b) => a - b);
    for (const type of ['split', 'corner', 'trio']) {
      for (const on of SPOTS.filter((other) => other.type === type)) {
        assert.deepEqual(touching(on), on.covers, on.name);
      }
    }
  });

  it('arrow keys go to the neighbour, reach every spot, and stay at the edge', () => {
    assert.equal(nextSpot(spot('straight', [17]), 'right').name, 'Split 17, 20');
    assert.equal(nextSpot(spot('split', [17, 20]), 'right').name, '20');
    assert.equal(nextSpot(spot('straight', [17]), 'up').name, 'Split 17, 18');
    assert.equal(nextSpot(spot('street', [16, 17, 18]), 'down').type, 'dozen');
    assert.equal(nextSpot(spot('straight', [0]), 'left').name, '0');
    const reached = new Set([SPOTS[0] as Spot]);
    for (const from of reached) {
      for (const way of ['left', 'right', 'up', 'down'] as const) reached.add(nextSpot(from, way));
    }
    assert.deepEqual(
      SPOTS.filter((other) => !reached.has(other)).map(({ name }) => name),
      [],
    );
  });

  it('on the upright table the keys mean what is seen there', () => {
    assert.equal(nextSpot(spot('straight', [17]), turned('down')).name, 'Split 17, 20');
    assert.equal(nextSpot(spot('straight', [17]), turned('right')).name, 'Split 17, 18');
  });
});
