/** The games that are watched for what they tell too early. */
import assert from 'node:assert/strict';
import { multiplierAt } from '../../src/games/crash.ts';
import { type Course, lastBetsAt, progressAt } from '../../src/games/derby/course.ts';
import type {
  CrashState,
  DerbyState,
  DuelState,
  RouletteState,
  RoundState,
} from '../../src/protocol.ts';

export type State = RoundState & Partial<CrashState & RouletteState & DerbyState & DuelState>;
type Outcome = Readonly<Record<string, unknown>>;
type Wish = readonly [type: string, payload: object];

export interface Watched {
  readonly name: string;
  /** Of so many tables the fields that tell an outcome show by their order. */
  readonly tables: number;
  /** What each player of a table sends at once. */
  readonly begin: () => readonly (readonly Wish[])[];
  /** What players of the first table send while it runs, in this order. */
  readonly later?: () => readonly (readonly [player: number, ...wish: Wish])[];
  /** Some of its rounds take too long to wait for. */
  readonly endless?: boolean;
  /** What must hold of the state until the end of the round is public. */
  hidden(state: State, elapsedMs: number, outcome: Outcome): void;
  /** Numbers of an outcome that nothing may put into an order. */
  told(outcome: Outcome): number[];
}

const TABLES = 13;
/** By how much a picture may be off the time that is shown with it, on a busy machine. */
const CLOCK_MS = 40;

const bet = (more: object): Wish => ['bet', { betId: crypto.randomUUID(), amount: 5, ...more }];
const sit = (): Wish => ['sit', { matchId: crypto.randomUUID(), stake: 5 }];
const on = (type: string, runner: number) => bet({ selection: { type, runner } });

/** A game is added here. */
export const WATCHED: readonly Watched[] = [
  {
    name: 'crash',
    // Some are over soon.
    tables: 18,
    begin: () => [[bet({}), bet({ autoCashout: 150 }), bet({ autoCashout: 1_000_000 })]],
    endless: true,
    hidden(state, elapsedMs) {
      assert.equal(state.crashPoint, 0);
      const most = state.phase === 'running' ? multiplierAt(elapsedMs + CLOCK_MS) : 100;
      assert.ok((state.multiplier as number) <= most, `${state.multiplier} before its time`);
      endIsHidden(state);
    },
    told: ({ crashPoint }) => [crashPoint as number],
  },
  {
    name: 'roulette',
    tables: TABLES,
    begin: () => [
      [bet({ selection: { type: 'red' } }), bet({ selection: { type: 'straight', numbers: [7] } })],
    ],
    hidden(state) {
      assert.equal(state.number, -1);
      endIsHidden(state);
    },
    told: ({ number }) => [number as number],
  },
  {
    name: 'derby',
    tables: TABLES,
    begin: () => [[on('win', 3), on('place', 5)]],
    later: () => [[0, ...on('win', 4)]],
    hidden(state, elapsedMs, outcome) {
      const course = outcome as unknown as Course;
      state.runners?.forEach(({ progress }, runner) => {
        const most = state.phase === 'running' ? elapsedMs + CLOCK_MS : 0;
        assert.ok(progress <= progressAt(course, runner, most), `runner ${runner + 1} is ahead`);
      });
      if (!state.bettingOpen) assert.ok(elapsedMs + CLOCK_MS >= lastBetsAt(course));
      endIsHidden(state);
    },
    told: ({ timesMs, finish }) => [
      ...(timesMs as number[]),
      Math.min(...(timesMs as number[])),
      Math.max(...(timesMs as number[])),
      (finish as number[][])[0]?.[0] as number,
    ],
  },
  {
    name: 'duel',
    tables: 1,
    // Two who play, and one who bets on them.
    begin: () => [[sit()], [sit()], []],
    later: () => [
      [2, ...bet({ selection: { type: 'winner', seat: 0 } })],
      [0, 'resign', {}],
    ],
    hidden({ phase, turn, winner, ending }) {
      if (phase !== 'running') assert.equal(turn, -1);
      assert.deepEqual({ winner, ending }, { winner: -1, ending: '' });
    },
    // Who begins is all that is drawn, and seen at once.
    told: () => [],
  },
];

function endIsHidden({ phase, phaseEndsAt }: State): void {
  if (phase === 'running') assert.equal(phaseEndsAt, 0);
}
