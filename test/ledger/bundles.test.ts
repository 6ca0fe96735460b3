import assert from 'node:assert/strict';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import type { RoundId } from '../../src/ids.ts';
import type { PlaceBet } from '../../src/ledger/types.ts';
import { type Fault, faulty } from './faulty.ts';
import { type Books, bet, code, openBooks, type Player } from './fixture.ts';

type Table = Awaited<ReturnType<Books['table']>>;

describe('ledger/several bets in one command', () => {
  let books: Books;
  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());
  afterEach(() => books.assertSound());

  const bets = (table: Table, player: Player, amounts: readonly number[]) =>
    amounts.map((amount) => bet(table, player, amount));
  const refused = (placing: Promise<unknown>) =>
    placing.then(
      () => 'OK',
      (error: { code: string }) => error.code,
    );

  it('[R16] all are taken in their order, and the player is told of the wallet once', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const told: number[] = [];
    const stop = books.ledger.feed.subscribe(player.userId, ({ balance }) => told.push(balance));
    const placed = await books.ledger.placeAll(bets(table, player, [10, 20, 30]));
    assert.deepEqual(
      placed.map(({ amount, balance, first }) => [amount, balance, first]),
      [
        [10, 90, true],
        [20, 70, true],
        [30, 40, true],
      ],
    );
    assert.deepEqual(told, [40]);
    stop();
  });

  it('[R16] when the wallet cannot pay them all none is taken, and what stands behind them has the whole wallet', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const [first, beyond, after] = await Promise.all([
      refused(books.ledger.placeAll(bets(table, player, [40]))),
      refused(books.ledger.placeAll(bets(table, player, [10, 20, 31]))),
      refused(books.ledger.placeAll(bets(table, player, [30, 30]))),
    ]);
    assert.deepEqual([first, beyond, after], ['OK', 'INSUFFICIENT_FUNDS', 'OK']);
    assert.equal(await books.balance(player), 0);
    assert.equal(await books.count('bets', 'round_id = $1', [table.roundId]), 3);
  });

  it('[R16] [M5] a repeat is answered with the first answers; with one bet more, less or other it is a conflict, and nothing happens', async () => {
    const table = await books.table();
    const player = await books.player(100);
    const command = bets(table, player, [10, 20]);
    const [one, two] = command as [PlaceBet, PlaceBet];
    const first = await books.ledger.placeAll(command);
    const again = await books.ledger.placeAll(command);
    assert.deepEqual(
      again.map((each) => ({ ...each, first: true })),
      first,
    );
    const more = bet(table, player, 5);
    for (const other of [
      [...command, more],
      [more, ...command],
      [one, more, two],
      [one, { ...two, amount: 21 }],
      [{ ...one, amount: 11 }, two],
      [more, { ...two, amount: 21 }],
    ]) {
      await assert.rejects(books.ledger.placeAll(other), code('BET_CONFLICT'));
    }
    assert.equal(await books.balance(player), 70);
    // Its ids are free.
    assert.equal((await books.ledger.placeBet(more)).first, true);
  });

  it('[R16] [M7] [M8] a round that is over, or another owner, refuses all of them', async () => {
    const { room, roundId } = await books.table();
    const player = await books.player(100);
    const stale = { ...room, fence: room.fence + 1 };
    await assert.rejects(
      books.ledger.placeAll(bets({ room: stale, roundId }, player, [1, 2])),
      code('ROOM_MOVED'),
    );
    await assert.rejects(
      books.ledger.placeAll(bets({ room, roundId: uuidv7() as RoundId }, player, [1, 2])),
      code('BETTING_CLOSED'),
    );
    await books.ledger.rounds.lock(room, roundId);
    await assert.rejects(
      books.ledger.placeAll(bets({ room, roundId }, player, [1, 2])),
      code('BETTING_CLOSED'),
    );
    assert.equal(await books.balance(player), 100);
  });

  for (const [moment, faults] of [
    ['before it was sent', ['before']],
    ['after it was committed', ['after']],
    ['before and then after', ['before', 'after']],
  ] as [string, Fault[]][]) {
    it(`[R16] [M5] [Bug 3] they are taken once when the connection is lost ${moment}`, async () => {
      const table = await books.table();
      const player = await books.player(100);
      const ledger = books.ledgerOn(faulty(books.db, /place_bets/, faults));
      const placed = await ledger.placeAll(bets(table, player, [10, 20, 30]));
      assert.deepEqual(
        placed.map(({ balance, first }) => [balance, first]),
        [
          [90, true],
          [70, true],
          [40, true],
        ],
      );
      assert.equal(await books.balance(player), 40);
    });
  }

  it('[R16] whatever comes at once, from several players: each command is there in whole or not at all', async () => {
    const commands = fc.array(
      fc.record({
        player: fc.nat(2),
        amounts: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
        repeated: fc.boolean(),
      }),
      { minLength: 1, maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(commands, async (wishes) => {
        const table = await books.table();
        const players = await books.players(3, 200);
        const left = new Map(players.map((player) => [player, 200]));
        const expected: [PlaceBet[], string][] = [];
        const answers: Promise<string>[] = [];
        for (const { player: at, amounts, repeated } of wishes) {
          const player = players[at] as Player;
          const command = bets(table, player, amounts);
          const sum = amounts.reduce((total, amount) => total + amount, 0);
          const has = left.get(player) as number;
          const answer = has >= sum ? 'OK' : 'INSUFFICIENT_FUNDS';
          if (answer === 'OK') left.set(player, has - sum);
          expected.push([command, answer]);
          answers.push(refused(books.ledger.placeAll(command)));
          if (repeated && answer === 'OK') {
            expected.push([command, 'OK']);
            answers.push(refused(books.ledger.placeAll(command)));
          }
        }
        assert.deepEqual(
          await Promise.all(answers),
          expected.map(([, answer]) => answer),
        );
        for (const [command, answer] of expected) {
          const ids = command.map(({ betId }) => betId);
          const there = await books.count('bets', 'id = ANY ($1)', [ids]);
          assert.equal(there, answer === 'OK' ? command.length : 0);
        }
        for (const [player, balance] of left) assert.equal(await books.balance(player), balance);
      }),
      { numRuns: 30 },
    );
  });
});
