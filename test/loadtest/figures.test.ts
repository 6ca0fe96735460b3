import assert from 'node:assert/strict';
import { count, createLatencies, noFigures, percentilesOf, sumOf } from '../../loadtest/figures.ts';

describe("the load test's figures", () => {
  it('add up over workers: numbers, counts by code, and rounds that several saw', () => {
    const [a, b] = [noFigures(), noFigures()];
    a.bets.sent = 2;
    b.bets.sent = 3;
    count(a.bets.refused, 'BETTING_CLOSED');
    count(b.bets.refused, 'BETTING_CLOSED');
    count(b.bets.refused, 'BUSY');
    for (const round of ['one', 'two']) a.rounds.add(round);
    for (const round of ['two', 'three']) b.rounds.add(round);
    const sum = sumOf([a, b]);
    assert.equal(sum.bets.sent, 5);
    assert.deepEqual(sum.bets.refused, { BETTING_CLOSED: 2, BUSY: 1 });
    assert.equal(sum.rounds.size, 3);
    assert.equal(a.bets.sent, 2);
  });

  it('give percentiles in milliseconds, over all workers, and none where nothing was measured', () => {
    const [a, b] = [createLatencies(), createLatencies()];
    for (let ms = 1; ms <= 50; ms++) a.record(ms * 1000);
    for (let ms = 51; ms <= 100; ms++) b.record(ms * 1000);
    const { count: n, p50, p95, p99, max } = percentilesOf([a, b]);
    assert.equal(n, 100);
    for (const [value, expected] of [
      [p50, 50],
      [p95, 95],
      [p99, 99],
      [max, 100],
    ] as const) {
      assert.ok(value !== null && Math.abs(value - expected) < 0.2, `${value} for ${expected}`);
    }
    assert.equal(percentilesOf([]).p50, null);
  });
});
