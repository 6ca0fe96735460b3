import assert from 'node:assert/strict';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import type { NodeId } from '../../src/ids.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { LEASE_MS, takeLease } from '../../src/live/lease.ts';
import { type Books, bet, cashOut, openBooks, type Player, silent } from '../ledger/fixture.ts';
import { type ByteProxy, type Harm, type Side, startByteProxy } from '../support/byte-proxy.ts';
import { type Calls, callsOf, KINDS, type Kind } from './cut-calls.ts';

/** Every so many bytes a cut; 1 is every byte. */
const STRIDE = Number(process.env.CUT_STRIDE ?? 1);
/** Which of the positions of a stride above 1 are taken, so that several runs cover all. */
const OFFSET = Number(process.env.CUT_OFFSET ?? Math.floor(Math.random() * STRIDE));
/** Ledgers that are harmed at the same time, each behind a proxy of its own. */
const LANES = 8;
const AUDIT_EVERY = 400;
/** What a run without a stride makes, at least. */
const ENOUGH_CUTS = 2_000;
/** Positions of each kind of call at which a whole answer is lost, and at which a message is held up, in each lane. */
const POSITIONS = 4;
/** By so many bytes, at most, one answer may be shorter than another. */
const SHORTER = 8;
/** Starting up again, the password and the first parse: fewer positions, as a connection does it once. */
const COLD_STRIDE = STRIDE * 17;
/** A silent connection is given up after 8 s, and a transaction that it left open after 15 s. */
const SILENT_BOUND_MS = 30_000;

interface Lane {
  readonly proxy: ByteProxy;
  readonly db: Database;
  readonly ledger: Ledger;
}

