import assert from 'node:assert/strict';
import pg from 'pg';
import { openDatabase } from '../../src/database/connection.ts';
import { audit } from '../../src/ledger/audit.ts';
import { createLogger } from '../../src/log.ts';
import type { Bet } from '../../src/protocol.ts';
import {
  joinCrash,
  joinCrashAs,
  leaveAll,
  startServer,
  type TestPlayer,
  type TestServer,
  until,
} from '../support/server.ts';
import { type End, endOf, SECRET } from './insider.ts';

const BETTING_MS = 2_000;
const START_BALANCE = 500;
/** Players who race, each on his own account. */
const RACERS = 30;
/** Tables that are opened until one of them has a round of a useful length. */
const TABLES = 8;
const SHORTEST_MS = 400;
const LONGEST_MS = 6_000;
/** Cash-outs and bets are spread over so long before and after the instant that they race. */
const SPREAD_MS = 40;

interface Answer {
  readonly bet?: Bet;
  readonly code?: string;
}

describe('races at a real table', function () {
  this.timeout(150_000);
  let server: TestServer;
  let db: pg.Pool;
  before(async () => {
    server = await startServer({
      env: { BETTING_MS: String(BETTING_MS), FAIRNESS_SECRET: SECRET, START_BALANCE: String(START_BALANCE) },
    });
    db = new pg.Pool({ connectionString: server.databaseUrl, max: 4 });
  });
  afterEach(leaveAll);
  after(async () => {
    await db.end();
    await server.dispose();
  });

  const join = (table: string) => joinCrash(server.url, { table });
  const joinMany = (table: string, count = RACERS) => Promise.all(Array.from({ length: count }, () => join(table)));
  const ask = (player: TestPlayer, type: 'bet' | 'cashout', payload: object): Promise<Answer> =>
    (player.room.request(type, payload) as Promise<Bet>).then(
      (bet) => ({ bet }),
      (error) => {
        assert.ok(error.reason?.code, String(error));
        return { code: error.reason.code };
      },
    );
  const balanceOf = async (player: TestPlayer) => (await player.get<{ balance: number }>('/api/v1/me/wallet')).balance;
  const stakesOf = async (betIds: string[]): Promise<number> => {
    const { rows } = await db.query<{ n: number }>(
      'SELECT count(*)::integer AS n FROM transactions WHERE bet_id = ANY ($1::uuid[]) AND amount < 0',
      [betIds],
    );
    return rows[0]?.n as number;
  };

  /** A betting phase with nearly all of its time left. */
  async function freshBetting(player: TestPlayer): Promise<void> {
    const { state } = player.room;
    const round = state?.roundId;
    const isFresh = () => {
      const { phase, phaseEndsAt, roundId } = player.room.state;
      const early = phaseEndsAt - Date.now() > BETTING_MS - 700;
      return phase === 'betting' && (early || roundId !== round);
    };
    await until(isFresh, 'a new betting phase', 120_000);
  }

  it('[M3] the last coin, spent from several tabs at the same instant, is spent once', async () => {
    const players = await joinMany('coin');
    const tabs = await Promise.all(players.map((player) => joinCrashAs(player.client, player.userId, { table: 'coin' })));
    await freshBetting(tabs[0] as TestPlayer);
    const results = await Promise.all(
      players.map(async (player, index) => {
        // Two of three fit for every second player, one of two for the others.
        const [amount, wishes, fitting] = index % 2 === 0 ? [200, 3, 2] : [300, 2, 1];
        const from = [player, tabs[index] as TestPlayer, player];
        const bets = Array.from({ length: wishes }, (_, at) =>
          ask(from[at] as TestPlayer, 'bet', { betId: crypto.randomUUID(), amount }),
        );
        const answers = await Promise.all(bets);
        assert.equal(answers.filter(({ bet }) => bet).length, fitting, JSON.stringify(answers));
        for (const { code } of answers) assert.ok(code === undefined || code === 'INSUFFICIENT_FUNDS', code);
        assert.equal(await balanceOf(player), START_BALANCE - amount * fitting);
        return fitting;
      }),
    );
    console.log(`        ${results.length} players, ${results.reduce((a, b) => a + b, 0)} bets taken`);
  });

  it('[M5] a bet sent twice at the same instant is one bet; with another amount one of the two is BET_CONFLICT', async () => {
    const players = await joinMany('twice');
    const tabs = await Promise.all(players.map((player) => joinCrashAs(player.client, player.userId, { table: 'twice' })));
    await freshBetting(tabs[0] as TestPlayer);
    await Promise.all(
      players.map(async (player, index) => {
        const tab = tabs[index] as TestPlayer;
        const thief = players[(index + 1) % players.length] as TestPlayer;
        const [same, other, stolen] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
        const [a, b, c, d, e, f] = await Promise.all([
          ask(player, 'bet', { betId: same, amount: 5 }),
          ask(tab, 'bet', { betId: same.toUpperCase(), amount: 5 }),
          ask(player, 'bet', { betId: other, amount: 7 }),
          ask(tab, 'bet', { betId: other, amount: 8 }),
          ask(player, 'bet', { betId: stolen, amount: 9 }),
          ask(thief, 'bet', { betId: stolen, amount: 9 }),
        ]);
        assert.ok(a?.bet);
        assert.deepEqual(a, b);
        for (const pair of [[c, d], [e, f]] as Answer[][]) {
          assert.equal(pair.filter(({ bet }) => bet).length, 1, JSON.stringify(pair));
          assert.equal(pair.find(({ code }) => code)?.code, 'BET_CONFLICT');
        }
        assert.equal(await stakesOf([same, other, stolen]), 3);
      }),
    );
  });

  it('[M5] [R12] one id sent many times at once is one bet towards the limit, and the limit never hides it', async () => {
    const player = await join('limit');
    const tab = await joinCrashAs(player.client, player.userId, { table: 'limit' });
    await freshBetting(tab);
    const betId = crypto.randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, index) => ask(index % 2 ? player : tab, 'bet', { betId, amount: 5 })),
    );
    assert.ok(answers[0]?.bet);
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    const others = await Promise.all(
      Array.from({ length: 12 }, () => ask(player, 'bet', { betId: crypto.randomUUID(), amount: 5 })),
    );
    assert.equal(others.filter(({ bet }) => bet).length, 9);
    assert.equal(others.filter(({ code }) => code === 'LIMIT_EXCEEDED').length, 3);
    assert.deepEqual(await ask(tab, 'bet', { betId, amount: 5 }), answers[0]);
    assert.deepEqual(await ask(tab, 'bet', { betId, amount: 6 }), { code: 'BET_CONFLICT' });
  });

  it('[M7] bets around the lock: taken or BETTING_CLOSED; who was taken is never told otherwise, who was not paid nothing', async () => {
    const players = await joinMany('lock');
    const [first] = players as [TestPlayer];
    await freshBetting(first);
    const { phaseEndsAt } = first.room.state;
    const all = await Promise.all(
      players.flatMap((player, index) =>
        Array.from({ length: 3 }, async (_, nth) => {
          const betId = crypto.randomUUID();
          const offset = ((index * 3 + nth) / (3 * players.length)) * 2 * SPREAD_MS - SPREAD_MS;
          await at(phaseEndsAt + offset);
          // The same bet three times, as an impatient client would.
          const again = Array.from({ length: 3 }, async (_unused, repeat) => {
            await at(phaseEndsAt + offset + repeat);
            return ask(player, 'bet', { betId, amount: 2 });
          });
          return { player, betId, answers: await Promise.all(again) };
        }),
      ),
    );
    let taken = 0;
    for (const { answers } of all) {
      const codes = answers.map(({ bet, code }) => (bet ? 'taken' : code));
      assert.equal(new Set(codes).size, 1, codes.join(' '));
      assert.ok(codes[0] === 'taken' || codes[0] === 'BETTING_CLOSED', codes[0]);
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
      if (codes[0] === 'taken') taken += 1;
    }
    console.log(`        ${taken} of ${all.length} bets taken`);
    assert.ok(taken > 0 && taken < all.length, 'the lock was among them');
    assert.equal(await stakesOf(all.map(({ betId }) => betId)), taken);
    for (const player of players) {
      const own = all.filter((each) => each.player === player && each.answers[0]?.bet).length;
      const { items } = await player.get<{ items: Bet[] }>('/api/v1/me/bets');
      const won = items.reduce((sum, bet) => sum + (bet.payout ?? 0), 0);
      assert.equal(items.length, own);
      assert.equal(await balanceOf(player), START_BALANCE - 2 * own + won);
    }
  });

  /** Opens tables until one has a round that is neither too short nor too long; its players have bet. */
  async function raceTable(name: string, stake: (player: TestPlayer) => Promise<Bet>) {
    for (let attempt = 1; ; attempt++) {
      const watchers = await Promise.all(Array.from({ length: TABLES }, (_, i) => join(`${name}-${attempt}-${i}`)));
      await Promise.all(watchers.map((watcher) => watcher.phase('betting')));
      const ends = await Promise.all(watchers.map((watcher) => endOf(db, watcher.room.state.roundId)));
      const chosen = ends.findIndex(({ runningMs }) => runningMs >= SHORTEST_MS && runningMs <= LONGEST_MS);
      if (chosen === -1) continue;
      const watcher = watchers[chosen] as TestPlayer;
      const end = ends[chosen] as End;
      const { roundId, table } = watcher.room.state;
      const players = await joinMany(table);
      await Promise.all(players.map((player) => until(() => player.room.state?.roundId === roundId, 'the round')));
      if (watcher.room.state.phase !== 'betting') continue;
      const bets = await Promise.all(players.map(stake));
      await watcher.phase('running');
      const crashAt = watcher.room.state.phaseStartedAt + end.runningMs;
      return { watcher, end, crashAt, roundId, racers: players.map((player, i) => ({ player, bet: bets[i] as Bet })) };
    }
  }

  const betOf = (amount: number, more: object = {}) => (player: TestPlayer) => player.bet(amount, more);

  it('[R12] a double cash-out from two tabs at the same instant pays once and answers both the same', async () => {
    const { end, crashAt, racers, watcher } = await raceTable('double', betOf(50));
    const tabs = await Promise.all(
      racers.map(({ player }) => joinCrashAs(player.client, player.userId, { table: watcher.room.state.table })),
    );
    await at(crashAt - end.runningMs / 3);
    const answers = await Promise.all(
      racers.map(({ player, bet: { betId } }, index) =>
        Promise.all([player, tabs[index] as TestPlayer, player].map((from) => ask(from, 'cashout', { betId }))),
      ),
    );
    for (const [index, [first, ...others]] of answers.entries()) {
      const { player, bet } = racers[index] as { player: TestPlayer; bet: Bet };
      for (const other of others) assert.deepEqual(other, first);
      const { rows } = await db.query('SELECT amount::integer FROM transactions WHERE bet_id = $1 AND amount > 0', [bet.betId]);
      assert.deepEqual(rows.map(({ amount }) => amount), first?.bet ? [first.bet.payout] : []);
      assert.equal(await balanceOf(player), START_BALANCE - 50 + (first?.bet?.payout ?? 0));
    }
    const paid = answers.filter(([first]) => first?.bet).length;
    console.log(`        ${paid} of ${racers.length} in time`);
    assert.ok(paid > 0);
  });

  it('[M7] cash-outs that race the crash: answer, message, table, REST and books say the same', async () => {
    const { watcher, end, crashAt, roundId, racers } = await raceTable('crash', betOf(30));
    const answers = await Promise.all(
      racers.map(async ({ player, bet: { betId } }, index) => {
        await at(crashAt - SPREAD_MS + (2 * SPREAD_MS * index) / racers.length);
        return ask(player, 'cashout', { betId });
      }),
    );
    await assertOneStory(watcher, roundId, end, racers.map((racer, index) => ({ ...racer, answer: answers[index] as Answer })));
  });

  it('[M7] [R12] automatic cash-outs at the crash and just before it, raced by hand', async () => {
    const { watcher, end, crashAt, roundId, racers } = await raceTable('auto', async (player) => {
      const { crashPoint } = await endOf(db, player.room.state.roundId);
      const autoCashout = Math.max(101, crashPoint - 1 + (player.userId % 3));
      return player.bet(30, { autoCashout });
    });
    const answers = await Promise.all(
      racers.map(async ({ player, bet: { betId } }, index) => {
        await at(crashAt - SPREAD_MS + (2 * SPREAD_MS * index) / racers.length);
        return ask(player, 'cashout', { betId });
      }),
    );
    await assertOneStory(watcher, roundId, end, racers.map((racer, index) => ({ ...racer, answer: answers[index] as Answer })));
  });

  interface Raced {
    readonly player: TestPlayer;
    readonly bet: Bet;
    readonly answer: Answer;
  }

  async function assertOneStory(watcher: TestPlayer, roundId: string, { crashPoint }: End, raced: Raced[]) {
    await until(() => watcher.room.state.phase === 'settled', 'the end');
    assert.equal(watcher.room.state.crashPoint, crashPoint, 'the insider was right');
    await until(() => raced.every(({ player }) => player.resolved.length === 1), 'all resolved');
    const shown = () => watcher.room.state.topBets.every(({ status }) => status !== 'accepted');
    await until(shown, 'the table to show it');
    const onTable = new Map(watcher.room.state.topBets.map((row) => [row.betId, row]));
    let [cashed, late] = [0, 0];
    for (const { player, bet, answer } of raced) {
      const { betId, amount } = bet;
      const [message] = player.resolved as [Bet];
      if (answer.bet) {
        cashed += 1;
        assert.deepEqual(answer.bet, message);
        assert.equal(answer.bet.status, 'cashed');
        assert.ok((answer.bet.multiplier as number) <= crashPoint);
        assert.equal(answer.bet.payout, Math.floor((amount * (answer.bet.multiplier as number)) / 100));
      } else {
        late += 1;
        assert.equal(answer.code, 'ALREADY_RESOLVED');
        const auto = (bet.selection as { autoCashout?: number }).autoCashout;
        if (message.status === 'cashed') assert.equal(message.multiplier, auto);
        else assert.deepEqual([message.status, message.payout], ['lost', 0]);
        if (auto !== undefined) assert.equal(message.status === 'cashed', auto <= crashPoint, `${auto} of ${crashPoint}`);
      }
      const stored = await player.get<Bet>(`/api/v1/me/bets/${betId}`);
      assert.deepEqual({ ...stored, balance: message.balance }, message);
      assert.deepEqual(await player.room.request('betStatus', { betId }), stored);
      const { rows } = await db.query('SELECT sum(amount)::integer AS net, count(*)::integer AS n FROM transactions WHERE bet_id = $1', [betId]);
      assert.equal(rows[0].net, (stored.payout as number) - amount);
      assert.equal(rows[0].n, (stored.payout as number) > 0 ? 2 : 1);
      const row = onTable.get(betId);
      if (row) assert.deepEqual([row.status, row.multiplier, row.payout], [stored.status, stored.multiplier, stored.payout]);
      assert.equal(await balanceOf(player), START_BALANCE + rows[0].net);
      assert.deepEqual(await ask(player, 'cashout', { betId }), answer, 'asked again, the same answer');
    }
    assert.ok(onTable.size > 0);
    const round = await watcher.get<{ paid: number; staked: number }>(`/api/v1/rounds/${roundId}`);
    assert.equal(round.paid, raced.reduce((sum, { player }) => sum + (player.resolved[0]?.payout ?? 0), 0));
    console.log(`        crash at ${crashPoint}: ${cashed} cashed out by hand, ${late} too late`);
  }

  it('[M12] after all races the books are sound', async () => {
    const books = await openDatabase(server.databaseUrl, { poolSize: 2, logger: createLogger('silent') });
    try {
      const { findings } = await audit(books);
      assert.deepEqual(findings, []);
    } finally {
      await books.close();
    }
  });
});

/** Waits until the clock shows `time`, ms since the epoch, to the millisecond or so. */
async function at(time: number): Promise<void> {
  const left = time - Date.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}
