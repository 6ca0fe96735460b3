/** Players who race, flood, lie and leave at a table of matches: whatever they do, every stake is where it belongs. */
import assert from 'node:assert/strict';
import pg from 'pg';
import { openDatabase } from '../../src/database/connection.ts';
import { audit } from '../../src/ledger/audit.ts';
import { createLogger } from '../../src/log.ts';
import type { DuelState, TakenSeat } from '../../src/protocol.ts';
import {
  joinGame,
  joinGameAs,
  leaveAll,
  startServer,
  type TestPlayer,
  type TestServer,
  until,
} from '../support/server.ts';
import { guest, RawClient } from './attacker.ts';

const START = 500;
const STAKE = 100;
/** Less 2%. */
const POT = 196;
const WON = START - STAKE + POT;
const LOST = START - STAKE;
/** Tables at which the same race is run at the same time. */
const TABLES = 6;

type Duelist = TestPlayer<DuelState>;
/** What a command was answered, or the code of its refusal. */
interface Told<T = object> {
  readonly answer?: T;
  readonly code?: string;
}

describe('matches under attack', function () {
  this.timeout(60_000);
  let server: TestServer;
  let db: pg.Pool;
  before(async () => {
    server = await startServer({ env: { START_BALANCE: String(START) } });
    db = new pg.Pool({ connectionString: server.databaseUrl, max: 4 });
  });
  afterEach(leaveAll);
  after(async () => {
    await db.end();
    await server.dispose();
  });

  async function join(table: string, more: object = {}): Promise<Duelist> {
    const player = await joinGame<DuelState>('duel', server.url, { table, ...more });
    player.room.onMessage('sit:result', () => {});
    return player;
  }
  const secondTab = ({ client, userId }: Duelist, table: string, more: object = {}) =>
    joinGameAs<DuelState>('duel', client, userId, { table, ...more });
  const tables = (name: string) => Array.from({ length: TABLES }, (_, at) => `${name}-${at}`);

  async function ask<T = object>(
    player: Duelist,
    type: string,
    payload: object = {},
  ): Promise<Told<T>> {
    try {
      return { answer: (await player.room.request(type as never, payload as never)) as T };
    } catch (error) {
      const { reason } = error as { reason?: { code?: string } };
      assert.ok(reason?.code, String(error));
      return { code: reason.code };
    }
  }
  const sit = (player: Duelist, stake = STAKE, matchId: string = crypto.randomUUID()) =>
    ask<TakenSeat>(player, 'sit', { matchId, stake });
  const winnerIs = (seat: number) => ({ selection: { type: 'winner', seat } });
  const codesOf = (told: readonly Told[]) =>
    told.map(({ code }) => code ?? 'taken').toSorted((a, b) => a.localeCompare(b));
  const balanceOf = async (player: Duelist) =>
    (await player.get<{ balance: number }>('/api/v1/me/wallet')).balance;
  const balancesOf = (players: readonly Duelist[]) => Promise.all(players.map(balanceOf));

  /** Two players at a table of their own with the match begun: by seat, and who begins. */
  async function begin(table: string): Promise<{ players: [Duelist, Duelist]; first: number }> {
    const players: [Duelist, Duelist] = [await join(table), await join(table)];
    const told = await Promise.all(players.map((player) => sit(player)));
    if (told[0]?.answer?.seat === 1) players.reverse();
    await Promise.all(players.map((player) => player.phase('running')));
    return { players, first: players[0].room.state.turn };
  }

  /** These columns, the beginner's first. */
  async function play({ players, first }: Awaited<ReturnType<typeof begin>>, columns: number[]) {
    for (const [at, column] of columns.entries()) {
      const mover = players[(first + at) % 2] as Duelist;
      assert.deepEqual((await ask(mover, 'move', { column })).code, undefined);
    }
  }

  interface StoredRound {
    phase: string;
    pot: number;
    outcome: { winner: number | null; ending: string; moves: { column: number }[] } | null;
  }
  async function roundOf(roundId: string): Promise<StoredRound> {
    const { rows } = await db.query<StoredRound>(
      'SELECT phase, pot::integer, outcome FROM rounds WHERE id = $1',
      [roundId],
    );
    return rows[0] as StoredRound;
  }
  const closed = (roundId: string) =>
    until(async () => /settled|void/.test((await roundOf(roundId)).phase), 'the round to close');

  /** Of the tables of this name, stakes that are in a pot. */
  async function potsOf(name: string): Promise<number> {
    const { rows } = await db.query<{ pot: number }>(
      `SELECT coalesce(sum(d.pot), 0)::integer AS pot FROM rounds d JOIN live_rooms r USING (room_id)
       WHERE r.table_name LIKE $1 || '%'`,
      [name],
    );
    return rows[0]?.pot as number;
  }

  it('[G3] twenty sit down on two seats at the same instant: two have one, nobody else has paid', async () => {
    const players = await Promise.all(Array.from({ length: 20 }, () => join('crowd')));
    // Some of them for another stake.
    const told = await Promise.all(players.map((player, at) => sit(player, at % 5 ? STAKE : 90)));
    const seated = players.filter((_, at) => told[at]?.answer);
    assert.equal(seated.length, 2);
    assert.deepEqual(
      told.flatMap(({ answer }) => answer?.seat ?? []).toSorted((a, b) => a - b),
      [0, 1],
    );
    for (const { code = 'BUSY' } of told)
      assert.ok(['BUSY', 'LIMIT_EXCEEDED'].includes(code), code);
    const stake = told.find(({ answer }) => answer)?.answer?.stake as number;
    for (const player of players) {
      const paid = seated.includes(player) ? stake : 0;
      assert.equal(await balanceOf(player), START - paid);
    }
    assert.equal(await potsOf('crowd'), 2 * stake);
    const [one, two] = seated as [Duelist, Duelist];
    await one.phase('running');
    assert.deepEqual(await ask(one, 'resign'), { answer: {} });
    assert.equal(
      (await balanceOf(one)) + (await balanceOf(two)),
      2 * START - Math.floor((2 * stake * 2) / 100),
    );
  });

  it('[G3] who sits down and leaves at once has the stake back, and the table goes on', async () => {
    const players = await Promise.all(Array.from({ length: 10 }, () => join('fleeting')));
    const watcher = await join('fleeting', { spectate: true });
    await Promise.all(
      players.map(async ({ room }) => {
        room.send('sit' as never, { matchId: crypto.randomUUID(), stake: STAKE } as never);
        await room.leave();
      }),
    );
    await until(
      async () =>
        (await balancesOf(players)).every(
          (each) => each === START || each === WON || each === LOST,
        ),
      'the stakes',
    );
    await watcher.phase('betting');
    await until(async () => (await potsOf('fleeting')) === 0, 'the pot to be empty');
    // Two whose seats were taken together have begun a match, which one of them left first.
    const sum = (await balancesOf(players)).reduce((so, each) => so + each, 0);
    assert.ok((10 * START - sum) % 4 === 0, `${sum}`);
    const pair = [await join('fleeting'), await join('fleeting')];
    for (const player of pair) {
      await until(async () => (await sit(player)).answer !== undefined, 'a seat', 20_000);
    }
    await watcher.phase('running');
  });

  it('[G3] [M5] two tabs that sit down at once, under one name or two, have one seat and pay once', async () => {
    await Promise.all(
      tables('tabs').map(async (table, at) => {
        const player = await join(table);
        const tab = await secondTab(player, table);
        const matchId = crypto.randomUUID();
        const names =
          at % 2
            ? [matchId, crypto.randomUUID(), crypto.randomUUID()]
            : [matchId, matchId, matchId.toUpperCase()];
        const told = await Promise.all(
          [player, tab, player].map((from, nth) => sit(from, STAKE, names[nth])),
        );
        const refused = at % 2 ? 'LIMIT_EXCEEDED' : 'taken';
        const expected = [refused, refused, 'taken'];
        assert.deepEqual(codesOf(told), expected);
        assert.equal(await balanceOf(player), LOST);
        assert.deepEqual(await ask(tab, 'stand'), { answer: {} });
        assert.equal(await balanceOf(player), START);
      }),
    );
  });

  it('[G3] who gets up while the other sits down either plays or has the stake back', async () => {
    const ends = await Promise.all(
      tables('stand').map(async (table, at) => {
        const [one, two] = [await join(table), await join(table)];
        await sit(one);
        const standing = () => ask(one, 'stand');
        const [stood, sat] =
          at % 2
            ? await Promise.all([standing(), sit(two)])
            : (await Promise.all([sit(two), standing()])).toReversed();
        assert.equal(sat?.code, undefined);
        if (stood?.code) {
          assert.equal(stood.code, 'ILLEGAL_MOVE');
          await two.phase('running');
          assert.deepEqual(await balancesOf([one, two]), [LOST, LOST]);
          assert.deepEqual(await ask(two, 'resign'), { answer: {} });
          assert.deepEqual(await balancesOf([one, two]), [WON, LOST]);
          return 'played';
        }
        assert.deepEqual(await balancesOf([one, two]), [START, LOST]);
        assert.equal(one.room.state.phase, 'betting');
        return 'stood';
      }),
    );
    console.log(`        ${ends.join(' ')}`);
  });

  it('[G3] whoever leaves in the instant in which the last seat is taken has the stake back, or has lost the match', async () => {
    const ends = await Promise.all(
      tables('last').map(async (table, at) => {
        const [one, two] = [await join(table), await join(table)];
        await sit(one);
        const { roundId } = one.room.state;
        const leaver = at % 3 === 2 ? two : one;
        const stays = leaver === one ? two : one;
        two.room.send('sit' as never, { matchId: crypto.randomUUID(), stake: STAKE } as never);
        if (at % 3 === 1) await until(() => two.wallets.length > 0, 'the stake');
        await leaver.room.leave();
        const left = async () => {
          const { outcome } = await roundOf(roundId);
          return outcome?.ending === 'left' || (await balanceOf(leaver)) === START;
        };
        await until(left, 'what comes of it');
        const { outcome } = await roundOf(roundId);
        if (outcome) {
          await closed(roundId);
          assert.deepEqual(await balancesOf([leaver, stays]), [LOST, WON]);
          return 'lost';
        }
        await until(async () => (await balanceOf(stays)) === LOST, 'the other to wait');
        assert.equal((await roundOf(roundId)).phase, 'betting');
        assert.equal(await potsOf(table), STAKE);
        return 'stood';
      }),
    );
    console.log(`        ${ends.join(' ')}`);
  });

  it('[G3] who leaves one tab while another one fails to join has the stake back', async () => {
    const player = await join('failing');
    const watcher = await join('failing', { spectate: true });
    await sit(player);
    await until(() => watcher.room.state.seats[0]?.stake === STAKE, 'the seat');
    const books = await db.connect();
    const waiting = `SELECT pid, query FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%game_sessions%'`;
    const waits = async () => (await db.query(waiting)).rowCount;
    try {
      await books.query('BEGIN; LOCK TABLE game_sessions IN SHARE ROW EXCLUSIVE MODE');
      const joining = secondTab(player, 'failing').then(
        () => 'joined',
        () => 'failed',
      );
      await until(async () => (await waits()) === 1, 'the second tab to be on its way');
      await player.room.leave();
      await until(async () => (await waits()) === 2, 'the first tab to be gone');
      await db.query(
        `SELECT pg_cancel_backend(pid) FROM (${waiting}) w WHERE query LIKE '%INSERT%'`,
      );
      assert.equal(await joining, 'failed');
    } finally {
      await books.query('ROLLBACK');
      books.release();
    }
    await until(() => watcher.room.state.seats[0]?.player === '', 'the seat to be free');
    assert.equal(await balanceOf(player), START);
  });

  it('[G4] a flood of moves is one move at a time, by turns; after the end there are none', async () => {
    const match = await begin('flood');
    const { players } = match;
    const { roundId } = players[0].room.state;
    const moves = Array.from({ length: 40 }, (_, at) => ({ column: at % 7 }));
    const told = await Promise.all(
      moves.flatMap((move) =>
        players.map((player) => ask<{ seat: number; number: number }>(player, 'move', move)),
      ),
    );
    const made = told.flatMap(({ answer }) => answer ?? []).toSorted((a, b) => a.number - b.number);
    assert.deepEqual(
      made.map(({ seat, number }) => [seat, number]),
      made.map((_, at) => [(match.first + at) % 2, at + 1]),
    );
    for (const { code = 'NOT_YOUR_TURN' } of told) {
      assert.ok(['NOT_YOUR_TURN', 'ILLEGAL_MOVE'].includes(code), code);
    }
    // It may have been a whole match.
    await ask(players[0], 'resign');
    await closed(roundId);
    const { outcome } = await roundOf(roundId);
    assert.equal(outcome?.moves.length, made.length);
    for (const [type, payload] of [
      ['move', { column: 0 }],
      ['moves', {}],
      ['resign', {}],
      ['offerDraw', {}],
      ['answerDraw', { accept: true }],
    ] as const) {
      for (const player of players) {
        assert.equal((await ask(player, type, payload)).code, 'ILLEGAL_MOVE', type);
      }
    }
    assert.deepEqual((await balancesOf(players)).toSorted(), [LOST, WON]);
    console.log(`        ${made.length} of ${told.length} moves made`);
  });

  it('[G5] [M5] resigning, winning and agreeing at the same instant: one end, and its one winner is paid', async () => {
    type Race = (winner: Duelist, loser: Duelist, at: number) => Promise<Told>[];
    const winning = (player: Duelist) => ask(player, 'move', { column: 0 });
    const races: Record<string, Race> = {
      'resign before the winning move': (winner, loser) => [ask(loser, 'resign'), winning(winner)],
      'resign after it': (winner, loser) => [winning(winner), ask(loser, 'resign')],
      'the winner resigns': (winner, loser) => [
        winning(winner),
        ask(winner, 'resign'),
        ask(loser, 'resign'),
      ],
      'both resign': (winner, loser) => [ask(winner, 'resign'), ask(loser, 'resign')],
      'accepted and resigned': (winner, loser) => [
        ask(winner, 'answerDraw', { accept: true }),
        ask(loser, 'resign'),
      ],
      'accepted, resigned and won': (winner, loser) => [
        ask(loser, 'resign'),
        winning(winner),
        ask(winner, 'answerDraw', { accept: true }),
      ],
    };
    const ends = await Promise.all(
      Object.entries(races).map(async ([name, race], at) => {
        const match = await begin(`ends-${at}`);
        const { players, first } = match;
        const { roundId } = players[0].room.state;
        await play(match, [0, 1, 0, 1, 0, 1]);
        const [winner, loser] = [players[first], players[1 - first]] as [Duelist, Duelist];
        await ask(loser, 'offerDraw');
        const told = await Promise.all(race(winner, loser, at));
        assert.equal(told.filter(({ answer }) => answer).length, 1, `${name}: ${codesOf(told)}`);
        for (const { code = 'ILLEGAL_MOVE' } of told) assert.equal(code, 'ILLEGAL_MOVE');
        // M6: what is answered is in the books.
        const { outcome, phase, pot } = await roundOf(roundId);
        assert.deepEqual([phase, pot], ['settled', 0]);
        const paid = await balancesOf(players);
        if (outcome?.winner === null) assert.deepEqual(paid, [START, START]);
        else {
          assert.equal(paid[outcome?.winner as number], WON);
          assert.equal(paid[1 - (outcome?.winner as number)], LOST);
        }
        return `${name}: ${outcome?.ending}`;
      }),
    );
    for (const end of ends) console.log(`        ${end}`);
  });

  it('[R2] garbage instead of a seat or a move answers a code, costs nothing and pollutes nothing', async () => {
    const stranger = await guest(server.url);
    const client = await RawClient.join(stranger, { table: 'garbage' }, 'joinOrCreate/duel');
    const other = await RawClient.join(
      await guest(server.url),
      { table: 'garbage' },
      'joinOrCreate/duel',
    );
    const matchId = crypto.randomUUID();
    const stakes: unknown[] = [
      0,
      -1,
      1.5,
      '5',
      null,
      undefined,
      Number.NaN,
      2 ** 53,
      5n,
      [5],
      {},
      true,
    ];
    const seats: unknown[] = [
      ...stakes.map((stake) => ({ matchId, stake })),
      ...[undefined, null, 5, 'x', {}, `${matchId}0`, "' OR 1=1 --"].map((id) => ({
        matchId: id,
        stake: 5,
      })),
      { matchId, stake: 5, seat: 1 },
      { matchId, stake: 5, userId: 1 },
      undefined,
      null,
      [],
      'sit',
    ];
    for (const payload of seats) {
      const { ok, payload: answer } = await client.request('sit', payload);
      assert.deepEqual(
        [ok, answer.code],
        [false, 'BAD_REQUEST'],
        JSON.stringify(payload, (_, v) => (typeof v === 'bigint' ? `${v}n` : v)),
      );
    }
    for (const [type, payload] of [
      ['stand', { userId: 1 }],
      ['rematch', { matchId, stake: 5 }],
      ['resign', { seat: 1 }],
      ['answerDraw', {}],
      ['offerDraw', { seat: 0 }],
      ['moves', { seat: 1 }],
    ] as const) {
      assert.equal((await client.request(type, payload)).payload.code, 'BAD_REQUEST', type);
    }
    const before = await client.request('sit', { matchId, stake: STAKE });
    assert.equal(before.payload.balance, LOST);
    await other.request('sit', { matchId, stake: STAKE });
    const both = [client, other];
    const answers = await Promise.all(both.map((each) => each.request('moves', {})));
    const mover = both[answers.findIndex(({ ok }) => ok)] as RawClient;
    const evil: unknown[] = [
      { column: 0, seat: 1 },
      JSON.parse('{"column":0,"__proto__":{"column":3,"polluted":1}}'),
      JSON.parse('{"__proto__":{"column":3}}'),
      { constructor: { prototype: { polluted: 1 } }, column: 0 },
      { column: '0' },
      { column: -0.5 },
      { column: [0] },
      { column: { valueOf: 0 } },
      { column: 0n },
      { column: 'x'.repeat(3_900) },
      { ['c'.repeat(33)]: 0 },
      Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`k${at}`, at])),
      { column: JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) },
      [0],
      null,
    ];
    for (const move of evil) {
      const { ok, payload } = await mover.request('move', move);
      // Some readers drop a key that would reach a prototype; then it is a move.
      if (!ok)
        assert.ok(
          ['BAD_REQUEST', 'NOT_YOUR_TURN', 'RATE_LIMITED'].includes(payload.code as string),
          payload.code,
        );
      else assert.deepEqual(Object.keys(payload), ['seat', 'number']);
    }
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    assert.ok(mover.isOpen);
    const waiter = both.find((each) => each !== mover) as RawClient;
    assert.equal((await waiter.request('resign', {})).ok, true);
    await Promise.all(both.map((each) => each.close()));
    const { rows } = await db.query(
      `SELECT w.balance::integer FROM wallets w WHERE w.user_id = $1`,
      [stranger.userId],
    );
    assert.equal(rows[0].balance, mover === client ? WON : LOST);
    assert.doesNotMatch(server.output(), /unhandled rejection|command failed/);
  });

  it("[G3] [M5] another player's name for a seat gives nobody that seat, its stake or its rematch", async () => {
    const [victim, thief] = [await join('names'), await join('names')];
    const matchId = crypto.randomUUID();
    assert.equal((await sit(victim, STAKE, matchId)).answer?.seat, 0);
    assert.equal((await ask(thief, 'rematch', { matchId })).code, 'ILLEGAL_MOVE');
    assert.equal((await ask(thief, 'stand')).code, 'ILLEGAL_MOVE');
    const { answer } = await sit(thief, STAKE, matchId);
    assert.deepEqual([answer?.seat, answer?.balance], [1, LOST]);
    await victim.phase('running');
    await ask(thief, 'resign');
    assert.deepEqual(await balancesOf([victim, thief]), [WON, LOST]);
  });

  it('[G6] a stranger who wants a seat after the end does not wipe the board from under those who played', async () => {
    const { players } = await begin('board');
    const stranger = await join('board');
    await ask(players[0], 'resign');
    const { roundId } = players[0].room.state;
    for (let time = 0; time < 5; time++) assert.equal((await sit(stranger)).code, 'BUSY');
    assert.equal(
      (await ask(stranger, 'rematch', { matchId: crypto.randomUUID() })).code,
      'ILLEGAL_MOVE',
    );
    const { phase, roundId: shown } = stranger.room.state;
    assert.deepEqual([phase, shown], ['settled', roundId]);
    assert.notEqual((await sit(players[1])).answer, undefined);
    await stranger.phase('betting');
    assert.equal(await balanceOf(stranger), START);
  });

  it('[G2] who plays may not bet, over whatever connection', async () => {
    const { players } = await begin('insiders');
    const [player] = players;
    const connections = [
      player,
      await secondTab(player, 'insiders'),
      await secondTab(player, 'insiders', { spectate: true }),
    ];
    for (const connection of connections) {
      const bet = { betId: crypto.randomUUID(), amount: 5, ...winnerIs(0) };
      const told = await Promise.all([
        ask(connection, 'bet', bet),
        ask(connection, 'bets', { bets: [bet] }),
      ]);
      assert.deepEqual(codesOf(told), ['FORBIDDEN', 'FORBIDDEN']);
    }
    assert.equal((await ask(connections[2] as Duelist, 'resign')).code, 'FORBIDDEN');
    await ask(player, 'resign');
    assert.deepEqual(await balancesOf(players), [LOST, WON]);
  });

  it('[G2] [M7] bets that race the move that closes the pool are in it whole, or BETTING_CLOSED', async () => {
    const match = await begin('pool');
    const { players, first } = match;
    const { roundId } = players[0].room.state;
    const watchers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => join('pool', at % 2 ? { spectate: true } : {})),
    );
    await play(match, [0, 1, 0, 1]);
    const bets: { seat: number; amount: number; told: Promise<Told> }[] = [];
    const betOfAll = () =>
      watchers.forEach((watcher, at) => {
        const [seat, amount] = [at % 2, 10 + at];
        const bet = { betId: crypto.randomUUID(), amount, ...winnerIs(seat) };
        bets.push({ seat, amount, told: ask(watcher, 'bet', bet) });
      });
    betOfAll();
    const closing = ask(players[first] as Duelist, 'move', { column: 2 });
    betOfAll();
    await closing;
    betOfAll();
    const told = await Promise.all(bets.map((bet) => bet.told));
    const taken = bets.filter((_, at) => told[at]?.answer);
    for (const { code = 'BETTING_CLOSED' } of told) assert.equal(code, 'BETTING_CLOSED');
    for (const { code } of told.slice(-watchers.length)) assert.equal(code, 'BETTING_CLOSED');
    const staked = taken.reduce((sum, { amount }) => sum + amount, 0);
    assert.deepEqual(await ask(players[0], 'resign'), { answer: {} });
    const { rows } = await db.query(
      `SELECT d.staked::integer, d.paid::integer, d.bet_count AS count,
         (SELECT coalesce(sum(t.amount), 0)::integer FROM transactions t JOIN wallets w ON w.id = t.wallet_id
          WHERE w.kind = 'house' AND t.round_id = d.id) AS kept FROM rounds d WHERE d.id = $1`,
      [roundId],
    );
    assert.deepEqual([rows[0].staked, rows[0].count], [staked, taken.length]);
    assert.equal(rows[0].kept, rows[0].staked - rows[0].paid + 2 * STAKE - POT);
    const sum = (await balancesOf(watchers)).reduce((so, each) => so + each, 0);
    assert.equal(sum, watchers.length * START - rows[0].staked + rows[0].paid);
    console.log(`        ${taken.length} of ${bets.length} bets taken`);
  });

  it('[G3] sitting down and getting up in a flood ends with the stake in one place', async () => {
    const player = await join('restless');
    const told = await Promise.all(
      Array.from({ length: 20 }, () => [sit(player), ask(player, 'stand')]).flat(),
    );
    const seats = told.filter(({ answer }) => answer && 'seat' in answer).length;
    const got = told.filter(({ answer }) => answer && !('seat' in answer)).length;
    assert.deepEqual([seats, got], [20, 20]);
    assert.equal(await balanceOf(player), START);
    assert.equal(await potsOf('restless'), 0);
  });

  it('[G5] [M9] [R15] a stop in the middle of matches, moves and bets gives everything back', async () => {
    const matches = await Promise.all(tables('stop').map(begin));
    const waiting = await join('stop-waiting');
    await sit(waiting);
    const watchers = await Promise.all(tables('stop').map((table) => join(table)));
    await Promise.all(watchers.map((watcher) => watcher.bet(40, winnerIs(0))));
    const rounds = matches.map(({ players }) => players[0].room.state.roundId);
    // Whoever still asks something may be answered anything, or nothing.
    const asking = matches.flatMap(({ players, first }, at) => [
      ask(players[first] as Duelist, 'move', { column: 3 }),
      ...(at % 2 ? [ask(players[0], 'offerDraw')] : []),
    ]);
    for (const { room } of [...matches.flatMap(({ players }) => players), ...watchers, waiting]) {
      room.reconnection.enabled = false;
    }
    const stopped = server.stop();
    for (const each of asking) await each.catch(() => {});
    assert.equal(await stopped, 0);
    await leaveAll();
    for (const roundId of rounds)
      assert.deepEqual(await roundOf(roundId), { phase: 'void', pot: 0, outcome: null });
    await server.restart();
    const everybody = [...matches.flatMap(({ players }) => players), ...watchers, waiting];
    assert.deepEqual(
      await balancesOf(everybody),
      everybody.map(() => START),
    );
  });

  it('[M2] [M12] after all that the books are sound, no pot holds anything, and no money was made or lost', async () => {
    const { rows } = await db.query(
      `SELECT (SELECT count(*)::integer FROM users WHERE user_type = 'guest') AS guests,
         sum(balance) FILTER (WHERE kind IN ('user', 'house', 'escrow'))::integer AS held,
         sum(balance) FILTER (WHERE kind = 'escrow')::integer AS escrow,
         sum(balance)::integer AS all,
         (SELECT sum(pot)::integer FROM rounds) AS pots
       FROM wallets`,
    );
    const { guests, ...money } = rows[0];
    assert.deepEqual(money, { held: guests * START, escrow: 0, all: 0, pots: 0 });
    const books = await openDatabase(server.databaseUrl, {
      poolSize: 2,
      logger: createLogger('silent'),
    });
    try {
      assert.deepEqual((await audit(books)).findings, []);
    } finally {
      await books.close();
    }
  });
});
