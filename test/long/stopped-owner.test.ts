import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import { audit } from '../../src/ledger/audit.ts';
import { createLogger } from '../../src/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  joinCrash,
  leaveAll,
  startServer,
  type TestPlayer,
  type TestServer,
  until,
} from '../support/server.ts';
import { seeded } from './seeded.ts';

/** How often an owner is stopped, each time with this many tables. */
const STOPS = Number(process.env.OWNER_STOPS ?? 2);
const TABLES = Number(process.env.OWNER_TABLES ?? 100);
/** Of the stakes and of the moment of the stop. */
const SEED = Number(process.env.OWNER_SEED ?? randomInt(2 ** 31));
const BETTING_MS = 5_000;
/** Players that come in at the same time. */
const DOOR = 10;
/** The lease runs out after 8 s, and the neighbour looks around at each of its renewals. */
const TAKEOVER_TIMEOUT_MS = 30_000;
const CLOSED_TIMEOUT_MS = 30_000;
/** The stop comes up to so long after that. */
const INTO_PHASE_MS = 300;
/** So many open bets in each of the two phases are met by a stop. */
const OPEN_BETS = Math.ceil(TABLES / 10);

interface Seat extends TestPlayer {
  /** The code that the server closed the connection with. */
  closed: number | undefined;
}

