/** Who asks for seats and gives them up while the books are slow, silent or away, and while the table closes. */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { SeatedPlayer } from '../../rooms/bet-commands.ts';
import { CommandQueue } from '../../rooms/command-queue.ts';
import { LiveMatch } from '../../rooms/match.ts';
import { MatchCommands, type MatchHost } from '../../rooms/match-commands.ts';
import type { LiveRound } from '../../rooms/round.ts';
import { Seating } from '../../rooms/seating.ts';
import { AppError, type Code } from '../../src/errors.ts';
import type { Draw } from '../../src/fairness/draw.ts';
import { duel } from '../../src/games/duel.ts';
import type { MatchGame } from '../../src/games/match.ts';
import type { RoundId, UserId } from '../../src/ids.ts';
import type { SeatToTake, StakedSeat } from '../../src/ledger/pots.ts';
import type { OwnedRoom } from '../../src/ledger/types.ts';
import { chosenSeed } from '../ledger/model/run.ts';

const STAKE = 100;
const PLAYERS = 4;
const RETRY_MS = 250;
/** Commands of seats that may wait in a room. */
const MAX_WAITING = 100;
const RUNS = 300;

const game = duel as unknown as MatchGame;
const room = { currency: 'COIN' } as OwnedRoom;

type Ending = 'done' | 'lost before' | 'lost after' | 'refused';
interface Statement {
  readonly what: 'sit' | 'give back';
  readonly userId: UserId;
  /** Lets it come to its end; `refused` is what the books say once and for all. */
  end(how: Ending): void;
}

/** Books in memory whose statements end when the test says so, and whose answers may be lost. */
class SlowBooks {
  readonly under: Statement[] = [];
  /** By refund id: whose stake is in the pot, on which seat. */
  readonly pot = new Map<string, StakedSeat>();
  readonly taken = new Map<string, StakedSeat>();
  closed = false;
  /** What must never be asked of the books. */
  readonly wrong: string[] = [];

  find = async (userId: UserId, matchId: string) => this.taken.get(`${userId} ${matchId}`);

  sit = ({ userId, matchId, seat, stake, table }: SeatToTake): Promise<StakedSeat> => {
    if (this.closed) this.wrong.push(`a stake of ${userId} after the settlement`);
    const name = `${userId} ${matchId}`;
    return this.#statement('sit', userId, !this.taken.has(name), () => {
      const known = this.taken.get(name);
      if (known) return known;
      if ([...this.pot.values()].some((other) => other.seat === seat || other.userId === userId)) {
        this.wrong.push(`seat ${seat} sold twice`);
      }
      const refundId = `refund of ${name}`;
      const { roundId } = table;
      const staked = { roundId, userId, seat, stake, refundId, balance: 0 };
      this.taken.set(name, staked);
      this.pot.set(refundId, staked);
      return staked;
    });
  };

  giveBack = (_table: object, { userId, refundId }: StakedSeat): Promise<void> =>
    this.#statement('give back', userId, false, () => void this.pot.delete(refundId));

  #statement<T>(
    what: Statement['what'],
    userId: UserId,
    refusable: boolean,
    work: () => T,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const statement: Statement = {
      what,
      userId,
      end: (how) => {
        this.under.splice(this.under.indexOf(statement), 1);
        // Nobody is refused what was given before.
        if (how === 'refused' && refusable) return reject(new AppError('INSUFFICIENT_FUNDS'));
        const result = how === 'lost before' ? undefined : work();
        if (how === 'done' || how === 'refused') resolve(result as T);
        else reject(new AppError('BUSY'));
      },
    };
    this.under.push(statement);
    return promise;
  }
}

/** A table in the state between two matches, with all that `MatchCommands` asks of its room. */
class Table {
  readonly books = new SlowBooks();
  readonly there = new Set<UserId>();
  readonly queue = new CommandQueue();
  readonly seating = new Seating({ id: 'round' as RoundId } as LiveRound, 2, undefined);
  readonly asked: MatchCommands;
  match: LiveMatch | undefined;
  stopped = false;
  owner = true;
  seatingOpens: Promise<void> = Promise.resolve();
  readonly round = { outcome: null, over: Promise.resolve() } as unknown as LiveRound;

  constructor() {
    const self = this;
    const cycle = {
      get match() {
        return self.match;
      },
      get seating() {
        return self.match || self.stopped ? undefined : self.seating;
      },
      get round() {
        return self.round;
      },
      async openSeating() {
        await self.seatingOpens;
        return self.match || self.stopped ? null : self.seating;
      },
    };
    const services = { ledger: { pots: this.books }, logger: { warn() {} } };
    this.asked = new MatchCommands({
      game,
      services,
      queue: this.queue,
      cycle,
      stake: undefined,
      owned: () => {
        if (!this.owner) throw new AppError('ROOM_MOVED');
        return room;
      },
      isThere: (userId: UserId) => this.there.has(userId),
      seatsChanged() {},
    } as unknown as MatchHost);
    void this.seating.full.then((players) => {
      if (this.stopped) return;
      const setup = duel.setup({ integer: () => 0 } as unknown as Draw);
      this.match = new LiveMatch(game, setup, players, { changed() {}, betsClosed() {} });
      for (const { userId } of players) if (!this.there.has(userId)) this.asked.gone(userId);
    });
  }

