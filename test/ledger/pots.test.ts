/** Money of a match: into the pot of a round and out of it, by the room's owner only. */
import assert from 'node:assert/strict';
import { v7 as uuidv7 } from 'uuid';
import {
  dividend,
  type Posting,
  payout,
  rake,
  refund,
  stake,
  type Table,
} from '../../src/ledger/postings.ts';
import type { OwnedRoom } from '../../src/ledger/types.ts';
import { empty, potOf, share } from './deals.ts';
import { type Books, bet, code, openBooks, type Player } from './fixture.ts';

const CROWD = 2_500;

describe('ledger/pots', () => {
  let books: Books;

  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());

  const post = (posting: Posting) => books.ledger.postings.post(posting);

  it('[M2] [M3] a match is paid out of its own pot: never out of the bets in the same escrow', async () => {
    const table = await books.table();
    const [a, b] = await books.pair(500);
    await books.ledger.placeBet(bet(table, a, 400, { autoCashout: 101 }));
    await post(stake(uuidv7(), table, [share(a, 100), share(b, 100)]));
    assert.equal(await books.balance(table.room.escrowId), 600);
    await assert.rejects(
      post(payout(uuidv7(), table, [share(b, 201)])),
      code('INSUFFICIENT_FUNDS'),
    );
    await post(payout(uuidv7(), table, [share(b, 190)]));
    await assert.rejects(post(rake(uuidv7(), table, 11)), code('INSUFFICIENT_FUNDS'));
    await post(rake(uuidv7(), table, 10));
    await books.settle(table.room, table.roundId, 200);
    assert.equal(await books.balance(table.room.escrowId), 0);
    assert.deepEqual([await books.balance(a), await books.balance(b)], [404, 590]);
    await books.assertSound();
  });

  it('[M2] a round with a pot cannot be closed: no stake of a match goes to the house unsaid', async () => {
    const table = await books.table();
    const player = await books.player(500);
    await post(stake(uuidv7(), table, [share(player, 100)]));
    await assert.rejects(books.settle(table.room, table.roundId, null), { code: 'RH002' });
    await post(refund(uuidv7(), table, [share(player, 100)]));
    await books.settle(table.room, table.roundId, null);
    assert.equal(await books.balance(player), 500);
    await books.assertSound();
  });

  it("[M8] a posting of a room is its owner's: a stale fence is ROOM_MOVED, a lapsed lease BUSY, a closed round BETTING_CLOSED", async () => {
    const node = await books.node();
    const room = await books.room(node);
    const table = { room, roundId: await books.round(room) };
    const player = await books.player(500);
    const made = stake(uuidv7(), table, [share(player, 100)]);
    await post(made);
    const attempts = (at: Table) => [
      stake(uuidv7(), at, [share(player, 10)]),
      payout(uuidv7(), at, [share(player, 10)]),
      refund(uuidv7(), at, [share(player, 10)]),
      rake(uuidv7(), at, 10),
      ...dividend(uuidv7(), at, [share(player, 10)]),
    ];
    await books.expire(node);
    for (const each of attempts(table)) await assert.rejects(post(each), code('BUSY'));
    const other = await books.node();
    const taken = (await books.ledger.rounds.takeOver(other, room.roomId)) as OwnedRoom;
    const before = await books.contents();
    for (const each of attempts(table)) await assert.rejects(post(each), code('ROOM_MOVED'));
    assert.equal(await books.contents(), before);
    // What was made stays made, whoever asks again.
    assert.equal((await post(made)).first, false);
    assert.equal((await post({ ...made, table: { ...table, room: taken } })).first, false);
    const now = { ...table, room: taken };
    await post(refund(uuidv7(), now, [share(player, 100)]));
    await books.settle(taken, table.roundId, null);
    for (const each of attempts(now)) await assert.rejects(post(each), code('BETTING_CLOSED'));
    assert.equal((await post(made)).first, false);
    await books.assertSound();
  });

  it('[M8] the function itself refuses an escrow without its owner, of another room, or for another category', async () => {
    const [table, other] = [await books.table(), await books.table()];
    const player = await books.player(500);
    await post(stake(uuidv7(), other, [share(player, 100)]));
    const before = await books.contents();
    const { nodeId, roomId, fence } = table.room;
    const call = (category: string, wallets: number[], amounts: number[], owner: unknown[]) =>
      books.rows('SELECT * FROM post($1, $2, $3, NULL, NULL, NULL, $4, $5, $6, $7, $8, $9)', [
        uuidv7(),
        'a'.repeat(64),
        category,
        wallets,
        amounts,
        ...owner,
      ]);
    const owned = [nodeId, roomId, fence, table.roundId];
    const nobody = [null, null, null, null];
    const { walletId } = player;
    const wrong: [string, number[], unknown[]][] = [
      ['stake', [walletId, table.room.escrowId], nobody],
      ['stake', [walletId, other.room.escrowId], owned],
      ['stake', [walletId, table.room.escrowId], [nodeId, roomId, fence, other.roundId]],
      ['bet', [walletId, table.room.escrowId], owned],
      ['purchase', [walletId, table.room.escrowId], owned],
      ['stake', [walletId, table.room.houseId], owned],
      ['adjust', [walletId, other.room.houseId], nobody],
    ];
    for (const [category, wallets, owner] of wrong) {
      const attempt = call(category, wallets, [-10, 10], owner);
      await assert.rejects(attempt, { code: 'RH002' }, `${category} ${wallets}`);
    }
    assert.equal(await books.contents(), before);
    await empty(books, other);
  });

  it('[M2] [M5] a pool is paid to many in bounded postings, and once when it is broken off and begun again', async () => {
    const table = await books.table();
    const backer = await books.player(100_000);
    const crowd = await books.rows<Player>(
      `WITH u AS (INSERT INTO users (username) SELECT 'crowd-' || n FROM generate_series(1, $1) n RETURNING id)
       SELECT id AS "userId" FROM u`,
      [CROWD],
    );
    await post(stake(uuidv7(), table, [share(backer, 100_000)]));
    const shares = crowd.map((player, i) => share(player, 1 + (i % 50)));
    const sum = shares.reduce((so, { amount }) => so + amount, 0);
    const id = uuidv7();
    const chunks = dividend(id, table, shares);
    assert.equal(chunks.length, 3);
    // Broken off after the first, which another node finishes.
    await post(chunks[0] as Posting);
    assert.equal(await potOf(books, table), 100_000 + (chunks[0]?.entries.at(-1)?.amount ?? 0));
    const changed = [...shares.slice(0, -1), share(crowd.at(-1) as Player, 7_000)];
    const otherwise = books.ledger.postings.postAll(dividend(id, table, changed));
    await assert.rejects(otherwise, code('BET_CONFLICT'));
    const answers = await books.ledger.postings.postAll(dividend(id, table, shares.toReversed()));
    assert.deepEqual(
      answers.map(({ first }) => first),
      [false, true, true],
    );
    assert.equal(await potOf(books, table), 100_000 - sum);
    const { n, total } = await books.row<{ n: number; total: string }>(
      `SELECT count(*) AS n, sum(w.balance)::text AS total FROM wallets w JOIN users u ON u.id = w.user_id
       WHERE u.username LIKE 'crowd-%'`,
    );
    assert.deepEqual([n, Number(total)], [CROWD, sum]);
    const escrowRows = await books.count(
      'transactions',
      `wallet_id = $1 AND category = 'dividend'`,
      [table.room.escrowId],
    );
    assert.equal(escrowRows, 3);
    // The first chunk alone would be covered: it is not paid when the rest is not.
    const tooMuch = dividend(uuidv7(), table, [
      ...shares,
      ...crowd.map((player) => share(player, 50)),
    ]);
    await assert.rejects(post(tooMuch[0] as Posting), code('INSUFFICIENT_FUNDS'));
    await post(rake(uuidv7(), table, await potOf(books, table)));
    await books.settle(table.room, table.roundId, null);
    await books.assertSound();
  });
});
