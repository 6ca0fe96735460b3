import assert from 'node:assert/strict';
import { v7 as uuidv7 } from 'uuid';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import type { NodeId } from '../../src/ids.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { LEASE_MS, takeLease } from '../../src/live/lease.ts';
import { type Books, bet, cashOut, openBooks, type Player, silent } from '../ledger/fixture.ts';
import { type ByteProxy, type Harm, type Side, startByteProxy } from '../support/byte-proxy.ts';

/** Every so many bytes a cut; 1 is every byte. */
const STRIDE = Number(process.env.CUT_STRIDE ?? 1);
/** Which of the positions of a stride above 1 are taken, so that several runs cover all. */
const OFFSET = Number(process.env.CUT_OFFSET ?? Math.floor(Math.random() * STRIDE));
/** Ledgers that are harmed at the same time, each behind a proxy of its own. */
const LANES = 8;
const AUDIT_EVERY = 400;
/** Starting up again, the password and the first parse: fewer positions, as a connection does it once. */
const COLD_STRIDE = STRIDE * 17;
/** A grant is three statements, of which two only read. */
const POST_STRIDE = STRIDE * 2;
/** A silent connection is given up after 8 s, and a transaction that it left open after 15 s. */
const SILENT_BOUND_MS = 30_000;

interface Lane {
  readonly proxy: ByteProxy;
  readonly db: Database;
  readonly ledger: Ledger;
}

/** One call of the ledger that is made with a harm in its way, and how it must stand afterwards. */
interface Call {
  readonly run: (ledger: Ledger) => Promise<unknown>;
  readonly check: (answer: unknown) => Promise<void>;
}

