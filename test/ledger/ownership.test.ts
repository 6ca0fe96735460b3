import assert from 'node:assert/strict';
import type pg from 'pg';
import type { NodeId } from '../../src/ids.ts';
import { placeBets } from '../../src/ledger/place.ts';
import { resolveBets } from '../../src/ledger/resolve.ts';
import type { OwnedRoom } from '../../src/ledger/types.ts';
import { type Books, bet, cashOut, code, openBooks, type Player } from './fixture.ts';
import { assertAllRefused, attempts, type OwnersScene, ownersScene } from './stale-owner.ts';

describe('ledger/ownership', () => {
  let books: Books;

  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());
  afterEach(() => books.assertSound());

  it('[M8] [Bug 8] an owner with a stale fence writes nothing: every step is ROOM_MOVED', async () => {
    const given = await ownersScene(books);
    await books.expire(given.node);
    const taken = await books.ledger.rounds.takeOver(await books.node(), given.room.roomId);
    assert.equal(taken?.fence, 2);
    // Its lease comes back, much too late.
    await books.rows(
      "UPDATE server_nodes SET lease_expires_at = now() + interval '1 hour' WHERE id = $1",
      [given.node],
    );
    await assertAllRefused(books, given, given.room, 'ROOM_MOVED');
  });

  it('[M8] [Bug 8] a node that is not the owner writes nothing, whatever fence it guesses', async () => {
    const given = await ownersScene(books);
    const nodeId = await books.node();
    for (const fence of [given.room.fence, given.room.fence + 1]) {
      await assertAllRefused(books, given, { ...given.room, nodeId, fence }, 'ROOM_MOVED');
    }
  });

  it('[M8] an owner whose lease has run out writes nothing, and goes on when it is renewed', async () => {
    const given = await ownersScene(books);
    await books.expire(given.node);
    await assertAllRefused(books, given, given.room, 'BUSY');
    await books.rows(
      "UPDATE server_nodes SET lease_expires_at = now() + interval '1 hour' WHERE id = $1",
      [given.node],
    );
    assert.equal((await attempts(books, given, given.room).place()).balance, 50);
    assert.equal((await attempts(books, given, given.room).cashOut()).first, true);
  });

  it('[M8] the same node that takes its room over again raises the fence, so its own earlier self writes nothing', async () => {
    const given = await ownersScene(books);
    const taken = await books.ledger.rounds.takeOver(given.node, given.room.roomId);
    assert.equal(taken?.fence, 2);
    await assertAllRefused(books, given, given.room, 'ROOM_MOVED');
  });

  it('[M8] a node without a lease opens no room', async () => {
    const node = await books.node();
    await books.expire(node);
    const before = await books.contents();
    await assert.rejects(books.room(node), code('BUSY'));
    await assert.rejects(books.room('01890a5d-ac96-774b-bcce-b302099a8057' as NodeId), {
      code: '23503',
    });
    assert.equal(await books.contents(), before);
  });

  it("[M8] a room is not taken while its owner's lease is valid, nor when it is closed or unknown", async () => {
    const given = await ownersScene(books);
    const other = await books.node();
    const { rounds } = books.ledger;
    const before = await books.contents();
    assert.equal(await rounds.takeOver(other, given.room.roomId), null);
    assert.equal(await rounds.takeOver(other, 'room-nowhere' as OwnedRoom['roomId']), null);
    assert.equal(await books.contents(), before);
    await books.settle(given.room, given.table.roundId, null);
    await rounds.closeRoom(given.room);
    await books.expire(given.node);
    assert.equal(await rounds.takeOver(other, given.room.roomId), null);
  });

  it('[M8] a node whose own lease has run out takes nothing over', async () => {
    const given = await ownersScene(books);
    const other = await books.node();
    await books.expire(given.node);
    await books.expire(other);
    const before = await books.contents();
    await assert.rejects(books.ledger.rounds.takeOver(other, given.room.roomId), code('BUSY'));
    assert.equal(await books.contents(), before);
  });

  it('[M8] of two nodes that take a room over at once, one gets it', async () => {
    const given = await ownersScene(books);
    const nodes = [await books.node(), await books.node()] as const;
    const { ledger } = await books.another();
    await books.expire(given.node);
    const answers = await Promise.all([
      books.ledger.rounds.takeOver(nodes[0], given.room.roomId),
      ledger.rounds.takeOver(nodes[1], given.room.roomId),
    ]);
    await books.closeOthers();
    assert.equal(answers.filter((taken) => taken !== null).length, 1);
  });

  /** Runs `batch` in a transaction that is open while a takeover is tried, and commits it then. */
  async function takenOverDuring(given: OwnersScene, batch: (pool: pg.Pool) => Promise<unknown>) {
    const next = await books.node();
    const { promise } = await books.inTransaction(async (client) => {
      await batch(client as unknown as pg.Pool);
      await books.expire(given.node);
      const takeover = books.ledger.rounds.takeOver(next, given.room.roomId);
      await books.waiting();
      return { promise: takeover };
    });
    const taken = await promise;
    assert.equal(taken?.fence, 2);
    await books.rows(
      "UPDATE server_nodes SET lease_expires_at = now() + interval '1 hour' WHERE id = $1",
      [given.node],
    );
    return taken;
  }

  it('[M8] a takeover waits for a batch of bets in flight, which is in, and the old owner writes nothing after it', async () => {
    const given = await ownersScene(books);
    await takenOverDuring(given, (pool) => placeBets(pool, [bet(given.table, given.player, 25)]));
    assert.equal(await books.balance(given.player), 35);
    await assertAllRefused(books, given, given.room, 'ROOM_MOVED');
  });

  it('[M8] a takeover waits for a cash-out in flight, which stands when the round is made void', async () => {
    const given = await ownersScene(books);
    const taken = await takenOverDuring(given, (pool) =>
      resolveBets(pool, [cashOut(given.placed, 250)]),
    );
    assert.equal(await books.balance(given.player), 160);
    await books.settle(taken, given.table.roundId, null);
    assert.equal(await books.balance(given.player), 160);
  });

  it('[M8] a takeover waits for each step of a round in flight', async () => {
    const steps: Record<string, unknown[]> = {
      'lock_round($1, $2, $3, $4)': [],
      "end_round($1, $2, $3, $4, '{}', repeat('5e', 32))": [],
    };
    for (const call of Object.keys(steps)) {
      const given = await ownersScene(books);
      const { nodeId, roomId, fence } = given.room;
      const values = [nodeId, roomId, fence, given.table.roundId];
      await takenOverDuring(given, (pool) => pool.query(`SELECT ${call}`, values));
    }
  });

  it('[M8] a batch that waits behind a takeover in flight is refused and costs nothing', async () => {
    const given = await ownersScene(books);
    const next = await books.node();
    await books.expire(given.node);
    const { late } = await books.inTransaction(async (client) => {
      await client.query('SELECT * FROM take_over_room($1, $2)', [next, given.room.roomId]);
      await books.rows(
        "UPDATE server_nodes SET lease_expires_at = now() + interval '1 hour' WHERE id = $1",
        [given.node],
      );
      const asked = attempts(books, given, given.room);
      const promises = [asked.place(), asked.cashOut(), asked.lock(), asked.end()];
      for (const promise of promises) promise.catch(() => {});
      await books.waiting(promises.length);
      return { late: promises };
    });
    for (const promise of late)
      await assert.rejects(promise as Promise<unknown>, code('ROOM_MOVED'));
    assert.equal(await books.balance(given.player as Player), 60);
  });
});
