import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BetBoard } from '../../rooms/bet-board.ts';
import { roundByName } from '../../src/games/registry.ts';
import { BETS, type BetType } from '../../src/games/roulette/layout.ts';
import type { BetId, UserId } from '../../src/ids.ts';
import type { PlacedBet } from '../../src/ledger/place.ts';
import type { OpenBet } from '../../src/ledger/types.ts';

const roulette = roundByName('roulette');
const every = Object.entries(BETS).flatMap(([type, bets]) =>
  bets.map((numbers) => ({ type: type as BetType, numbers })),
);
const pockets = Array.from({ length: 37 }, (_, number) => number);

/** What becomes of each bet: on its way, in the books, or refused. */
const fates = fc.array(
  fc.record({
    amount: fc.integer({ min: 1, max: 1_000_000 }),
    selection: fc.constantFrom(...every),
    user: fc.nat(2),
    fate: fc.constantFrom('under way', 'taken', 'refused', 'taken twice'),
  }),
  { maxLength: 30 },
);

describe('rooms/bet board', () => {
  it('[H1] the loss is that of the worst number, of all bets that are in the books or may still get there', () => {
    fc.assert(
      fc.property(fates, (wishes) => {
        const board = new BetBoard(roulette);
        const counted: OpenBet[] = [];
        for (const [at, { user, fate, ...wish }] of wishes.entries()) {
          const bet = { ...wish, betId: `bet-${at}` as BetId, userId: user as UserId };
          const answers = [board.announce(bet)];
          if (fate === 'taken twice') answers.push(board.announce(bet));
          if (fate.startsWith('taken')) board.add(bet as unknown as PlacedBet, 'a player');
          if (fate !== 'under way') for (const answered of answers) answered();
          if (fate !== 'refused') counted.push(bet);
        }
        const lossOf = (bets: readonly OpenBet[]) =>
          Math.max(
            0,
            ...pockets.map((number) =>
              bets.reduce(
                (sum, bet) =>
                  sum + roulette.resolve(bet, { number }, new Map()).payout - bet.amount,
                0,
              ),
            ),
          );
        const next = { amount: 7, selection: { type: 'straight', numbers: [17] } } as OpenBet;
        assert.equal(board.lossWith([next]), lossOf([...counted, next]));
        assert.equal(board.loss, lossOf(counted));
      }),
    );
  });

  it('[H1] a game that only divides what was staked loses nothing', () => {
    const board = new BetBoard(roundByName('derby'));
    const selection = { type: 'win', runner: 3 };
    const bet = { betId: 'a' as BetId, userId: 1 as UserId, amount: 1_000_000, selection };
    board.announce(bet);
    assert.equal(board.lossWith([bet]), 0);
  });
});
