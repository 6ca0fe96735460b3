import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Bet } from '../../../src/protocol.ts';
import { derbyAction } from '../../../web/src/games/derby/action.ts';
import { dividendOf, returnNow } from '../../../web/src/games/derby/bets.ts';
import { followingCamera } from '../../../web/src/games/derby/camera.ts';
import {
  finishIn,
  officialFinish,
  ordinal,
  placeOf,
  standings,
} from '../../../web/src/games/derby/finish.ts';
import { follow, oddsText } from '../../../web/src/games/derby/odds.ts';
import { createRace, DISTANCE } from '../../../web/src/games/derby/race.ts';
import { derbyWord, finishText, outcomeWord } from '../../../web/src/games/derby/words.ts';

const BEHIND_MS = 100;

const bet = (more: Partial<Bet>): Bet => ({
  betId: 'b',
  roundId: 'r',
  game: 'derby',
  amount: 50,
  selection: { type: 'win', runner: 3 },
  status: 'accepted',
  multiplier: null,
  payout: null,
  currency: 'COIN',
  balance: 450,
  createdAt: '2026-01-01T00:00:00Z',
  ...more,
});

const runner = (winOdds: number, placeOdds = 0) => ({ progress: 0, winOdds, placeOdds });

describe('web/games/derby: where the runners are shown', () => {
  it('[R17] between two patches, a little behind the time of the server', () => {
    const race = createRace();
    race.take('r', 1000, [0, 0]);
    race.take('r', 1050, [20, 10]);
    race.take('r', 1100, [40, 30]);
    assert.deepEqual(race.shownAt(1025 + BEHIND_MS), [10, 5]);
    assert.deepEqual(race.shownAt(1075 + BEHIND_MS), [30, 20]);
  });

  it('[R17] never beyond the last patch, and never before the first', () => {
    const race = createRace();
    race.take('r', 1000, [100]);
    race.take('r', 1050, [120]);
    assert.deepEqual(race.shownAt(9000), [120]);
    assert.deepEqual(race.shownAt(10), [100]);
    assert.deepEqual(createRace().shownAt(0), []);
  });

  it('[R17] whatever the pace of the patches, a runner never goes back and stays between them', () => {
    const pace = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 90 })),
      {
        minLength: 2,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(pace, (steps) => {
        const race = createRace();
        let at = 1000;
        let part = 0;
        let shown = 0;
        race.take('r', at, [part]);
        for (const [ms, progress] of steps) {
          at += ms;
          part += progress;
          race.take('r', at, [part]);
          const [next] = race.shownAt(at) as [number];
          assert.ok(next >= shown && next <= part, `${shown} -> ${next} of ${part}`);
          shown = next;
        }
      }),
    );
  });

  it('news of bets during a race do not make the runners stop', () => {
    const race = createRace();
    race.take('r', 1000, [0]);
    race.take('r', 1050, [20]);
    race.take('r', 1080, [20]);
    race.take('r', 1100, [40]);
    assert.deepEqual(race.shownAt(1075 + BEHIND_MS), [30]);
  });

  it('nobody moves before the start, however long the bets were open', () => {
    const race = createRace();
    race.take('r', 1000, [0]);
    race.take('r', 16_000, [0]);
    race.take('r', 16_050, [20]);
    assert.deepEqual(race.shownAt(15_900 + BEHIND_MS), [0]);
    assert.deepEqual(race.shownAt(16_025 + BEHIND_MS), [10]);
  });

  it('another round, or a clock that was set back, begins anew', () => {
    const race = createRace();
    race.take('r', 5000, [DISTANCE]);
    race.take('s', 6000, [0]);
    assert.deepEqual(race.shownAt(6000), [0]);
    assert.deepEqual(race.sinceFinish(9000), [null]);
    race.take('s', 3000, [700]);
    assert.deepEqual(race.shownAt(3000), [700]);
  });

  it('the order at the line is that of the patches; who came with the same patch shares a place', () => {
    const race = createRace();
    race.take('r', 1000, [9990, 9980, 9970]);
    race.take('r', 1050, [DISTANCE, 9995, DISTANCE]);
    race.take('r', 1100, [DISTANCE, DISTANCE, DISTANCE]);
    assert.deepEqual(race.order(), [[1, 3], [2]]);
    assert.deepEqual(race.sinceFinish(1150 + BEHIND_MS), [100, 50, 100]);
    assert.deepEqual(race.sinceFinish(1060 + BEHIND_MS), [10, null, 10]);
  });

  it('who comes when they are in sees them in, and claims to know no order', () => {
    const race = createRace();
    race.take('r', 1000, [DISTANCE, DISTANCE]);
    assert.deepEqual(race.order(), [[1, 2]]);
    assert.deepEqual(race.sinceFinish(1000), [Infinity, Infinity]);
  });

  it('the leader is always in the picture, and so is the finish when it is there', () => {
    const field = fc.array(fc.integer({ min: 0, max: DISTANCE }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(field, fc.integer({ min: 320, max: 1400 }), (progress, width) => {
        const camera = followingCamera(progress, width, 26);
        const leader = camera.x(Math.max(...progress));
        assert.ok(leader > 26 && leader < width, `${leader} of ${width}`);
        if (Math.max(...progress) === DISTANCE) assert.ok(camera.x(DISTANCE) < width * 0.8);
      }),
    );
  });
});

