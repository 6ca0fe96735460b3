import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { drawFrom } from '../../src/fairness/stream.ts';
import { type VerificationStep, verifyRound } from '../../src/fairness/verifier.ts';
import { isRefusal } from '../../src/games/contract.ts';
import { type DuelState, duel } from '../../src/games/duel.ts';
import type { RoundId } from '../../src/ids.ts';

const SALT = 'b2'.repeat(32);
const sha256 = (hex: string) => createHash('sha256').update(hex, 'hex').digest('hex');
/** Two rounds of the same seed: seat 0 begins in one of them, seat 1 in the other. */
const SEED = '7d'.repeat(32);
const roundIds = Array.from(
  { length: 40 },
  (_, n) => `0190c8f4-7a5b-7c1d-9e2f-${`${n}`.padStart(12, '0')}`,
);
const setupOf = (roundId: string) =>
  duel.setup(drawFrom(Buffer.from(SEED, 'hex'), Buffer.from(SALT, 'hex'), roundId as RoundId));
const roundOf = (first: number) =>
  roundIds.find((roundId) => setupOf(roundId).first === first) as string;

type Outcome = Record<string, unknown>;

async function stepsOf(outcome: Outcome, first = 0): Promise<VerificationStep[]> {
  const commitment = sha256(SEED);
  const { steps } = await verifyRound({
    roundId: roundOf(first),
    game: 'duel',
    chain: { commitment, salt: SALT, length: 1 },
    index: 1,
    commitment,
    seed: SEED,
    beacon: null,
    outcome,
  });
  assert.deepEqual(
    steps.map(({ name }) => name),
    ['seed', 'commitment', 'chain', 'outcome', 'match'],
  );
  return steps;
}

const failed = async (outcome: Outcome, first = 0) =>
  (await stepsOf(outcome, first)).filter(({ ok }) => ok !== true).map(({ name }) => name);

const match = (columns: readonly unknown[], winner: unknown, ending: unknown, first = 0) => ({
  setup: { first, log: [] },
  moves: columns.map((column) => ({ column })),
  winner,
  ending,
});

/** Of seat 0, and of seat 1 who begins: upright, level, both diagonals. */
const ROWS: readonly (readonly number[])[] = [
  [0, 1, 0, 1, 0, 1, 0],
  [3, 3, 4, 4, 5, 5, 6],
  [0, 1, 1, 2, 2, 3, 2, 3, 3, 6, 3],
  [3, 2, 2, 1, 1, 0, 1, 0, 0, 6, 0],
];
/** Two columns at a time, shifted in the middle: no four of one seat in a line. */
const FULL = [0, 2, 4].flatMap((left) => {
  const pair = [left, left + 1];
  return [...pair, ...pair, ...pair.toReversed(), ...pair.toReversed(), ...pair, ...pair];
});

