import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pack } from 'msgpackr';
import { type Bet, MAX_BETS_PER_COMMAND, MAX_MESSAGE_BYTES } from '../../src/protocol.ts';
import { rouletteAction, type Situation } from '../../web/src/games/roulette/action.ts';
import {
  add,
  type ChipLimits,
  type Chips,
  chipFor,
  clear,
  double,
  MAX_SPOTS,
  NO_CHIPS,
  removeFrom,
  shortAmount,
  totalOf,
  undo,
  wishesOf,
} from '../../web/src/games/roulette/chips.ts';
import { lastStacks, placedStacks } from '../../web/src/games/roulette/placed.ts';
import { colourOf, SPOTS } from '../../web/src/games/roulette/spots.ts';
import {
  LANDING_MS,
  landingPose,
  ORDER,
  pocketAngle,
  restPose,
  spinPose,
} from '../../web/src/games/roulette/wheel.ts';

const LIMITS: ChipLimits = { maxStake: 1000, balance: 500, betsLeft: 60 };
const put = (chips: Chips, id: string, amount: number, limits = LIMITS) => {
  const next = add(chips, new Map([[id, amount]]), limits);
  assert.ok(typeof next !== 'string', String(next));
  return next;
};

describe('web/games/roulette: chips', () => {
  it('stack up, come off again step by step, and are sent as one bet for each spot', () => {
    const one = put(NO_CHIPS, 'straight 17', 10);
    const two = put(put(one, 'straight 17', 5), 'red', 20);
    assert.equal(totalOf(two.stacks), 35);
    assert.deepEqual(wishesOf(two.stacks), [
      { amount: 15, more: { selection: { type: 'straight', numbers: [17] } } },
      { amount: 20, more: { selection: { type: 'red' } } },
    ]);
    assert.deepEqual(undo(undo(two)).stacks, one.stacks);
    assert.equal(removeFrom(two, 'red').stacks.size, 1);
    assert.deepEqual(undo(clear(two)).stacks, two.stacks);
    assert.deepEqual(undo(NO_CHIPS), NO_CHIPS);
  });

  it('doubling doubles all of them or none', () => {
    const chips = put(put(NO_CHIPS, 'straight 17', 100), 'red', 50);
    const doubled = double(chips, LIMITS);
    assert.ok(typeof doubled !== 'string');
    assert.equal(totalOf(doubled.stacks), 300);
    assert.equal(double(doubled, LIMITS), 'Your balance does not cover more chips.');
  });

  it('do not go beyond the stake, the balance, the bets of a round and those of one command', () => {
    const rich = { ...LIMITS, balance: 1e6 };
    assert.match(String(add(NO_CHIPS, new Map([['red', 1001]]), rich)), /^At most 1000/);
    const betsLeft = add(NO_CHIPS, new Map([['red', 1]]), { ...LIMITS, betsLeft: 0 });
    assert.match(String(betsLeft), /in this round/);
    const many = new Map(SPOTS.slice(0, MAX_SPOTS).map(({ id }) => [id, 1]));
    const full = add(NO_CHIPS, many, LIMITS);
    assert.ok(typeof full !== 'string');
    assert.match(String(add(full, new Map([['red', 1]]), LIMITS)), /^At most 25 spots/);
  });

  it('[R3] as many spots as are placed at once fit into one message', () => {
    assert.equal(MAX_SPOTS, MAX_BETS_PER_COMMAND);
    const size = ({ selection }: (typeof SPOTS)[number]) => pack(selection).length;
    const longest = SPOTS.toSorted((a, b) => size(b) - size(a)).slice(0, MAX_SPOTS);
    const bets = wishesOf(new Map(longest.map(({ id }) => [id, 1_000_000]))).map(
      ({ amount, more }) => ({ betId: crypto.randomUUID(), amount, ...more }),
    );
    assert.ok(pack({ bets }).length < MAX_MESSAGE_BYTES - 100, `${pack({ bets }).length} bytes`);
  });

  it('repeat is what lay there in the last round, not in this one', () => {
    const bet = (roundId: string, type: string, amount: number, status: Bet['status'] = 'lost') =>
      ({
        betId: `${roundId} ${type}`,
        game: 'roulette',
        roundId,
        amount,
        status,
        payout: 0,
      }) as Bet;
    const red = { selection: { type: 'red' } };
    const dozen = { selection: { type: 'dozen', numbers: [2] } };
    const mine = [
      { ...bet('now', 'red', 1, 'accepted'), ...red },
      { ...bet('before', 'red', 7), ...red },
      { ...bet('before', 'dozen', 8), ...dozen },
      { ...bet('before', 'red again', 3), ...red },
      { ...bet('long ago', 'red', 99), ...red },
    ];
    assert.deepEqual(
      [...lastStacks(mine, 'now')].toSorted(),
      [
        ['dozen 2', 8],
        ['red', 10],
      ].toSorted(),
    );
    assert.equal(placedStacks(mine.slice(0, 1)).get('red')?.amount, 1);
    assert.equal(lastStacks([], 'now').size, 0);
  });

  it('an amount on a chip is short, and never more than what lies there', () => {
    const texts = [999, 1000, 1500, 9999, 10_500, 999_999, 1_000_000].map(shortAmount);
    assert.deepEqual(texts, ['999', '1k', '1.5k', '9.9k', '10k', '999k', '1m']);
    assert.deepEqual([3, 49, 50, 7000].map(chipFor), [1, 10, 50, 500]);
  });
});