describe('web/games/derby: the finish', () => {
  it('[P1] after two firsts comes a third; those up to the third place are paid', () => {
    const finish = [[3, 6], [7], [1], [2]];
    assert.deepEqual(
      [3, 6, 7, 1, 8].map((each) => placeOf(finish, each)),
      [1, 1, 3, 4, null],
    );
    assert.deepEqual(
      standings(finish).map(({ runner: each, deadHeat }) => [each, deadHeat]),
      [
        [3, true],
        [6, true],
        [7, false],
      ],
    );
    assert.equal(finishText(finish), '1st 3 and 6 (dead heat), 3rd 7');
    assert.equal(outcomeWord(finish).short, '3=6');
    assert.deepEqual([1, 2, 3, 4, 11, 21].map(ordinal), [
      '1st',
      '2nd',
      '3rd',
      '4th',
      '11th',
      '21st',
    ]);
  });

  it('[M7] it is official with the outcome of this very round', () => {
    const history = [{ roundId: 'r', outcome: '{"finish":[[1],[2],[3]]}' }];
    assert.equal(officialFinish({ phase: 'running', roundId: 'r', history }), null);
    assert.equal(officialFinish({ phase: 'settled', roundId: 's', history }), null);
    const official = officialFinish({ phase: 'settled', roundId: 'r', history });
    assert.deepEqual(finishIn(official as string), [[1], [2], [3]]);
    assert.equal(finishIn('not JSON'), null);
  });
});

