/** The stakes of a match in the books: every answer lost, every step broken off, every race of two who act. */
import assert from 'node:assert/strict';
import { v4 as uuidv4 } from 'uuid';
import { gameByName, rulesOf } from '../../src/games/registry.ts';
import type { NodeId, RoomId } from '../../src/ids.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { Table } from '../../src/ledger/postings.ts';
import type { StakedSeat } from '../../src/ledger/pots.ts';
import { settle } from '../../src/ledger/settlement.ts';
import type { OwnedRoom, WalletChange } from '../../src/ledger/types.ts';
import { commitsAfter, dyingAt, Killed, losingAt } from './broken.ts';
import { potOf } from './deals.ts';
import type { Fault } from './faulty.ts';
import { type Books, bet, code, openBooks, type Player, until } from './fixture.ts';

const RAKE_PERCENT = 2;
const START = 1_000;
const FAULTS: readonly Fault[] = ['before', 'after'];
/** The winning seat of a match, or none. */
const WINNERS = [0, 1, null] as const;

describe('ledger/pots, of matches', function () {
  this.timeout(60_000);
  const rules = rulesOf(gameByName('duel'));
  let books: Books;

  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());
  afterEach(async () => {
    await books.closeOthers();
    // M2, M12: nothing is left anywhere, and every posting sums to zero.
    const left = await books.rows(
      `SELECT id, phase, pot FROM rounds WHERE pot <> 0 OR phase NOT IN ('settled', 'void')`,
    );
    assert.deepEqual(left, []);
    assert.equal(await books.count('wallets', "kind = 'escrow' AND balance <> 0"), 0);
    const uneven = await books.rows(
      'SELECT posting_id FROM transactions GROUP BY posting_id HAVING sum(amount) <> 0',
    );
    assert.deepEqual(uneven, []);
    await books.assertSound();
  });

  interface Duel {
    readonly node: NodeId;
    readonly table: Table;
    readonly players: readonly [Player, Player];
    /** Those that are taken. */
    readonly seats: StakedSeat[];
  }

  async function duel(start = START): Promise<Duel> {
    const node = await books.node();
    const roomId = `room-${uuidv4()}` as RoomId;
    const room = await books.ledger.rounds.openRoom(node, roomId, 'duel', 'main');
    const table = { room, roundId: await books.round(room) };
    return { node, table, players: await books.pair(start), seats: [] };
  }

  const sit = (
    ledger: Ledger,
    table: Table,
    { userId }: Player,
    seat: number,
    amount: number,
    matchId: string = uuidv4(),
  ) => ledger.pots.sit({ table, userId, matchId, seat, stake: amount });

  /** Both seats are taken for this stake. */
  async function seated(amount: number, start = START): Promise<Duel> {
    const its = await duel(start);
    for (const [at, player] of its.players.entries()) {
      its.seats.push(await sit(books.ledger, its.table, player, at, amount));
    }
    return its;
  }

  const outcomeOf = (winner: number | null) => ({
    setup: { first: 0, log: [] },
    moves: [],
    winner,
    ending: winner === null ? 'agreed' : 'resigned',
  });

  /** The end of the match is in the books; nothing is paid. */
  async function ended({ room, roundId }: Table, winner: number | null): Promise<void> {
    await books.ledger.rounds.lock(room, roundId);
    await books.ledger.rounds.end(room, roundId, outcomeOf(winner), '5e'.repeat(32));
  }

  /** Of two players who had START and staked `amount`, by hand. */
  const afterMatch = (amount: number, winner: number | null) =>
    [0, 1].map((seat) => {
      if (winner === null) return START;
      return START - amount + (seat === winner ? shareOf(amount).won : 0);
    });

  const settled = (ledger: Ledger, { room, roundId }: Table, winner?: number | null) =>
    settle(ledger, rules, room, roundId, winner === undefined ? null : outcomeOf(winner));

  const balances = (players: readonly Player[]) =>
    Promise.all(players.map((player) => books.balance(player)));

  async function takenOver({ node, table }: Duel): Promise<Table> {
    await books.expire(node);
    const room = await books.ledger.rounds.takeOver(await books.node(), table.room.roomId);
    return { ...table, room: room as OwnedRoom };
  }

  /** By hand: what the winner of two stakes gets, and the house keeps. */
  const shareOf = (amount: number) => {
    const kept = Math.floor((2 * amount * RAKE_PERCENT) / 100);
    return { won: 2 * amount - kept, kept };
  };

  describe('who sits where', () => {
    it('[G3] [M5] a repeat answers the first, also under a name in other letters; another stake or seat under it is BET_CONFLICT or the first', async () => {
      const { table, players } = await duel();
      const [a] = players;
      const matchId = uuidv4();
      const first = await sit(books.ledger, table, a, 0, 100, matchId);
      assert.deepEqual(await sit(books.ledger, table, a, 0, 100, matchId.toUpperCase()), first);
      assert.deepEqual(await books.ledger.pots.find(a.userId, matchId.toUpperCase()), first);
      await assert.rejects(
        sit(books.ledger, table, a, 0, 101, matchId),
        code('BET_CONFLICT'),
        'another stake',
      );
      const other = await duel();
      await assert.rejects(
        sit(books.ledger, other.table, a, 0, 100, matchId),
        code('BET_CONFLICT'),
        'another match',
      );
      assert.equal(await books.balance(a), 900);
      await settled(books.ledger, table);
      // Whatever became of it.
      assert.deepEqual(await books.ledger.pots.find(a.userId, matchId), first);
      assert.deepEqual(await sit(books.ledger, table, a, 0, 100, matchId), first);
      assert.equal(await books.balance(a), START);
      await settled(books.ledger, other.table);
    });

    it('[G3] [M5] two players may use one name: each has a seat, a stake and a refund of the own', async () => {
      const { table, players } = await duel();
      const matchId = uuidv4();
      const [one, two] = await Promise.all(
        players.map((player, at) => sit(books.ledger, table, player, at, 100, matchId)),
      );
      assert.notEqual(one?.refundId, two?.refundId);
      assert.deepEqual(await books.ledger.pots.find(players[0].userId, matchId), one);
      await books.ledger.pots.giveBack(table, one as StakedSeat);
      assert.deepEqual(await balances(players), [START, START - 100]);
      assert.equal(await potOf(books, table), 100);
      await settled(books.ledger, table);
      assert.deepEqual(await balances(players), [START, START]);
    });

    it('[G3] [M5] sent many times at once by two processes, a seat is taken and paid for once', async () => {
      const { table, players } = await duel();
      const [a] = players;
      const other = await books.another();
      const matchId = uuidv4();
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, at) =>
          sit(at % 2 ? other.ledger : books.ledger, table, a, 0, 100, matchId),
        ),
      );
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
      assert.equal(await potOf(books, table), 100);
      await settled(books.ledger, table);
      assert.equal(await books.balance(a), START);
    });

    it('[G3] [G5] no seat is sold twice, none to who has one, none after the match has begun: the pot has one holder for each seat', async () => {
      const { table, players } = await duel();
      const [a, b] = players;
      await sit(books.ledger, table, a, 0, 100);
      const before = await books.contents();
      await assert.rejects(sit(books.ledger, table, b, 0, 100), code('BETTING_CLOSED'));
      await assert.rejects(sit(books.ledger, table, a, 1, 100), code('BETTING_CLOSED'));
      assert.equal(await books.contents(), before);
      const other = await books.another();
      const ends = await Promise.allSettled([
        sit(books.ledger, table, b, 1, 100),
        sit(other.ledger, table, await books.player(), 1, 100),
      ]);
      assert.deepEqual(ends.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
      await ended(table, 0);
      const late = await books.player();
      await assert.rejects(sit(books.ledger, table, late, 2, 100), code('BETTING_CLOSED'));
      await settled(books.ledger, table, 0);
      assert.equal(await books.balance(a), 1_096);
      assert.equal(await books.balance(late), 500);
    });

    it('[G3] who cannot pay has no seat, and its name is free', async () => {
      const { table, players } = await duel(50);
      const matchId = uuidv4();
      await assert.rejects(
        sit(books.ledger, table, players[0], 0, 51, matchId),
        code('INSUFFICIENT_FUNDS'),
      );
      assert.equal(await books.ledger.pots.find(players[0].userId, matchId), undefined);
      await sit(books.ledger, table, players[0], 0, 50, matchId);
      await settled(books.ledger, table);
      assert.deepEqual(await balances(players), [50, 50]);
    });

    for (const winner of WINNERS) {
      it(`[G3] [G5] a seat that was given up and taken by another is the other's (winner ${winner})`, async () => {
        const { table, players } = await duel();
        const [first, opponent] = players;
        const second = await books.player(START);
        const given = await sit(books.ledger, table, first, 0, 100);
        await sit(books.ledger, table, opponent, 1, 100);
        await books.ledger.pots.giveBack(table, given);
        await sit(books.ledger, table, second, 0, 100);
        // And once more by the one who was there first, elsewhere.
        await books.ledger.pots.giveBack(table, given);
        await ended(table, winner);
        await settled(books.ledger, table, winner);
        const pot = shareOf(100).won;
        const expected = [
          START,
          winner === null ? START : winner === 1 ? START - 100 + pot : START - 100,
          winner === null ? START : winner === 0 ? START - 100 + pot : START - 100,
        ];
        assert.deepEqual(await balances([first, opponent, second]), expected);
      });
    }

    it('[G3] one player may sit down, get up and sit down again as often as he likes', async () => {
      const { table, players } = await duel();
      for (let round = 0; round < 5; round++) {
        const seat = await sit(books.ledger, table, players[0], round % 2, 100);
        assert.equal(seat.balance, START - 100);
        await books.ledger.pots.giveBack(table, seat);
      }
      await sit(books.ledger, table, players[0], 1, 100);
      await sit(books.ledger, table, players[1], 0, 100);
      await ended(table, 1);
      await settled(books.ledger, table, 1);
      assert.deepEqual(await balances(players), [1_096, 900]);
    });
  });

  describe('answers that are lost', () => {
    /** The same work with each of its statements lost, before it was sent and after it was committed. */
    async function whicheverIsLost(work: (ledger: Ledger) => Promise<void>): Promise<number> {
      for (let at = 0; ; at++) {
        for (const fault of FAULTS) {
          const db = losingAt(books.db, at, fault);
          await work(books.ledgerOn(db));
          if (db.asked() <= at) return at;
        }
      }
    }

    it('[M5] [M6] of a seat: it is taken, paid for and told once, whichever answer is lost', async () => {
      const statements = await whicheverIsLost(async (ledger) => {
        const { table, players } = await duel();
        const [a] = players;
        const told: WalletChange[] = [];
        const stop = ledger.feed.subscribe(a.userId, (change) => told.push(change));
        const matchId = uuidv4();
        const seat = await sit(ledger, table, a, 0, 100, matchId);
        const { refundId, ...answer } = seat;
        const { roundId } = table;
        assert.deepEqual(answer, { roundId, userId: a.userId, seat: 0, stake: 100, balance: 900 });
        assert.deepEqual(
          told.map(({ balance, seq }) => [balance, seq]),
          [[900, 2]],
        );
        stop();
        assert.deepEqual(await ledger.pots.find(a.userId, matchId), seat);
        assert.equal(await books.count('match_seats', 'round_id = $1', [roundId]), 1);
        assert.equal(await potOf(books, table), 100);
        await settled(books.ledger, table);
        assert.equal(await books.balance(a), START);
      });
      assert.ok(statements > 4, `${statements} statements`);
    });

    it('[M5] [M6] of a refund: it comes back and is told once', async () => {
      await whicheverIsLost(async (ledger) => {
        const { table, players, seats } = await seated(100);
        const told: WalletChange[] = [];
        const stop = ledger.feed.subscribe(players[0].userId, (change) => told.push(change));
        await ledger.pots.giveBack(table, seats[0] as StakedSeat);
        await ledger.pots.giveBack(table, seats[0] as StakedSeat);
        stop();
        assert.deepEqual(
          told.map(({ balance }) => balance),
          [START],
        );
        assert.equal(await potOf(books, table), 100);
        await settled(books.ledger, table);
        assert.deepEqual(await balances(players), [START, START]);
      });
    });

    for (const winner of WINNERS) {
      it(`[M5] [G5] of a pot that is paid (winner ${winner}): once, whichever answer is lost`, async () => {
        const statements = await whicheverIsLost(async (ledger) => {
          const { table, players } = await seated(333);
          await ended(table, winner);
          const before = await books.balance(table.room.houseId);
          await ledger.pots.pay(table, winner, RAKE_PERCENT);
          assert.equal(await potOf(books, table), 0);
          await settled(books.ledger, table, winner);
          assert.deepEqual(await balances(players), afterMatch(333, winner));
          const house = (await books.balance(table.room.houseId)) - before;
          assert.equal(house, winner === null ? 0 : shareOf(333).kept);
        });
        assert.ok(statements >= 3, `${statements} statements`);
      });
    }
  });

  describe('processes that die', () => {
    /** The process of the owner dies at each statement of its work; another node recovers, and the owner comes back. */
    async function whereverItDies(
      prepare: () => Promise<Duel>,
      work: (ledger: Ledger, its: Duel) => Promise<unknown>,
      recovered: (its: Duel) => Promise<void>,
      winner?: number | null,
    ): Promise<number> {
      for (let at = 0; ; at++) {
        for (const fault of FAULTS) {
          const its = await prepare();
          const { table } = its;
          const db = dyingAt(books.db, at, fault);
          const done = await work(books.ledgerOn(db), its).then(
            () => true,
            (error) => {
              assert.ok(error instanceof Killed, String(error));
              return false;
            },
          );
          const now = await takenOver(its);
          // The recovery dies too, once, at the same place of its own work.
          const second = books.ledgerOn(dyingAt(books.db, at, fault));
          await settled(second, now, winner).catch((error) => assert.ok(error instanceof Killed));
          await settled(books.ledger, now, winner);
          await recovered(its);
          await books.renew(its.node);
          const before = await books.contents();
          await work(books.ledger, its).catch(() => {});
          await settled(books.ledger, table, winner).catch(code('ROOM_MOVED'));
          assert.equal(await books.contents(), before, 'a stale owner writes nothing');
          if (done) return at;
        }
      }
    }

    it('[M8] [M9] while a seat is taken: the stake comes back, whatever was done', async () => {
      const matchId = uuidv4();
      const statements = await whereverItDies(
        () => duel(),
        async (ledger, { table, players: [a, b] }) => {
          await sit(ledger, table, a, 0, 100, matchId);
          await sit(ledger, table, b, 1, 100, matchId);
        },
        async ({ players }) => assert.deepEqual(await balances(players), [START, START]),
      );
      assert.equal(statements, 8);
    });

    it('[M8] [M9] while a seat is given up: the stake comes back once', async () => {
      await whereverItDies(
        () => seated(100),
        (ledger, { table, seats }) => ledger.pots.giveBack(table, seats[0] as StakedSeat),
        async ({ players }) => assert.deepEqual(await balances(players), [START, START]),
      );
    });

    for (const winner of WINNERS) {
      it(`[M8] [M9] [G5] while the pot is paid (winner ${winner}): recovery goes on where it was broken off`, async () => {
        const statements = await whereverItDies(
          async () => {
            const its = await seated(250);
            await ended(its.table, winner);
            return its;
          },
          (ledger, { table }) => settled(ledger, table, winner),
          async ({ players }) => assert.deepEqual(await balances(players), afterMatch(250, winner)),
          winner,
        );
        assert.ok(statements >= 5, `${statements} statements`);
      });
    }
  });

  describe('two who act at once', () => {
    it('[M8] [M9] two recoveries of one match at the same time: each stake comes back once', async () => {
      for (let time = 0; time < 5; time++) {
        const its = await seated(100);
        const [one, two] = [await books.another(), await books.another()];
        const first = await takenOver(its);
        // The second raises the fence while the first is at it; what that one still does is done or refused.
        const [early, late] = await Promise.allSettled([
          settled(one.ledger, first),
          (async () => settled(two.ledger, await takenOver({ ...its, node: first.room.nodeId })))(),
        ]);
        if (early.status === 'rejected') assert.ok(code('ROOM_MOVED')(early.reason));
        assert.equal(late.status, 'fulfilled');
        assert.deepEqual(await balances(its.players), [START, START]);
        await books.closeOthers();
      }
    });

    for (const winner of WINNERS) {
      it(`[M5] [M9] one owner that settles several times at once pays once (winner ${winner})`, async () => {
        const { table, players } = await seated(77);
        await ended(table, winner);
        const other = await books.another();
        await Promise.all(
          [books, other, books, other].map(({ ledger }) => settled(ledger, table, winner)),
        );
        assert.deepEqual(await balances(players), afterMatch(77, winner));
      });
    }

    it('[M8] what the old owner sends while the room is taken over waits, and is refused', async () => {
      const its = await seated(100);
      const { table, seats, players } = its;
      const other = await books.another();
      await books.expire(its.node);
      const taker = await books.node();
      const { late } = await books.inTransaction(async (client) => {
        await client.query('SELECT take_over_room($1, $2)', [taker, table.room.roomId]);
        const waiting = Promise.allSettled([
          other.ledger.pots.giveBack(table, seats[0] as StakedSeat),
          sit(other.ledger, table, players[0], 2, 5),
          other.ledger.pots.pay(table, 0, RAKE_PERCENT),
        ]);
        await books.waiting(3);
        return { late: waiting };
      });
      for (const end of await late) {
        assert.equal(end.status, 'rejected');
        code('ROOM_MOVED')((end as PromiseRejectedResult).reason);
      }
      assert.equal(await potOf(books, table), 200);
      const room = await books.ledger.rounds.takeOver(taker, table.room.roomId);
      await settled(books.ledger, { ...table, room: room as OwnedRoom });
      assert.deepEqual(await balances(players), [START, START]);
    });

    for (const others of [0, 1]) {
      it(`[M2] [M9] a stake whose COMMIT arrives in the middle of the refunds (of ${others}) is not closed over: the next settlement gives it back`, async () => {
        const { table, players } = await duel();
        if (others > 0) await sit(books.ledger, table, players[1], 1, 100);
        const arrival = Promise.withResolvers<void>();
        const { db } = await books.another();
        const slow = commitsAfter(db, arrival.promise);
        const sitting = sit(books.ledgerOn(slow), table, players[0], 0, 100);
        // BEGIN, stake, seat, and the COMMIT that is on its way.
        await until(() => slow.asked() === 4);
        const closing = settled(books.ledger, table);
        closing.catch(() => {});
        await books.waiting();
        arrival.resolve();
        await sitting;
        await assert.rejects(closing, { code: 'RH002' });
        await settled(books.ledger, table);
        assert.deepEqual(await balances(players), [START, START]);
      });
    }
  });

  describe('amounts', () => {
    for (const amount of [1, 24, 25, 33, 49, 50, 51, 99, 1_000_000]) {
      it(`[M1] [G5] a stake of ${amount}: the winner gets ${shareOf(amount).won}, the house ${shareOf(amount).kept}`, async () => {
        for (const winner of WINNERS) {
          const { table, players } = await seated(amount, amount);
          assert.deepEqual(await balances(players), [0, 0]);
          await ended(table, winner);
          const before = await books.balance(table.room.houseId);
          await settled(books.ledger, table, winner);
          const expected = [0, 1].map((seat) =>
            winner === null ? amount : seat === winner ? shareOf(amount).won : 0,
          );
          assert.deepEqual(await balances(players), expected);
          const house = (await books.balance(table.room.houseId)) - before;
          assert.equal(house, winner === null ? 0 : shareOf(amount).kept);
        }
      });
    }

    it("[M2] [G2] the pot is whole after the spectators' pool was shared out of the same escrow, and the pool after the pot", async () => {
      for (const winner of WINNERS) {
        const { table, players } = await seated(33);
        const watchers = await books.players(4, START);
        const staked = [
          [700, 0],
          [11, 1],
          [1, 1],
          [29, 0],
        ] as const;
        for (const [at, [amount, seat]] of staked.entries()) {
          const placed = bet(table, watchers[at] as Player, amount, { type: 'winner', seat });
          await books.ledger.placeBet(placed);
        }
        await ended(table, winner);
        const before = await books.balance(table.room.houseId);
        await settled(books.ledger, table, winner);
        assert.deepEqual(
          await balances(players),
          [0, 1].map((seat) => {
            if (winner === null) return START;
            return seat === winner ? START - 33 + 65 : START - 33;
          }),
        );
        // Of 741 go 37 to the house; 704 are 0.96 for each of 729 on seat 0, and 58.66 for each of 12 on seat 1.
        const paid = await balances(watchers);
        const house = (await books.balance(table.room.houseId)) - before;
        const sum = [...paid, ...(await balances(players))].reduce((so, each) => so + each, house);
        assert.equal(sum, 6 * START);
        const expected = {
          none: [START, START, START, START],
          0: [START - 700 + 672, START - 11, START - 1, START - 29 + 27],
          1: [START - 700, START - 11 + 645, START - 1 + 58, START - 29],
        };
        assert.deepEqual(paid, expected[winner ?? 'none']);
      }
    });

    it('[M2] a pot is paid although a huge win was paid out of the same escrow before, which is far below zero then', async () => {
      for (const winner of WINNERS) {
        const { table, players } = await seated(100);
        const watcher = await books.player(10);
        const lucky = bet(table, watcher, 10, { type: 'winner', seat: 0 });
        await books.ledger.placeBet(lucky);
        await ended(table, winner);
        const { room, roundId } = table;
        const won = {
          status: 'won',
          by: 'outcome',
          multiplier: 10_000_000,
          payout: 1_000_000,
        } as const;
        await books.ledger.resolveBet({ room, roundId, betId: lucky.betId, ...won });
        assert.equal(await books.balance(room.escrowId), 210 - 1_000_000);
        await settled(books.ledger, table, winner);
        assert.deepEqual(await balances(players), afterMatch(100, winner));
        assert.equal(await books.balance(watcher), 1_000_000);
      }
    });
  });
});