  get holders() {
    return this.seating.seats.filter((holder) => holder !== undefined);
  }

  leave(userId: UserId): void {
    if (this.there.delete(userId)) this.asked.gone(userId);
  }

  /** As the cycle does it: what is on its way is waited for, then everything in the books comes back. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.match?.stop();
    this.seating.close();
    await this.queue.drain();
    this.books.closed = true;
    this.books.pot.clear();
  }
}

const playerOf = (userId: number) =>
  ({ userId, username: `player-${userId}` }) as unknown as SeatedPlayer;

describe('rooms/match-commands', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => {
    mock.timers.reset();
  });

  /** Lets everything happen that waits for nothing but its turn. */
  const turn = () => setImmediate();
  async function pass(): Promise<void> {
    await turn();
    mock.timers.tick(RETRY_MS);
    await turn();
  }

  function tableWith(...there: number[]): Table {
    const table = new Table();
    for (const userId of there) table.there.add(userId as UserId);
    return table;
  }

  async function statement({ books }: Table): Promise<Statement> {
    await turn();
    assert.equal(books.under.length, 1, 'one statement at a time');
    return books.under[0] as Statement;
  }

  async function refused(promise: Promise<unknown>, code: Code): Promise<void> {
    await assert.rejects(promise, (error: AppError) => {
      assert.equal(error.code, code, String(error));
      return true;
    });
  }

  for (const lost of ['lost before', 'lost after'] as const) {
    it(`[M5] [G3] a seat whose stake's answer was ${lost} the books had it is nobody else's until the answer is known`, async () => {
      const table = tableWith(1, 2, 3);
      const told: string[] = [];
      const sits = [1, 2, 3].map((userId) =>
        table.asked.sit(playerOf(userId), `m${userId}`, STAKE).then(
          ({ seat }) => told.push(`${userId} has seat ${seat}`),
          (error: AppError) => told.push(`${userId} ${error.code}`),
        ),
      );
      for (let times = 0; times < 3; times++) {
        const { userId, end } = await statement(table);
        assert.equal(userId, 1);
        end(lost);
        await pass();
      }
      assert.deepEqual(told, []);
      (await statement(table)).end('done');
      (await statement(table)).end('done');
      await Promise.all(sits);
      assert.deepEqual(told, ['1 has seat 0', '2 has seat 1', '3 BUSY']);
      assert.deepEqual(table.books.wrong, []);
      await table.stop();
    });

    it(`[M5] [G5] nothing is asked of the books any more when the table closes while an answer was ${lost} they had it`, async () => {
      const table = tableWith(1);
      const sitting = table.asked.sit(playerOf(1), 'm', STAKE);
      sitting.catch(() => {});
      (await statement(table)).end(lost);
      await turn();
      await table.stop();
      await pass();
      await refused(sitting, 'BUSY');
      assert.deepEqual([table.books.under, table.books.wrong], [[], []]);
    });
  }

  it('[G3] [M11] who leaves has the seat taken back however many wait for one', async () => {
    const table = tableWith(1, 2);
    const first = table.asked.sit(playerOf(1), 'm', STAKE);
    (await statement(table)).end('done');
    await first;
    const waiting = Array.from({ length: MAX_WAITING }, () =>
      table.asked.sit(playerOf(2), 'm', STAKE),
    );
    await refused(table.asked.sit(playerOf(2), 'm', STAKE), 'BUSY');
    table.leave(1 as UserId);
    (await statement(table)).end('done');
    await Promise.all(waiting);
    const back = await statement(table);
    assert.deepEqual([back.what, back.userId], ['give back', 1]);
    back.end('done');
    await turn();
    assert.deepEqual(
      table.holders.map(({ userId }) => userId),
      [2],
    );
    await table.stop();
  });

  it('[G3] who leaves while there is no seat to be had yet pays nothing for the one that comes', async () => {
    const table = tableWith(1, 2);
    const opens = Promise.withResolvers<void>();
    table.seatingOpens = opens.promise;
    const [gone, stays] = [1, 2].map((userId) => table.asked.sit(playerOf(userId), 'm', STAKE)) as [
      Promise<unknown>,
      Promise<unknown>,
    ];
    gone.catch(() => {});
    await turn();
    table.leave(1 as UserId);
    opens.resolve();
    await refused(gone, 'BUSY');
    const { userId, end } = await statement(table);
    assert.equal(userId, 2);
    end('done');
    await stays;
    await table.stop();
  });