describe('web/games/roulette: the button', () => {
  const said = (more: Partial<Situation>, phase = 'betting') => {
    const { kind, label } = rouletteAction({
      link: { phase: 'live' },
      state: { phase, bettingOpen: phase === 'betting' } as Situation['state'],
      play: { pending: null, cashingOut: [] },
      spots: 2,
      total: 30,
      placed: 0,
      balance: 500,
      ...more,
    });
    return [kind, label];
  };

  it('places what lies there, while bets are open and the balance covers it', () => {
    assert.deepEqual(said({}), ['bet', 'Place 30']);
    assert.deepEqual(said({ balance: 29 }), ['wait', 'More than your balance']);
    assert.deepEqual(said({ total: 0 }), ['wait', 'Put chips on the table']);
    assert.deepEqual(said({ total: 0, placed: 40 }), ['wait', '40 is in']);
    assert.deepEqual(said({}, 'running'), ['wait', 'No more bets']);
    assert.deepEqual(said({}, 'settled'), ['wait', 'Next round soon']);
    assert.deepEqual(said({}, 'paused'), ['wait', 'The table is paused']);
    assert.deepEqual(said({ link: { phase: 'dropped' } }), ['wait', 'Reconnecting']);
  });
});

describe('web/games/roulette: the wheel', () => {
  it('has each number once, and its neighbours are of the other colour', () => {
    assert.equal(new Set(ORDER).size, 37);
    assert.deepEqual([...ORDER.slice(0, 4), ORDER.at(-1)], [0, 32, 15, 19, 26]);
    const colours = ORDER.slice(1).map(colourOf);
    assert.ok(colours.every((colour, at) => colour === (at % 2 === 0 ? 'red' : 'black')));
  });

  it('comes to rest without a jump, with the ball in the pocket of the number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 36 }), fc.integer({ min: 0, max: 9000 }), (n, ms) => {
        const spinning = spinPose(restPose(7), ms);
        const start = landingPose(spinning, n, 0);
        assert.ok(Math.abs(start.ball - spinning.ball) < 1e-6);
        assert.ok(Math.abs(start.wheel - spinning.wheel) < 1e-6);
        const { wheel, ball, height } = landingPose(spinning, n, LANDING_MS);
        const off = (((ball - wheel - pocketAngle(n)) % 360) + 360) % 360;
        assert.ok(Math.min(off, 360 - off) < 1e-6 && height === 0);
      }),
    );
  });
});