describe('an owner that is stopped and wakes after its rooms were taken over', function () {
  this.timeout(60_000 + STOPS * 120_000);
  let database: TestDatabase;
  let books: Database;
  const random = seeded(SEED);
  const servers: TestServer[] = [];
  const figures = { takeovers: 0, betting: 0, running: 0, tried: 0, refused: 0, recoveryMs: [0] };

  before(async () => {
    database = await createTestDatabase({ migrated: true });
    books = await openDatabase(database.url, { poolSize: 1, logger: createLogger('silent') });
    for (let index = 0; index < 2; index++) {
      servers.push(
        await startServer({ databaseUrl: database.url, env: { BETTING_MS: `${BETTING_MS}` } }),
      );
    }
  });
  after(async () => {
    await leaveAll();
    for (const server of servers) {
      server.signal('SIGCONT');
      await server.dispose();
    }
    await books.close();
    await database.drop();
    const { takeovers, betting, running, tried, refused, recoveryMs } = figures;
    console.log(
      `        seed ${SEED}, ${takeovers} takeovers with ${betting} bets open in betting and ${running} in running; ` +
        `${tried} bets tried on stale owners, ${refused} refused, 0 in the books; ` +
        `all rooms of a stopped owner recovered within ${Math.max(...recoveryMs).toFixed()} ms`,
    );
  });

  async function rows<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await books.pool.query<Row>(sql, values)).rows;
  }

  /** Every row that the money of these rooms and players is in. */
  async function contents(roomIds: string[], userIds: number[]): Promise<string[]> {
    const parts = [
      'SELECT x.*::text AS line FROM live_rooms x WHERE x.room_id = ANY ($1)',
      'SELECT x.*::text FROM rounds x WHERE x.room_id = ANY ($1)',
      `SELECT x.*::text FROM bets x JOIN rounds r ON r.id = x.round_id WHERE r.room_id = ANY ($1)`,
      `SELECT x.*::text FROM transactions x JOIN rounds r ON r.id = x.round_id WHERE r.room_id = ANY ($1)`,
      `SELECT x.*::text FROM fairness_chains x WHERE x.room_id = ANY ($1)`,
      'SELECT x.*::text FROM wallets x WHERE x.user_id = ANY ($2)',
      `SELECT x.*::text FROM wallets x WHERE x.account = ANY (SELECT 'escrow:' || unnest($1::text[]))`,
    ].map((part) => part.replace('x.*::text', '(x.*)::text'));
    const lines = await rows<{ line: string }>(`${parts.join(' UNION ALL ')} ORDER BY 1`, [
      roomIds,
      userIds,
    ]);
    return lines.map(({ line }) => line);
  }

  async function openBets(roomIds: string[], phase: string): Promise<number> {
    const [row] = await rows<{ n: number }>(
      `SELECT count(*) AS n FROM bets b JOIN rounds r ON r.id = b.round_id
       WHERE r.room_id = ANY ($1) AND r.phase = $2 AND b.status = 'accepted'`,
      [roomIds, phase],
    );
    return row?.n ?? 0;
  }

  /** A player alone at a table, who bets once in each round. */
  async function sitDown(server: TestServer, table: string): Promise<Seat> {
    const seat = Object.assign(await joinCrash(server.url, { table }), {
      closed: undefined,
    }) as Seat;
    const { room } = seat;
    room.reconnection.enabled = false;
    room.onLeave((code) => {
      seat.closed = code;
    });
    let last = '';
    room.onStateChange(({ phase, roundId }) => {
      if (phase !== 'betting' || roundId === last) return;
      last = roundId;
      seat.bet(1 + Math.floor(random() * 5)).catch(() => {});
    });
    return seat;
  }

  async function tableful(server: TestServer, stop: number): Promise<Seat[]> {
    const seats: Seat[] = [];
    for (let at = 0; at < TABLES; at += DOOR) {
      const count = Math.min(DOOR, TABLES - at);
      const coming = Array.from({ length: count }, (_, index) =>
        sitDown(server, `stop-${stop}-${at + index}`),
      );
      seats.push(...(await Promise.all(coming)));
    }
    return seats;
  }

  for (let stop = 1; stop <= STOPS; stop++) {
    it(`[M8] stop ${stop} of ${STOPS}: it writes nothing more, and its ${TABLES} players are sent away`, async () => {
      const owner = servers[stop % servers.length] as TestServer;
      const seats = await tableful(owner, stop);
      const roomIds = seats.map(({ room }) => room.roomId);
      const userIds = seats.map(({ userId }) => userId);
      let [betting, running] = [0, 0];
      await until(
        async () => {
          betting = await openBets(roomIds, 'betting');
          running = await openBets(roomIds, 'running');
          return betting >= OPEN_BETS && running >= OPEN_BETS;
        },
        'open bets in both phases',
        60_000,
      );
      await delay(random() * INTO_PHASE_MS);
      owner.signal('SIGSTOP');
      const stoppedAt = performance.now();
      figures.betting += betting;
      figures.running += running;
      await until(
        async () => {
          const [row] = await rows<{ n: number }>(
            'SELECT count(*) AS n FROM live_rooms WHERE room_id = ANY ($1) AND closed_at IS NULL',
            [roomIds],
          );
          return row?.n === 0;
        },
        'the neighbour to recover every room',
        TAKEOVER_TIMEOUT_MS,
      );
      figures.recoveryMs.push(performance.now() - stoppedAt);
      figures.takeovers += roomIds.length;
      const before = await contents(roomIds, userIds);

      // These wait in its sockets until it wakes, and are then the first that it reads.
      const tried = new Map<string, Promise<unknown>>();
      const attempt = (seat: Seat) => {
        const betId = crypto.randomUUID();
        const answer = seat.bet(1, { betId }).then(
          (placed) => placed,
          (error) => (error as { reason?: { code: string } }).reason?.code,
        );
        tried.set(betId, answer);
      };
      for (const seat of seats) attempt(seat);
      owner.signal('SIGCONT');
      for (const seat of seats) attempt(seat);
      await until(
        () => seats.every(({ closed }) => closed !== undefined),
        'every connection to be closed',
        CLOSED_TIMEOUT_MS,
      );
      assert.deepEqual([...new Set(seats.map(({ closed }) => closed))], [4010]);
      await until(
        async () => (await fetch(`${owner.url}/readyz`)).status === 200,
        'the owner to be ready again',
      );
      const after = await contents(roomIds, userIds);
      const changed = [
        ...after.filter((line) => !before.includes(line)).map((line) => `now: ${line}`),
        ...before.filter((line) => !after.includes(line)).map((line) => `before: ${line}`),
      ];
      assert.deepEqual(changed, []);
      const stored = await rows('SELECT id FROM bets WHERE id = ANY ($1::uuid[])', [
        [...tried.keys()],
      ]);
      assert.deepEqual(stored, []);
      // An answer that did not come before the close never comes; the others say no.
      const none = Symbol('none');
      for (const answer of tried.values()) {
        const said = await Promise.race([answer, Promise.resolve(none)]);
        if (said === none || said === undefined) continue;
        assert.ok(
          said === 'ROOM_MOVED' || said === 'BUSY',
          `a stale owner said ${JSON.stringify(said)}`,
        );
        figures.refused += 1;
      }
      figures.tried += tried.size;
      assert.deepEqual((await audit(books)).findings, []);
    });
  }
});
