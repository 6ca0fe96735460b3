/** Random postings of every kind against a model in memory: players, currencies, rooms, repeats, stale owners. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { v4 as uuidv4, v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import type { Code } from '../../src/errors.ts';
import type { RoomId, UserId } from '../../src/ids.ts';
import {
  adjust,
  dividend,
  grant,
  type Posting,
  payout,
  purchase,
  rake,
  refund,
  sale,
  stake,
  type Table,
} from '../../src/ledger/postings.ts';
import type { OwnedRoom, WalletChange } from '../../src/ledger/types.ts';
import { type Books, openBooks, type Player } from './fixture.ts';
import { chosenSeed } from './model/run.ts';

const RUNS = 200;
const SECONDS = 6;
/** So many in any case, on however slow a machine. */
const MIN_RUNS = 8;
const LENGTH = { minLength: 15, maxLength: 40, size: 'max' } as const;
const START_BALANCE = 300;
const CURRENCIES = ['COIN', 'GEM'];
const PLAYERS = 3;

const OF_PLAYER = ['grant', 'purchase', 'sale', 'adjust up', 'adjust down'] as const;
const OF_TABLE = ['stake', 'payout', 'refund', 'rake', 'dividend'] as const;

const commands = fc.record({
  kind: fc.constantFrom(...OF_PLAYER, ...OF_TABLE, 'stake' as const, 'stake' as const),
  /** Few ids, so that many are sent again, by the same request or another. */
  id: fc.integer({ min: 0, max: 30 }),
  /** The players, by place, with amounts; only the first where there is one. */
  shares: fc.uniqueArray(
    fc.record({
      player: fc.integer({ min: 0, max: PLAYERS - 1 }),
      amount: fc.integer({ min: 1, max: 150 }),
    }),
    { selector: ({ player }) => player, minLength: 1, maxLength: PLAYERS },
  ),
  /** The currency, and so the room too. */
  at: fc.integer({ min: 0, max: CURRENCIES.length - 1 }),
  /** 1: as the owner before the last takeover. */
  stale: fc.constantFrom(0, 0, 0, 0, 1),
  /** Sent by so many at once, from two processes. */
  times: fc.constantFrom(1, 1, 2, 4),
  /** Not this, but the same again as so many commands before. */
  again: fc.option(fc.integer({ min: 1, max: 5 }), { freq: 2 }),
});
type Command = typeof commands extends fc.Arbitrary<infer T> ? T : never;

/** What the books should say. */
class Model {
  readonly balances = new Map<string, number>();
  readonly pots = CURRENCIES.map(() => 0);
  readonly made = new Map<number, { request: string; wallets: readonly WalletChange[] }>();

  balance(player: number, at: number): number {
    return this.balances.get(`${player} ${at}`) ?? (at === 0 ? START_BALANCE : 0);
  }

  /** What must come of a command that is sent for the first time: what it changes, or why it is refused. */
  outcome({ kind, shares, at, stale }: Command): Code | Map<string, number> {
    const changes = new Map<string, number>();
    const ofTable = (OF_TABLE as readonly string[]).includes(kind);
    if (ofTable && stale) return 'ROOM_MOVED';
    const sign = ['purchase', 'adjust down', 'stake'].includes(kind) ? -1 : 1;
    let sum = 0;
    for (const { player, amount } of ofTable ? shares : shares.slice(0, 1)) {
      sum += amount;
      if (kind === 'rake') break;
      const after = this.balance(player, at) + sign * amount;
      if (after < 0) return 'INSUFFICIENT_FUNDS';
      changes.set(`${player} ${at}`, after);
    }
    if (ofTable) {
      const pot = (this.pots[at] as number) - sign * sum;
      if (pot < 0) return 'INSUFFICIENT_FUNDS';
      changes.set('pot', pot);
    }
    return changes;
  }
}

