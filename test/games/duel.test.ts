import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Draw } from '../../src/fairness/draw.ts';
import { isRefusal } from '../../src/games/contract.ts';
import { type DuelState, duel } from '../../src/games/duel.ts';

const drawing = (seat: number) => ({ integer: () => seat }) as unknown as Draw;
const start = duel.setup(drawing(0));

function play(columns: readonly number[], from: DuelState = start): DuelState {
  return columns.reduce<DuelState>((state, column) => {
    const next = duel.move(state, { column });
    assert.ok(!isRefusal(next), JSON.stringify(next));
    return next;
  }, from);
}

describe('games/duel', () => {
  it('[G1] there are as many positions of up to 5 discs as there should be', () => {
    // OEIS A212693.
    const positions = [1, 7, 49, 238, 1_120, 4_263];
    let reached = new Map([['', start]]);
    for (const [discs, expected] of positions.entries()) {
      assert.equal(reached.size, expected, `${discs} discs`);
      const next = new Map<string, DuelState>();
      for (const state of reached.values()) {
        for (const move of duel.moves(state)) {
          const after = play([move.column], state);
          next.set(`${duel.view(after).board}`, after);
        }
      }
      reached = next;
    }
  }).timeout(60_000);

  it('[G1] four in a row win: upright, level and on both diagonals', () => {
    for (const [columns, winner] of [
      [[0, 1, 0, 1, 0, 1, 0], 0],
      [[0, 0, 1, 1, 2, 2, 3], 0],
      [[6, 0, 0, 1, 1, 2, 2, 3], 1],
      [[0, 1, 1, 2, 2, 3, 2, 3, 3, 6, 3], 0],
      [[3, 2, 2, 1, 1, 0, 1, 0, 0, 6, 0], 0],
    ] as [number[], number][]) {
      assert.equal(duel.end(play(columns.slice(0, -1))), null, `${columns}`);
      assert.deepEqual(duel.end(play(columns)), { winner }, `${columns}`);
    }
  });

  it('[G1] a row does not go on around the edge of the board', () => {
    assert.equal(duel.end(play([5, 5, 6, 6, 0, 0, 1])), null);
  });

  it('[G1] who begins is drawn, and the seats take turns', () => {
    for (const first of [0, 1]) {
      const state = duel.setup(drawing(first));
      assert.equal(duel.turn(state), first);
      assert.equal(duel.turn(play([3], state)), 1 - first);
      assert.equal(duel.turn(play([3, 3], state)), first);
      assert.equal(duel.view(play([3], state)).board[3], `${first + 1}`);
    }
  });

  it('[G1] a full column, a finished match, and what is no column are refused, and change nothing', () => {
    const full = play([0, 0, 0, 0, 0, 0]);
    assert.ok(isRefusal(duel.move(full, { column: 0 })));
    assert.equal(duel.moves(full).length, 6);
    const over = play([0, 1, 0, 1, 0, 1, 0]);
    assert.ok(isRefusal(duel.move(over, { column: 5 })));
    assert.deepEqual(duel.moves(over), []);
    for (const column of [-1, 7, 1.5, '3', null, undefined, Number.NaN, Infinity]) {
      assert.ok(isRefusal(duel.parseMove({ column })), `${column}`);
    }
    assert.ok(isRefusal(duel.parseMove({ column: 3, seat: 1 })));
    assert.deepEqual(duel.parseMove({ column: 3 }), { column: 3 });
  });

  it('[G1] whatever is played, a match ends within 42 moves, a full board without a row is a draw, and its log replays to the same', () => {
    const ends = { 0: 0, 1: 0, null: 0 };
    fc.assert(
      fc.property(
        fc.array(fc.nat(6), { minLength: 42, maxLength: 42 }),
        fc.nat(1),
        (choices, first) => {
          let state = duel.setup(drawing(first));
          for (const choice of choices) {
            const moves = duel.moves(state);
            if (moves.length === 0) break;
            state = play([moves[choice % moves.length]?.column as number], state);
          }
          const ended = duel.end(state);
          assert.ok(ended);
          if (ended.winner === null) assert.equal(state.log.length, 42);
          else assert.equal(duel.turn(state), 1 - ended.winner);
          assert.deepEqual(play(state.log, duel.setup(drawing(first))), state);
          ends[`${ended.winner}` as keyof typeof ends] += 1;
        },
      ),
      { numRuns: 400 },
    );
    assert.ok(ends[0] > 50 && ends[1] > 50);
  });

  it('[G2] spectators may bet until a seat has three discs on the board', () => {
    assert.equal(duel.betsOpen(start), true);
    assert.equal(duel.betsOpen(play([0, 1, 2, 3])), true);
    assert.equal(duel.betsOpen(play([0, 1, 2, 3, 4])), false);
  });
});
