import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { mock } from 'node:test';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '../../src/database/connection.ts';
import { LEASE_MS, type NodeLease, takeLease } from '../../src/live/lease.ts';
import { faulty } from '../ledger/faulty.ts';
import { type Books, openBooks, silent, until } from '../ledger/fixture.ts';

/** Longer than any process id. */
const NO_SUCH_PID = 2 ** 31 - 1;

describe('live/lease', () => {
  let books: Books;
  const leases: NodeLease[] = [];

  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());
  afterEach(async () => {
    mock.reset();
    for (const lease of leases.splice(0)) await lease.release();
    mock.timers.reset();
    await books.rows('UPDATE server_nodes SET lease_expires_at = clock_timestamp()');
  });

  async function take(db: Database = books.db): Promise<NodeLease> {
    const lease = await takeLease(db, undefined, silent);
    leases.push(lease);
    return lease;
  }

  /** How long the node's lease goes on, by the database's clock. */
  async function leftMs(id: string): Promise<number> {
    const { ms } = await books.row<{ ms: number }>(
      `SELECT (extract(epoch FROM lease_expires_at - clock_timestamp()) * 1000)::float AS ms
       FROM server_nodes WHERE id = $1`,
      [id],
    );
    return ms;
  }

  async function neighbour(host: string, pid: number): Promise<string> {
    const { id } = await books.row<{ id: string }>(
      `INSERT INTO server_nodes (id, hostname, pid, lease_expires_at)
       VALUES ($1, $2, $3, clock_timestamp() + interval '1 hour') RETURNING id`,
      [uuidv7(), host, pid],
    );
    return id;
  }

  /** The monotonic clock of this process, as `ahead` says. */
  function clock(): { ahead: number } {
    const now = performance.now.bind(performance);
    const state = { ahead: 0 };
    mock.method(performance, 'now', () => now() + state.ahead);
    return state;
  }

  it("[M8] a lease runs 5 to 10 s by the database's clock, and is there at once", async () => {
    assert.ok(LEASE_MS >= 5_000 && LEASE_MS <= 10_000);
    const lease = await take();
    const left = await leftMs(lease.id);
    assert.ok(left > LEASE_MS - 2_000 && left <= LEASE_MS, `${left}`);
    assert.equal(lease.acting(), true);
  });

  it('[M8] it is renewed at a third of its length, and tells who waits for that', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    const lease = await take();
    await books.rows(
      `UPDATE server_nodes SET lease_expires_at = clock_timestamp() + interval '1 s' WHERE id = $1`,
      [lease.id],
    );
    const renewed = new Promise<void>((resolve) => lease.onRenewed(resolve));
    mock.timers.tick(LEASE_MS / 3 - 1);
    assert.ok((await leftMs(lease.id)) <= 1_000);
    mock.timers.tick(2);
    await renewed;
    assert.ok((await leftMs(lease.id)) > LEASE_MS - 2_000);
  });

  it('[M8] a node that cannot renew stops acting at 0.7 of its lease, while nobody may take its rooms yet', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    const time = clock();
    const lease = await take();
    time.ahead += LEASE_MS * 0.65;
    assert.equal(lease.acting(), true);
    time.ahead += LEASE_MS * 0.06;
    assert.equal(lease.acting(), false);
    assert.ok((await leftMs(lease.id)) > 0);
  });

  it('[M8] a renewal counts from when it was asked for, not from its answer', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    const time = clock();
    const slowly = async (...given: [string, unknown[]]) => {
      const result = await books.db.pool.query(...given);
      time.ahead += LEASE_MS / 2;
      return result;
    };
    const lease = await take({
      ...books.db,
      pool: { query: slowly } as unknown as Database['pool'],
    });
    const renewed = new Promise<void>((resolve) => lease.onRenewed(resolve));
    mock.timers.tick(LEASE_MS / 3 + 1);
    await renewed;
    assert.equal(lease.acting(), true);
    time.ahead += LEASE_MS / 4;
    assert.equal(lease.acting(), false);
  });

  it('[M8] a renewal that fails is tried again at once, not at the next third, and then the node acts again', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    const time = clock();
    const db = faulty(books.db, /WITH mine/, [null, 'before', 'after']);
    const failed: unknown[] = [];
    const logger = { error: (line: unknown) => failed.push(line) } as unknown as typeof silent;
    const lease = await takeLease(db, undefined, logger);
    leases.push(lease);
    time.ahead += LEASE_MS;
    const renewed = new Promise<void>((resolve) => lease.onRenewed(resolve));
    mock.timers.tick(LEASE_MS / 3 + 1);
    await until(() => failed.length === 1);
    assert.equal(lease.acting(), false);
    await renewed;
    assert.equal(lease.acting(), true);
    assert.equal(failed.length, 1);
  });

  it('[M8] released, it does not act any more and another node need not wait', async () => {
    const lease = await take();
    const room = await books.room(lease.id);
    await lease.release();
    assert.equal(lease.acting(), false);
    assert.ok((await leftMs(lease.id)) <= 0);
    const taken = await books.ledger.rounds.takeOver(await books.node(), room.roomId);
    assert.equal(taken?.fence, 2);
  });

  it('[M9] processes of this machine that are gone lose their leases at once; those that live, or are elsewhere, keep them', async () => {
    const gone = await neighbour(hostname(), NO_SUCH_PID);
    const reborn = await neighbour(hostname(), process.pid);
    const alive = await neighbour(hostname(), process.ppid);
    const elsewhere = await neighbour('another-machine', NO_SUCH_PID);
    const lease = await take();
    assert.ok((await leftMs(gone)) <= 0);
    assert.ok((await leftMs(reborn)) <= 0);
    assert.ok((await leftMs(alive)) > LEASE_MS);
    assert.ok((await leftMs(elsewhere)) > LEASE_MS);
    assert.equal(lease.liveNodes(), 3);
  });
});
