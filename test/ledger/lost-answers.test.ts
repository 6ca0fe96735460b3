import assert from 'node:assert/strict';
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';
import type { RoomId } from '../../src/ids.ts';
import type { ResolvedBet, WalletChange } from '../../src/ledger/types.ts';
import { type Fault, faulty } from './faulty.ts';
import { type Books, bet, cashOut, code, openBooks, until } from './fixture.ts';

/** The connection is lost at each of these moments, in this order, and holds after that. */
const LOSSES: Record<string, Fault[]> = {
  'before it was sent': ['before'],
  'after it was committed': ['after'],
  'before and then after': ['before', 'after'],
};

describe('ledger/lost answers', () => {
  let books: Books;

  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());
  afterEach(() => books.assertSound());

  /** A ledger whose statements that match lose their connection. */
  function losing(pattern: RegExp, faults: Fault[]) {
    const db = faulty(books.db, pattern, faults);
    return { db, ledger: books.ledgerOn(db) };
  }

  for (const [moment, faults] of Object.entries(LOSSES)) {
    it(`[M5] [Bug 3] a stake is taken once when the connection is lost ${moment}`, async () => {
      const table = await books.table();
      const player = await books.player(100);
      const { ledger } = losing(/place_bets/, faults);
      const placed = await ledger.placeBet(bet(table, player, 60));
      assert.equal(placed.balance, 40);
      assert.equal(placed.status, 'accepted');
      assert.equal(await books.balance(player), 40);
      assert.equal(await books.balance(table.room.escrowId), 60);
      assert.equal(await books.count('bets', 'round_id = $1', [table.roundId]), 1);
    });

    it(`[M5] [Bug 3] a payout is paid once when the connection is lost ${moment}`, async () => {
      const table = await books.table();
      const player = await books.player(100);
      const placed = bet(table, player, 60);
      await books.ledger.placeBet(placed);
      const { ledger } = losing(/resolve_bets/, faults);
      const resolved = await ledger.resolveBet(cashOut(placed, 150));
      assert.equal(resolved.first, true);
      assert.deepEqual([resolved.status, resolved.payout, resolved.balance], ['cashed', 90, 130]);
      assert.equal(await books.balance(player), 130);
    });

    it(`[M5] [Bug 3] a grant is granted once when the connection is lost ${moment}`, async () => {
      const player = await books.player(100);
      const { ledger } = losing(/post\(/, faults);
      const change = await ledger.grant(player.userId, 25, uuidv7(), 'a present');
      assert.deepEqual([change.balance, change.seq], [125, 2]);
      assert.equal(await books.balance(player), 125);
    });

    it(`[M5] [Bug 3] every step of a round is taken once when the connection is lost ${moment}`, async () => {
      const room = await books.room();
      const toOpen = await books.roundToOpen(room);
      const table = { room, roundId: toOpen.id };
      const player = await books.player(100);

      await losing(/open_round/, faults).ledger.rounds.open(room, toOpen);
      const chain = await books.row<{ next_index: number }>(
        'SELECT next_index FROM fairness_chains WHERE id = $1',
        [toOpen.chainId],
      );
      assert.equal(chain.next_index, 2);
      await books.ledger.placeBet(bet(table, player, 10, { autoCashout: 150 }));
      await books.ledger.placeBet(bet(table, player, 30, { autoCashout: 900 }));
      await losing(/lock_round/, faults).ledger.rounds.lock(room, toOpen.id);
      const seed = '5e'.repeat(32);
      await losing(/end_round/, faults).ledger.rounds.end(
        room,
        toOpen.id,
        { crashPoint: 200 },
        seed,
      );
      // Settles all and closes; the close that is lost comes afterwards and finds it done, or does it.
      const settled = losing(/close_round|resolve_bets/, [...faults, ...faults]);
      await settled.ledger.resolveAll([]);
      const open = await settled.ledger.rounds.openBets(toOpen.id, 10);
      await settled.ledger.resolveAll(
        open.map(({ betId, amount }) => ({
          ...cashOut(bet(table, player, amount, {}, betId), 150),
          ...(amount === 30 ? { status: 'lost' as const, multiplier: 0, payout: 0 } : {}),
        })),
      );
      const closed = await losing(/close_round/, faults).ledger.rounds.close(room, toOpen.id);
      assert.deepEqual(closed, { phase: 'settled', betCount: 2, staked: 40, paid: 15 });
      assert.equal(await books.balance(room.escrowId), 0);
      assert.equal(await books.balance(player), 75);
      const settles = "round_id = $1 AND category = 'settle'";
      assert.equal(await books.count('transactions', settles, [toOpen.id]), 2);
    });

    it(`[M5] a room is opened, taken over and closed once when the connection is lost ${moment}`, async () => {
      const [first, second] = [await books.node(), await books.node()];
      const roomId = `room-${uuidv4()}` as RoomId;
      const opening = losing(/open_room/, faults).ledger.rounds;
      const opened = await opening.openRoom(first, roomId, 'crash', 'main');
      assert.equal(opened.fence, 1);
      await books.expire(first);
      const taken = await losing(/take_over_room/, faults).ledger.rounds.takeOver(second, roomId);
      assert.ok(taken && taken.fence > opened.fence);
      await books.round(taken);
      await books.ledger.rounds.close(taken, (await unfinished(roomId)).id);
      await losing(/close_room/, faults).ledger.rounds.closeRoom(taken);
      assert.equal(
        await books.count('live_rooms', 'room_id = $1 AND closed_at IS NOT NULL', [roomId]),
        1,
      );
      assert.equal(await books.count('wallets', 'account = $1', [`escrow:${roomId}`]), 1);
    });
  }

  async function unfinished(roomId: RoomId) {
    const [round] = await books.ledger.rounds.unfinished(roomId);
    assert.ok(round);
    return round;
  }

  it('[M5] [Bug 3] a bet that was refused in a batch whose answer was lost may be accepted when it is sent again', async () => {
    const table = await books.table();
    const [rich, poor] = await books.pair(100);
    const { db, ledger } = losing(/place_bets/, ['after']);
    // Meanwhile money comes in, so that the same batch, sent again, has one more bet to accept.
    db.whenLost = async () => {
      await books.ledger.grant(poor.userId, 100, uuidv7(), 'in between');
    };
    const [first, second] = await Promise.all([
      ledger.placeBet(bet(table, rich, 70)),
      ledger.placeBet(bet(table, poor, 150)),
    ]);
    assert.deepEqual([first.balance, second.balance], [30, 50]);
    assert.equal(await books.balance(table.room.escrowId), 220);
  });

  it('[M6] the player is told of the stake, once, also when its answer was lost', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const { ledger } = losing(/place_bets/, ['after']);
    const told: WalletChange[] = [];
    ledger.feed.subscribe(player.userId, (change) => told.push(change));
    const placing = bet(table, player, 60);
    const placed = await ledger.placeBet(placing);
    assert.equal(placed.first, true);
    assert.deepEqual(
      told.map(({ balance, seq }) => [balance, seq]),
      [[40, 2]],
    );
    // A repeat by the client is none.
    assert.equal((await ledger.placeBet(placing)).first, false);
    assert.equal(told.length, 1);
  });

  it('[M6] the player is told of the payout, once, also when its answer was lost', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const placing = bet(table, player, 60);
    await books.ledger.placeBet(placing);
    const { ledger } = losing(/resolve_bets/, ['after']);
    const told: WalletChange[] = [];
    ledger.feed.subscribe(player.userId, (change) => told.push(change));
    await ledger.resolveBet(cashOut(placing, 200));
    assert.equal((await ledger.resolveBet(cashOut(placing, 200))).first, false);
    assert.deepEqual(
      told.map(({ balance, seq }) => [balance, seq]),
      [[160, 3]],
    );
  });

  it('[M5] a resolution that was lost on the way answers the other one that stands', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const placing = bet(table, player, 60);
    await books.ledger.placeBet(placing);
    const { db, ledger } = losing(/resolve_bets/, ['before']);
    let other: ResolvedBet | undefined;
    db.whenLost = async () => {};
    const [late] = await Promise.all([
      (async () => {
        await until(() => other !== undefined);
        return ledger.resolveBet(cashOut(placing, 300));
      })(),
      (async () => {
        other = await books.ledger.resolveBet(cashOut(placing, 200));
      })(),
    ]);
    assert.deepEqual([late.first, late.payout, late.multiplier], [false, 120, 200]);
    assert.equal(await books.balance(player), 160);
  });

  it('[M5] a repeated cash-out whose own answer was lost is not taken for the first', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const placing = bet(table, player, 60);
    await books.ledger.placeBet(placing);
    assert.equal((await books.ledger.resolveBet(cashOut(placing, 200))).first, true);
    const { ledger } = losing(/resolve_bets/, ['before', 'after']);
    const told: WalletChange[] = [];
    ledger.feed.subscribe(player.userId, (change) => told.push(change));
    const again = await ledger.resolveBet(cashOut(placing, 200));
    assert.deepEqual([again.first, again.payout], [false, 120]);
    assert.deepEqual(told, []);
  });

  it('[M5] [Bug 3] a backend that is killed while the batch waits costs nobody anything', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const { ledger } = await books.another();
    const placing = bet(table, player, 60);
    const held = await books.inTransaction(async (client) => {
      await client.query('SELECT 1 FROM wallets WHERE id = $1 FOR UPDATE', [player.walletId]);
      const answer = ledger.placeBet(placing);
      await books.waiting();
      const killed = await books.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      assert.equal(killed.length, 1);
      return { answer };
    });
    const placed = await held.answer;
    assert.equal(placed.balance, 40);
    assert.equal(await books.count('bets', 'id = $1', [placing.betId]), 1);
    await books.closeOthers();
  });

  it('[M5] [Bug 4] a bet whose commit failed is not acknowledged', async () => {
    const table = await books.table();
    const player = await books.player(100);
    // A deferred trigger fails at COMMIT, after every statement of the batch has worked.
    await books.db.pool.query(`
      CREATE FUNCTION fail_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = '53100'; END $$;
      CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON bets DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION fail_at_commit()`);
    const told: WalletChange[] = [];
    const stop = books.ledger.feed.subscribe(player.userId, (change) => told.push(change));
    try {
      await assert.rejects(books.ledger.placeBet(bet(table, player, 60)), { code: '53100' });
    } finally {
      stop();
      await books.db.pool.query('DROP TRIGGER fail ON bets; DROP FUNCTION fail_at_commit()');
    }
    assert.deepEqual(told, []);
    assert.equal(await books.balance(player), 100);
    assert.equal(await books.count('bets', 'round_id = $1', [table.roundId]), 0);
  });

  it('[M5] a room id that another node has is not taken by opening it again', async () => {
    const room = await books.room();
    const other = await books.node();
    const again = books.ledger.rounds.openRoom(other, room.roomId, 'crash', 'main');
    await assert.rejects(again, code('ROOM_MOVED'));
  });
});
