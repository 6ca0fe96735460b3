import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { CHAIN_LENGTH, type Seed, SeedChain, seedsOf } from '../../src/fairness/chain.ts';
import { drawFrom, sha256 } from '../../src/fairness/stream.ts';
import { verifyRound } from '../../src/fairness/verifier.ts';
import type { RoundId } from '../../src/ids.ts';
import { History } from '../../src/ledger/history.ts';
import type { OwnedRoom } from '../../src/ledger/types.ts';
import { faulty } from '../ledger/faulty.ts';
import { type Books, bet, code, crash, openBooks } from '../ledger/fixture.ts';

const SECRET = 'a secret of this node that no table holds: 7f3a';

describe('fairness/chain', () => {
  let books: Books;
  let room: OwnedRoom;

  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());
  beforeEach(async () => {
    room = await books.room();
  });

  const chainOf = (owner: OwnedRoom, secret = SECRET, pool = books.db.pool) =>
    new SeedChain(pool, secret, owner);

  async function openWith(seed: Seed, number: number): Promise<RoundId> {
    const id = uuidv7() as RoundId;
    await books.ledger.rounds.open(room, {
      id,
      number,
      payTableVersion: 1,
      chainId: seed.chainId,
      chainIndex: seed.index,
      commitment: seed.commitment,
    });
    return id;
  }

  it('[F1] h(i-1) is SHA-256 of h(i), all the way from the head', () => {
    const head = randomBytes(32);
    const seeds = seedsOf(head, 50);
    const at = (i: number) => seeds.subarray(32 * i, 32 * i + 32);
    assert.equal(seeds.length, 51 * 32);
    assert.deepEqual(at(50), head);
    for (let i = 1; i <= 50; i++) assert.deepEqual(at(i - 1), sha256(at(i)));
  });

  it('[F1] its end and a salt are in the books before the first seed is given out', async () => {
    const chain = chainOf(room);
    assert.equal(await books.count('fairness_chains', 'room_id = $1', [room.roomId]), 0);
    const first = await chain.next();
    const stored = await books.row<{
      id: string;
      commitment: string;
      salt: string;
      length: number;
    }>('SELECT id, commitment, salt, length FROM fairness_chains WHERE room_id = $1', [
      room.roomId,
    ]);
    assert.deepEqual(stored, {
      id: first.chainId,
      commitment: sha256(first.seed).toString('hex'),
      salt: first.salt.toString('hex'),
      length: CHAIN_LENGTH,
    });
    assert.equal(first.salt.length, 32);
  });

  it('[M8] a room that was taken over gets no chain from its old owner', async () => {
    const stale = chainOf(room);
    await books.expire(room.nodeId);
    await books.ledger.rounds.takeOver(await books.node(), room.roomId);
    await assert.rejects(stale.next(), code('ROOM_MOVED'));
    assert.equal(await books.count('fairness_chains', 'room_id = $1', [room.roomId]), 0);
  });

  it('[F1] each seed hashes to the one before it, and its commitment says so beforehand', async () => {
    const chain = chainOf(room);
    let before: Seed | undefined;
    for (let i = 1; i <= 20; i++) {
      const seed = await chain.next();
      assert.equal(seed.index, i);
      assert.equal(seed.commitment, sha256(seed.seed).toString('hex'));
      if (before) assert.equal(seed.commitment, before.seed.toString('hex'));
      before = seed;
    }
  });

  it('[F1] a chain that is used up is followed by another, published in its turn', async () => {
    const chain = chainOf(room);
    const first = await chain.next();
    let last = first;
    for (let i = 2; i <= CHAIN_LENGTH; i++) last = await chain.next();
    assert.deepEqual([last.chainId, last.index], [first.chainId, CHAIN_LENGTH]);
    const next = await chain.next();
    assert.notEqual(next.chainId, first.chainId);
    assert.equal(next.index, 1);
    assert.notDeepEqual(next.salt, first.salt);
    const stored = 'id = $1 AND commitment = $2';
    assert.equal(await books.count('fairness_chains', stored, [next.chainId, next.commitment]), 1);
  });

  it('[F1] a room that starts anew, with the same secret, starts a new chain: no seed is used twice', async () => {
    const [one, two] = [await chainOf(room).next(), await chainOf(room).next()];
    assert.notEqual(one.chainId, two.chainId);
    assert.notDeepEqual(one.seed, two.seed);
    assert.notDeepEqual(one.salt, two.salt);
  });

  it('[F1] two seeds asked for at once are two seeds', async () => {
    const chain = chainOf(room);
    const seeds = await Promise.all([chain.next(), chain.next(), chain.next()]);
    assert.equal(new Set(seeds.map(({ seed }) => seed.toString('hex'))).size, 3);
  });

  it('[F1] [Bug 9] no seed that is not revealed, nor the secret, is in any table while a round runs', async () => {
    const player = await books.player(100);
    const chain = chainOf(room);
    // One round to its end, so that the dump is seen to find a seed that is there.
    const past = await chain.next();
    const pastRound = await openWith(past, 1);
    await books.ledger.rounds.lock(room, pastRound);
    await books.ledger.rounds.end(room, pastRound, { crashPoint: 150 }, past.seed.toString('hex'));
    await books.ledger.rounds.close(room, pastRound);

    const running = await chain.next();
    const roundId = await openWith(running, 2);
    await books.ledger.placeBet(bet({ room, roundId }, player, 10, { autoCashout: 150 }));
    const whileBetting = await dump();
    await books.ledger.rounds.lock(room, roundId);
    const whileRunning = await dump();

    const unrevealed = [running];
    for (let i = running.index + 1; i <= CHAIN_LENGTH; i++) unrevealed.push(await chain.next());
    assert.equal(unrevealed.at(-1)?.index, CHAIN_LENGTH);
    for (const text of [whileBetting, whileRunning]) {
      assert.ok(spellings(past.seed).some((spelling) => text.includes(spelling)));
      assert.ok(text.includes(running.commitment));
      assert.ok(!text.includes(SECRET));
      for (const { seed } of unrevealed) {
        for (const spelling of spellings(seed)) assert.ok(!text.includes(spelling));
      }
    }
    // A void round's seed stays where it is.
    await books.settle(room, roundId, null);
    const afterwards = await dump();
    for (const spelling of spellings(running.seed)) assert.ok(!afterwards.includes(spelling));
  });

  it('[F1] [F6] the proof shows no seed and no outcome before the end, and all that a stranger needs after it', async () => {
    const history = new History(books.db.pool);
    const chain = chainOf(room);
    for (let number = 1; number <= 3; number++) {
      const { seed, salt, ...published } = await chain.next();
      const roundId = await openWith({ seed, salt, ...published }, number);
      const outcome = crash.draw(drawFrom(seed, salt, roundId));
      for (const step of [async () => {}, () => books.ledger.rounds.lock(room, roundId)]) {
        await step();
        const proof = await history.proof(roundId);
        assert.deepEqual([proof.seed, proof.outcome], [null, null]);
        assert.equal(proof.commitment, published.commitment);
        assert.equal((await verifyRound(proof)).ok, false);
      }
      await books.ledger.rounds.end(room, roundId, outcome, seed.toString('hex'));
      const proof = await history.proof(roundId);
      assert.deepEqual(proof.outcome, outcome);
      const { ok, steps } = await verifyRound(proof);
      assert.ok(ok, JSON.stringify(steps));
      await books.ledger.rounds.close(room, roundId);
    }
  });

  for (const fault of ['before', 'after'] as const) {
    it(`[M5] a chain is begun once when the connection is lost ${fault} it is stored`, async () => {
      const db = faulty(books.db, /INSERT INTO fairness_chains/, [fault]);
      const first = await chainOf(room, SECRET, db.pool).next();
      assert.equal(await books.count('fairness_chains', 'room_id = $1', [room.roomId]), 1);
      await openWith(first, 1);
    });
  }

  /** Every row of every table, as text. */
  async function dump(): Promise<string> {
    const tables = await books.rows<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
       WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'`,
    );
    assert.ok(tables.length > 20);
    const texts = [];
    for (const { name } of tables) {
      const rows = await books.rows<{ line: string }>(`SELECT x::text AS line FROM ${name} x`);
      texts.push(...rows.map(({ line }) => line));
    }
    return texts.join('\n');
  }

  /** The ways in which 32 bytes might be written. */
  function spellings(seed: Buffer): string[] {
    const hex = seed.toString('hex');
    const base64 = seed.toString('base64').replaceAll('=', '');
    return [
      hex,
      hex.toUpperCase(),
      base64,
      seed.toString('base64url'),
      BigInt(`0x${hex}`).toString(),
    ];
  }
});
