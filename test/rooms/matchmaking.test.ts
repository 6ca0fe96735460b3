import assert from 'node:assert/strict';
import pg from 'pg';
import { joinGame, leaveAll, startServer, type TestServer, until } from '../support/server.ts';

/** Longer than Colyseus has those wait who want a room that another one makes. */
const SLOW_MS = 2_500;
const PLAYERS = 5;

describe('rooms/matchmaking', function () {
  this.timeout(40_000);
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  afterEach(leaveAll);
  after(() => server.dispose());

  it('[R11] a table is one room, also when the books are slow to make it', async () => {
    const books = new pg.Client(server.databaseUrl);
    await books.connect();
    await books.query('BEGIN; LOCK TABLE live_rooms');
    const joining = Array.from({ length: PLAYERS }, () =>
      joinGame('crash', server.url, { table: 'slow' }),
    );
    const waiting = async () => {
      const { rows } = await books.query(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'`,
      );
      return rows[0].n > 0;
    };
    await until(waiting, 'the room that is made');
    await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    await books.query('ROLLBACK');
    await books.end();
    const rooms = new Set((await Promise.all(joining)).map(({ room }) => room.roomId));
    assert.equal(rooms.size, 1);
  });
});
