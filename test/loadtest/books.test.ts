import assert from 'node:assert/strict';
import { compareBooks } from '../../loadtest/books.ts';
import { noFigures } from '../../loadtest/figures.ts';
import type { SentBet, SentSeat, ToldWorld } from '../../loadtest/player.ts';
import type { Read } from '../../loadtest/seat.ts';
import type { Bet, Transaction } from '../../src/protocol.ts';

const STAKE = 5;

function told(betId: string, more: Partial<Bet> = {}): Bet {
  return {
    betId,
    roundId: 'a-round',
    game: 'crash',
    amount: STAKE,
    selection: {},
    status: 'accepted',
    multiplier: null,
    payout: null,
    currency: 'COIN',
    balance: 495,
    createdAt: '2026-01-01T00:00:00.000Z',
    ...more,
  };
}

/** Answers what it is given for a path, two items to a page. */
function reader(stored: Record<string, readonly object[]>): Read {
  const read = async (path: string, { cursor = '0' }: Record<string, string>) => {
    const items = stored[path] ?? [];
    const next = Number(cursor) + 2;
    const nextCursor = next < items.length ? String(next) : null;
    return { items: items.slice(Number(cursor), next), nextCursor };
  };
  return read as unknown as Read;
}

/** What is found when the player heard `sent` and the books hold `stored`. */
async function compare(sent: SentBet[], stored: Bet[]) {
  const figures = noFigures();
  const bets = new Map(sent.map((bet) => [bet.betId, bet]));
  await compareBooks(reader({ '/api/v1/me/bets': stored }), { bets, seats: [] }, figures);
  return figures.books;
}

/** The same for seats: of each transaction category, amount and the balance after it. */
async function compareSeats(seats: SentSeat[], lines: [string, number, number][]) {
  const transactions = lines.map(
    ([category, amount, balanceAfter]): Partial<Transaction> => ({
      category,
      amount,
      balanceAfter,
    }),
  );
  const figures = noFigures();
  const read = reader({ '/api/v1/me/transactions': transactions });
  await compareBooks(read, { bets: new Map(), seats }, figures);
  return figures.matches.books;
}

/** What is found when the player was told `told` and the books hold a balance of 490, version 3 and 4 bricks. */
async function compareWorld(told: Partial<ToldWorld>, slot = 1) {
  const read = async (path: string) => {
    if (path === '/api/v1/me/wallet') return { currency: 'COIN', balance: 490, seq: 2 };
    const items = path.endsWith('inventory')
      ? [{ item: { id: 1, name: 'brick', title: 'Brick', icon: null }, quantity: 4 }]
      : [{ id: 1, game: 'town', slot, version: 3 }];
    return { items, nextCursor: null };
  };
  const world: ToldWorld = {
    game: 'town',
    acknowledged: 2,
    sure: true,
    version: 3,
    balance: 490,
    inventory: new Map([
      ['brick', 4],
      ['plank', 0],
    ]),
    ...told,
  };
  const figures = noFigures();
  await compareBooks(read as unknown as Read, { bets: new Map(), seats: [], world }, figures);
  return figures.worlds.books;
}

/** A seat that was taken; `balance` is what was left. */
function taken(balance: number, due?: SentSeat['due']): SentSeat {
  const matchId = crypto.randomUUID();
  const of = { matchId, roundId: crypto.randomUUID(), game: 'duel', seat: 0, currency: 'COIN' };
  const seat = { matchId, stake: STAKE, taken: { ...of, stake: STAKE, balance } };
  return due === undefined ? seat : { ...seat, due };
}

