import assert from 'node:assert/strict';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import type { RoundId } from '../../src/ids.ts';
import { placeBets } from '../../src/ledger/place.ts';
import { type Books, bet, cashOut, code, openBooks } from './fixture.ts';

describe('ledger/rounds', () => {
  let books: Books;

  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());
  afterEach(() => books.assertSound());

  async function phase(roundId: RoundId): Promise<string> {
    return (await books.row<{ phase: string }>('SELECT phase FROM rounds WHERE id = $1', [roundId]))
      .phase;
  }

  it('[M7] [Bug 16] a bet after lock is BETTING_CLOSED and costs nothing, in every phase after it', async () => {
    const { room, roundId } = await books.table();
    const player = await books.player(100);
    const { rounds } = books.ledger;
    const late = () =>
      assert.rejects(
        books.ledger.placeBet(bet({ room, roundId }, player, 10)),
        code('BETTING_CLOSED'),
      );
    await rounds.lock(room, roundId);
    await late();
    await rounds.end(room, roundId, { crashPoint: 150 }, '5e'.repeat(32));
    await late();
    await rounds.close(room, roundId);
    await late();
    assert.equal(await books.balance(player), 100);
    assert.equal(await books.count('bets', 'round_id = $1', [roundId]), 0);
  });

  it("[M7] a bet on a round that is not there, or is another room's, is BETTING_CLOSED", async () => {
    const [one, two] = [await books.table(), await books.table()];
    const player = await books.player(100);
    const nowhere = { ...one, roundId: uuidv7() as RoundId };
    await assert.rejects(books.ledger.placeBet(bet(nowhere, player, 10)), code('BETTING_CLOSED'));
    const mixed = { room: one.room, roundId: two.roundId };
    await assert.rejects(books.ledger.placeBet(bet(mixed, player, 10)), code('BETTING_CLOSED'));
    assert.equal(await books.balance(player), 100);
  });

  it('[M7] lock waits for a batch in flight, and that batch is in', async () => {
    const { room, roundId } = await books.table();
    const player = await books.player(100);
    const locking = await books.inTransaction(async (client) => {
      const [placed] = await placeBets(asPool(client), [bet({ room, roundId }, player, 60)]);
      assert.ok(placed && 'first' in placed);
      const promise = books.ledger.rounds.lock(room, roundId);
      await books.waiting();
      assert.equal(await phase(roundId), 'betting');
      return { promise };
    });
    await locking.promise;
    assert.equal(await phase(roundId), 'running');
    assert.equal(await books.count('bets', 'round_id = $1', [roundId]), 1);
    assert.equal(await books.balance(player), 40);
  });

  it('[M7] a bet that waits behind a lock in flight is BETTING_CLOSED and costs nothing', async () => {
    const { room, roundId } = await books.table();
    const player = await books.player(100);
    const placing = await books.inTransaction(async (client) => {
      const { nodeId, roomId, fence } = room;
      await client.query('SELECT lock_round($1, $2, $3, $4)', [nodeId, roomId, fence, roundId]);
      const promise = books.ledger.placeBet(bet({ room, roundId }, player, 60));
      promise.catch(() => {});
      await books.waiting();
      return { promise };
    });
    await assert.rejects(placing.promise, code('BETTING_CLOSED'));
    assert.equal(await books.balance(player), 100);
  });

  it('[M7] of a batch, bets on a locked round are refused and bets on an open one are in', async () => {
    const node = await books.node();
    const [locked, open] = [await books.room(node), await books.room(node)];
    const tables = [
      { room: locked, roundId: await books.round(locked) },
      { room: open, roundId: await books.round(open) },
    ] as const;
    await books.ledger.rounds.lock(locked, tables[0].roundId);
    const player = await books.player(100);
    const answers = await Promise.allSettled(
      [0, 1, 0, 1].map((at) =>
        books.ledger.placeBet(bet(tables[at] as (typeof tables)[0], player, 10)),
      ),
    );
    const outcome = answers.map((a) =>
      a.status === 'fulfilled' ? a.value.balance : a.reason.code,
    );
    assert.deepEqual(outcome, ['BETTING_CLOSED', 90, 'BETTING_CLOSED', 80]);
  });

  it('[M7] the first outcome stands, and a round has none before it is locked', async () => {
    const { room, roundId } = await books.table();
    const { rounds } = books.ledger;
    const outcome = async () =>
      (
        await books.row<{ outcome: object | null }>('SELECT outcome FROM rounds WHERE id = $1', [
          roundId,
        ])
      ).outcome;
    await rounds.end(room, roundId, { crashPoint: 111 }, '5e'.repeat(32));
    assert.equal(await outcome(), null);
    await rounds.lock(room, roundId);
    await rounds.end(room, roundId, { crashPoint: 222 }, '5e'.repeat(32));
    await rounds.end(room, roundId, { crashPoint: 333 }, '5f'.repeat(32));
    assert.deepEqual(await outcome(), { crashPoint: 222 });
    await rounds.lock(room, roundId);
    assert.equal(await phase(roundId), 'running');
  });

  it('[M2] a round with an open bet is not closed, with or without an outcome', async () => {
    const { room, roundId } = await books.table();
    const player = await books.player(100);
    await books.ledger.placeBet(bet({ room, roundId }, player, 10));
    await assert.rejects(books.ledger.rounds.close(room, roundId), { code: 'RH002' });
    await books.lockAndEnd(room, roundId, 150);
    await assert.rejects(books.ledger.rounds.close(room, roundId), { code: 'RH002' });
    assert.equal(await phase(roundId), 'running');
    await books.settle(room, roundId, 150);
    assert.equal(await phase(roundId), 'settled');
  });

  it('[M2] closing twice, also at once through two processes, settles once and answers the same', async () => {
    const { room, roundId } = await books.table();
    const player = await books.player(100);
    const placing = bet({ room, roundId }, player, 10);
    await books.ledger.placeBet(placing);
    await books.ledger.resolveBet(cashOut(placing, 1_000));
    await books.lockAndEnd(room, roundId, 2_000);
    const other = await books.another();
    const house = await books.balance(room.houseId);
    const answers = await Promise.all([
      books.ledger.rounds.close(room, roundId),
      other.ledger.rounds.close(room, roundId),
      books.ledger.rounds.close(room, roundId),
    ]);
    await books.closeOthers();
    for (const answer of answers) {
      assert.deepEqual(answer, { phase: 'settled', betCount: 1, staked: 10, paid: 100 });
    }
    assert.equal(await books.balance(room.houseId), house - 90);
  });

  it('[M2] a big cash-out takes escrow below zero until the house makes it good at the close', async () => {
    const { room, roundId } = await books.table();
    const player = await books.player(100);
    const placing = bet({ room, roundId }, player, 100);
    await books.ledger.placeBet(placing);
    await books.ledger.rounds.lock(room, roundId);
    await books.ledger.resolveBet(cashOut(placing, 5_000));
    assert.equal(await books.balance(room.escrowId), -4_900);
    await books.settle(room, roundId, 6_000);
    assert.equal(await books.balance(room.escrowId), 0);
    assert.equal(await books.balance(player), 5_000);
  });

  it("[M2] a room has one open round at a time, so that one close cannot take another round's stakes", async () => {
    const { room, roundId } = await books.table();
    await assert.rejects(books.round(room, 2), { code: 'RH002' });
    await books.ledger.rounds.lock(room, roundId);
    await assert.rejects(books.round(room, 2), { code: 'RH002' });
    await books.settle(room, roundId, 150);
    await books.round(room, 2);
    await assert.rejects(books.round(room, 3), { code: 'RH002' });
  });

  it('[M2] a room with an open round is not closed; a closed one opens no other', async () => {
    const { room, roundId } = await books.table();
    await assert.rejects(books.ledger.rounds.closeRoom(room), { code: 'RH002' });
    await books.settle(room, roundId, null);
    await books.ledger.rounds.closeRoom(room);
    await assert.rejects(books.round(room, 2), code('ROOM_MOVED'));
    const player = await books.player(100);
    await assert.rejects(
      books.ledger.placeBet(bet({ room, roundId }, player, 10)),
      code('ROOM_MOVED'),
    );
  });

  it("[F1] a seed's index is used once: by one round, in order, and never beyond the end of its chain", async () => {
    const node = await books.node();
    const [one, two] = [await books.room(node), await books.room(node)];
    const { rounds } = books.ledger;
    const toOpen = await books.roundToOpen(one);
    const at = (chainIndex: number) => ({ ...toOpen, id: uuidv7() as RoundId, chainIndex });
    await assert.rejects(rounds.open(one, at(2)), { code: 'RH002' });
    await assert.rejects(rounds.open(one, at(0)), { code: 'RH002' });
    await rounds.open(one, at(1));
    // Another room of this or another process that comes by the same chain cannot use the seed again.
    await assert.rejects(rounds.open(two, at(1)), { code: 'RH002' });
    await books.rows('UPDATE fairness_chains SET next_index = length + 1 WHERE id = $1', [
      toOpen.chainId,
    ]);
    await assert.rejects(rounds.open(two, at(1_001)), { code: 'RH002' });
  });

  it('[F1] of two processes that use one index at once, one opens its round', async () => {
    const node = await books.node();
    const rooms = [await books.room(node), await books.room(node)] as const;
    const toOpen = await books.roundToOpen(rooms[0]);
    const { ledger } = await books.another();
    const answers = await Promise.allSettled([
      books.ledger.rounds.open(rooms[0], { ...toOpen, id: uuidv7() as RoundId }),
      ledger.rounds.open(rooms[1], { ...toOpen, id: uuidv7() as RoundId }),
    ]);
    await books.closeOthers();
    assert.deepEqual(answers.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal(await books.count('rounds', 'chain_id = $1', [toOpen.chainId]), 1);
  });

  it("[M8] a step of a round that is not this room's is refused", async () => {
    const [one, two] = [await books.table(), await books.table()];
    const { rounds } = books.ledger;
    const before = await books.contents();
    await assert.rejects(rounds.lock(one.room, two.roundId), { code: 'RH002' });
    await assert.rejects(rounds.end(one.room, two.roundId, { crashPoint: 1 }, '5e'.repeat(32)), {
      code: 'RH002',
    });
    await assert.rejects(rounds.close(one.room, two.roundId), { code: 'RH002' });
    await assert.rejects(rounds.close(one.room, uuidv7() as RoundId), { code: 'RH002' });
    assert.equal(await books.contents(), before);
  });
});

/** So that a batch commits with the transaction of the test. */
function asPool(client: pg.PoolClient): pg.Pool {
  return client as unknown as pg.Pool;
}
