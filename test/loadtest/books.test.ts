import assert from 'node:assert/strict';
import { compareBooks } from '../../loadtest/books.ts';
import type { SentBet } from '../../loadtest/bot.ts';
import { noFigures } from '../../loadtest/figures.ts';
import type { Read } from '../../loadtest/seat.ts';
import type { Bet } from '../../src/protocol.ts';

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

/** What is found when the player heard `sent` and the books hold `stored`, two bets to a page. */
async function compare(sent: SentBet[], stored: Bet[]) {
  const read = async (_path: string, { cursor = '0' }: Record<string, string>) => {
    const next = Number(cursor) + 2;
    const nextCursor = next < stored.length ? String(next) : null;
    return { items: stored.slice(Number(cursor), next), nextCursor };
  };
  const figures = noFigures();
  const byId = new Map(sent.map((bet) => [bet.betId, bet]));
  await compareBooks(read as unknown as Read, byId, figures);
  return figures.books;
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
});
