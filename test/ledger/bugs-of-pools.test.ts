/** [Bug 17] Pools that are shared out: what the ledger proves of them, whatever the rules of a game will be. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { dividend, rake, refund, type Share, stake } from '../../src/ledger/postings.ts';
import { type Books, code, openBooks, type Player } from './fixture.ts';
import { chosenSeed } from './model/run.ts';

const START = 1_000;
const RUNS = 25;

describe('ledger/bugs of pools', () => {
  const seed = chosenSeed();
  let books: Books;

  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());
  afterEach(() => books.assertSound());

  async function pool(players: readonly Player[], stakes: readonly number[]) {
    const table = await books.table();
    const shares = players.map(({ userId }, i) => ({ userId, amount: stakes[i] as number }));
    await books.ledger.postings.post(stake(uuidv7(), table, shares));
    const house = await books.balance(table.room.houseId);
    return { table, shares, house, staked: stakes.reduce((a, b) => a + b, 0) };
  }
  type Pool = Awaited<ReturnType<typeof pool>>;

  /** Pays the shares, gives the house what is left, and closes; nothing may be left in escrow. */
  async function shareOut({ table, house, staked }: Pool, shares: readonly Share[]) {
    const paid = shares.reduce((total, { amount }) => total + amount, 0);
    await books.ledger.postings.postAll(dividend(uuidv7(), table, shares));
    const left = staked - paid;
    if (left > 0) await books.ledger.postings.post(rake(uuidv7(), table, left));
    await books.settle(table.room, table.roundId, null);
    assert.equal(await books.balance(table.room.escrowId), 0);
    assert.equal((await books.balance(table.room.houseId)) - house, left);
  }

  it(`[M2] [Bug 17] pari-mutuel rounding that creates or loses a unit: whatever is staked, whoever wins, pool = dividends + house (SEED=${seed})`, async () => {
    const entrant = fc.record({
      stake: fc.integer({ min: 1, max: START }),
      runner: fc.nat({ max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(entrant, { minLength: 2, maxLength: 8 }),
        fc.uniqueArray(fc.nat({ max: 4 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 0, max: 20 }),
        async (entrants, firstPast, rakePercent) => {
          const players = await books.players(entrants.length, START);
          const its = await pool(
            players,
            entrants.map((entrant) => entrant.stake),
          );
          // More than one runner in first place is a dead heat: the pool less the rake is divided among those that
          // somebody backed, and each part by the stakes on its runner; every division rounds down.
          const net = Math.floor((its.staked * (100 - rakePercent)) / 100);
          const backed = firstPast.filter((runner) => entrants.some((e) => e.runner === runner));
          if (backed.length === 0) {
            await books.ledger.postings.post(refund(uuidv7(), its.table, its.shares));
            await books.settle(its.table.room, its.table.roundId, null);
            for (const player of players) assert.equal(await books.balance(player), START);
            return;
          }
          const part = Math.floor(net / backed.length);
          const shares = entrants.flatMap(({ stake: staked, runner }, i) => {
            if (!backed.includes(runner)) return [];
            const on = entrants.filter((e) => e.runner === runner);
            const total = on.reduce((sum, e) => sum + e.stake, 0);
            const amount = Math.floor((part * staked) / total);
            return amount > 0 ? [{ userId: (players[i] as Player).userId, amount }] : [];
          });
          if (shares.length > 0) await shareOut(its, shares);
          else {
            await books.ledger.postings.post(rake(uuidv7(), its.table, its.staked));
            await books.settle(its.table.room, its.table.roundId, null);
          }
        },
      ),
      { seed, numRuns: RUNS },
    );
  });

  it('[M2] [Bug 17] a dead heat whose halves are rounded up is a unit more than the pool, and refused whole', async () => {
    const players = await books.players(3, 100);
    const its = await pool(players, [33, 33, 35]);
    const [one, two] = players as [Player, Player];
    const rounded = [one, two].map(({ userId }) => ({ userId, amount: 51 }));
    const tooMuch = books.ledger.postings.postAll(dividend(uuidv7(), its.table, rounded));
    await assert.rejects(tooMuch, code('INSUFFICIENT_FUNDS'));
    assert.deepEqual([await books.balance(one), await books.balance(two)], [67, 67]);
    await shareOut(
      its,
      rounded.map((share) => ({ ...share, amount: 50 })),
    );
    assert.deepEqual([await books.balance(one), await books.balance(two)], [117, 117]);
  });

  it('[M2] [Bug 17] a dividend that does not sum to zero is refused: a unit cannot be created or lost in a posting', async () => {
    const players = await books.players(2, 100);
    const its = await pool(players, [50, 51]);
    const { room, roundId } = its.table;
    const before = await books.contents();
    for (const taken of [100, 102]) {
      const posting = books.rows(
        `SELECT * FROM post($1, $2, 'dividend', NULL, NULL, NULL, $3, $4, $5, $6, $7, $8)`,
        [
          uuidv7(),
          'a'.repeat(64),
          [players[0]?.walletId, players[1]?.walletId, room.escrowId],
          [50, 51, -taken],
          room.nodeId,
          room.roomId,
          room.fence,
          roundId,
        ],
      );
      await assert.rejects(posting, { code: 'RH002' });
    }
    assert.equal(await books.contents(), before);
    await shareOut(its, [{ userId: (players[0] as Player).userId, amount: 101 }]);
  });

  it('[M2] [Bug 17] a pool without winners is not forgotten: a round with a pot is not closed until somebody has it', async () => {
    const players = await books.players(2, 100);
    const its = await pool(players, [10, 20]);
    const { room, roundId } = its.table;
    await assert.rejects(books.settle(room, roundId, null), { code: 'RH002' });
    await books.ledger.postings.post(refund(uuidv7(), its.table, its.shares));
    await books.settle(room, roundId, null);
    for (const player of players) assert.equal(await books.balance(player), 100);
    assert.equal(await books.balance(room.escrowId), 0);
  });
});
