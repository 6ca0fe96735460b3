import assert from 'node:assert/strict';
import pg from 'pg';
import type { Bet, RouletteState } from '../../src/protocol.ts';
import {
  joinGame,
  leaveAll,
  refusal,
  startServer,
  type TestPlayer,
  type TestServer,
  until,
} from '../support/server.ts';

const BETTING_MS = 1_500;

describe('a roulette table, played over a socket', function () {
  this.timeout(60_000);
  let server: TestServer;
  let db: pg.Client;
  before(async () => {
    server = await startServer({ env: { BETTING_MS: String(BETTING_MS) } });
    db = new pg.Client({ connectionString: server.databaseUrl });
    await db.connect();
  });
  afterEach(leaveAll);
  after(async () => {
    await db.end();
    await server.dispose();
  });

  const join = (table: string) => joinGame<RouletteState>('roulette', server.url, { table });
  const wish = (amount: number, type: string, numbers?: number[]) => ({
    betId: crypto.randomUUID(),
    amount,
    selection: numbers ? { type, numbers } : { type },
  });
  const all = (player: TestPlayer<RouletteState>, bets: object[]) =>
    player.room.request('bets' as never, { bets } as never) as Promise<{ bets: Bet[] }>;
  const balance = async (player: TestPlayer<RouletteState>) =>
    (await player.get<{ balance: number }>('/api/v1/me/wallet')).balance;

  it('[F7] a bet on each half of the wheel and on the zero: one of them is paid, as the number says', async () => {
    const player = await join('whole');
    await player.phase('betting');
    const placed: Bet[] = [];
    for (const { amount, selection } of [
      wish(37, 'low'),
      wish(37, 'high'),
      wish(2, 'straight', [0]),
    ]) {
      placed.push(await player.bet(amount, { selection }));
    }
    assert.equal(placed.at(-1)?.balance, 500 - 76);
    assert.ok(player.room.state.number < 0);
    await until(() => player.resolved.length === 3, 'the number', 30_000);
    const { number, phase, history } = player.room.state;
    assert.equal(phase, 'settled');
    assert.ok(number >= 0 && number <= 36);
    assert.deepEqual(JSON.parse(history.at(-1)?.outcome ?? ''), { number });
    const won = player.resolved.filter(({ status }) => status === 'won');
    assert.equal(won.length, 1);
    assert.equal(won[0]?.payout, number === 0 ? 72 : 74);
    assert.equal(won[0]?.multiplier, number === 0 ? 3_600 : 200);
    assert.equal(await balance(player), 500 - 76 + (won[0]?.payout ?? 0));
    const proof = await player.get<object>(`/api/v1/rounds/${placed[0]?.roundId}/proof`);
    assert.deepEqual((proof as { outcome: object }).outcome, { number });
  });

  it('[R16] several bets in one command are all taken, in one posting', async () => {
    const player = await join('several');
    await player.phase('betting');
    const wishes = [wish(10, 'red'), wish(20, 'dozen', [1]), wish(30, 'split', [8, 5])];
    const { bets } = await all(player, wishes);
    assert.deepEqual(
      bets.map(({ betId, amount, balance: after }) => ({ betId, amount, after })),
      wishes.map(({ betId, amount }, at) => ({ betId, amount, after: [490, 470, 440][at] })),
    );
    assert.deepEqual(bets[2]?.selection, { type: 'split', numbers: [5, 8] });
    const { rows } = await db.query(
      'SELECT count(DISTINCT posting_id)::integer AS postings FROM transactions WHERE bet_id = ANY ($1)',
      [wishes.map(({ betId }) => betId)],
    );
    assert.deepEqual(rows, [{ postings: 1 }]);
    assert.deepEqual(await all(player, wishes), { bets });
    assert.equal(await balance(player), 440);
  });

  it('[R16] when one of several bets is refused, none is taken, and its ids are free', async () => {
    const player = await join('none');
    await player.phase('betting');
    const fine = wish(100, 'red');
    for (const [wishes, code] of [
      [[fine, wish(401, 'black')], 'INSUFFICIENT_FUNDS'],
      [[fine, wish(1, 'split', [1, 9])], 'BAD_REQUEST'],
      [[fine, wish(1_000_001, 'black')], 'LIMIT_EXCEEDED'],
      [[fine, fine], 'BAD_REQUEST'],
      [[], 'BAD_REQUEST'],
      [Array.from({ length: 26 }, () => wish(1, 'red')), 'BAD_REQUEST'],
    ] as const) {
      assert.equal((await refusal(all(player, [...wishes]))).code, code);
    }
    assert.equal(await balance(player), 500);
    const other = wish(20, 'odd');
    await all(player, [fine]);
    // A bet that is known beside one that is not: no repeat of anything.
    assert.equal((await refusal(all(player, [fine, other]))).code, 'BET_CONFLICT');
    assert.equal((await refusal(all(player, [other, fine]))).code, 'BET_CONFLICT');
    assert.equal(await balance(player), 400);
    await all(player, [other]);
    assert.equal(await balance(player), 380);
  });

  it('[R16] a command that is repeated after the round, or sent twice at once, is one', async () => {
    const player = await join('again');
    await player.phase('betting');
    const wishes = [wish(10, 'red'), wish(10, 'black')];
    const [first, second] = await Promise.all([all(player, wishes), all(player, wishes)]);
    assert.deepEqual(second, first);
    await until(() => player.resolved.length === 2, 'the number', 30_000);
    assert.deepEqual(await all(player, wishes), first);
  });

  it('[H1] a bet that could return more than the limit, or that the round has no room for, is refused', async () => {
    const player = await join('limit');
    await db.query('UPDATE wallets SET balance = balance + 1000000 WHERE user_id = $1', [
      player.userId,
    ]);
    await player.phase('betting');
    const { selection } = wish(1, 'straight', [7]);
    const beyond = await refusal(player.bet(100_001, { selection }));
    assert.equal(beyond.code, 'LIMIT_EXCEEDED');
    assert.match(beyond.message, /3600000/);
    await player.bet(100_000, { selection });
  });
});