describe('ledger/post, a model', function () {
  this.timeout(120_000);
  const seed = chosenSeed();
  let books: Books;
  before(async () => {
    books = await openBooks();
  });
  after(() => books.close());

  it(`[M1] [M2] [M3] [M5] [M8] random postings of all kinds do what the model says, however often they are sent (SEED=${seed})`, async () => {
    const seen = { runs: 0, commands: 0, made: 0, repeats: 0, refused: 0 };
    const { ledger } = await books.another();
    const senders = [books.ledger.postings, ledger.postings];
    const operator = await books.player();
    const deadline = performance.now() + SECONDS * 1_000;
    await fc.assert(
      fc.asyncProperty(fc.array(commands, LENGTH), async (all) => {
        if (seen.runs >= MIN_RUNS && performance.now() > deadline) return;
        const players = await books.players(PLAYERS, START_BALANCE);
        const tables: { now: Table; before: Table }[] = [];
        for (const currency of CURRENCIES) tables.push(await takenOver(currency));
        const model = new Model();
        const run = uuidv4();
        for (const [place, drawn] of all.entries()) {
          const command = all[place - (drawn.again ?? 0)] ?? drawn;
          seen.commands += 1;
          const wanted = posting(command, uuidv5(`${command.id}`, run), players, tables, operator);
          const { id, at } = command;
          const answers = await Promise.allSettled(
            Array.from({ length: drawn.times }, (_, i) =>
              (senders[i % 2] as (typeof senders)[number]).post(wanted),
            ),
          );
          const codes = answers.map((a) => (a.status === 'rejected' ? a.reason.code : 'OK'));
          const known = model.made.get(id);
          const expected = known
            ? known.request === wanted.hash
              ? new Map<string, number>()
              : 'BET_CONFLICT'
            : model.outcome(command);
          if (typeof expected === 'string') {
            assert.deepEqual(new Set(codes), new Set([expected]), command.kind);
            seen.refused += 1;
            continue;
          }
          assert.deepEqual(new Set(codes), new Set(['OK']), command.kind);
          const posted = answers.flatMap((a) => (a.status === 'fulfilled' ? [a.value] : []));
          assert.equal(posted.filter(({ first }) => first).length, known ? 0 : 1);
          for (const { wallets } of posted) {
            assert.deepEqual(wallets, known?.wallets ?? posted[0]?.wallets);
          }
          if (known) {
            seen.repeats += 1;
            continue;
          }
          seen.made += 1;
          model.made.set(id, { request: wanted.hash, wallets: posted[0]?.wallets ?? [] });
          for (const [what, value] of expected) {
            if (what === 'pot') model.pots[at] = value;
            else model.balances.set(what, value);
          }
        }
        await compare(model, players, tables);
        seen.runs += 1;
      }),
      { seed, numRuns: RUNS },
    );
    await books.closeOthers();
    await books.assertSound();
    console.log(`      ${JSON.stringify(seen)}`);
    assert.ok(seen.made > 0 && seen.repeats > 0 && seen.refused > 0);
  });

  /** A round in a room of its own that was taken over once, so that there is an owner whose fence is stale. */
  async function takenOver(currency: string): Promise<{ now: Table; before: Table }> {
    const { rounds } = books.ledger;
    const node = await books.node();
    const roomId = `room-${uuidv4()}` as RoomId;
    const first = await rounds.openRoom(node, roomId, 'crash', 'main', currency);
    const roundId = await books.round(first);
    await books.expire(node);
    const room = (await rounds.takeOver(await books.node(), roomId)) as OwnedRoom;
    return { now: { room, roundId }, before: { room: first, roundId } };
  }

  function posting(
    { kind, shares: chosen, at, stale }: Command,
    id: string,
    players: readonly Player[],
    tables: readonly { now: Table; before: Table }[],
    operator: Player,
  ): Posting {
    const shares = chosen.map(({ player, amount }) => ({
      userId: players[player]?.userId as UserId,
      amount,
    }));
    const [{ userId, amount } = { userId: 0 as UserId, amount: 0 }] = shares;
    const deal = { id, userId, currency: CURRENCIES[at] as string, amount };
    const table = tables[at]?.[stale ? 'before' : 'now'] as Table;
    const said = { reason: 'because', actorId: operator.userId };
    switch (kind) {
      case 'grant':
        return grant(deal);
      case 'purchase':
        return purchase(deal);
      case 'sale':
        return sale(deal);
      case 'adjust up':
        return adjust({ ...deal, ...said });
      case 'adjust down':
        return adjust({ ...deal, ...said, amount: -amount });
      case 'stake':
        return stake(id, table, shares);
      case 'payout':
        return payout(id, table, shares);
      case 'refund':
        return refund(id, table, shares);
      case 'rake':
        return rake(
          id,
          table,
          shares.slice(0, 1).reduce((sum, share) => sum + share.amount, 0),
        );
      case 'dividend':
        return dividend(id, table, shares)[0] as Posting;
    }
  }

  /** Balances, pots and escrows; then every pot is raked and every round closed. */
  async function compare(
    model: Model,
    players: readonly Player[],
    tables: readonly { now: Table }[],
  ): Promise<void> {
    for (const [at, currency] of CURRENCIES.entries()) {
      for (const [place, { userId }] of players.entries()) {
        const sql = 'SELECT balance FROM wallets WHERE user_id = $1 AND currency = $2';
        const [wallet] = await books.rows<{ balance: number }>(sql, [userId, currency]);
        assert.equal(wallet?.balance ?? 0, model.balance(place, at), `${place} ${currency}`);
      }
      const { now: table } = tables[at] as { now: Table };
      const pot = model.pots[at] as number;
      assert.equal(await books.balance(table.room.escrowId), pot);
      if (pot > 0) await books.ledger.postings.post(rake(uuidv7(), table, pot));
      await books.settle(table.room, table.roundId, null);
    }
  }
});
