import assert from 'node:assert/strict';
import type { Database } from '../../src/database/connection.ts';
import { roundByName } from '../../src/games/registry.ts';
import type { NodeId, RoomId, RoundId } from '../../src/ids.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { OwnedRoom } from '../../src/ledger/types.ts';
import type { NodeLease } from '../../src/live/lease.ts';
import { type RecoveryParts, recoverAbandonedRooms, recoverRoom } from '../../src/live/recovery.ts';
import { type Books, bet, cashOut, openBooks, type Player, silent } from '../ledger/fixture.ts';

class Killed extends Error {}

describe('live/recovery', () => {
  let books: Books;

  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());
  afterEach(async () => {
    await books.closeOthers();
    await books.assertSound();
    assert.equal(await books.count('live_rooms', 'closed_at IS NULL'), 0, 'a room is left open');
  });

  /** A node that starts, or sweeps, with all that recovery needs. */
  async function recoverer(over: { db?: Database; ledger?: Ledger } = {}): Promise<RecoveryParts> {
    const lease = { id: await books.node() } as NodeLease;
    const { db, ledger } = books;
    const failed = new Set<RoomId>();
    return { db, ledger, lease, logger: silent, rulesOf: roundByName, failed, ...over };
  }

  interface Lost {
    readonly node: NodeId;
    readonly room: OwnedRoom;
    readonly roundId: RoundId;
    /** Bets: auto at 1.50, auto at 4.00, none, and one that was cashed out at 1.20; 100 each of 500. */
    readonly players: readonly Player[];
  }

  const STAGES = ['betting', 'running', 'ended', 'half settled', 'settled', 'closed'] as const;

  /** A room whose node dies at this stage of its round; the crash point is 2.00. */
  async function lostAt(stage: (typeof STAGES)[number]): Promise<Lost> {
    const node = await books.node();
    const room = await books.room(node);
    const roundId = await books.round(room);
    const players = await books.players(4, 500);
    const selections = [{ autoCashout: 150 }, { autoCashout: 400 }, {}, {}];
    const bets = players.map((p, i) => bet({ room, roundId }, p, 100, selections[i]));
    await Promise.all(bets.map((b) => books.ledger.placeBet(b)));
    const at = STAGES.indexOf(stage);
    if (at >= 1) {
      await books.ledger.rounds.lock(room, roundId);
      await books.ledger.resolveBet(cashOut(bets[3] as (typeof bets)[number], 120));
    }
    if (at >= 2) await books.ledger.rounds.end(room, roundId, { crashPoint: 200 }, '5e'.repeat(32));
    if (at >= 3) {
      const auto = { ...cashOut(bets[0] as (typeof bets)[number], 150), by: 'auto' as const };
      await books.ledger.resolveAll([auto]);
    }
    if (at >= 4) {
      const lost = { status: 'lost', by: 'outcome', multiplier: 0, payout: 0 } as const;
      await books.ledger.resolveAll(bets.slice(1, 3).map((b) => ({ ...cashOut(b, 0), ...lost })));
    }
    if (at >= 5) await books.ledger.rounds.close(room, roundId);
    await books.expire(node);
    return { node, room, roundId, players };
  }

  /** How the round and its four bets must stand after a recovery. */
  const EXPECTED: Record<
    (typeof STAGES)[number],
    { phase: string; bets: string[]; balances: number[] }
  > = {
    betting: {
      phase: 'void',
      bets: ['refunded', 'refunded', 'refunded', 'refunded'],
      balances: [500, 500, 500, 500],
    },
    running: {
      phase: 'void',
      bets: ['refunded', 'refunded', 'refunded', 'cashed'],
      balances: [500, 500, 500, 520],
    },
    ended: {
      phase: 'settled',
      bets: ['cashed', 'lost', 'lost', 'cashed'],
      balances: [550, 400, 400, 520],
    },
    'half settled': {
      phase: 'settled',
      bets: ['cashed', 'lost', 'lost', 'cashed'],
      balances: [550, 400, 400, 520],
    },
    settled: {
      phase: 'settled',
      bets: ['cashed', 'lost', 'lost', 'cashed'],
      balances: [550, 400, 400, 520],
    },
    closed: {
      phase: 'settled',
      bets: ['cashed', 'lost', 'lost', 'cashed'],
      balances: [550, 400, 400, 520],
    },
  };

  async function assertRecovered(lost: Lost, stage: (typeof STAGES)[number]): Promise<void> {
    const { phase } = await books.row<{ phase: string }>('SELECT phase FROM rounds WHERE id = $1', [
      lost.roundId,
    ]);
    const bets = await books.rows<{ status: string }>(
      'SELECT status FROM bets WHERE round_id = $1 ORDER BY wallet_id',
      [lost.roundId],
    );
    const players = lost.players.toSorted((a, b) => a.walletId - b.walletId);
    const order = players.map((p) => lost.players.indexOf(p));
    const expected = EXPECTED[stage];
    assert.equal(phase, expected.phase);
    assert.deepEqual(
      bets.map(({ status }) => status),
      order.map((i) => expected.bets[i]),
    );
    const balances = await Promise.all(lost.players.map((p) => books.balance(p)));
    assert.deepEqual(balances, expected.balances);
    assert.equal(await books.balance(lost.room.escrowId), 0);
  }

  for (const stage of STAGES) {
    const what = EXPECTED[stage].phase === 'void' ? 'refunded' : 'settled by its outcome';
    it(`[M9] [Bug 5] a round whose node died when it was ${stage} is ${what}, and cash-outs stand`, async () => {
      const lost = await lostAt(stage);
      const parts = await recoverer();
      assert.equal(await recoverAbandonedRooms(parts), 1);
      await assertRecovered(lost, stage);
    });
  }

  it('[M9] recovery is idempotent: repeated, it finds nothing and writes nothing', async () => {
    const lost = await lostAt('ended');
    const parts = await recoverer();
    assert.equal(await recoverAbandonedRooms(parts), 1);
    const after = await books.contents();
    assert.equal(await recoverAbandonedRooms(parts), 0);
    assert.equal(await recoverAbandonedRooms(await recoverer()), 0);
    assert.equal(await recoverRoom(parts, lost.room.roomId), false);
    assert.equal(await books.contents(), after);
  });

  it('[M9] two nodes that recover at once share the rooms and settle each bet once', async () => {
    const lost = [];
    for (const stage of STAGES) lost.push({ stage, at: await lostAt(stage) });
    const other = await books.another();
    const counts = await Promise.all([
      recoverAbandonedRooms(await recoverer()),
      recoverAbandonedRooms(await recoverer(other)),
    ]);
    assert.equal(counts[0] + counts[1], STAGES.length);
    for (const { stage, at } of lost) await assertRecovered(at, stage);
  });

  it('[M9] one node that recovers a room twice at once settles each bet once', async () => {
    for (const stage of ['running', 'half settled'] as const) {
      const lost = await lostAt(stage);
      const parts = await recoverer();
      const { roomId } = lost.room;
      // The second raises the fence against the first, which may then write nothing more.
      await Promise.allSettled([recoverRoom(parts, roomId), recoverRoom(parts, roomId)]);
      await recoverAbandonedRooms(parts);
      await assertRecovered(lost, stage);
    }
  });

  it('[M9] a round of more bets than fit into a chunk is settled in several, and may be killed between them', async function () {
    this.timeout(40_000);
    const node = await books.node();
    const room = await books.room(node);
    const roundId = await books.round(room);
    const player = await books.player(20_000);
    const bets = Array.from({ length: 5_200 }, () =>
      bet({ room, roundId }, player, 2, { autoCashout: 150 }),
    );
    await Promise.all(bets.map((b) => books.ledger.placeBet(b)));
    await books.lockAndEnd(room, roundId, 200);
    await books.expire(node);
    const settled = () => books.count('bets', "round_id = $1 AND status = 'cashed'", [roundId]);
    let chunks = 0;
    const killed = { ...books.db, pool: Object.create(books.db.pool) as Database['pool'] };
    Object.assign(killed.pool, {
      query: (...given: [{ text: string }]) => {
        if (/resolve_bets/.test(given[0].text)) chunks += 1;
        if (chunks === 2) throw new Killed();
        return books.db.pool.query(...given);
      },
    });
    const first = await recoverer({ ledger: books.ledgerOn(killed) });
    assert.equal(await recoverAbandonedRooms(first), 0);
    assert.equal(await settled(), 5_000);
    await books.expire(first.lease.id);
    assert.equal(await recoverAbandonedRooms(await recoverer()), 1);
    assert.equal(await settled(), 5_200);
    assert.equal(await books.balance(player), 20_000 + 5_200);
  });

  it('[M9] a room whose owner holds its lease is left alone', async () => {
    const { room, roundId } = await books.table();
    const parts = await recoverer();
    const before = await books.contents();
    assert.equal(await recoverAbandonedRooms(parts), 0);
    assert.equal(await recoverRoom(parts, room.roomId), false);
    assert.equal(await books.contents(), before);
    await books.settle(room, roundId, null);
    await books.ledger.rounds.closeRoom(room);
  });

  it('[M9] a room is closed and the stays of its players are ended by recovery', async () => {
    const lost = await lostAt('running');
    await books.rows(
      'INSERT INTO game_sessions (user_id, game_id, room_id, session_key) VALUES ($1, $2, $3, $4)',
      [lost.players[0]?.userId, lost.room.gameId, lost.room.roomId, 'abc'],
    );
    await recoverAbandonedRooms(await recoverer());
    const { roomId } = lost.room;
    assert.equal(
      await books.count('live_rooms', 'room_id = $1 AND closed_at IS NULL', [roomId]),
      0,
    );
    assert.equal(
      await books.count('game_sessions', 'room_id = $1 AND ended_at IS NULL', [roomId]),
      0,
    );
  });

  /** Recovery whose process dies instead of sending its statement number `at`, or right after sending it. */
  async function dyingAt(
    at: number,
    after: boolean,
  ): Promise<{ parts: RecoveryParts; died: () => boolean }> {
    let statement = 0;
    let dead = false;
    const query = async (...given: [string, unknown[]?]) => {
      if (dead) throw new Killed();
      const dies = statement === at;
      statement += 1;
      if (dies && !after) {
        dead = true;
        throw new Killed();
      }
      const result = await books.db.pool.query(...given);
      if (dies) {
        dead = true;
        throw new Killed();
      }
      return result;
    };
    const db = { ...books.db, pool: { query } as unknown as Database['pool'] };
    const parts = await recoverer({ db, ledger: books.ledgerOn(db) });
    return { parts, died: () => dead };
  }

  for (const stage of ['running', 'half settled'] as const) {
    it(`[M9] recovery of a round that was ${stage} may be killed before or after any of its statements`, async function () {
      this.timeout(30_000);
      for (let at = 0; ; at++) {
        const lost = await lostAt(stage);
        const before = await dyingAt(at, false);
        await recoverAbandonedRooms(before.parts).catch(() => {});
        if (!before.died()) {
          await assertRecovered(lost, stage);
          assert.ok(at > 5, 'a recovery takes a few statements');
          return;
        }
        await books.expire(before.parts.lease.id);
        const after = await dyingAt(at, true);
        await recoverAbandonedRooms(after.parts).catch(() => {});
        await books.expire(after.parts.lease.id);
        await recoverAbandonedRooms(await recoverer());
        await assertRecovered(lost, stage);
      }
    });
  }

  it('[M9] a recovery that failed half-way, without its process dying, is taken up by the next sweep of the same node', async () => {
    for (let at = 0; at < 4; at++) {
      const lost = await lostAt('ended');
      let failures = 1;
      const parts = await recoverer();
      const failing: RecoveryParts = {
        ...parts,
        rulesOf(name) {
          const game = roundByName(name);
          return {
            ...game,
            resolve(...asked) {
              if (failures > 0) {
                failures -= 1;
                throw new Error('no memory');
              }
              return game.resolve(...asked);
            },
          };
        },
      };
      await recoverAbandonedRooms(failing).catch(() => {});
      assert.equal(await recoverAbandonedRooms(failing), 1);
      await assertRecovered(lost, 'ended');
    }
  });

  it('[M9] a room that cannot be recovered does not keep the others from it', async () => {
    const unknown = await lostAt('ended');
    const lost = await lostAt('ended');
    await books.rows("UPDATE live_rooms SET name = 'unknown' WHERE room_id = $1", [
      unknown.room.roomId,
    ]);
    const parts = await recoverer();
    assert.equal(await recoverAbandonedRooms(parts), 1);
    await assertRecovered(lost, 'ended');
    // Once the game is back, so is the room.
    await books.rows("UPDATE live_rooms SET name = 'crash' WHERE room_id = $1", [
      unknown.room.roomId,
    ]);
    assert.equal(await recoverAbandonedRooms(parts), 1);
    await assertRecovered(unknown, 'ended');
  });

  it('[M9] a room that this very node abandoned is recovered by its next sweep when that failed at first', async () => {
    const parts = await recoverer();
    const room = await books.room(parts.lease.id);
    const roundId = await books.round(room);
    const player = await books.player(100);
    await books.ledger.placeBet(bet({ room, roundId }, player, 60));
    const broken: RecoveryParts = {
      ...parts,
      rulesOf: () => {
        throw new Error('no memory');
      },
    };
    await assert.rejects(recoverRoom(broken, room.roomId as RoomId), /no memory/);
    assert.equal(await recoverAbandonedRooms(parts), 1);
    assert.equal(await books.balance(player), 100);
  });

  it('[M9] more rooms than one sweep reads at once are all recovered', async function () {
    this.timeout(30_000);
    const node = await books.node();
    for (let i = 0; i < 120; i++) await books.room(node);
    await books.expire(node);
    assert.equal(await recoverAbandonedRooms(await recoverer()), 120);
  });
});