describe('fairness/verifier, of a duel', () => {
  it('[F9] who begins is recomputed from the seed, and nothing else is drawn', async () => {
    for (const first of [0, 1]) {
      const left = match([3], 1 - first, 'left', first);
      assert.deepEqual(await failed(left, first), []);
      assert.deepEqual(await failed(left, 1 - first), ['outcome']);
      const early = { ...left, setup: { first, log: [3] } };
      assert.deepEqual(await failed(early, first), ['outcome']);
    }
    for (const setup of [null, {}, 'seat 0', { first: '0', log: [] }]) {
      assert.deepEqual(await failed({ ...match([], 0, 'left'), setup }), ['outcome', 'match']);
    }
  });

  it('[F9] a match is won by the row that its last move completes, and by nobody else', async () => {
    for (const first of [0, 1]) {
      for (const row of ROWS) {
        assert.deepEqual(await failed(match(row, first, 'won', first), first), []);
        const [step] = (await stepsOf(match(row, first, 'won', first), first)).slice(-1);
        assert.match(step?.actual ?? '', new RegExp(`^${row.length} .*row of seat ${first}$`));
        for (const other of [
          match(row, 1 - first, 'won', first),
          match(row, null, 'won', first),
          match(row, null, 'drawn', first),
          match(row, null, 'agreed', first),
          match(row, first, 'resigned', first),
          match(row.slice(0, -1), first, 'won', first),
          match([...row, 6], first, 'won', first),
        ]) {
          assert.deepEqual(await failed(other, first), ['match'], JSON.stringify(other));
        }
      }
    }
  });

  it('[F9] a row does not go on around the edge of the board', async () => {
    assert.deepEqual(await failed(match([5, 5, 6, 6, 0, 0, 1], 0, 'won')), ['match']);
    assert.deepEqual(await failed(match([5, 5, 6, 6, 0, 0, 1], 0, 'time')), []);
  });

  it('[F9] a match is drawn when the board is full, and only then', async () => {
    const moves = [...FULL, 6, 6, 6, 6, 6, 6];
    assert.deepEqual(duel.end({ first: 0, log: moves }), { winner: null });
    assert.deepEqual(await failed(match(moves, null, 'drawn')), []);
    for (const other of [
      match(moves, 0, 'drawn'),
      match(moves, 0, 'won'),
      match(moves, null, 'agreed'),
      match(moves, 1, 'time'),
      match(moves.slice(0, -1), null, 'drawn'),
      match([...moves, 0], null, 'drawn'),
    ]) {
      assert.deepEqual(await failed(other), ['match']);
    }
  });

  it('[F9] the players end a match only while nobody has a row and columns are free', async () => {
    for (const ending of ['agreed', 'resigned', 'time', 'left'] as const) {
      for (const moves of [[], [3], [3, 3, 3, 3, 3, 3], [0, 1, 0, 1, 0, 1]]) {
        const turn = moves.length % 2;
        const winners = { agreed: [null], time: [1 - turn], resigned: [0, 1], left: [0, 1] };
        for (const winner of [null, 0, 1, 2, '0', undefined]) {
          const right = (winners[ending] as unknown[]).includes(winner);
          const wrong = await failed(match(moves, winner, ending));
          assert.deepEqual(wrong, right ? [] : ['match'], `${ending}, ${winner}, ${moves}`);
        }
      }
    }
    for (const ending of ['', 'lost', null, undefined, 7, { toString: 1 }]) {
      assert.deepEqual(await failed(match([3], 0, ending)), ['match']);
    }
  });

  it('[F9] an illegal move is named', async () => {
    for (const [columns, words] of [
      [[3, 3, 3, 3, 3, 3, 3], /^move 7 is not legal: column 3 is full/],
      [[3, 7], /^move 2 is not legal: there is no such column/],
      [[-1], /^move 1 .*no such column/],
      [[0.5], /^move 1 .*no such column/],
      [['3'], /^move 1 .*no such column/],
      [[undefined], /^move 1 .*no such column/],
      [[...(ROWS[0] as number[]), 4], /^move 8 is not legal: the match was over/],
    ] as const) {
      const step = (await stepsOf(match(columns, 1, 'resigned'))).at(-1);
      assert.equal(step?.ok, false);
      assert.match(step.actual, words);
    }
    for (const moves of [null, {}, 'none', undefined]) {
      assert.deepEqual(await failed({ ...match([], 1, 'left'), moves }), ['match']);
    }
    for (const move of [null, 3, [], {}]) {
      assert.deepEqual(await failed({ ...match([], 1, 'left'), moves: [move] }), ['match']);
    }
  });

  it("[F9] [Bug 18] any columns, played by the server's rules and replayed here, come to the same", async () => {
    const columns = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 60, size: 'max' });
    await fc.assert(
      fc.asyncProperty(columns, fc.constantFrom(0, 1), async (tried, first) => {
        let state: DuelState = setupOf(roundOf(first));
        let refused: number | undefined;
        for (const column of tried) {
          const next = duel.move(state, { column });
          if (isRefusal(next)) refused = column;
          else state = next;
          if (duel.end(state)) break;
        }
        const end = duel.end(state);
        const ending = end ? (end.winner === null ? 'drawn' : 'won') : 'agreed';
        const outcome = match(state.log, end?.winner ?? null, ending, first);
        assert.deepEqual(await failed(outcome, first), []);
        const last = outcome.moves.slice(0, -1);
        if (end) assert.deepEqual(await failed({ ...outcome, moves: last }, first), ['match']);
        if (refused === undefined || end) return;
        const moves = [...outcome.moves, { column: refused }];
        assert.deepEqual(await failed({ ...outcome, moves }, first), ['match']);
      }),
      { numRuns: 400 },
    );
  });
});