describe('ledger behind a network that breaks at every byte', function () {
  this.timeout(600_000);
  let books: Books;
  /** A process has one: its batches are of one node. */
  let node: NodeId;
  const lanes: Lane[] = [];
  const figures: Record<string, { cuts: number; bytes: number; mostMs: number }> = {};

  before(async () => {
    books = await openBooks();
    node = await books.node();
    for (let index = 0; index < LANES; index++) {
      const proxy = await startByteProxy(books.db.url);
      const db = await openDatabase(proxy.url, { poolSize: 1, logger: silent });
      lanes.push({ proxy, db, ledger: books.ledgerOn(db) });
    }
  });
  afterEach(() => books.assertSound());
  after(async () => {
    for (const { proxy, db } of lanes) {
      proxy.drop();
      await db.close();
      await proxy.close();
    }
    await books.close();
    console.log(`        stride ${STRIDE} from byte ${OFFSET} (CUT_STRIDE, CUT_OFFSET)`);
    for (const [name, { cuts, bytes, mostMs }] of Object.entries(figures)) {
      console.log(
        `        ${name}: ${cuts} harms over ${bytes} bytes, answered after at most ${mostMs.toFixed()} ms`,
      );
    }
  });

  const stakes = (betId: string) => books.count('transactions', 'bet_id = $1', [betId]);

  async function table() {
    const room = await books.room(node);
    return { room, roundId: await books.round(room) };
  }

  /** A table and a player of one lane's own, so that lanes disturb each other as little as they may. */
  const calls: Record<string, () => Promise<() => Promise<Call>>> = {
    async place_bets() {
      const at = await table();
      const player = await books.player(1_000_000_000);
      return async () => {
        const placing = bet(at, player, 7, { autoCashout: 150 });
        const before = await books.balance(player);
        return {
          run: (ledger) => ledger.placeBet(placing),
          async check(answer) {
            const row = await books.row<object>(
              `SELECT b.id AS "betId", b.status, t.balance_after AS balance, t.seq FROM bets b
               JOIN transactions t ON t.bet_id = b.id WHERE b.id = $1`,
              [placing.betId],
            );
            const { betId, status, balance, seq, first } = answer as Record<string, unknown>;
            assert.deepEqual({ betId, status, balance, seq }, row);
            assert.deepEqual([first, balance], [true, before - 7]);
            assert.equal(await stakes(placing.betId), 1);
            assert.equal(await books.balance(player), before - 7);
          },
        };
      };
    },
    async resolve_bets() {
      const at = await table();
      const player = await books.player(1_000_000_000);
      return async () => {
        const placing = bet(at, player, 10);
        const { balance: before } = await books.ledger.placeBet(placing);
        return {
          run: (ledger) => ledger.resolveBet(cashOut(placing, 150)),
          async check(answer) {
            const { first, status, payout, balance } = answer as Record<string, unknown>;
            assert.deepEqual(
              [first, status, payout, balance],
              [true, 'cashed', 15, before + 15],
              JSON.stringify(answer),
            );
            assert.equal(await stakes(placing.betId), 2);
            assert.equal(await books.balance(player), before + 15);
          },
        };
      };
    },
    async close_round() {
      const room = await books.room(node);
      const player = await books.player(1_000_000_000);
      let number = 0;
      return async () => {
        number += 1;
        const roundId = await books.round(room, number);
        const placing = bet({ room, roundId }, player, 10);
        await books.ledger.placeBet(placing);
        await books.lockAndEnd(room, roundId, 120);
        await books.ledger.resolveAll([
          { ...cashOut(placing, 0), status: 'lost', by: 'outcome', payout: 0 },
        ]);
        return {
          run: (ledger) => ledger.rounds.close(room, roundId),
          async check(answer) {
            assert.deepEqual(answer, { phase: 'settled', betCount: 1, staked: 10, paid: 0 });
            const settles = "round_id = $1 AND category = 'settle'";
            assert.equal(await books.count('transactions', settles, [roundId]), 2);
            assert.equal(await books.balance(room.escrowId), 0);
          },
        };
      };
    },
    async post() {
      const player = await books.player(100);
      return async () => {
        const postingId = uuidv7();
        const before = await books.balance(player);
        return {
          run: (ledger) => ledger.grant(player.userId, 3, postingId, 'a present'),
          async check(answer) {
            assert.equal((answer as { balance: number }).balance, before + 3);
            assert.equal(await books.count('transactions', 'posting_id = $1', [postingId]), 2);
            assert.equal(await books.balance(player), before + 3);
          },
        };
      };
    },
  };

  /** So that what is counted and cut are the messages of the call alone: a connection is there and has been used. */
  async function warmUp(lane: Lane, next: () => Promise<Call>): Promise<void> {
    lane.proxy.arm(null);
    const call = await next();
    await call.check(await call.run(lane.ledger));
  }

  async function suffer(lane: Lane, next: () => Promise<Call>, harm: Harm, name: string) {
    const call = await next();
    lane.proxy.arm(harm);
    const startedAt = performance.now();
    const where = `${name}: ${harm.how} after ${harm.after} bytes of the ${harm.side}`;
    const answer = await call.run(lane.ledger).catch((error) => {
      throw new Error(where, { cause: error });
    });
    const tookMs = performance.now() - startedAt;
    assert.ok(lane.proxy.harmed, `nothing happened: ${where}`);
    await call.check(answer).catch((error) => {
      throw new Error(where, { cause: error });
    });
    figures[name] ??= { cuts: 0, bytes: 0, mostMs: 0 };
    const figure = figures[name];
    figure.cuts += 1;
    figure.mostMs = Math.max(figure.mostMs, tookMs);
    if (figure.cuts % AUDIT_EVERY === 0) await books.assertSound();
  }

  /** How many bytes the call is, each way. */
  async function measure(kind: string, cold: boolean): Promise<Record<Side, number>> {
    const [lane] = lanes as [Lane];
    const next = await (calls[kind] as () => Promise<() => Promise<Call>>)();
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

  async function cutEverywhere(kind: string, cold: boolean): Promise<void> {
    const bytes = await measure(kind, cold);
    const stride = cold ? COLD_STRIDE : kind === 'post' ? POST_STRIDE : STRIDE;
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
        const next = await (calls[kind] as () => Promise<() => Promise<Call>>)();
        for (let harm = harms.pop(); harm; harm = harms.pop()) {
          if (cold) await hangUp(lane);
          else await warmUp(lane, next);
          await suffer(lane, next, harm, name);
        }
      }),
    );
    (figures[name] as { bytes: number }).bytes = bytes.request + bytes.answer;
  }

  for (const kind of Object.keys(calls)) {
    it(`[M5] (bug 3) ${kind} takes effect once and is answered, wherever its messages are cut`, () =>
      cutEverywhere(kind, false));
  }

  it('[M5] place_bets takes effect once, wherever a new connection is cut', () =>
    cutEverywhere('place_bets', true));

  it('[M5] every kind of call outlives lost answers and delays', async () => {
    await Promise.all(
      lanes.map(async (lane, index) => {
        for (const prepare of Object.values(calls)) {
          const next = await prepare();
          for (const how of ['lose', 'delay'] as const) {
            await warmUp(lane, next);
            const harm: Harm = { side: 'request', after: index * 20, how, delayMs: index * 40 };
            await suffer(lane, next, harm, 'lost answers and delays');
          }
        }
      }),
    );
  });

  it('[M5] a connection that falls silent is given up in time, and its locks with it', async () => {
    // Half-open: neither end ever hears of the other again, wherever in the messages that is.
    const sizes = await measure('place_bets', false);
    const points: [Side, number][] = [
      ['request', 0],
      ['request', Math.floor(sizes.request / 2)],
      // All but the Sync, which is 5 bytes: the bet is taken and not committed, its locks are held.
      ['request', sizes.request - 5],
      ['request', sizes.request - 1],
      ['answer', 0],
      ['answer', Math.floor(sizes.answer / 2)],
      ['answer', sizes.answer - 6],
      ['answer', sizes.answer - 1],
    ];
    await Promise.all(
      points.map(async ([side, after], index) => {
        const lane = lanes[index % LANES] as Lane;
        const next = await (calls.place_bets as () => Promise<() => Promise<Call>>)();
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
            assert.equal(error.code, 'BUSY', `${side} ${after}: ${error}`);
          });
          assert.ok(performance.now() - startedAt < SILENT_BOUND_MS, `${side} ${after}`);
        }
        assert.ok(lane.proxy.harmed);
        const first = asked === 1 ? answer : { ...(answer as object), first: true };
        await call.check(first);
        const mostMs = Math.max(figures.silence?.mostMs ?? 0, performance.now() - startedAt);
        figures.silence = { cuts: (figures.silence?.cuts ?? 0) + 1, bytes: 0, mostMs };
      }),
    );
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
    const shared = await table();
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
});
