import assert from 'node:assert/strict';
import { v7 as uuidv7 } from 'uuid';
import { WalletFeed } from '../../src/ledger/feed.ts';
import type { WalletChange } from '../../src/ledger/types.ts';
import { faulty } from './faulty.ts';
import { type Books, bet, cashOut, openBooks, silent, until } from './fixture.ts';

describe('ledger/feed', () => {
  let books: Books;
  const feeds: WalletFeed[] = [];

  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());
  afterEach(async () => {
    for (const feed of feeds.splice(0)) {
      await feed.settled();
      await feed.close();
    }
  });

  /** A process' feed, as its connections hear it. */
  async function node(): Promise<WalletFeed> {
    const feed = new WalletFeed(books.db, uuidv7(), silent);
    feeds.push(feed);
    await feed.listen();
    return feed;
  }

  const change = (userId: WalletChange['userId'], balance: number, seq: number): WalletChange => ({
    userId,
    currency: 'COIN',
    balance,
    seq,
  });

  it('[M6] the player is told of every stake and payout, with the balance right after it, and only after the commit', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const told: string[] = [];
    const stop = books.ledger.feed.subscribe(player.userId, ({ balance, seq }) =>
      told.push(`${seq}: ${balance}`),
    );
    const placing = bet(table, player, 30);
    const { promise } = await books.inTransaction(async (client) => {
      // Held up between the decision and the commit: nobody hears of it.
      await client.query('SELECT 1 FROM wallets WHERE id = $1 FOR UPDATE', [table.room.escrowId]);
      const answer = books.ledger.placeBet(placing);
      await books.waiting();
      assert.deepEqual(told, []);
      return { promise: answer };
    });
    await promise;
    await books.ledger.resolveBet(cashOut(placing, 150));
    await books.ledger.grant(player.userId, 1, uuidv7(), 'a present');
    assert.deepEqual(told, ['2: 70', '3: 115', '4: 116']);
    stop();
    await books.ledger.grant(player.userId, 1, uuidv7(), 'a present');
    assert.equal(told.length, 3);
  });

  it('a lost bet and a refused one tell nothing: the wallet did not change', async () => {
    const table = await books.table();
    const player = await books.player(100);
    await books.ledger.placeBet(bet(table, player, 30));
    const told: WalletChange[] = [];
    const stop = books.ledger.feed.subscribe(player.userId, (c) => told.push(c));
    await books.ledger.placeBet(bet(table, player, 71)).catch(() => {});
    await books.settle(table.room, table.roundId, 100);
    stop();
    assert.deepEqual(told, []);
  });

  it('a change on one node reaches the connections on another, and its own once', async () => {
    const [here, there] = [await node(), await node()];
    const { userId } = await books.player(100);
    const heard: Record<string, WalletChange[]> = { here: [], there: [] };
    here.subscribe(userId, (c) => heard.here?.push(c));
    there.subscribe(userId, (c) => heard.there?.push(c));
    here.publish([change(userId, 70, 2)], true);
    await until(() => heard.there?.length === 1);
    assert.deepEqual(heard, { here: [change(userId, 70, 2)], there: [change(userId, 70, 2)] });
    here.publish([change(userId, 60, 3)], false);
    here.publish([change(userId, 50, 4)], true);
    await until(() => heard.there?.length === 2);
    assert.deepEqual(
      heard.there?.map(({ seq }) => seq),
      [2, 4],
    );
  });

  it('a settlement of a thousand wallets fits into the messages that carry it', async () => {
    const [here, there] = [await node(), await node()];
    const { userId } = await books.player(100);
    let heard = 0;
    there.subscribe(userId, () => {
      heard += 1;
    });
    const most = Number.MAX_SAFE_INTEGER;
    const changes = Array.from({ length: 1_000 }, (_, i) => ({
      userId,
      currency: 'COINCOIN',
      balance: most,
      seq: most - 999 + i,
    }));
    here.publish(changes, true);
    await until(() => heard === 1_000);
  });

  it('a change is passed on also when the connection is lost on the way, and told once', async () => {
    const there = await node();
    const { userId } = await books.player(100);
    const heard: number[] = [];
    there.subscribe(userId, ({ seq }) => heard.push(seq));
    const lossy = new WalletFeed(
      faulty(books.db, /pg_notify/, ['before', 'after']),
      uuidv7(),
      silent,
    );
    lossy.publish([change(userId, 70, 2)], true);
    await lossy.settled();
    lossy.publish([change(userId, 60, 3)], true);
    await until(() => heard.length === 2);
    assert.deepEqual(heard, [2, 3]);
  });

  it('what comes late is older than what was told, and is not told any more', async () => {
    const feed = await node();
    const { userId } = await books.player(100);
    const heard: number[] = [];
    const stop = feed.subscribe(userId, ({ seq }) => heard.push(seq));
    feed.publish(
      [2, 4, 3, 4, 5].map((seq) => change(userId, 100, seq)),
      false,
    );
    assert.deepEqual(heard, [2, 4, 5]);
    stop();
    feed.subscribe(userId, ({ seq }) => heard.push(seq));
    feed.publish([change(userId, 100, 5)], false);
    assert.deepEqual(heard, [2, 4, 5, 5]);
  });

  it('when its connection is killed the process lives, listens again, and tells the present balance', async () => {
    const [here, there] = [await node(), await node()];
    const player = await books.player(100);
    const heard: number[] = [];
    there.subscribe(player.userId, ({ balance }) => heard.push(balance));
    for (let i = 1; i <= 2; i++) {
      await books.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'roundhouse-feed'`,
      );
      await books.ledger.grant(player.userId, 5, uuidv7(), 'meanwhile');
      await until(() => heard.at(-1) === 100 + 5 * i);
    }
    here.publish([change(player.userId, 7, 99)], true);
    await until(() => heard.at(-1) === 7);
  });
});
