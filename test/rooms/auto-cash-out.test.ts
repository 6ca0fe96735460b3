import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { AutoCashOuts, type DueCashOut } from '../../rooms/auto-cash-out.ts';
import type { BoardBet } from '../../rooms/bet-board.ts';

const due = (atMs: number): DueCashOut => ({
  bet: { status: 'accepted' } as BoardBet,
  atMs,
  multiplier: 150,
});

describe('rooms/auto-cash-out', () => {
  let elapsedMs = 0;
  const timers = new Map<object, { work: () => void; ms: number }>();
  beforeEach(() => {
    elapsedMs = 0;
    timers.clear();
    mock.method(globalThis, 'setTimeout', (work: () => void, ms: number) => {
      const timer = {};
      timers.set(timer, { work, ms });
      return timer;
    });
    mock.method(globalThis, 'clearTimeout', (timer: object) => void timers.delete(timer));
  });
  afterEach(() => mock.restoreAll());

  /** The timer that is set fires at its time. */
  function next(): void {
    const [timer, { work, ms }] = [...timers][0] as [object, { work: () => void; ms: number }];
    timers.delete(timer);
    elapsedMs += ms;
    work();
  }

  it('[F1] it has one timer until it is stopped, whatever is still due', () => {
    for (const list of [[], [due(60_000)], [due(20), due(60_000), due(5)]]) {
      elapsedMs = 0;
      const fired: number[] = [];
      const all = list.map(({ atMs }) => atMs).sort((a, b) => a - b);
      const autos = new AutoCashOuts(
        list,
        () => elapsedMs,
        (now) => fired.push(...now.map(({ atMs }) => atMs)),
      );
      for (let n = 0; n < all.length; n++) {
        assert.equal(timers.size, 1);
        next();
        assert.equal(elapsedMs, all[n]);
      }
      assert.deepEqual(fired, all);
      assert.equal(timers.size, 1);
      autos.stop();
      assert.equal(timers.size, 0);
    }
  });

  it('stopped by the cash-out that it fires, it sets no timer any more', () => {
    const autos: AutoCashOuts = new AutoCashOuts(
      [due(1), due(30_000)],
      () => elapsedMs,
      () => autos.stop(),
    );
    next();
    assert.equal(timers.size, 0);
  });
});
