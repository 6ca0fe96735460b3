import assert from 'node:assert/strict';
import { Exposure } from '../../rooms/exposure.ts';
import { LiveRound } from '../../rooms/round.ts';
import type { Seed } from '../../src/fairness/chain.ts';
import { roundByName } from '../../src/games/registry.ts';
import type { BetId, RoundId, UserId } from '../../src/ids.ts';

const roulette = roundByName('roulette');

function roundIn(currency: string): LiveRound {
  return new LiveRound(roulette, crypto.randomUUID() as RoundId, 1, {} as Seed, currency);
}

function straight(amount: number) {
  const selection = { type: 'straight', numbers: [17] };
  return { betId: crypto.randomUUID() as BetId, userId: 1 as UserId, amount, selection };
}

describe('rooms/exposure', () => {
  it('[H1] what other open rounds of the game may cost is not left for this one; what is over is', async () => {
    const exposure = new Exposure(() => 1);
    const [one, two, other] = [roundIn('COIN'), roundIn('COIN'), roundIn('GEM')];
    for (const round of [one, two, other]) exposure.watch('roulette', round);
    one.board.announce(straight(10));
    other.board.announce(straight(1_000));
    assert.equal(exposure.left(1_000, 'roulette', two), 1_000 - 350);
    assert.equal(exposure.left(1_000, 'roulette', one), 1_000, 'its own is counted by the board');
    const refused = two.board.announce(straight(5));
    assert.equal(exposure.left(1_000, 'roulette', one), 1_000 - 175);
    refused();
    assert.equal(exposure.left(1_000, 'roulette', one), 1_000);
    one.finish();
    await one.over;
    assert.equal(exposure.left(1_000, 'roulette', two), 1_000);
  });

  it('[H1] nodes share the limit', () => {
    const exposure = new Exposure(() => 3);
    assert.equal(exposure.left(1_000, 'roulette', roundIn('COIN')), 333);
  });
});
