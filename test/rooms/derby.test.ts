import assert from 'node:assert/strict';
import pg from 'pg';
import type { Bet, DerbyState } from '../../src/protocol.ts';
import {
  joinGame,
  leaveAll,
  refusal,
  startServer,
  type TestServer,
  until,
} from '../support/server.ts';

const BETTING_MS = 1_500;

describe('a derby, played over a socket', function () {
  this.timeout(90_000);
  let server: TestServer;
  let db: pg.Client;
  /** A race of its own, which runs while the others do. */
  let alone: Promise<{ resolved: Bet; finish: number[][] }>;
  before(async () => {
    server = await startServer({ env: { BETTING_MS: String(BETTING_MS) } });
    db = new pg.Client({ connectionString: server.databaseUrl });
    await db.connect();
    alone = raceAlone();
    alone.catch(() => {});
  });
  after(async () => {
    await leaveAll();
    await db.end();
    await server.dispose();
  });

  const join = (table: string) => joinGame<DerbyState>('derby', server.url, { table });
  const on = (type: string, runner: number) => ({ selection: { type, runner } });

  async function raceAlone() {
    const player = await join('back');
    await player.phase('betting');
    const bet = await player.bet(100, on('win', 1));
    await until(() => player.resolved.length === 1, 'the finish', 60_000);
    const { outcome } = await player.get<{ outcome: { finish: number[][] } }>(
      `/api/v1/rounds/${bet.roundId}`,
    );
    return { resolved: player.resolved[0] as Bet, finish: outcome.finish };
  }

  it('[F8] [P1] [R17] a race from the first bet over bets as it runs to the dividends, conserved to the unit', async () => {
    const [one, two] = await Promise.all([join('race'), join('race')]);
    await one.phase('betting');
    const { roundId } = one.room.state;
    const placed: Bet[] = [];
    for (let runner = 1; runner <= 8; runner++) {
      placed.push(await one.bet(10 + runner, on('win', runner)));
    }
    placed.push(await two.bet(50, on('place', 3)));
    await until(() => one.room.state.runners[0]?.winOdds !== 0, 'the odds');
    const pool = placed.slice(0, 8).reduce((sum, { amount }) => sum + amount, 0);
    const net = pool - Math.floor(pool * 0.05);
    assert.deepEqual(
      one.room.state.runners.map(({ winOdds }) => winOdds),
      placed.slice(0, 8).map(({ amount }) => Math.floor((net * 100) / amount)),
    );

    const seen: number[][] = [];
    one.room.onStateChange(({ runners, phase }) => {
      if (phase === 'running') seen.push(runners.map(({ progress }) => progress));
    });
    await one.phase('running');
    assert.equal(one.room.state.bettingOpen, true);
    const before = one.room.state.runners[4]?.winOdds as number;
    placed.push(await two.bet(100, on('win', 5)));
    await until(() => (one.room.state.runners[4]?.winOdds as number) < before, 'the odds to move');
    await until(() => !one.room.state.bettingOpen, 'the last bets', 20_000);
    const lead = Math.max(...one.room.state.runners.map(({ progress }) => progress));
    assert.ok(lead >= 3_800 && lead < 6_000, `${lead}`);
    assert.equal((await refusal(two.bet(1, on('win', 5)))).code, 'BETTING_CLOSED');

    await until(() => one.room.state.phase === 'settled', 'the finish', 30_000);
    await until(() => one.resolved.length === 8 && two.resolved.length === 2, 'the dividends');
    assert.ok(seen.length > 300, `${seen.length} pictures of the race`);
    seen.slice(1).forEach((now, at) => {
      for (const [runner, progress] of now.entries()) {
        assert.ok(progress >= (seen[at]?.[runner] as number), `runner ${runner + 1} ran back`);
      }
    });
    const { outcome } = await one.get<{ outcome: { finish: number[][] } }>(
      `/api/v1/rounds/${roundId}`,
    );
    const winners = outcome.finish[0] as number[];
    const wins = [...one.resolved, ...two.resolved].filter(
      ({ selection }) => selection.type === 'win',
    );
    for (const { selection, status } of wins) {
      assert.equal(status, winners.includes(selection.runner as number) ? 'won' : 'lost');
    }
    const paid = wins.reduce((sum, { payout }) => sum + (payout ?? 0), 0);
    assert.ok(paid <= pool + 100 - Math.floor((pool + 100) * 0.05));
    // Players hear of their bets before the round is closed in the books.
    const phase = 'SELECT phase FROM rounds WHERE id = $1';
    const closed = async () => (await db.query(phase, [roundId])).rows[0].phase === 'settled';
    await until(closed, 'the close');
    const { rows } = await db.query(
      `SELECT r.staked::integer, r.paid::integer,
              (SELECT sum(t.amount)::integer FROM transactions t JOIN wallets w ON w.id = t.wallet_id
               WHERE w.account = 'house:derby' AND t.round_id = r.id) AS house
       FROM rounds r WHERE r.id = $1`,
      [roundId],
    );
    assert.equal(rows[0].staked, pool + 150);
    assert.equal(rows[0].house, rows[0].staked - rows[0].paid);
  });

  it('[P1] a pool that nobody has won is given back', async () => {
    const { resolved, finish } = await alone;
    if (finish[0]?.includes(1)) {
      assert.deepEqual([resolved.status, resolved.payout], ['won', 95]);
    } else assert.deepEqual([resolved.status, resolved.payout], ['refunded', 100]);
  });
});
