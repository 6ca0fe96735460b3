import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Bet } from '../../src/protocol.ts';
import { applyBets, bets, forgetBets } from '../../web/src/bets.ts';
import { createServerClock } from '../../web/src/clock.ts';
import { elapsedAt, multiplierAt, stepFor } from '../../web/src/games/crash/curve/scale.ts';
import { newId } from '../../web/src/ids.ts';
import { digitGroups, multiplierText, parseAmount, parseMultiplier } from '../../web/src/money.ts';
import { applyWallet, forgetWallet, wallet } from '../../web/src/wallet.ts';

describe('web figures', () => {
  afterEach(() => {
    forgetBets();
    forgetWallet();
  });

  it('[M1] amounts are whole numbers of at least 1, and nothing else', () => {
    assert.equal(parseAmount(' 50 '), 50);
    for (const text of ['', '0', '-5', '1.5', '1e3', '05', '9'.repeat(16), '5 0']) {
      assert.equal(parseAmount(text), null, text);
    }
  });

  it('[M1] multipliers are read into hundredths without a float in between', () => {
    assert.equal(parseMultiplier('2'), 200);
    assert.equal(parseMultiplier('1,5'), 150);
    assert.equal(parseMultiplier('1.1.'), null);
    assert.equal(parseMultiplier('1.234'), null);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000_000 }), (hundredths) => {
        assert.equal(parseMultiplier(multiplierText(hundredths).slice(0, -1)), hundredths);
      }),
    );
  });

  it('grouped digits are still the number', () => {
    assert.deepEqual(digitGroups(1234567), ['1', '234', '567']);
    assert.deepEqual(digitGroups(-500), ['500']);
  });

  it('a wallet message that is older than the figure shown is dropped', () => {
    applyWallet({ currency: 'PLAY', balance: 450, seq: 2 });
    applyWallet({ currency: 'PLAY', balance: 500, seq: 1 });
    assert.equal(wallet.get()?.balance, 450);
  });

  it('[M4] a late answer does not take back the result of a bet', () => {
    const open = { betId: 'b', status: 'accepted', createdAt: '2026-01-01T00:00:00Z' } as Bet;
    assert.deepEqual(applyBets(open), []);
    const lost = { ...open, status: 'lost' } as Bet;
    assert.deepEqual(applyBets(lost), [lost]);
    assert.deepEqual(applyBets(open, lost), []);
    assert.equal(bets.get()[0]?.status, 'lost');
  });

  it('the server clock follows the sample that was underway the shortest', () => {
    let local = 1000;
    const clock = createServerClock(() => local);
    for (const delay of [80, 15, 240]) {
      local += 500;
      clock.sample(local + 7000 - delay);
    }
    assert.equal(clock.now(), local + 7000 - 15);
    local += 4000;
    assert.equal(clock.silentMs(), 4000);
  });

  it("a moment and its multiplier are each other's inverse", () => {
    for (const hundredths of [100, 101, 250, 100_000]) {
      assert.ok(Math.abs(multiplierAt(elapsedAt(hundredths)) * 100 - hundredths) < 1e-6);
    }
  });

  it('axes have few lines, at round figures', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e6, noNaN: true }), (until) => {
        const step = stepFor(until, 5);
        assert.ok(until / step <= 5.0001 && until / step >= 1);
      }),
    );
  });

  it('bet ids are UUIDs of version 7 in order of time', () => {
    const ids = [newId(1_700_000_000_000), newId(1_700_000_000_001), newId(1_800_000_000_000)];
    for (const id of ids)
      assert.match(id, /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    assert.deepEqual(ids.toSorted(), ids);
  });
});
