import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isRefusal } from '../../../src/games/contract.ts';
import { duel } from '../../../src/games/duel.ts';
import type { DuelState, MatchSeat } from '../../../src/protocol.ts';
import { sitAction } from '../../../web/src/games/duel/action.ts';
import {
  COLUMNS,
  discAt,
  landing,
  lastDisc,
  nameOf,
  winningCells,
} from '../../../web/src/games/duel/board.ts';
import { clocksAt, clockText } from '../../../web/src/games/duel/clocks.ts';
import { prizeOf, situationOf } from '../../../web/src/games/duel/situation.ts';
import {
  announcement,
  endingText,
  outcomeWord,
  ownEndingText,
} from '../../../web/src/games/duel/words.ts';

const EMPTY = '0'.repeat(42);

const seat = (player: string, more: Partial<MatchSeat> = {}): MatchSeat => ({
  player,
  stake: player === '' ? 0 : 50,
  clockMs: 180_000,
  connected: player !== '',
  odds: 0,
  ...more,
});

const state = (more: Partial<DuelState>): DuelState =>
  ({
    phase: 'running',
    seats: [seat('anna'), seat('bob')],
    turn: 0,
    turnStartedAt: 1000,
    drawOffer: -1,
    winner: -1,
    ending: '',
    board: EMPTY,
    lastColumn: -1,
    phaseEndsAt: 0,
    ...more,
  }) as DuelState;

/** The board after these columns, by the rules of the server. */
function boardAfter(columns: readonly number[]) {
  let match: Parameters<typeof duel.move>[0] = { first: 0, log: [] };
  const played: number[] = [];
  for (const column of columns) {
    if (duel.end(match)) break;
    const next = duel.move(match, { column });
    if (isRefusal(next)) continue;
    match = next;
    played.push(column);
  }
  return { ...duel.view(match), end: duel.end(match), played };
}

