/** Several currencies: a wallet per user and currency, and nothing that goes from one to another. */
import assert from 'node:assert/strict';
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';
import type { RoomId, RoundId } from '../../src/ids.ts';
import { Currencies } from '../../src/ledger/currencies.ts';
import { History } from '../../src/ledger/history.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import {
  grant,
  payout,
  purchase,
  rake,
  sale,
  stake,
  type Table,
} from '../../src/ledger/postings.ts';
import type { OwnedRoom, WalletChange } from '../../src/ledger/types.ts';
import { type Books, bet, cashOut, code, openBooks, type Player, silent } from './fixture.ts';

describe('ledger/currencies', () => {
  let books: Books;
  let ledger: Ledger;
  let history: History;

  before(async () => {
    books = await openBooks();
    ledger = ledgerOf(['COIN', 'GEM']);
    history = new History(books.db.pool, ledger.currencies);
  });
  after(() => books.close());

  function ledgerOf(currencies: readonly string[]): Ledger {
    const options = { startBalance: 500, logger: silent, hasNeighbours: () => false };
    return new Ledger(books.db, { ...options, currencies });
  }

  async function tableIn(currency: string): Promise<Table> {
    const roomId = `room-${uuidv4()}` as RoomId;
    const node = await books.node();
    const room = await ledger.rounds.openRoom(node, roomId, 'crash', 'main', currency);
    return { room, roundId: (await books.round(room)) as RoundId };
  }

  /** The player at a table in GEM, as a bet names it. */
  async function inGems({ userId }: Player, gems: number): Promise<Player> {
    if (gems > 0) await ledger.grant(userId, gems, uuidv7(), 'gems', 'GEM');
    return { userId, walletId: await ledger.walletIdOf(userId, 'GEM') };
  }

  it('the first is the usual one; an unknown one is refused in words', () => {
    const currencies = new Currencies(['GEM', 'COIN']);
    assert.equal(currencies.chosen(undefined), 'GEM');
    assert.equal(currencies.chosen('COIN'), 'COIN');
    assert.throws(() => currencies.chosen('GOLD'), /currency: one of GEM, COIN/);
    assert.equal(new Currencies().usual, 'COIN');
  });

  it('[A5] a new user has a wallet in the usual currency with the grant, whichever it is', async () => {
    const gems = ledgerOf(['GEM', 'COIN']);
    const userId = await books.db.transact(async (transaction) => {
      const user = await books.db.models.User.create({ username: 'gemmologist' } as never, {
        transaction,
      });
      await gems.openWallet(user.id as Player['userId'], transaction);
      return user.id as Player['userId'];
    });
    const rows = await books.rows('SELECT currency, balance, seq FROM wallets WHERE user_id = $1', [
      userId,
    ]);
    assert.deepEqual(rows, [{ currency: 'GEM', balance: 500, seq: 1 }]);
    assert.ok((await books.count('wallets', `kind = 'grant' AND currency = 'GEM'`)) > 0);
  });

  it('another wallet is opened at first need, is empty until then, and is one however many need it', async () => {
    const player = await books.player(500);
    const { userId } = player;
    assert.deepEqual(await history.wallet(userId, 'GEM'), { currency: 'GEM', balance: 0, seq: 0 });
    assert.equal(await books.count('wallets', 'user_id = $1', [userId]), 1);
    await Promise.all([
      ...Array.from({ length: 5 }, (_, i) =>
        ledger.postings.post(sale({ id: uuidv7(), userId, currency: 'GEM', amount: 10 + i })),
      ),
      ledger.grant(userId, 100, uuidv7(), 'gems', 'GEM'),
      ledger.walletIdOf(userId, 'GEM'),
    ]);
    const wallets = await history.wallets(userId);
    assert.deepEqual(
      wallets.map(({ id: _, ...wallet }) => wallet),
      [
        { currency: 'COIN', balance: 500, seq: 1 },
        { currency: 'GEM', balance: 160, seq: 6 },
      ],
    );
    const [coins, gems] = [
      await history.transactions(userId, { limit: 20 }),
      await history.transactions(userId, { limit: 20, currency: 'GEM' }),
    ];
    assert.deepEqual([coins.items.length, gems.items.length], [1, 6]);
    await assert.rejects(history.wallet(userId, 'GOLD'), code('BAD_REQUEST'));
    await assert.rejects(ledger.grant(userId, 1, uuidv7(), 'gold', 'GOLD'), code('BAD_REQUEST'));
    await assert.rejects(ledger.walletIdOf(987_654 as Player['userId']), code('NOT_FOUND'));
  });

  it('[M13] a round in GEM is played with gems: stakes, payouts, escrow, house and the feed', async () => {
    const table = await tableIn('GEM');
    const player = await inGems(await books.player(500), 300);
    const told: WalletChange[] = [];
    const stop = ledger.feed.subscribe(player.userId, (change) => told.push(change));
    const placed = bet(table, player, 100);
    await ledger.placeBet(placed);
    await ledger.resolveBet(cashOut(placed, 250));
    await books.settle(table.room, table.roundId, 300);
    stop();
    assert.deepEqual(
      told.map(({ currency, balance }) => `${balance} ${currency}`),
      ['200 GEM', '450 GEM'],
    );
    const coin = await books.room();
    assert.notEqual(table.room.houseId, coin.houseId);
    assert.equal(await books.balance(table.room.houseId), -150);
    assert.equal(await books.balance(table.room.escrowId), 0);
    assert.equal((await history.wallet(player.userId)).balance, 500);
    const { items } = await history.bets(player.userId, { limit: 5 });
    assert.deepEqual([items[0]?.currency, items[0]?.balance], ['GEM', 450]);
    assert.equal((await history.round(table.roundId)).currency, 'GEM');
    await books.assertSound();
  });

  it('[M13] a bet from a wallet in another currency is refused, and its neighbours in the batch are not', async () => {
    const coins = await tableIn('COIN');
    const rich = await books.player(500);
    const gem = await inGems(await books.player(0), 500);
    const [wrong, right] = await Promise.allSettled([
      ledger.placeBet(bet(coins, gem, 10)),
      ledger.placeBet(bet(coins, rich, 10)),
    ]);
    assert.equal(wrong.status, 'rejected');
    assert.ok(wrong.status === 'rejected' && code('NOT_FOUND')(wrong.reason));
    assert.equal(right.status, 'fulfilled');
    assert.equal(await books.balance(gem), 500);
    await books.settle(coins.room, coins.roundId, null);
    await books.assertSound();
  });

  it('[M13] money of one currency pays nothing in another', async () => {
    const [coins, gems] = [await tableIn('COIN'), await tableIn('GEM')];
    const rich = await books.player(500);
    const gem = await inGems(await books.player(0), 500);
    const { postings } = ledger;
    const before = await books.contents();
    const poor: [Table, Player][] = [
      [gems, rich],
      [coins, gem],
    ];
    for (const [table, { userId }] of poor) {
      await assert.rejects(
        postings.post(stake(uuidv7(), table, [{ userId, amount: 1 }])),
        code('INSUFFICIENT_FUNDS'),
      );
    }
    const bought = { id: uuidv7(), userId: rich.userId, currency: 'GEM', amount: 1 };
    await assert.rejects(postings.post(purchase(bought)), code('INSUFFICIENT_FUNDS'));
    // The function itself, with wallets of two currencies.
    const mixed = books.rows(
      `SELECT post($1, $2, 'purchase', NULL, NULL, NULL,
         wallets_of('COIN', ARRAY[$3]::bigint[], ARRAY[NULL]) || wallets_of('GEM', ARRAY[NULL]::bigint[], ARRAY['shop:0']),
         ARRAY[-5::bigint, 5])`,
      [uuidv7(), 'a'.repeat(64), rich.userId],
    );
    await assert.rejects(mixed, { code: 'RH003' });
    assert.equal(await books.contents(), before);
  });

  it('[M5] the same id in another currency is another request', async () => {
    const { userId } = await books.player(500);
    const deal = { id: uuidv7(), userId, amount: 5 };
    await ledger.postings.post(grant({ ...deal, currency: 'COIN' }));
    await assert.rejects(
      ledger.postings.post(grant({ ...deal, currency: 'GEM' })),
      code('BET_CONFLICT'),
    );
  });

  it('[M13] a match in GEM is staked, paid and raked in gems', async () => {
    const table = await tableIn('GEM');
    const [a, b] = [
      await inGems(await books.player(), 100),
      await inGems(await books.player(), 100),
    ];
    const { postings } = ledger;
    const shares = [a, b].map(({ userId }) => ({ userId, amount: 100 }));
    await postings.post(stake(uuidv7(), table, shares));
    await postings.post(payout(uuidv7(), table, [{ userId: a.userId, amount: 190 }]));
    const house = await books.balance(table.room.houseId);
    await postings.post(rake(uuidv7(), table, 10));
    assert.equal(await books.balance(table.room.houseId), house + 10);
    assert.deepEqual([await books.balance(a), await books.balance(b)], [190, 0]);
    await books.settle(table.room, table.roundId, null);
    await books.assertSound();
  });

  it('[M8] a room keeps its currency: opened again in another it is refused, taken over it is as it was', async () => {
    const { room } = await tableIn('GEM');
    const again = ledger.rounds.openRoom(room.nodeId, room.roomId, 'crash', 'main', 'COIN');
    await assert.rejects(again, { code: 'RH002' });
    const same = await ledger.rounds.openRoom(room.nodeId, room.roomId, 'crash', 'main', 'GEM');
    assert.deepEqual(same, room);
    await books.expire(room.nodeId);
    const other = await books.node();
    const taken = (await ledger.rounds.takeOver(other, room.roomId)) as OwnedRoom;
    assert.deepEqual(taken, { ...room, nodeId: other, fence: 2 });
    assert.equal(await books.count('wallets', 'account = $1', [`escrow:${room.roomId}`]), 1);
  });
});
