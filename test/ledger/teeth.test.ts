/** Each test takes a guard out and shows that the tests of its rule would then fail, or that the audit finds the harm. */
import assert from 'node:assert/strict';
import { audit } from '../../src/ledger/audit.ts';
import { complaints, type PartName } from './battery.ts';
import { type Books, bet, cashOut, openBooks } from './fixture.ts';
import { chosenSeed } from './model/run.ts';
import { type GuardName, removeGuard, weaken } from './weaken.ts';

describe('ledger/teeth', () => {
  let books: Books;

  beforeEach(async () => {
    books = await openBooks();
  });
  afterEach(() => books.close());

  const broken = async () => (await audit(books.db)).findings.map(({ check }) => check).join('; ');
  const sql = (statement: string) => books.db.pool.query(statement);

  it('[M8] without the fence in its batch, a stale owner takes bets', async () => {
    await removeGuard(books, 'the fence');
    const node = await books.node();
    const room = await books.room(node);
    const table = { room, roundId: await books.round(room) };
    const player = await books.player(100);
    await books.ledger.rounds.takeOver(node, room.roomId);
    assert.equal((await books.ledger.placeBet(bet(table, player, 10))).balance, 90);
  });

  it('[M8] without the lease in its batch, a node that should be silent takes bets', async () => {
    await weaken(books, 'place_bets', ['s.lease_expires_at > clock_timestamp()', 'true']);
    const table = await books.table();
    await books.expire(table.room.nodeId);
    const player = await books.player(100);
    assert.equal((await books.ledger.placeBet(bet(table, player, 10))).balance, 90);
  });

  it("[M3] [Bug 1] without the wallets' locks and the chain's index, parallel bets spend a coin twice", async () => {
    await weaken(books, 'place_bets', ['ORDER BY x.id FOR NO KEY UPDATE', 'ORDER BY x.id']);
    await sql('DROP INDEX transactions_chain');
    const table = await books.table();
    const player = await books.player(100);
    const { ledger } = await books.another();
    // Both read the balance and are held up before they write.
    const { both } = await books.inTransaction(async (client) => {
      await client.query('LOCK TABLE bets IN SHARE MODE');
      const bets = [
        books.ledger.placeBet(bet(table, player, 80)),
        ledger.placeBet(bet(table, player, 80)),
      ];
      await books.waiting(2);
      return { both: bets };
    });
    assert.equal((await Promise.all(both)).length, 2);
    await books.closeOthers();
    assert.match(await broken(), /balance equals/);
    assert.match(await broken(), /gapless/);
  });

  it("[M4] without its locks alone, the chain's index still lets only one of them through", async () => {
    await weaken(books, 'place_bets', ['ORDER BY x.id FOR NO KEY UPDATE', 'ORDER BY x.id']);
    const table = await books.table();
    const player = await books.player(100);
    const { ledger } = await books.another();
    const { both } = await books.inTransaction(async (client) => {
      await client.query('LOCK TABLE bets IN SHARE MODE');
      const bets = [
        books.ledger.placeBet(bet(table, player, 80)),
        ledger.placeBet(bet(table, player, 80)),
      ];
      for (const promise of bets) promise.catch(() => {});
      await books.waiting(2);
      return { both: bets };
    });
    const statuses = (await Promise.allSettled(both)).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), ['fulfilled', 'rejected']);
    await books.closeOthers();
    await books.assertSound();
  });

  it('[Bug 2] without one row per wallet in the update, many bets of a wallet are paid for once', async () => {
    await removeGuard(books, 'the aggregation');
    const table = await books.table();
    const player = await books.player(100);
    await Promise.all(
      [10, 20, 30].map((amount) => books.ledger.placeBet(bet(table, player, amount))),
    );
    assert.notEqual(await books.balance(player), 40);
    assert.match(await broken(), /each balance equals/);
  });

  it('[M4] without the state of the bet, its trigger and its index, a cash-out pays twice', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const placing = bet(table, player, 50);
    await books.ledger.placeBet(placing);
    await books.ledger.resolveBet(cashOut(placing, 200));
    // One guard after the other: each of the three refuses alone.
    await weaken(books, 'resolve_bets', ["b.status = 'accepted'", 'true']);
    await assert.rejects(
      books.ledger.resolveBet(cashOut(placing, 200)),
      /resolved once and for all/,
    );
    await sql('DROP TRIGGER bets_resolve_once ON bets');
    await assert.rejects(books.ledger.resolveBet(cashOut(placing, 200)), {
      constraint: 'transactions_one_stake_one_resolution',
    });
    await sql('DROP INDEX transactions_one_stake_one_resolution');
    await books.ledger.resolveBet(cashOut(placing, 200));
    assert.equal(await books.balance(player), 250);
    assert.match(await broken(), /at most one resolution/);
  });

  it('[M5] [Bug 10] without the search for what is known and the primary key, a repeat is a second bet', async () => {
    await weaken(books, 'place_bets', ['v_known ? p_ids[i]::text', 'false']);
    await sql(`ALTER TABLE bets DROP CONSTRAINT bets_pkey;
      DROP INDEX transactions_one_stake_one_resolution`);
    const table = await books.table();
    const player = await books.player(100);
    const placing = bet(table, player, 30);
    await books.ledger.placeBet(placing);
    await books.ledger.placeBet(placing);
    assert.equal(await books.balance(player), 40);
    assert.equal(await books.count('bets'), 2);
  });

  it("[M7] without the round's lock, a bet in flight comes in after lock", async () => {
    await weaken(books, 'place_bets', [' FOR SHARE', '']);
    const { room, roundId } = await books.table();
    const player = await books.player(100);
    const { late } = await books.inTransaction(async (client) => {
      await client.query('SELECT 1 FROM wallets WHERE id = $1 FOR UPDATE', [player.walletId]);
      const placing = books.ledger.placeBet(bet({ room, roundId }, player, 30));
      await books.waiting();
      await books.ledger.rounds.lock(room, roundId);
      return { late: placing };
    });
    assert.equal((await late).balance, 70);
  });

  it("[M2] without the escrow's row, postings do not sum to zero", async () => {
    await weaken(books, 'place_bets', ['WHERE i.amount <> 0', 'WHERE false']);
    const table = await books.table();
    await books.ledger.placeBet(bet(table, await books.player(100), 30));
    assert.match(await broken(), /sums to zero/);
    assert.match(await broken(), /its posting/);
  });

  describe('the battery, with one guard removed', function () {
    this.timeout(60_000);
    const seed = chosenSeed();
    /** The part that shows it best comes first; test/long/teeth.test.ts asks them all. */
    const caughtBy: Record<GuardName, PartName> = {
      'ordered locking': 'locks: deadlocks are counted',
      'the unique index of resolutions': 'the schema itself: one stake and one resolution',
      'the trigger on resolved bets': 'the schema itself: a resolved bet does not change',
      'the fence': 'stopped owner: its own node took its room again',
      'the fence and the owner': 'stopped owner: another node took its room',
      'the aggregation': 'many of one wallet in one batch',
      'the request hash': 'exactly once',
    };

    for (const part of Object.values(caughtBy)) {
      it(`[M12] with every guard, "${part}" has nothing to say (SEED=${seed})`, async () => {
        assert.deepEqual(await complaints(books, part, seed), []);
      });
    }
    for (const [guard, part] of Object.entries(caughtBy) as [GuardName, PartName][]) {
      it(`[M12] without ${guard}, "${part}" fails (SEED=${seed})`, async () => {
        await removeGuard(books, guard);
        const said = await complaints(books, part, seed);
        console.log(`        caught by ${said.join('; ')}`);
        assert.ok(said.some((line) => line.startsWith(part)));
      });
    }
  });
});