describe('web/games/duel: the board', () => {
  it('agrees with the rules of the server on every board: the last disc, where discs land, and who has four', () => {
    const moves = fc.array(fc.integer({ min: 0, max: COLUMNS - 1 }), {
      maxLength: 60,
      size: 'max',
    });
    let won = 0;
    fc.assert(
      fc.property(moves, (columns) => {
        const { board, lastColumn, end, played } = boardAfter(columns);
        const last = lastDisc(board as string, lastColumn as number);
        if (played.length === 0) assert.equal(last, null);
        else {
          assert.ok(last);
          assert.equal(discAt(board as string, last), (played.length - 1) % 2);
          const above = landing(board as string, last.column);
          assert.equal(above?.row ?? 6, last.row + 1);
        }
        const four = winningCells(board as string);
        assert.equal(four.length >= 4, end !== null && end.winner !== null);
        for (const cell of four) assert.equal(discAt(board as string, cell), end?.winner);
        if (four.length > 0) {
          won += 1;
          assert.ok(four.map(nameOf).includes(nameOf(last as NonNullable<typeof last>)));
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(won > 0, 'some of the boards are won');
  });

  it('all discs of a row that is longer than four are marked', () => {
    const { board } = boardAfter([0, 0, 1, 1, 2, 2, 4, 4, 5, 5, 6, 6, 3]);
    assert.equal(winningCells(board as string).length, 7);
    assert.deepEqual(winningCells(EMPTY), []);
  });

  it('a full column takes no disc', () => {
    const { board } = boardAfter([3, 3, 3, 3, 3, 3]);
    assert.equal(landing(board as string, 3), null);
    assert.deepEqual(landing(board as string, 2), { column: 2, row: 0 });
  });
});

describe('web/games/duel: clocks', () => {
  it('only that of the seat whose turn it is runs, from the time of the server', () => {
    const at = state({ turn: 1, turnStartedAt: 1000 });
    assert.deepEqual(clocksAt(at, 4500), [180_000, 176_500]);
    assert.deepEqual(clocksAt(at, 900), [180_000, 180_000]);
    assert.deepEqual(clocksAt(at, 999_999), [180_000, 0]);
  });

  it('none runs before and after the match', () => {
    for (const phase of ['betting', 'settled', 'paused'] as const) {
      assert.deepEqual(clocksAt(state({ phase }), 60_000), [180_000, 180_000]);
    }
  });

  it('are read in minutes and seconds, and in tenths when little is left, never rounded up', () => {
    assert.deepEqual([180_000, 65_999, 20_000, 19_999, 9_840, 40].map(clockText), [
      '3:00',
      '1:05',
      '0:20',
      '19.9',
      '9.8',
      '0.0',
    ]);
  });
});

describe('web/games/duel: where the player stands', () => {
  it('before the match: free to sit, invited by who waits, or waiting', () => {
    const free = state({ phase: 'betting', seats: [seat(''), seat('')] });
    const bob = state({ phase: 'betting', seats: [seat('bob'), seat('')] });
    assert.deepEqual(situationOf(free, 'anna'), { kind: 'open', opponent: null });
    assert.deepEqual(situationOf(bob, 'anna'), { kind: 'open', opponent: seat('bob') });
    assert.deepEqual(situationOf(bob, 'bob'), { kind: 'waiting', me: 0, stake: 50 });
  });

  it('during and after it: at a seat, or watching', () => {
    assert.deepEqual(situationOf(state({}), 'bob'), { kind: 'playing', me: 1 });
    assert.deepEqual(situationOf(state({}), 'carl'), { kind: 'watching' });
    assert.deepEqual(situationOf(state({ phase: 'settled' }), 'anna'), { kind: 'over', me: 0 });
    assert.deepEqual(situationOf(state({ phase: 'settled' }), 'carl'), { kind: 'over', me: null });
    assert.deepEqual(situationOf(state({ phase: 'paused' }), 'anna'), { kind: 'idle' });
    assert.deepEqual(situationOf(null, 'anna'), { kind: 'idle' });
  });

  it('[M1] the winner gets both stakes less the rake, which is rounded down', () => {
    assert.deepEqual(
      [1, 24, 25, 50, 1_000_000].map((stake) => prizeOf(stake, 2)),
      [2, 48, 49, 98, 1_960_000],
    );
  });

  it('the stake is that of who waits; what the balance does not cover is not offered', () => {
    const seating = {
      link: { phase: 'live' },
      play: { pending: null, cashingOut: [] },
      state: state({ phase: 'betting' }),
      asking: false,
      opponent: null,
      stake: 50,
      balance: 500,
      prize: 98,
    } as unknown as Parameters<typeof sitAction>[0];
    const label = (more: object) => sitAction({ ...seating, ...more }).label;
    assert.equal(label({}), 'Sit down for 50');
    assert.equal(label({ opponent: 'bob' }), 'Play bob for 50');
    assert.equal(label({ asking: true }), 'Taking the seat');
    assert.equal(label({ balance: 49 }), 'More than your balance');
    assert.equal(label({ stake: null }), 'Enter a stake');
    assert.equal(label({ link: { phase: 'dropped' } }), 'Reconnecting');
  });
});

describe('web/games/duel: the end in words', () => {
  it('tells each side how it ended and what it came to', () => {
    const over = state({ phase: 'settled', winner: 0, ending: 'time' });
    assert.equal(endingText(over), 'bob ran out of time, anna won.');
    assert.equal(ownEndingText(over, 0, 98).text, 'You won: bob ran out of time. 98 paid to you.');
    assert.equal(ownEndingText(over, 1, 98).text, 'You lost: your time ran out. 50 lost.');
    const drawn = state({ phase: 'settled', ending: 'agreed' });
    assert.equal(ownEndingText(drawn, 1, 98).text, 'A draw by agreement. Your 50 came back.');
    const off = state({ phase: 'settled' });
    assert.equal(
      ownEndingText(off, 0, 98).text,
      'The match was called off. All stakes were given back.',
    );
  });

  it('every ending has its words, in the history too', () => {
    const endings = ['won', 'drawn', 'agreed', 'resigned', 'time', 'left'] as const;
    for (const ending of endings) {
      const nobody = ending === 'drawn' || ending === 'agreed';
      const over = state({ phase: 'settled', winner: nobody ? -1 : 1, ending });
      assert.match(endingText(over), nobody ? /draw/ : /bob/);
      const word = outcomeWord({ winner: nobody ? null : 1, ending });
      assert.equal(word?.short, nobody ? 'draw' : 'ivory');
    }
    assert.equal(outcomeWord({}), null);
  });

  it('a move is told to those who do not see the board', () => {
    const moved = state({ turn: 0, lastColumn: 3 });
    assert.equal(announcement(moved, 0), 'bob: column 4. Your move.');
    assert.equal(announcement(moved, 1), 'You: column 4. anna to move.');
    assert.equal(announcement(state({}), null), 'The match begins. anna to move.');
  });
});
