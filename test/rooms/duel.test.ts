import assert from 'node:assert/strict';
import pg from 'pg';
import type { Bet, DuelState, Proof, Round, TakenSeat } from '../../src/protocol.ts';
import {
  joinGame,
  leaveAll,
  refusal,
  startServer,
  type TestPlayer,
  type TestServer,
  until,
} from '../support/server.ts';

const CLOCK_MS = 4_000;

type Duelist = TestPlayer<DuelState>;
/** What is stored of a duel. */
interface DuelOutcome {
  setup: { first: number; log: number[] };
  moves: { column: number }[];
  winner: number | null;
  ending: string;
}

describe('a duel, played over a socket', function () {
  this.timeout(60_000);
  let server: TestServer;
  let db: pg.Client;
  before(async () => {
    server = await startServer({ env: { CLOCK_MS: String(CLOCK_MS) } });
    db = new pg.Client({ connectionString: server.databaseUrl });
    await db.connect();
  });
  afterEach(leaveAll);
  after(async () => {
    await db.end();
    await server.dispose();
  });

  const join = (options: object) => joinGame<DuelState>('duel', server.url, options);
  const ask = <T>(player: Duelist, type: string, payload: object = {}) =>
    player.room.request(type as never, payload as never) as Promise<T>;
  const sit = (player: Duelist, stake: number, matchId: string = crypto.randomUUID()) =>
    ask<TakenSeat>(player, 'sit', { matchId, stake });
  const winnerIs = (seat: number) => ({ selection: { type: 'winner', seat } });
  const balanceOf = async (player: Duelist) =>
    (await player.get<{ balance: number }>('/api/v1/me/wallet')).balance;

  /** Two players at a table of their own with the match begun, by seat, and who begins. */
  async function begin(table: string, stake = 100): Promise<[Duelist, Duelist, first: number]> {
    const players: [Duelist, Duelist] = [await join({ table }), await join({ table })];
    const seats = await Promise.all(players.map((player) => sit(player, stake)));
    assert.deepEqual(
      seats.map(({ seat }) => seat).toSorted((a, b) => a - b),
      [0, 1],
    );
    if (seats[0]?.seat === 1) players.reverse();
    await Promise.all(players.map((player) => player.phase('running')));
    return [...players, players[0].room.state.turn];
  }

  /** Plays these columns, the beginner's first; each is played when it is that seat's turn. */
  async function play(players: readonly Duelist[], first: number, columns: readonly number[]) {
    for (const [at, column] of columns.entries()) {
      const seat = (first + at) % 2;
      const player = players[seat] as Duelist;
      await until(() => player.room.state.turn === seat, `the turn of seat ${seat}`);
      const answer = await ask(player, 'move', { column });
      assert.deepEqual(answer, { seat, number: at + 1 });
    }
  }

  async function poolIsEmpty(roundId: string): Promise<void> {
    const { rows } = await db.query(
      `SELECT d.phase, d.pot, w.balance FROM rounds d JOIN wallets w ON w.account = 'escrow:' || d.room_id WHERE d.id = $1`,
      [roundId],
    );
    assert.equal(Number(rows[0].pot), 0);
    assert.equal(Number(rows[0].balance), 0);
  }

  it('[G3] [G4] [G5] [G2] from the seats over moves and the bets of those who watch to pot, pool and rake', async () => {
    const [one, two, first] = await begin('whole');
    const winner = first;
    const watchers = await Promise.all([
      join({ table: 'whole', spectate: true }),
      join({ table: 'whole' }),
    ]);
    const { roundId } = one.room.state;
    assert.equal(one.room.state.bettingOpen, true);
    assert.deepEqual(
      one.room.state.seats.map(({ stake, connected, clockMs }) => ({ stake, connected, clockMs })),
      [0, 1].map(() => ({ stake: 100, connected: true, clockMs: CLOCK_MS })),
    );
    const bets: Bet[] = [
      await watchers[0].bet(30, winnerIs(winner)),
      await watchers[1].bet(70, winnerIs(1 - winner)),
    ];
    await until(() => one.room.state.seats[winner]?.odds === 316, 'the odds');
    assert.equal((await refusal(one.bet(10, winnerIs(0)))).code, 'FORBIDDEN');
    assert.equal((await refusal(sit(watchers[1], 100))).code, 'BUSY');

    await play([one, two], first, [0, 1, 0, 1]);
    assert.equal(one.room.state.bettingOpen, true);
    const third = [one, two][first] as Duelist;
    await until(() => third.room.state.turn === first, 'the fifth move');
    await ask(third, 'move', { column: 0 });
    await until(() => !one.room.state.bettingOpen, 'the last bets');
    assert.equal(
      (await refusal(watchers[0].bet(5, winnerIs(0)))).code,
      'BETTING_CLOSED',
      'three discs',
    );
    const other = [one, two][1 - first] as Duelist;
    await until(() => other.room.state.turn === 1 - first, 'the sixth move');
    await ask(other, 'move', { column: 1 });
    await until(() => third.room.state.turn === first, 'the seventh move');
    await ask(third, 'move', { column: 0 });

    await one.phase('settled');
    const { state } = one.room;
    assert.deepEqual([state.winner, state.ending, state.turn], [winner, 'won', -1]);
    const column = (index: number) => [0, 1, 2, 3].map((row) => state.board[row * 7 + index]);
    assert.deepEqual(column(0), Array(4).fill(`${winner + 1}`));
    assert.equal(state.history.at(-1)?.roundId, roundId);
    assert.deepEqual(JSON.parse(state.history.at(-1)?.outcome as string), {
      winner,
      ending: 'won',
    });
    await until(() => watchers.every(({ resolved }) => resolved.length === 1), 'the pool');
    assert.deepEqual(
      [watchers[0].resolved[0]?.payout, watchers[1].resolved[0]?.status],
      [94, 'lost'],
    );
    assert.equal(await balanceOf([one, two][winner] as Duelist), 500 - 100 + 196);
    assert.equal(await balanceOf([one, two][1 - winner] as Duelist), 400);
    await poolIsEmpty(roundId);
    const { rows } = await db.query(
      `SELECT sum(t.amount)::int AS kept FROM transactions t JOIN wallets w ON w.id = t.wallet_id
       WHERE w.account = 'house:duel' AND t.round_id = $1`,
      [roundId],
    );
    assert.equal(rows[0].kept, 4 + 6, 'rake, and takeout with what rounding leaves');

    const round = await one.get<Round>(`/api/v1/rounds/${roundId}`);
    const outcome = round.outcome as unknown as DuelOutcome;
    assert.deepEqual(outcome.setup, { first, log: [] });
    assert.deepEqual(
      outcome.moves.map((move) => move.column),
      [0, 1, 0, 1, 0, 1, 0],
    );
    assert.deepEqual([outcome.winner, outcome.ending], [winner, 'won']);
    const proof = await one.get<Proof>(`/api/v1/rounds/${roundId}/proof`);
    assert.notEqual(proof.seed, null);
    for (const bet of bets) assert.equal(bet.roundId, roundId);
  });

  it('[G3] [M5] a repeated sit answers what the first one answered, another stake is BET_CONFLICT', async () => {
    const player = await join({ table: 'repeat' });
    const matchId = crypto.randomUUID();
    const [seat, again] = await Promise.all([sit(player, 60, matchId), sit(player, 60, matchId)]);
    assert.deepEqual(again, seat);
    assert.deepEqual([seat.seat, seat.stake, seat.balance], [0, 60, 440]);
    assert.equal((await refusal(sit(player, 61, matchId))).code, 'BET_CONFLICT');
    assert.equal((await refusal(sit(player, 60))).code, 'LIMIT_EXCEEDED');
    await ask(player, 'stand');
    assert.equal(await balanceOf(player), 500);
    assert.equal((await refusal(ask(player, 'stand'))).code, 'ILLEGAL_MOVE');
    assert.deepEqual(await sit(player, 60, matchId), seat, 'also when the seat was given up');
    await until(() => player.room.state.seats[0]?.player === '', 'the seat to be free');
  });

  it('[G3] who cannot pay, or brings another stake, gets no seat; who leaves before the match gets the stake back', async () => {
    const [one, two] = [await join({ table: 'refused' }), await join({ table: 'refused' })];
    assert.equal((await refusal(sit(one, 501))).code, 'INSUFFICIENT_FUNDS');
    assert.equal((await refusal(sit(one, 0))).code, 'BAD_REQUEST');
    assert.equal((await refusal(sit(one, 10_000_000))).code, 'LIMIT_EXCEEDED');
    await sit(one, 500);
    assert.equal((await refusal(sit(two, 400))).code, 'LIMIT_EXCEEDED');
    await until(() => two.room.state.seats[0]?.stake === 500, 'the seat');
    await one.room.leave();
    await until(() => two.room.state.seats[0]?.player === '', 'the seat to be free');
    assert.equal(await balanceOf(one), 500);
    await sit(two, 400);
    await until(() => two.room.state.seats[0]?.stake === 400, 'the seat');
  });

  it('[G4] only the one whose turn it is moves, and only by the rules', async () => {
    const [one, two, first] = await begin('turns');
    const [mover, waiter] = first === 0 ? [one, two] : [two, one];
    assert.equal((await refusal(ask(waiter, 'move', { column: 0 }))).code, 'NOT_YOUR_TURN');
    assert.equal((await refusal(ask(waiter, 'moves'))).code, 'NOT_YOUR_TURN');
    const { moves } = await ask<{ moves: object[] }>(mover, 'moves');
    assert.deepEqual(
      moves,
      [0, 1, 2, 3, 4, 5, 6].map((column) => ({ column })),
    );
    assert.equal((await refusal(ask(mover, 'move', { column: 7 }))).code, 'BAD_REQUEST');
    assert.equal((await refusal(ask(mover, 'move', {}))).code, 'BAD_REQUEST');
    await play([one, two], first, [3, 3, 3, 3, 3, 3]);
    await until(() => mover.room.state.turn === first, 'the turn');
    assert.equal((await refusal(ask(mover, 'move', { column: 3 }))).code, 'ILLEGAL_MOVE');
    const stranger = await join({ table: 'turns' });
    assert.equal((await refusal(ask(stranger, 'move', { column: 0 }))).code, 'FORBIDDEN');
    assert.equal((await refusal(ask(stranger, 'resign'))).code, 'FORBIDDEN');
    await ask(waiter, 'resign');
    await one.phase('settled');
    assert.deepEqual([one.room.state.winner, one.room.state.ending], [first, 'resigned']);
    assert.equal(await balanceOf(mover), 596);
  });

  it('[G4] who lets the clock run out loses, and who leaves the room', async () => {
    const [[one, two, first], [left, right]] = await Promise.all([begin('clock'), begin('left')]);
    await left.room.leave();
    await right.phase('settled');
    assert.deepEqual([right.room.state.winner, right.room.state.ending], [1, 'left']);
    await until(async () => (await balanceOf(right)) === 596, 'the pot');
    await one.phase('settled', 2 * CLOCK_MS);
    assert.deepEqual([one.room.state.winner, one.room.state.ending], [1 - first, 'time']);
    assert.equal(one.room.state.seats[first]?.clockMs, 0);
    const winner = first === 0 ? two : one;
    await until(async () => (await balanceOf(winner)) === 596, 'the pot');
  });

  it('[G5] a draw that is agreed gives the stakes back without a rake; bets on the match too', async () => {
    const [one, two] = await begin('draw');
    const watcher = await join({ table: 'draw' });
    await watcher.bet(40, winnerIs(0));
    assert.equal((await refusal(ask(two, 'answerDraw', { accept: true }))).code, 'ILLEGAL_MOVE');
    await ask(one, 'offerDraw');
    await until(() => two.room.state.drawOffer === 0, 'the offer');
    await ask(two, 'answerDraw', { accept: false });
    await until(() => one.room.state.drawOffer === -1, 'the answer');
    assert.equal((await refusal(ask(one, 'offerDraw'))).code, 'ILLEGAL_MOVE');
    await ask(two, 'offerDraw');
    await ask(one, 'answerDraw', { accept: true });
    await one.phase('settled');
    assert.deepEqual([one.room.state.winner, one.room.state.ending], [-1, 'agreed']);
    assert.deepEqual(await Promise.all([one, two, watcher].map(balanceOf)), [500, 500, 500]);
    await poolIsEmpty(one.room.state.roundId);
  });

  it('[G6] when nobody wants a rematch, the seats are free for all after a while', async () => {
    const [one] = await begin('over');
    await ask(one, 'resign');
    await one.phase('settled');
    await one.phase('betting', 20_000);
    assert.deepEqual(
      one.room.state.seats.map(({ player, stake }) => [player, stake]),
      [
        ['', 0],
        ['', 0],
      ],
    );
    assert.equal((await sit(await join({ table: 'over' }), 30)).stake, 30);
  });

  it('[G6] a rematch is for the two who played, for the same stake', async () => {
    const [one, two] = await begin('rematch');
    const other = await join({ table: 'rematch' });
    await ask(one, 'resign');
    await one.phase('settled');
    const matchId = crypto.randomUUID();
    const seat = await ask<TakenSeat>(two, 'rematch', { matchId });
    assert.equal(seat.stake, 100);
    assert.equal((await refusal(sit(other, 100))).code, 'BUSY');
    assert.equal((await refusal(ask(other, 'rematch', { matchId }))).code, 'ILLEGAL_MOVE');
    await ask(one, 'rematch', { matchId });
    await one.phase('running');
    assert.equal(one.room.state.roundId, seat.roundId);
    assert.equal(await balanceOf(two), 596 - 100);
  });

  it('[G7] an opponent is found by the stake, and a private table by its code', async () => {
    const one = await join({ stake: 50 });
    const other = await join({ stake: 80 });
    const two = await join({ stake: 50 });
    assert.equal(two.room.roomId, one.room.roomId);
    assert.notEqual(other.room.roomId, one.room.roomId);
    assert.equal((await refusal(sit(one, 60))).code, 'LIMIT_EXCEEDED');
    await Promise.all([sit(one, 50), sit(two, 50)]);
    await one.phase('running');
    const third = await join({ stake: 50 });
    assert.notEqual(third.room.roomId, one.room.roomId);
    const watcher = await join({ table: one.room.state.table });
    assert.equal(watcher.room.roomId, one.room.roomId);

    const host = await join({ private: true });
    await until(() => host.room.state?.table !== undefined, 'the code');
    assert.match(host.room.state.table, /^[a-z0-9]{8}$/);
    const guest = await join({ table: host.room.state.table });
    assert.equal(guest.room.roomId, host.room.roomId);
    const lobby = await one.client.joinOrCreate('lobby');
    const listed = Promise.withResolvers<{ roomId: string }[]>();
    lobby.onMessage('rooms', listed.resolve);
    lobby.onMessage('*', () => {});
    const rooms = (await listed.promise).map(({ roomId }) => roomId);
    await lobby.leave();
    assert.ok(rooms.includes(one.room.roomId));
    assert.ok(!rooms.includes(host.room.roomId));
  });

  it('[G5] [M9] a server that is killed in a match gives stakes and bets back', async () => {
    const [one, two, first] = await begin('killed');
    const watcher = await join({ table: 'killed' });
    const waiting = await join({ table: 'waiting' });
    await sit(waiting, 70);
    await watcher.bet(40, winnerIs(0));
    await play([one, two], first, [0, 1, 2]);
    const { roundId } = one.room.state;
    await server.kill();
    await leaveAll();
    await server.restart();
    assert.deepEqual(
      await Promise.all([one, two, watcher, waiting].map(balanceOf)),
      [500, 500, 500, 500],
    );
    await poolIsEmpty(roundId);
  });
});
