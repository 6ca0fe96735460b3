import assert from 'node:assert/strict';
import type { Bet, CrashState } from '../../src/protocol.ts';
import { crashAction, readWish, type Situation } from '../../web/src/games/crash/action.ts';

const open = [{ betId: 'b', amount: 50, payout: null }] as Bet[];

function situation(phase: CrashState['phase'], more: Partial<Situation> = {}): Situation {
  return {
    link: { phase: 'live' },
    state: { phase } as CrashState,
    play: { pending: null, cashingOut: [] },
    open: [],
    placed: [],
    wish: { amount: 50, autoCashout: null },
    balance: 500,
    ...more,
  };
}

const said = (given: Situation) => {
  const { kind, label } = crashAction(given);
  return [kind, label];
};

describe('web/games/crash/action', () => {
  it('bets while bets are open, and says how much', () => {
    assert.deepEqual(said(situation('betting')), ['bet', 'Bet 50']);
    const auto = crashAction(situation('betting', { wish: readWish('20', '1.5') }));
    assert.deepEqual([auto.label, auto.detail], ['Bet 20', 'out at 1.50x']);
  });

  it('cashes out while an own bet runs', () => {
    assert.deepEqual(said(situation('running', { open, placed: open })), ['cashout', 'Cash out']);
  });

  it('does nothing between, and says why', () => {
    assert.deepEqual(said(situation('betting', { open, placed: open })), ['wait', '50 is in']);
    assert.deepEqual(said(situation('running')), ['wait', 'Wait for next round']);
    assert.deepEqual(said(situation('settled')), ['wait', 'Next round soon']);
    assert.deepEqual(said(situation('paused')), ['wait', 'The table is paused']);
  });

  it('does not act on a wish that cannot be granted', () => {
    const wishes = [
      [readWish('', ''), 'Enter an amount'],
      [readWish('501', ''), 'More than your balance'],
      [readWish('5', '1.00'), 'Check the auto cash-out'],
      [readWish('5', 'x'), 'Check the auto cash-out'],
    ] as const;
    for (const [wish, label] of wishes) {
      assert.deepEqual(said(situation('betting', { wish })), ['wait', label]);
    }
  });

  it('does not act on what the page still shows while the table cannot be heard', () => {
    const given = situation('running', { open, link: { phase: 'dropped' } });
    assert.deepEqual(said(given), ['wait', 'Reconnecting']);
  });

  it('[M6] a bet without an answer is called neither placed nor lost', () => {
    const pending = {
      bets: [{ betId: 'b', amount: 50, more: {} }],
      roundId: 'r',
      stage: 'sending',
      wanted: true,
    } as const;
    const sending = situation('betting', { play: { pending, cashingOut: [] } });
    assert.deepEqual(said(sending), ['wait', 'Placing 50']);
    const asking = { play: { pending: { ...pending, stage: 'asking' as const }, cashingOut: [] } };
    const dropped = situation('betting', { ...asking, link: { phase: 'dropped' } });
    assert.deepEqual(said(dropped), ['wait', 'Checking your bet']);
  });
});
