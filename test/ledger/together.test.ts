/** Postings and other writes of a caller in one transaction. */
import assert from 'node:assert/strict';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '../../src/database/connection.ts';
import { purchase } from '../../src/ledger/postings.ts';
import type { WalletChange } from '../../src/ledger/types.ts';
import { deal } from './deals.ts';
import { connectionLost } from './faulty.ts';
import { type Books, code, openBooks, type Player } from './fixture.ts';

describe('ledger/post, together with other writes', () => {
  let books: Books;

  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());

  const title = 'UPDATE users SET full_name = $2 WHERE id = $1';
  const nameOf = async ({ userId }: Player) =>
    (
      await books.row<{ name: string | null }>(
        'SELECT full_name AS name FROM users WHERE id = $1',
        [userId],
      )
    ).name;

  it('[M6] all is committed at once, and the wallet told after it', async () => {
    const player = await books.player(100);
    const told: WalletChange[] = [];
    const stop = books.ledger.feed.subscribe(player.userId, (change) => told.push(change));
    const answer = await books.ledger.postings.together(async (client, make) => {
      const { first } = await make(purchase(deal(player, 30)));
      await make(purchase(deal(player, 20)));
      await client.query(title, [player.userId, 'A knight']);
      assert.deepEqual(told, []);
      return first;
    });
    stop();
    assert.equal(answer, true);
    assert.deepEqual([await books.balance(player), await nameOf(player)], [50, 'A knight']);
    assert.deepEqual(
      told.map(({ balance }) => balance),
      [70, 50],
    );
  });

  it('[M2] when any of it is refused nothing is written, and nobody is told', async () => {
    const player = await books.player(100);
    const told: WalletChange[] = [];
    const stop = books.ledger.feed.subscribe(player.userId, (change) => told.push(change));
    const before = await books.contents();
    const attempt = books.ledger.postings.together(async (client, make) => {
      await client.query(title, [player.userId, 'A king']);
      await make(purchase(deal(player, 30)));
      await make(purchase(deal(player, 90)));
    });
    await assert.rejects(attempt, code('INSUFFICIENT_FUNDS'));
    // A failed statement that the caller passed over: PostgreSQL rolls back without a word.
    const passedOver = books.ledger.postings.together(async (client, make) => {
      await make(purchase(deal(player, 30)));
      await client.query('SELECT 1 / 0').catch(() => {});
    });
    await assert.rejects(passedOver, /rolled back/);
    stop();
    assert.equal(await books.contents(), before);
    assert.deepEqual([await nameOf(player), told], [null, []]);
  });

  it("[M5] [Bug 3] when COMMIT's answer is lost it runs again, finds its posting made, and tells once", async () => {
    const player = await books.player(100);
    const ledger = books.ledgerOn(losingOneCommit());
    const told: WalletChange[] = [];
    const stop = ledger.feed.subscribe(player.userId, (change) => told.push(change));
    const id = uuidv7();
    const runs: boolean[] = [];
    await ledger.postings.together(async (client, make) => {
      const { first } = await make(purchase(deal(player, 30, id)));
      runs.push(first);
      if (first) await client.query(title, [player.userId, `A page ${runs.length}`]);
    });
    stop();
    assert.deepEqual(runs, [true, false]);
    assert.deepEqual([await books.balance(player), await nameOf(player)], [70, 'A page 1']);
    assert.deepEqual(
      told.map(({ balance }) => balance),
      [70],
    );
  });

  function losingOneCommit(): Database {
    let lost = false;
    const connect = async () => {
      const client = await books.db.pool.connect();
      return new Proxy(client, {
        get(target, key) {
          const value = Reflect.get(target, key);
          if (typeof value !== 'function') return value;
          if (key !== 'query' || lost) return value.bind(target);
          return async (text: string, values?: unknown[]) => {
            const result = await target.query(text, values);
            if (text !== 'COMMIT') return result;
            lost = true;
            throw connectionLost();
          };
        },
      });
    };
    const pool = Object.assign(Object.create(books.db.pool), { connect });
    return { ...books.db, pool };
  }
});