describe("the load test's look into the books", () => {
  it('[M6] finds nothing where all stands as it was told, on whatever page', async () => {
    const sent = ['a', 'b', 'c'].map((id) => ({ betId: id, stake: STAKE, told: told(id) }));
    const lost = told('b', { status: 'lost', multiplier: 0, payout: 0 });
    assert.deepEqual(await compare(sent, [told('a'), lost, told('c')]), {
      acknowledged: 3,
      missing: 0,
      different: 0,
      unread: 0,
    });
  });

  it('[M6] misses an acknowledged bet that is not there', async () => {
    const sent = ['a', 'b'].map((id) => ({ betId: id, stake: STAKE, told: told(id) }));
    const { missing, different } = await compare(sent, [told('a')]);
    assert.deepEqual({ missing, different }, { missing: 1, different: 0 });
  });

  it('sees another stake, round or payout than was told', async () => {
    const cashed = told('a', { status: 'cashed', multiplier: 150, payout: 7 });
    for (const entry of [
      { ...cashed, amount: STAKE + 1 },
      { ...cashed, roundId: 'another-round' },
      { ...cashed, payout: 8 },
      { ...cashed, status: 'lost' as const, multiplier: 0, payout: 0 },
    ]) {
      const { different } = await compare([{ betId: 'a', stake: STAKE, told: cashed }], [entry]);
      assert.equal(different, 1, JSON.stringify(entry));
    }
  });

  it('sees a bet that was refused and entered all the same, and one that nobody sent', async () => {
    const refused = { betId: 'a', stake: STAKE, refused: 'BETTING_CLOSED' };
    assert.equal((await compare([refused], [told('a'), told('b')])).different, 2);
    // BUSY leaves open whether the bet was entered.
    assert.equal((await compare([{ ...refused, refused: 'BUSY' }], [told('a')])).different, 0);
  });

  const payout = { category: 'payout', amount: 9 } as const;
  const refund = { category: 'refund', amount: STAKE } as const;

  it('[M6] finds the stake of every seat that was taken, and what its end brings', async () => {
    const seats = [taken(495, payout), taken(499, null), taken(494, refund), taken(494)];
    const found = await compareSeats(seats, [
      ['grant', 500, 500],
      ['stake', -STAKE, 495],
      ['payout', 9, 504],
      ['stake', -STAKE, 499],
      ['stake', -STAKE, 494],
      ['refund', STAKE, 499],
      ['stake', -STAKE, 494],
    ]);
    assert.deepEqual(found, { acknowledged: 4, missing: 0, different: 0, unread: 0 });
  });

  it('[M6] misses a stake that is not there, and sees one that nobody asked for', async () => {
    const none = await compareSeats([taken(495, null)], []);
    assert.deepEqual([none.missing, none.different], [1, 0]);
    const twice = await compareSeats(
      [taken(495, null)],
      [
        ['stake', -STAKE, 495],
        ['stake', -STAKE, 490],
      ],
    );
    assert.deepEqual([twice.missing, twice.different], [0, 1]);
    // Of a seat that was not answered a stake may be there, of one that was refused for its limits it may not.
    const asked = { matchId: 'a', stake: STAKE };
    const stake: [string, number, number][] = [['stake', -STAKE, 495]];
    assert.equal((await compareSeats([asked], stake)).different, 0);
    const refused = { ...asked, refused: 'LIMIT_EXCEEDED' };
    assert.equal((await compareSeats([refused], stake)).different, 1);
  });

  it('[M6] sees a pot that is not paid, is paid twice or otherwise than it ended', async () => {
    const stake: [string, number, number] = ['stake', -STAKE, 495];
    const found = async (...lines: [string, number, number][]) =>
      (await compareSeats([taken(495, payout)], [stake, ...lines])).different;
    const [unpaid, twice, other] = await Promise.all([
      found(),
      found(['payout', 9, 504], ['payout', 9, 513]),
      found(['refund', STAKE, 500]),
    ]);
    assert.deepEqual([unpaid, twice, other], [1, 1, 2]);
  });

  it('[W5] finds a world as it was told last, and sees another version, balance or number of items', async () => {
    const sound = { acknowledged: 2, missing: 0, different: 0, unread: 0 };
    assert.deepEqual(await compareWorld({}), sound);
    const held = (...entries: [string, number][]) => ({ inventory: new Map(entries) });
    for (const told of [
      { version: 4 },
      { balance: 491 },
      held(['brick', 5]),
      held(),
      held(['brick', 4], ['plank', 1]),
    ]) {
      const { different } = await compareWorld(told);
      assert.equal(different, 1, JSON.stringify(told));
    }
    assert.equal((await compareWorld({}, 2)).missing, 1);
    assert.equal((await compareWorld({ sure: false })).unread, 2);
  });
});