describe('ledger behind a network that breaks at every byte', function () {
  this.timeout(600_000);
  let books: Books;
  /** A process has one: its batches are of one node. */
  let node: NodeId;
  let calls: ReturnType<typeof callsOf>;
  const lanes: Lane[] = [];
  /** `held` were only held up, and not cut. */
  const figures: Record<string, { cuts: number; held: number; bytes: number; mostMs: number }> = {};

  before(async () => {
    books = await openBooks();
    node = await books.node();
    calls = callsOf(books, node);
    for (let index = 0; index < LANES; index++) lanes.push(await openLane());
  });
  afterEach(() => books.assertSound());
  after(async () => {
    for (const lane of lanes) await closeLane(lane);
    await books.close();
    console.log(
      `        ${cuts()} cut calls, each took effect once; stride ${STRIDE} from byte ${OFFSET} (CUT_STRIDE, CUT_OFFSET)`,
    );
    for (const [name, { cuts: some, bytes, mostMs }] of Object.entries(figures)) {
      console.log(
        `        ${name}: ${some} harms over ${bytes} bytes, answered after at most ${mostMs.toFixed()} ms`,
      );
    }
  });

  const cuts = () =>
    Object.values(figures).reduce((sum, { cuts: some, held }) => sum + some - held, 0);

  async function openLane(): Promise<Lane> {
    const proxy = await startByteProxy(books.db.url);
    const db = await openDatabase(proxy.url, { poolSize: 1, logger: silent });
    return { proxy, db, ledger: books.ledgerOn(db) };
  }

  async function closeLane({ proxy, db }: Lane): Promise<void> {
    proxy.drop();
    await db.close();
    await proxy.close();
  }

  /** So that what is counted and cut are the messages of the call alone: a connection is there and has been used. */
  async function warmUp(lane: Lane, next: Calls): Promise<void> {
    lane.proxy.arm(null);
    const call = await next();
    await call.check(await call.run(lane.ledger));
  }

  async function suffer(lane: Lane, next: Calls, harm: Harm, name: string) {
    const call = await next();
    lane.proxy.arm(harm);
    const startedAt = performance.now();
    const where = `${name}: ${harm.how} after ${harm.after} bytes of the ${harm.side}`;
    const answer = await call.run(lane.ledger).catch((error) => {
      throw new Error(where, { cause: error });
    });
    const tookMs = performance.now() - startedAt;
    await call.check(answer).catch((error) => {
      throw new Error(where, { cause: error });
    });
    if (!lane.proxy.harmed) return assertShorter(lane, harm, where);
    const figure = count(name, tookMs);
    if (harm.how === 'delay') figure.held += 1;
    if (figure.cuts % AUDIT_EVERY === 0) await books.assertSound();
  }

  /** A time whose microseconds end with 0 is written with fewer digits, so an answer may end before its last bytes. */
  function assertShorter({ proxy }: Lane, { side, after }: Harm, where: string): void {
    const missing = after - proxy.passed[side];
    assert.ok(missing >= 0 && missing < SHORTER, `nothing happened: ${where}`);
  }

  function count(name: string, tookMs: number) {
    figures[name] ??= { cuts: 0, held: 0, bytes: 0, mostMs: 0 };
    const figure = figures[name];
    figure.cuts += 1;
    figure.mostMs = Math.max(figure.mostMs, tookMs);
    return figure;
  }

  /** How many bytes the call is, each way. */
  async function measure(kind: Kind, cold: boolean): Promise<Record<Side, number>> {
    const [lane] = lanes as [Lane];
    const next = await calls[kind]();
    await warmUp(lane, next);
    if (cold) await hangUp(lane);
    const call = await next();
    lane.proxy.arm(null);
    await call.check(await call.run(lane.ledger));
    return { ...lane.proxy.passed };
  }

  async function hangUp({ proxy, db }: Lane): Promise<void> {
    proxy.drop();
    while (db.pool.totalCount > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  async function cutEverywhere(kind: Kind, cold: boolean): Promise<void> {
    const bytes = await measure(kind, cold);
    const stride = cold ? COLD_STRIDE : STRIDE;
    const harms: Harm[] = [];
    for (const side of ['request', 'answer'] as const) {
      for (let after = OFFSET; after < bytes[side]; after += stride) {
        const how = after % 4 < 2 ? 'reset' : 'close';
        harms.push({ side, after, how });
      }
    }
    const name = cold ? `${kind} on a new connection` : kind;
    await Promise.all(
      lanes.map(async (lane) => {
        const next = await calls[kind]();
        for (let harm = harms.pop(); harm; harm = harms.pop()) {
          if (cold) await hangUp(lane);
          else await warmUp(lane, next);
          await suffer(lane, next, harm, name);
        }
      }),
    );
    (figures[name] as { bytes: number }).bytes = bytes.request + bytes.answer;
  }

  for (const kind of KINDS) {
    it(`[M5] [Bug 3] ${kind} takes effect once and is answered, wherever its messages are cut`, () =>
      cutEverywhere(kind, false));
  }

  it('[M5] place_bets takes effect once, wherever a new connection is cut', () =>
    cutEverywhere('place_bets', true));

  it('[M5] every kind of call outlives lost answers and delays', async () => {
    for (const kind of KINDS) {
      const { request } = await measure(kind, false);
      await Promise.all(
        lanes.map(async (lane, index) => {
          const next = await calls[kind]();
          for (let position = 0; position < POSITIONS; position++) {
            const after = Math.floor((request * (position * LANES + index)) / (POSITIONS * LANES));
            for (const how of ['lose', 'delay'] as const) {
              await warmUp(lane, next);
              const harm: Harm = { side: 'request', after, how, delayMs: index * 40 };
              await suffer(lane, next, harm, 'lost answers and delays');
            }
          }
        }),
      );
    }
  });

  it('[M5] a connection that falls silent is given up in time, and its locks with it', async () => {
    // Half-open: neither end ever hears of the other again, wherever in the messages that is.
    const points: [kind: Kind, side: Side, after: number][] = [];
    for (const kind of KINDS) {
      const sizes = await measure(kind, false);
      points.push(
        [kind, 'request', 0],
        [kind, 'request', Math.floor(sizes.request / 2)],
        // All but the Sync, which is 5 bytes: the effect is there and not committed, its locks are held.
        [kind, 'request', sizes.request - 5],
        [kind, 'request', sizes.request - 1],
        [kind, 'answer', 0],
        [kind, 'answer', Math.floor(sizes.answer / 2)],
        [kind, 'answer', sizes.answer - 6],
        [kind, 'answer', sizes.answer - 1],
      );
    }
    // All at once, for each takes as long as it takes to give a connection up.
    const silenced = await Promise.all(points.map(() => openLane()));
    try {
      await Promise.all(
        points.map(([kind, side, after], index) =>
          silence(silenced[index] as Lane, kind, side, after),
        ),
      );
    } finally {
      for (const lane of silenced) await closeLane(lane);
    }
  });

  async function silence(lane: Lane, kind: Kind, side: Side, after: number): Promise<void> {
    const where = `${kind}: silence after ${after} bytes of the ${side}`;
    const next = await calls[kind]();
    await warmUp(lane, next);
    const call = await next();
    const startedAt = performance.now();
    lane.proxy.arm({ side, after, how: 'silence' });
    let answer: unknown;
    let asked = 0;
    // As a client does: BUSY is an answer that says to ask again with the same id.
    while (answer === undefined) {
      asked += 1;
      answer = await call.run(lane.ledger).catch((error) => {
        assert.equal(error.code, 'BUSY', `${where}: ${error}`);
      });
      assert.ok(performance.now() - startedAt < SILENT_BOUND_MS, where);
    }
    // The first answer was lost with the connection; who asked again is told that it was not the first.
    const isRepeat = asked > 1 && 'first' in (answer as object);
    await call.check(isRepeat ? { ...(answer as object), first: true } : answer);
    if (!lane.proxy.harmed) return assertShorter(lane, { side, after, how: 'silence' }, where);
    count('silence', performance.now() - startedAt);
  }

  it('[M5] payouts to one player whose common answer was lost are each told with their own balance', async () => {
    const [lane] = lanes as [Lane];
    const room = await books.room(node);
    const at = { room, roundId: await books.round(room) };
    const player = await books.player(1_000);
    const placed = [bet(at, player, 10), bet(at, player, 20), bet(at, player, 30)];
    for (const each of placed) await books.ledger.placeBet(each);
    await warmUp(lane, await calls.resolve_bets());
    lane.proxy.arm({ side: 'request', after: 0, how: 'lose' });
    const told = await Promise.all(
      placed.map((each) => lane.ledger.resolveBet(cashOut(each, 150))),
    );
    assert.ok(lane.proxy.harmed);
    const booked = await books.rows<object>(
      `SELECT bet_id AS "betId", balance_after AS balance, seq FROM transactions
       WHERE bet_id = ANY ($1::uuid[]) AND amount > 0 ORDER BY seq`,
      [placed.map(({ betId }) => betId)],
    );
    const byWallet = told.toSorted((a, b) => a.seq - b.seq);
    assert.deepEqual(
      byWallet.map(({ betId, balance, seq }) => ({ betId, balance, seq })),
      booked,
    );
    assert.ok(told.every(({ first }) => first));
  });

  it('[M8] a node keeps its lease when the connection of a renewal falls silent', async () => {
    const [lane] = lanes as [Lane];
    const lease = await takeLease(lane.db, undefined, silent);
    let renewals = 0;
    lease.onRenewed(() => {
      renewals += 1;
    });
    try {
      lane.proxy.arm({ side: 'answer', after: 0, how: 'silence' });
      const deadline = performance.now() + 2 * LEASE_MS;
      while (!lane.proxy.harmed || renewals < 2) {
        assert.ok(lease.acting(), 'it stopped acting');
        assert.ok(performance.now() < deadline, 'it was not renewed');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    } finally {
      await lease.release();
    }
  });

  it('[M5] a player that several lanes serve at once is charged for each bet once', async () => {
    const room = await books.room(node);
    const shared = { room, roundId: await books.round(room) };
    const player: Player = await books.player(1_000_000);
    let sent = 0;
    await Promise.all(
      lanes.map(async (lane, index) => {
        for (let after = index; after < 400; after += LANES * 2) {
          lane.proxy.arm({ side: after % 3 ? 'request' : 'answer', after, how: 'reset' });
          const placed = await lane.ledger.placeBet(bet(shared, player, 10));
          assert.equal(placed.first, true);
          sent += 1;
        }
      }),
    );
    assert.equal(await books.balance(player), 1_000_000 - sent * 10);
    assert.equal(await books.count('bets', 'round_id = $1', [shared.roundId]), sent);
  });

  if (STRIDE === 1) {
    it(`[M5] that was more than ${ENOUGH_CUTS} cuts`, () => {
      assert.ok(cuts() >= ENOUGH_CUTS, `${cuts()}`);
    });
  }
});