describe('web/games/derby: odds', () => {
  it('tell which way they went, and nothing when they did not move', () => {
    const first = follow(null, { roundId: 'r', runners: [runner(300), runner(0), runner(500)] });
    assert.deepEqual(
      first.win.map(({ moved }) => moved),
      [0, 0, 0],
    );
    const next = follow(first, { roundId: 'r', runners: [runner(250), runner(900), runner(510)] });
    assert.deepEqual(
      next.win.map(({ moved, changes }) => [moved, changes]),
      [
        [-1, 1],
        [0, 1],
        [1, 1],
      ],
    );
    assert.equal(
      follow(next, { roundId: 'r', runners: [runner(250), runner(900), runner(510)] }),
      next,
    );
    const another = follow(next, { roundId: 's', runners: [runner(0), runner(0), runner(0)] });
    assert.deepEqual(
      another.win.map(({ changes }) => changes),
      [0, 0, 0],
    );
  });

  it('are read in hundredths, and whole where these say nothing', () => {
    assert.deepEqual([0, 105, 2004, 9999, 10_000, 123_456, 2_500_000].map(oddsText), [
      '-',
      '1.05',
      '20.04',
      '99.99',
      '100',
      '1234',
      '25k',
    ]);
  });

  it('a bet would return what they say now; nothing is said of what nobody has backed', () => {
    const market = follow(null, {
      roundId: 'r',
      runners: [runner(0), runner(0), runner(241, 136)],
    });
    assert.equal(returnNow(bet({}), market), 120);
    assert.equal(returnNow(bet({ selection: { type: 'place', runner: 3 } }), market), 68);
    assert.equal(returnNow(bet({ selection: { type: 'win', runner: 1 } }), market), null);
    assert.equal(returnNow(bet({ selection: {} }), market), null);
  });

  it('[P1] a dividend is told where it is known: by an own bet, or by the last odds of a lone winner', () => {
    const runners = [runner(0), runner(0), runner(240, 130)];
    const market = follow(null, { roundId: 'r', runners });
    const win = { type: 'win', runner: 3 } as const;
    assert.deepEqual(dividendOf(win, [[3], [1]], market, []), { pays: 240, least: false });
    // Nobody has backed 1, so that 3 has the pool for itself; with two that were backed, it is shared.
    assert.deepEqual(dividendOf(win, [[3, 1]], market, []), { pays: 240, least: false });
    const both = follow(null, { roundId: 'r', runners: [runner(300), runner(0), runner(240)] });
    assert.equal(dividendOf(win, [[3, 1]], both, []), null);
    assert.equal(dividendOf({ type: 'win', runner: 2 }, [[2], [1]], both, []), null);
    assert.deepEqual(dividendOf({ type: 'place', runner: 3 }, [[3], [1]], market, []), {
      pays: 130,
      least: true,
    });
    const paid = bet({ status: 'won', multiplier: 117, payout: 58 });
    assert.deepEqual(dividendOf(win, [[3, 1]], market, [paid]), { pays: 117, least: false });
  });
});

describe('web/games/derby: the button and the words', () => {
  const situation = {
    link: { phase: 'live' },
    play: { pending: null, cashingOut: [] },
    state: { phase: 'betting', bettingOpen: true },
    selection: { type: 'win', runner: 3 },
    odds: 241,
    amount: 50,
    balance: 500,
  } as unknown as Parameters<typeof derbyAction>[0];
  const labelWith = (more: object) => derbyAction({ ...situation, ...more }).label;

  it('[R17] offers a bet while bets are taken, also while they run, and no longer', () => {
    const running = { phase: 'running', bettingOpen: true };
    assert.deepEqual(derbyAction(situation), {
      kind: 'bet',
      label: 'Bet 50 on 3 to win',
      detail: 'at 2.41 now; the last odds count',
    });
    assert.equal(labelWith({ state: running }), 'Bet 50 on 3 to win');
    assert.equal(labelWith({ state: { ...running, bettingOpen: false } }), 'Bets are closed');
    assert.equal(labelWith({ selection: null }), 'Choose a runner');
    assert.equal(labelWith({ amount: null }), 'Enter an amount');
    assert.equal(labelWith({ balance: 20 }), 'More than your balance');
  });

  it('[M6] calls a bet placed when it is accepted, and tells what it came to', () => {
    assert.equal(derbyWord(bet({}), [bet({})]).text, '50 on 3 to win is in.');
    const won = bet({ status: 'won', multiplier: 241, payout: 120 });
    assert.deepEqual(derbyWord(won, [won]), {
      text: '50 on 3 to win: 120 paid at 2.41x.',
      tone: 'good',
    });
    const back = bet({ status: 'refunded', payout: 50 });
    assert.equal(derbyWord(back, [back]).text, '50 on 3 to win: refunded.');
  });
});
