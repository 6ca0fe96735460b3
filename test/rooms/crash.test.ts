import assert from 'node:assert/strict';
import pg from 'pg';
import type { Bet } from '../../src/protocol.ts';
import {
  firstToEnd,
  joinCrash,
  joinCrashAs,
  joinTables,
  LONGEST_ROUND_MS,
  leaveAll,
  refusal,
  startServer,
  type TestPlayer,
  type TestServer,
  until,
} from '../support/server.ts';

const BETTING_MS = 1_500;

describe('a crash table, played over a socket', function () {
  this.timeout(120_000);
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

  /** Plays rounds at a table of its own until one runs for `ms` at least; answers as it starts to run. */
  async function runningRound(
    player: TestPlayer,
    place: () => Promise<Bet>,
    ms = 400,
  ): Promise<Bet> {
    for (;;) {
      await player.phase('betting');
      const bet = await place();
      await until(() => player.room.state.phase !== 'betting', 'the lock');
      const { phaseStartedAt, roundId } = player.room.state;
      await until(
        () => player.room.state.phase !== 'running' || Date.now() - phaseStartedAt > ms,
        'the multiplier to grow',
      );
      if (player.room.state.phase === 'running' && player.room.state.roundId === roundId)
        return bet;
      await until(() => player.room.state.roundId !== roundId, 'the next round', LONGEST_ROUND_MS);
    }
  }

  it('[M5] a repeated bet id answers the first result, and another amount BET_CONFLICT', async () => {
    const player = await joinCrash(server.url, { table: 'repeat' });
    await player.phase('betting');
    const betId = crypto.randomUUID();
    const first = await player.bet(50, { betId, autoCashout: 101 });
    assert.deepEqual(await player.bet(50, { betId, autoCashout: 101 }), first);
    assert.equal((await refusal(player.bet(51, { betId, autoCashout: 101 }))).code, 'BET_CONFLICT');
    assert.equal((await refusal(player.bet(50, { betId }))).code, 'BET_CONFLICT');
    await until(() => player.resolved.length === 1, 'the resolution');
    assert.deepEqual(await player.bet(50, { betId, autoCashout: 101 }), first);
  });

  it('[M6] what the answer, the message, the table, REST and the books say is the same', async () => {
    const player = await joinCrash(server.url, { table: 'same' });
    const bet = await runningRound(player, () => player.bet(40));
    const cashed = (await player.room.request('cashout', { betId: bet.betId })) as Bet;
    assert.equal(cashed.status, 'cashed');
    assert.equal(cashed.payout, Math.floor((40 * (cashed.multiplier as number)) / 100));
    await until(() => player.resolved.some((b) => b.betId === bet.betId), 'the message');
    assert.deepEqual(
      player.resolved.find((b) => b.betId === bet.betId),
      cashed,
    );
    assert.deepEqual(await player.get(`/api/v1/me/bets/${bet.betId}`), cashed);
    assert.deepEqual(await player.room.request('betStatus', { betId: bet.betId }), cashed);
    await until(() => player.room.state.topBets[0]?.status === 'cashed', 'the table');
    assert.equal(player.room.state.topBets[0]?.multiplier, cashed.multiplier);
    const wallet = await player.get<{ balance: number; seq: number }>('/api/v1/me/wallet');
    assert.equal(wallet.balance, cashed.balance);
    assert.equal(player.wallets.at(-1)?.balance, cashed.balance);
    const { rows } = await db.query(
      'SELECT amount::integer, balance_after::integer FROM transactions WHERE bet_id = $1 ORDER BY id',
      [bet.betId],
    );
    assert.deepEqual(rows, [
      { amount: -40, balance_after: bet.balance },
      { amount: cashed.payout, balance_after: cashed.balance },
    ]);
  });

  it('[R12] a repeated cash-out answers what the first one answered and pays once', async () => {
    const player = await joinCrash(server.url, { table: 'twice' });
    const { betId } = await runningRound(player, () => player.bet(40));
    const ask = () => player.room.request('cashout', { betId }) as Promise<Bet>;
    const answers = await Promise.all([ask(), ask(), ask()]);
    assert.deepEqual(answers[1], answers[0]);
    assert.deepEqual(answers[2], answers[0]);
    assert.deepEqual(await ask(), answers[0]);
    const { rows } = await db.query('SELECT 1 FROM transactions WHERE bet_id = $1 AND amount > 0', [
      betId,
    ]);
    assert.equal(rows.length, 1);
  });

  it('[R12] an automatic cash-out pays its own multiplier while the round still runs', async () => {
    const player = await joinCrash(server.url, { table: 'auto' });
    const { betId } = await runningRound(player, () => player.bet(40, { autoCashout: 101 }), 600);
    await until(() => player.resolved.some((b) => b.betId === betId), 'the automatic cash-out');
    const resolved = player.resolved.find((b) => b.betId === betId);
    assert.equal(resolved?.status, 'cashed');
    assert.equal(resolved?.multiplier, 101);
    assert.equal(resolved?.payout, 40);
    assert.equal(
      (await refusal(player.room.request('cashout', { betId }))).code,
      'ALREADY_RESOLVED',
    );
  });

  it('[R12] limits, odd amounts and odd selections are refused and cost nothing', async () => {
    const player = await joinCrash(server.url, { table: 'limits' });
    await player.phase('betting');
    for (const [amount, more, code] of [
      [0, {}, 'BAD_REQUEST'],
      [-5, {}, 'BAD_REQUEST'],
      [1.5, {}, 'BAD_REQUEST'],
      ['5', {}, 'BAD_REQUEST'],
      [1_000_001, {}, 'LIMIT_EXCEEDED'],
      [5, { autoCashout: 100 }, 'BAD_REQUEST'],
      [5, { autoCashout: 150.5 }, 'BAD_REQUEST'],
      [5, { autoCashOut: 150 }, 'BAD_REQUEST'],
      [501, {}, 'INSUFFICIENT_FUNDS'],
    ] as const) {
      assert.equal((await refusal(player.bet(amount as number, more))).code, code);
    }
    const bets = await Promise.allSettled(Array.from({ length: 14 }, () => player.bet(1)));
    assert.equal(bets.filter((bet) => bet.status === 'fulfilled').length, 10, 'ten bets a round');
    assert.equal((await player.get<{ balance: number }>('/api/v1/me/wallet')).balance, 490);
  });

  it('[M7] a bet after the lock is BETTING_CLOSED and costs nothing', async () => {
    const player = await joinCrash(server.url, { table: 'late' });
    await runningRound(player, () => player.bet(5), 0);
    assert.equal((await refusal(player.bet(5))).code, 'BETTING_CLOSED');
    const { items } = await player.get<{ items: Bet[] }>('/api/v1/me/bets');
    const { balance } = await player.get<{ balance: number }>('/api/v1/me/wallet');
    const paid = items.reduce((sum, bet) => sum + (bet.payout ?? 0), 0);
    assert.equal(balance, 500 - items.reduce((sum, bet) => sum + bet.amount, 0) + paid);
  });

  it('[R8] two tabs of one player: both hear of the wallet, and the last coin is spent once', async () => {
    const first = await joinCrash(server.url, { table: 'tabs' });
    const second = await joinCrashAs(first.client, first.userId, { table: 'tabs-too' });
    await first.phase('betting');
    await second.phase('betting');
    await first.bet(499);
    await until(() => second.wallets.at(-1)?.balance === 1, 'the balance in the other tab');
    const [a, b] = await Promise.allSettled([first.bet(1), second.bet(1)]);
    const refused = [a, b].filter((result) => result.status === 'rejected');
    assert.equal(refused.length, 1);
    assert.equal(refused[0]?.reason.reason.code, 'INSUFFICIENT_FUNDS');
  });

  it('[R11] who joins later sees the round that runs, its bets and the history', async () => {
    const early = await joinCrash(server.url, { table: 'later' });
    await runningRound(early, () => early.bet(7), 0);
    const late = await joinCrash(server.url, { table: 'later' });
    await until(() => late.room.state?.roundId !== undefined, 'the state');
    assert.equal(late.room.roomId, early.room.roomId);
    assert.equal(late.room.state.roundId, early.room.state.roundId);
    assert.equal(late.room.state.topBets[0]?.amount, 7);
  });

  it('[R11] the history holds the outcomes of the table, with their rounds', async () => {
    const players = await joinTables(server.url, 'past');
    await Promise.all(players.map((player) => player.phase('betting')));
    const roundIds = players.map(({ room }) => room.state.roundId);
    const player = await firstToEnd(players, roundIds);
    const roundId = roundIds[players.indexOf(player)] as string;
    const entry = player.room.state.history.find((past) => past.roundId === roundId);
    const round = await player.get<{ outcome: object }>(`/api/v1/rounds/${roundId}`);
    assert.deepEqual(JSON.parse(entry?.outcome ?? ''), round.outcome);
    const again = await joinCrash(server.url, { table: player.room.state.table });
    await until(() => again.room.state?.history?.length > 0, 'the history of who joins later');
  });

  it('[R6] [R9] a spectator watches and may not bet; every stay is recorded', async () => {
    const player = await joinCrash(server.url, { table: 'watched', spectate: true });
    const other = await joinCrash(server.url, { table: 'watched' });
    await player.phase('betting');
    assert.equal((await refusal(player.bet(5))).code, 'FORBIDDEN');
    await until(() => player.room.state.players === 1, 'one player, not counting who watches');
    await other.room.leave();
    await player.room.leave();
    await until(async () => {
      const { rows } = await db.query(
        'SELECT ended_at FROM game_sessions WHERE user_id = $1 AND room_id = $2',
        [player.userId, player.room.roomId],
      );
      return rows.length === 1 && rows[0].ended_at !== null;
    }, 'the end of the stay');
  });

  it('[R7] a dropped connection comes back to its seat, and what it missed is delivered', async () => {
    const player = await joinCrash(server.url, { table: 'drop' });
    player.room.reconnection.minUptime = 0;
    player.room.reconnection.minDelay = 2_500;
    player.room.reconnection.delay = 2_500;
    const { sessionId } = player.room;
    await player.phase('betting');
    const bet = await player.bet(30, { autoCashout: 101 });
    const back = Promise.withResolvers<void>();
    player.room.onReconnect(() => back.resolve());
    const { connection } = player.room as unknown as {
      connection: { transport: { ws: { close(): void } } };
    };
    connection.transport.ws.close();
    await back.promise;
    assert.equal(player.room.sessionId, sessionId);
    await until(
      () => player.resolved.some((b) => b.betId === bet.betId),
      'the resolution of the bet',
    );
    const { balance } = await player.get<{ balance: number }>('/api/v1/me/wallet');
    await until(() => player.wallets.at(-1)?.balance === balance, 'the present balance');
  });

  it('[R10] no patch goes out for the multiplier beyond one a second', async () => {
    const player = await joinCrash(server.url, { table: 'quiet' });
    await runningRound(player, () => player.bet(1), 0);
    await until(() => player.room.state.phase === 'running', 'running');
    const startedAt = Date.now();
    let patches = 0;
    player.room.onStateChange(() => {
      if (player.room.state.phase === 'running') patches += 1;
    });
    await until(
      () => player.room.state.phase !== 'running' || Date.now() - startedAt > 5_000,
      'some time',
    );
    const seconds = (Date.now() - startedAt) / 1_000;
    assert.ok(patches <= Math.ceil(seconds) + 2, `${patches} patches in ${seconds} s`);
  });

  it('[R2] a command by `send` is answered by a message of its type', async () => {
    const player = await joinCrash(server.url, { table: 'send' });
    const answers: { ok: boolean; code?: string; betId?: string; status?: string }[] = [];
    player.room.onMessage('bet:result', (answer) => answers.push(answer));
    player.room.onMessage('wish:result', (answer) => answers.push(answer));
    await player.phase('betting');
    const betId = crypto.randomUUID();
    player.room.send('bet', { betId, amount: 5 });
    await until(() => answers.length === 1, 'the answer');
    assert.equal(answers[0]?.ok, true);
    assert.equal(answers[0]?.betId, betId);
    player.room.send('bet', { betId, amount: 6 });
    player.room.send('wish', {});
    await until(() => answers.length === 3, 'two refusals');
    assert.deepEqual(
      new Set(answers.slice(1).map((a) => a.code)),
      new Set(['BET_CONFLICT', 'BAD_REQUEST']),
    );
    assert.ok(answers.some((a) => a.code === 'BET_CONFLICT' && a.betId === betId));
  });

  it('[F1] a seed is published when its round is over, and not before', async () => {
    const players = await joinTables(server.url, 'proof');
    await Promise.all(players.map((player) => player.phase('betting')));
    const roundIds = players.map(({ room }) => room.state.roundId);
    type Proof = { seed: string | null; commitment: string };
    for (const { room, get } of players) {
      const before = await get<Proof>(`/api/v1/rounds/${room.state.roundId}/proof`);
      assert.equal(before.seed, null);
      assert.equal(before.commitment, room.state.commitment);
    }
    const player = await firstToEnd(players, roundIds);
    const roundId = roundIds[players.indexOf(player)];
    const { seed } = await player.get<Proof>(`/api/v1/rounds/${roundId}/proof`);
    assert.match(seed ?? '', /^[0-9a-f]{64}$/);
  });

  it('[R15] a stopping server refunds open bets, says try again, and leaves sound books', async () => {
    const player = await joinCrash(server.url, { table: 'stop' });
    player.room.reconnection.enabled = false;
    await player.phase('betting');
    const bet = await player.bet(123);
    const left = new Promise<number>((resolve) => player.room.onLeave((code) => resolve(code)));
    assert.equal(await server.stop(), 0);
    assert.equal(await left, 4010);
    const { rows } = await db.query(`SELECT status FROM bets WHERE id = $1`, [bet.betId]);
    assert.equal(rows[0].status, 'refunded');
    const open = await db.query(`SELECT 1 FROM live_rooms WHERE closed_at IS NULL`);
    assert.equal(open.rows.length, 0, 'every room is closed');
  });
});
