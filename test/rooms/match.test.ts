/** A match as its room holds it, with both clocks of the process moved by hand. */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import fc from 'fast-check';
import { LiveMatch, type MatchPlayer } from '../../rooms/match.ts';
import { AppError, type Code } from '../../src/errors.ts';
import type { Draw } from '../../src/fairness/draw.ts';
import { isRefusal } from '../../src/games/contract.ts';
import { type DuelMove, type DuelState, duel } from '../../src/games/duel.ts';
import type { MatchGame, MatchOutcome, Seat } from '../../src/games/match.ts';
import type { UserId } from '../../src/ids.ts';

const CLOCK_MS = 60_000;
/** Of a whole duel's moves some come early and some late; with these waits a clock runs out now and then. */
const MAX_WAIT_MS = 8_000;

const game = { ...duel, clockMs: CLOCK_MS } as unknown as MatchGame;
const setup = (first: Seat): DuelState => duel.setup({ integer: () => first } as unknown as Draw);
const playerOf = (userId: number): MatchPlayer => ({
  userId: userId as UserId,
  username: `player-${userId}`,
  stake: 100,
});

describe('rooms/match', () => {
  let now: number;
  beforeEach(() => {
    now = 1_000;
    mock.timers.enable({ apis: ['setTimeout'] });
    mock.method(performance, 'now', () => now);
  });
  afterEach(() => {
    mock.timers.reset();
    mock.reset();
  });

  function pass(ms: number): void {
    now += ms;
    mock.timers.tick(ms);
  }

  function begin(first: Seat) {
    const told = { changed: 0, betsClosed: 0 };
    const match = new LiveMatch(game, setup(first), [playerOf(10), playerOf(11)], {
      changed: () => {
        told.changed += 1;
      },
      betsClosed: () => {
        told.betsClosed += 1;
      },
    });
    const play = (...columns: number[]) => {
      for (const column of columns) match.move(match.turn, { column }, now);
    };
    return { match, told, play };
  }
  type Begun = ReturnType<typeof begin>;

  /** All that can be seen of a match. */
  function seen({ match, told }: Begun): object {
    const { state, turn, clocksMs, turnStartedAt, drawOffer, outcome } = match;
    return structuredClone({ state, turn, clocksMs, turnStartedAt, drawOffer, outcome, told });
  }

  describe('clocks', () => {
    it('[G4] the clock of the seat whose turn it is runs, the other one stands still', () => {
      const { match, play } = begin(1);
      const used: [number, number] = [0, 0];
      for (const [at, ms] of [5_000, 3_000, 0, 700, 41].entries()) {
        pass(ms);
        play(at);
        used[at % 2 === 0 ? 1 : 0] += ms;
        assert.deepEqual(
          match.clocksMs,
          used.map((each) => CLOCK_MS - each),
        );
      }
      match.stop();
    });

    it('[G4] who has used all of the time has lost at that moment, and not before', () => {
      for (const first of [0, 1]) {
        const { match, play } = begin(first);
        pass(20_000);
        play(3);
        pass(59_999);
        play(3);
        pass(CLOCK_MS - 20_000 - 1);
        assert.equal(match.outcome, undefined);
        pass(1);
        assert.deepEqual(endOf(match), [1 - first, 'time']);
        assert.equal(match.clocksMs[first], 0);
        assert.equal(match.clocksMs[1 - first], 1);
      }
    });

    it('[G4] [M7] a move counts from its receipt, however late it is handled', () => {
      const { match } = begin(0);
      const receivedAt = now + CLOCK_MS - 10;
      // The process was busy: no timer has fired.
      now = receivedAt + 500;
      match.move(0, { column: 3 }, receivedAt);
      assert.deepEqual(match.clocksMs, [10, CLOCK_MS]);
      assert.equal(match.turnStartedAt, receivedAt);
      pass(CLOCK_MS - 500);
      assert.deepEqual(endOf(match), [0, 'time']);
    });

    it('[G4] [M7] a move received after the time is up is refused and the match lost, also before a timer says so', () => {
      const begun = begin(0);
      const { match } = begun;
      now += CLOCK_MS;
      isRefused('ILLEGAL_MOVE', () => match.move(0, { column: 3 }, now));
      assert.deepEqual(endOf(match), [1, 'time']);
      assert.deepEqual(match.outcome?.moves, []);
      assert.deepEqual(match.clocksMs, [0, CLOCK_MS]);
    });

    it('[G4] offers, answers and refused moves stop no clock', () => {
      const { match } = begin(0);
      pass(1_000);
      match.offerDraw(0);
      match.answerDraw(1, false);
      refused(() => match.move(0, { column: 9 }, now));
      refused(() => match.move(1, { column: 3 }, now));
      pass(CLOCK_MS - 1_001);
      assert.equal(match.outcome, undefined);
      pass(1);
      assert.deepEqual(endOf(match), [1, 'time']);
    });
  });

  describe('draws', () => {
    it('[G4] a player offers once between two moves', () => {
      const { match, play } = begin(0);
      match.offerDraw(0);
      assert.equal(match.drawOffer, 0);
      isRefused('ILLEGAL_MOVE', () => match.offerDraw(0));
      match.answerDraw(1, false);
      assert.equal(match.drawOffer, null);
      isRefused('ILLEGAL_MOVE', () => match.offerDraw(0));
      play(3);
      match.offerDraw(0);
      assert.equal(match.drawOffer, 0);
      match.stop();
    });

    it("[G4] a move declines the other's offer; the own one stands", () => {
      const { match, play } = begin(0);
      match.offerDraw(0);
      play(3);
      assert.equal(match.drawOffer, 0);
      play(3);
      assert.equal(match.drawOffer, null);
      isRefused('ILLEGAL_MOVE', () => match.answerDraw(1, true));
      match.stop();
    });

    it('[G4] [G5] nobody answers the own offer; an answer, or an offer of both, is a draw', () => {
      for (const agree of ['answerDraw', 'offerDraw'] as const) {
        const { match } = begin(0);
        isRefused('ILLEGAL_MOVE', () => match.answerDraw(0, true));
        match.offerDraw(1);
        isRefused('ILLEGAL_MOVE', () => match.answerDraw(1, true));
        match[agree](0, true);
        assert.deepEqual(endOf(match), [null, 'agreed']);
      }
    });
  });

  it('[G5] after the end, however it came, nothing is possible and nothing changes', async () => {
    const ends: [MatchOutcome['ending'], Seat | null, (begun: Begun) => void][] = [
      ['won', 0, ({ play }) => play(0, 1, 0, 1, 0, 1, 0)],
      [
        'agreed',
        null,
        ({ match }) => {
          match.offerDraw(0);
          match.offerDraw(1);
        },
      ],
      ['resigned', 0, ({ match }) => match.resign(1)],
      ['left', 1, ({ match }) => match.leave(0)],
      ['time', 1, () => pass(CLOCK_MS)],
    ];
    for (const [ending, winner, end] of ends) {
      const begun = begin(0);
      const { match } = begun;
      end(begun);
      await match.over;
      assert.deepEqual(endOf(match), [winner, ending]);
      const before = seen(begun);
      for (const seat of [0, 1]) {
        const asked = [
          () => match.move(seat, { column: 5 }, now),
          () => match.moves(seat),
          () => match.resign(seat),
          () => match.offerDraw(seat),
          () => match.answerDraw(seat, true),
        ];
        for (const ask of asked) assert.equal(refused(ask), 'ILLEGAL_MOVE', `${ask}`);
        match.leave(seat);
      }
      pass(2 * CLOCK_MS);
      assert.deepEqual(seen(begun), before);
    }
  });

  it('[G5] [M9] a match that is called off ends no more', () => {
    const begun = begin(0);
    const { match } = begun;
    match.offerDraw(1);
    match.stop();
    const before = seen(begun);
    pass(CLOCK_MS);
    match.leave(0);
    const asked = [() => match.resign(0), () => match.answerDraw(0, true)];
    for (const ask of asked) assert.ok(refused(ask), `${ask}`);
    assert.equal(match.outcome, undefined);
    assert.deepEqual(seen(begun), before);
  });

  /** `seat` is that of whoever's turn it is (0) or the other's (1), so that most of what is asked is possible. */
  const steps = fc.array(
    fc.oneof(
      { weight: 60, arbitrary: stepOf('move', { seat: rarelyOther(), column: rarelyNone() }) },
      { weight: 30, arbitrary: stepOf('pass', { ms: fc.nat(MAX_WAIT_MS) }) },
      { weight: 5, arbitrary: stepOf('offerDraw', { seat: fc.nat(1) }) },
      { weight: 5, arbitrary: stepOf('answerDraw', { seat: fc.nat(1), accept: fc.boolean() }) },
      { weight: 1, arbitrary: stepOf('resign', { seat: fc.nat(1) }) },
      { weight: 1, arbitrary: stepOf('leave', { seat: fc.nat(1) }) },
    ),
    { minLength: 10, maxLength: 120, size: 'max' },
  );

  it('[G2] [G4] [G5] whatever is asked and when: time is used by whose turn it is, refusals change nothing, bets close when the rules say so, and the log replays', () => {
    const endings = new Map<string, number>();
    const property = fc.property(fc.nat(1), steps, (first, asked) => {
      const begun = begin(first);
      const { match, told } = begun;
      const used: [number, number] = [0, 0];
      let left = false;
      for (const step of asked) {
        const before = seen(begun);
        const { turn, outcome } = match;
        const seat = step.seat === undefined ? turn : (turn + step.seat) % 2;
        const state = match.state as DuelState;
        if (step.kind === 'pass') {
          const wait = step.ms as number;
          const rest = CLOCK_MS - (used[turn] as number);
          if (!outcome) used[turn] = (used[turn] as number) + Math.min(wait, rest);
          pass(wait);
          assert.equal(match.outcome !== undefined, outcome !== undefined || wait >= rest);
          if (!outcome && match.outcome) {
            assert.deepEqual(endOf(match), [1 - turn, 'time']);
          }
        } else if (step.kind === 'leave') {
          match.leave(seat);
          left = true;
        } else {
          const code = refused(() => ask(begun, step, seat));
          if (code) assert.deepEqual(seen(begun), before);
          else assert.ok(!outcome);
          if (outcome) assert.equal(code, 'ILLEGAL_MOVE');
          else if (step.kind === 'move') assert.equal(code, moveRefusal(state, seat, step.column));
          else if (step.kind === 'resign') assert.equal(code, undefined);
        }
        if (match.outcome) {
          assert.ok(told.betsClosed > 0);
          if (outcome) assert.deepEqual(seen(begun), before);
        } else {
          assert.equal(told.betsClosed > 0, !duel.betsOpen(match.state as DuelState));
          assert.equal(left, false);
        }
      }
      const since = match.outcome ? 0 : now - match.turnStartedAt;
      const running = used.map((ms, seat) => (seat === match.turn ? ms - since : ms));
      // Of a match that ended within a turn the last move's clocks are seen.
      if (!match.outcome || ['won', 'drawn', 'time'].includes(match.outcome.ending)) {
        assert.deepEqual(
          match.clocksMs,
          running.map((ms) => CLOCK_MS - ms),
        );
      }
      if (match.outcome) assertReplays(match);
      match.stop();
      const ending = match.outcome?.ending ?? 'none';
      endings.set(ending, (endings.get(ending) ?? 0) + 1);
    });
    fc.assert(property, { numRuns: 250 });
    for (const ending of ['won', 'agreed', 'resigned', 'left', 'none']) {
      assert.ok((endings.get(ending) ?? 0) > 0, `${ending} of ${[...endings]}`);
    }
  });

  function ask({ match }: Begun, step: Step, seat: Seat): void {
    switch (step.kind) {
      case 'move':
        match.move(seat, { column: step.column }, now);
        break;
      case 'offerDraw':
        match.offerDraw(seat);
        break;
      case 'answerDraw':
        match.answerDraw(seat, step.accept as boolean);
        break;
      default:
        match.resign(seat);
    }
  }
});

