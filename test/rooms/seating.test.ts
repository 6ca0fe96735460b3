/** The seats of the next match: who gets one, and when the match begins. */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { SeatedPlayer } from '../../rooms/bet-commands.ts';
import { CommandQueue } from '../../rooms/command-queue.ts';
import type { MatchPlayer } from '../../rooms/match.ts';
import { MatchCommands, type MatchHost } from '../../rooms/match-commands.ts';
import type { LiveRound } from '../../rooms/round.ts';
import { type Rematch, type SeatHolder, Seating } from '../../rooms/seating.ts';
import { AppError, type Code } from '../../src/errors.ts';
import { duel } from '../../src/games/duel.ts';
import type { Seat } from '../../src/games/match.ts';
import type { UserId } from '../../src/ids.ts';
import type { SeatToTake, StakedSeat } from '../../src/ledger/pots.ts';

const REMATCH_MS = 10_000;
/** Longer than a room waits before it asks the books again. */
const RETRY_MS = 1_000;

const playerOf = (userId: number): MatchPlayer => ({
  userId: userId as UserId,
  username: `player-${userId}`,
  stake: 100,
});
const holderOf = (userId: number, seat: Seat, stake = 100): SeatHolder => ({
  ...playerOf(userId),
  stake,
  staked: { userId, seat, stake } as StakedSeat,
});
const openSeating = (rematch?: Rematch) => new Seating({} as LiveRound, duel.seats, rematch);
const everybody = () => true;

describe('rooms/seating', () => {
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

  const rematchOf = (...userIds: number[]): Rematch => ({
    players: userIds.map(playerOf),
    until: now + REMATCH_MS,
  });

  it('[G3] they are taken from the first one, by one player each, for one stake', async () => {
    const seating = openSeating();
    assert.equal(seating.free(1 as UserId, 100), 0);
    seating.take(0, holderOf(1, 0), everybody);
    isRefused('LIMIT_EXCEEDED', () => seating.free(1 as UserId, 100));
    isRefused('LIMIT_EXCEEDED', () => seating.free(2 as UserId, 99));
    assert.equal(seating.free(2 as UserId, 100), 1);
    seating.take(1, holderOf(2, 1), everybody);
    const players = await seating.full;
    assert.deepEqual(
      players.map(({ userId }) => userId),
      [1, 2],
    );
    assert.equal(seating.open, false);
    isRefused('BUSY', () => seating.free(3 as UserId, 100));
  });

  it('[G6] for a while after a match nobody but its players gets one', () => {
    const seating = openSeating(rematchOf(1, 2));
    isRefused('BUSY', () => seating.free(3 as UserId, 100));
    assert.equal(seating.free(2 as UserId, 50), 0);
    assert.equal(seating.rematchStake(2 as UserId), 100);
    assert.equal(seating.rematchStake(3 as UserId), undefined);
    now += REMATCH_MS - 1;
    isRefused('BUSY', () => seating.free(3 as UserId, 100));
    now += 1;
    assert.equal(seating.free(3 as UserId, 100), 0);
  });

  /** Somebody sits down, or gets up and leaves, perhaps in the middle of sitting down. */
  const events = fc.array(
    fc.record({
      userId: fc.integer({ min: 1, max: 4 }),
      stake: fc.constantFrom(50, 100),
      kind: fc.constantFrom('sit', 'sit', 'sit', 'sit and go', 'stand', 'pass'),
    }),
    { maxLength: 40, size: 'max' },
  );

  it('[G3] [G6] whoever sits down, gets up and leaves: the match begins when both seats are held by players who are there, and with nobody else', async () => {
    const begun: { full: Promise<readonly SeatHolder[]>; holders: readonly unknown[] }[] = [];
    const property = fc.property(fc.boolean(), events, (isRematch, all) => {
      const kept = isRematch ? rematchOf(1, 2) : undefined;
      const seating = openSeating(kept);
      for (const { userId, stake, kind } of all) {
        const held = seating.seats.map((holder) => holder?.userId);
        const isSeated = held.includes(userId as UserId);
        if (kind === 'pass') now += REMATCH_MS / 4;
        else if (kind === 'stand') {
          const seat = seating.seatOf(userId as UserId)?.staked.seat;
          assert.equal(seat !== undefined, isSeated);
          if (seat !== undefined && seating.open) seating.giveUp(seat);
        } else {
          const others = seating.seats.find((holder) => holder);
          let expected: Code | undefined;
          if (isSeated) expected = 'LIMIT_EXCEEDED';
          else if (!seating.open) expected = 'BUSY';
          else if (kept && now < kept.until && userId > 2) expected = 'BUSY';
          else if (others && others.stake !== stake) expected = 'LIMIT_EXCEEDED';
          const code = refused(() => {
            const seat = seating.free(userId as UserId, stake);
            assert.equal(held[seat], undefined);
            const goes = kind === 'sit and go';
            seating.take(seat, holderOf(userId, seat, stake), (id) => !goes || id !== userId);
            if (goes) {
              assert.ok(seating.open);
              seating.giveUp(seat);
            }
          });
          assert.equal(code, expected);
        }
        const holders = seating.seats.filter((holder) => holder !== undefined);
        assert.equal(new Set(holders.map((holder) => holder.userId)).size, holders.length);
        assert.ok(new Set(holders.map((holder) => holder.stake)).size <= 1);
        assert.equal(seating.open, holders.length < 2);
      }
      if (!seating.open) begun.push({ full: seating.full, holders: [...seating.seats] });
      seating.close();
      assert.ok(refused(() => seating.free(5 as UserId, 100)));
    });
    fc.assert(property, { numRuns: 300 });
    assert.ok(begun.length > 50, `${begun.length} matches`);
    for (const { full, holders } of begun) assert.deepEqual(await full, holders);
  });

  it("[G3] [M5] while it is not known whether a stake is in the pot, its seat is nobody else's", async () => {
    const seating = openSeating();
    const books: SeatToTake[] = [];
    let answers = 0;
    const pots = {
      find: async () => undefined,
      async sit(asked: SeatToTake): Promise<StakedSeat> {
        // The first one is in the books, but its answer is lost with the connection.
        if (!books.some(({ matchId }) => matchId === asked.matchId)) books.push(asked);
        answers += 1;
        if (answers === 1) throw new AppError('BUSY');
        return { ...asked, roundId: asked.table.roundId, refundId: '', balance: 400 };
      },
    };
    const host = {
      game: duel,
      services: { ledger: { pots } },
      queue: new CommandQueue(),
      cycle: { openSeating: async () => seating },
      stake: undefined,
      owned: () => ({ currency: 'COIN' }),
      isThere: everybody,
      seatsChanged() {},
    } as unknown as MatchHost;
    const commands = new MatchCommands(host);
    const taken = [1, 2].map((userId) =>
      commands.sit(playerOf(userId) as unknown as SeatedPlayer, crypto.randomUUID(), 100),
    );
    const all = Promise.allSettled(taken);
    await setImmediate();
    mock.timers.tick(RETRY_MS);
    assert.deepEqual(
      (await all).map((end) => (end.status === 'fulfilled' ? end.value.seat : end.reason.code)),
      [0, 1],
    );
    assert.deepEqual(
      books.map(({ userId, seat }) => [userId, seat]),
      [
        [1, 0],
        [2, 1],
      ],
    );
    assert.equal(seating.open, false);
  });
});

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