  it('[G5] [M8] of a room that was taken over nobody is told how the match ended', async () => {
    const table = tableWith(1, 2);
    for (const userId of [1, 2]) {
      const sitting = table.asked.sit(playerOf(userId), 'm', STAKE);
      (await statement(table)).end('done');
      await sitting;
    }
    await turn();
    const over = Promise.withResolvers<void>();
    Object.assign(table.round, { over: over.promise });
    const resigning = table.asked.act(playerOf(1), (match, seat) => match.resign(seat));
    resigning.catch(() => {});
    table.owner = false;
    over.resolve();
    // The books may have the end: "called off" would be a guess.
    await refused(resigning, 'ROOM_MOVED');
  });

  it('[G5] [R15] a match that is called off takes no move, no end and no clock any more', async () => {
    const table = tableWith(1, 2);
    for (const userId of [1, 2]) {
      const sitting = table.asked.sit(playerOf(userId), 'm', STAKE);
      (await statement(table)).end('done');
      await sitting;
    }
    await turn();
    const match = table.match as LiveMatch;
    const stopping = table.stop();
    await refused(table.asked.move(playerOf(1), { column: 0 }, performance.now()), 'BUSY');
    await refused(
      table.asked.act(playerOf(2), (each, seat) => each.resign(seat)),
      'BUSY',
    );
    table.leave(2 as UserId);
    await stopping;
    mock.timers.tick(2 * game.clockMs);
    assert.equal(match.outcome, undefined);
  });

  /** What happens next; where it makes no sense, nothing. */
  const steps = fc.array(
    fc.record({
      kind: fc.oneof(
        { weight: 40, arbitrary: fc.constantFrom('sit', 'sit', 'sit', 'again', 'stand', 'leave') },
        { weight: 10, arbitrary: fc.constant('join') },
        { weight: 40, arbitrary: fc.constant('end') },
        { weight: 10, arbitrary: fc.constant('pass') },
        { weight: 1, arbitrary: fc.constant('stop') },
      ),
      userId: fc.integer({ min: 1, max: PLAYERS }),
      how: fc.constantFrom<Ending[]>('done', 'done', 'lost before', 'lost after', 'refused'),
      /** Before anything else can happen. */
      waits: fc.boolean(),
    }),
    { minLength: 5, maxLength: 60, size: 'max' },
  );

  const seed = chosenSeed();
  it(`[G3] [G5] [M5] whatever is asked, lost and left, in whatever order: who has a seat has paid once, nobody else has, and everything is answered (SEED=${seed})`, async () => {
    const ends = { begun: 0, stopped: 0, waiting: 0 };
    const property = fc.asyncProperty(steps, async (all) => {
      const table = tableWith(1, 2, 3);
      const { books, asked } = table;
      const names = new Map<number, string>();
      let unanswered = 0;
      let count = 0;
      const say = (answer: Promise<unknown>) => {
        unanswered += 1;
        const over = () => {
          unanswered -= 1;
        };
        answer.then(over, over);
      };
      for (const { kind, userId, how, waits } of all) {
        const user = userId as UserId;
        const isThere = table.there.has(user);
        if (kind === 'join') table.there.add(user);
        else if (kind === 'leave') table.leave(user);
        else if (kind === 'pass') mock.timers.tick(RETRY_MS);
        else if (kind === 'stop' && !table.stopped) say(table.stop());
        else if (kind === 'stand' && isThere) say(asked.stand(user));
        else if (kind === 'end') {
          const [statement] = books.under;
          statement?.end(how);
        } else if ((kind === 'sit' || kind === 'again') && isThere) {
          count += 1;
          const name = kind === 'again' ? (names.get(userId) ?? 'm') : `m${count}`;
          names.set(userId, name);
          say(asked.sit(playerOf(userId), name, STAKE));
        }
        if (waits) await turn();
      }
      // The books come back, and answer all.
      for (let idle = 0; idle < 3; idle++) {
        for (; books.under[0]; idle = 0) {
          books.under[0].end('done');
          await turn();
        }
        await pass();
      }
      assert.equal(unanswered, 0, 'something is not answered');
      assert.deepEqual(books.wrong, []);
      const paid = [...books.pot.values()].map(({ seat, userId: of }) => `${seat}: ${of}`);
      if (table.stopped) {
        ends.stopped += 1;
        assert.deepEqual(paid, []);
        return;
      }
      const seated = table.seating.seats.flatMap((holder, seat) =>
        holder ? [`${seat}: ${holder.userId}`] : [],
      );
      assert.deepEqual(paid.toSorted(), seated);
      if (table.match) {
        ends.begun += 1;
        assert.equal(seated.length, 2);
        const absent = table.match.players.some((player) => !table.there.has(player.userId));
        assert.ok(!absent || table.match.outcome?.ending === 'left');
        table.match.stop();
      } else {
        ends.waiting += 1;
        assert.ok(seated.length < 2, 'both seats are taken, and no match begins');
        for (const { userId } of table.holders) assert.ok(table.there.has(userId), 'a ghost');
      }
    });
    await fc.assert(property, { seed, numRuns: RUNS });
    console.log(`        ${JSON.stringify(ends)}`);
    for (const [end, times] of Object.entries(ends)) assert.ok(times > 0, end);
  });
});