interface Step {
  readonly kind: 'move' | 'pass' | 'offerDraw' | 'answerDraw' | 'resign' | 'leave';
  readonly seat?: number;
  readonly column?: number;
  readonly ms?: number;
  readonly accept?: boolean;
}

function stepOf(
  kind: Step['kind'],
  more: { [Key in keyof Step]?: fc.Arbitrary<NonNullable<Step[Key]>> },
): fc.Arbitrary<Step> {
  return fc.record(more).map((fields) => ({ kind, ...fields }) as Step);
}

function rarelyOther(): fc.Arbitrary<number> {
  return fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1);
}

function rarelyNone(): fc.Arbitrary<number> {
  return fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 7, -1);
}

/** By the rules: why this move is not possible in a match that is played; undefined: it is. */
function moveRefusal(state: DuelState, seat: Seat, column: number | undefined): Code | undefined {
  if (seat !== duel.turn(state)) return 'NOT_YOUR_TURN';
  const move = duel.parseMove({ column });
  if (isRefusal(move)) return 'BAD_REQUEST';
  return isRefusal(duel.move(state, move)) ? 'ILLEGAL_MOVE' : undefined;
}

function endOf({ outcome }: LiveMatch): unknown[] {
  return [outcome?.winner, outcome?.ending];
}

/** What is stored, read back from JSON, comes to the same end by the rules alone. */
function assertReplays(match: LiveMatch): void {
  const stored = JSON.parse(JSON.stringify(match.outcome)) as MatchOutcome;
  assert.deepEqual(stored, match.outcome);
  let state = stored.setup as DuelState;
  for (const move of stored.moves) {
    assert.equal(duel.end(state), null);
    const next = duel.move(state, move as DuelMove);
    assert.ok(!isRefusal(next));
    state = next;
  }
  assert.deepEqual(state, match.state);
  const end = duel.end(state);
  const { winner, ending } = stored;
  if (ending === 'won' || ending === 'drawn') assert.deepEqual(end, { winner });
  else assert.equal(end, null);
  assert.equal(winner === null, ending === 'drawn' || ending === 'agreed');
}

/** The code with which it is refused; undefined when it is done. */
function refused(work: () => unknown): Code | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

function isRefused(code: Code, work: () => unknown): void {
  assert.equal(refused(work), code);
}
