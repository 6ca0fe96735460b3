/**
 * The ledger's battery in parts, each of which can be held against any books: it does what its test file does, at a small
 * size, and throws when something is not as it must be.
 */
import assert from 'node:assert/strict';
import { audit } from '../../src/ledger/audit.ts';
import { crowd, noticeDeadlocksAtOnce } from './contention.ts';
import { type Books, bet, cashOut, code } from './fixture.ts';
import { playHistories, playSequences } from './model/run.ts';
import { assertAllRefused, ownersScene } from './stale-owner.ts';

const SEQUENCES = 12;
const HISTORIES = 20;
const SHOWN_LENGTH = 120;

export type Part = (books: Books, seed: number) => Promise<void>;

export const BATTERY = {
  async 'model, in sequence'(books, seed) {
    await playSequences(books, { seed, runs: SEQUENCES, shrink: false });
  },

  async 'model, at once'(books, seed) {
    await playHistories(books, { seed, runs: HISTORIES, shrink: false });
  },

  async 'locks: deadlocks are counted'(books, seed) {
    await noticeDeadlocksAtOnce(books);
    const { deadlocks, errors } = await crowd(books, seed);
    assert.equal(deadlocks, 0, `${deadlocks} deadlocks, ${errors.length} processes failed`);
    assert.deepEqual(errors, []);
  },

  async 'locks: deadlocks are not retried'(books, seed) {
    await noticeDeadlocksAtOnce(books);
    const { errors } = await crowd(books, seed, { retried: false });
    assert.equal(
      errors.length,
      0,
      `${errors.length} processes failed, the first with ${errors[0]}`,
    );
  },

  async 'stopped owner: another node took its room'(books) {
    const scene = await ownersScene(books);
    await books.expire(scene.node);
    await books.ledger.rounds.takeOver(await books.node(), scene.room.roomId);
    await books.renew(scene.node);
    await assertAllRefused(books, scene, scene.room, 'ROOM_MOVED');
  },

  async 'stopped owner: its own node took its room again'(books) {
    const scene = await ownersScene(books);
    await books.ledger.rounds.takeOver(scene.node, scene.room.roomId);
    await assertAllRefused(books, scene, scene.room, 'ROOM_MOVED');
  },

  async 'exactly once'(books) {
    const table = await books.table();
    const player = await books.player(1_000);
    const placing = bet(table, player, 30);
    await books.ledger.placeBet(placing);
    assert.equal((await books.ledger.placeBet(placing)).first, false);
    const other = books.ledger.placeBet({ ...placing, amount: 31 });
    await assert.rejects(other, code('BET_CONFLICT'));
    await books.ledger.resolveBet(cashOut(placing, 200));
    assert.equal((await books.ledger.resolveBet(cashOut(placing, 200))).first, false);
    const id = crypto.randomUUID();
    await books.ledger.grant(player.userId, 5, id, 'a present');
    const more = books.ledger.grant(player.userId, 6, id, 'a present');
    await assert.rejects(more, code('BET_CONFLICT'));
    assert.equal(await books.balance(player), 1_035);
  },

  async 'many of one wallet in one batch'(books) {
    const table = await books.table();
    const player = await books.player(100);
    const bets = [10, 20, 30].map((amount) => bet(table, player, amount));
    await Promise.all(bets.map((b) => books.ledger.placeBet(b)));
    assert.equal(await books.balance(player), 40);
    await Promise.all(bets.map((b) => books.ledger.resolveBet(cashOut(b, 200))));
    assert.equal(await books.balance(player), 160);
  },

  async 'the schema itself: one stake and one resolution'(books) {
    const placing = bet(await books.table(), await books.player(100), 50);
    await books.ledger.placeBet(placing);
    await books.ledger.resolveBet(cashOut(placing, 200));
    // As a statement would do it that knows nothing of the functions: sound but for the bet, which is paid twice.
    const again = books.rows(
      `WITH posted AS (INSERT INTO postings (id, category) VALUES (gen_random_uuid(), 'resolve') RETURNING id),
         paid AS (UPDATE wallets w SET balance = w.balance + t.amount * sign.of, seq = w.seq + 1
           FROM (VALUES (1, true), (-1, false)) AS sign (of, player),
             (SELECT amount, round_id FROM transactions WHERE bet_id = $1 AND amount > 0) t
           WHERE w.id = CASE WHEN sign.player THEN $2::bigint ELSE $3::bigint END
           RETURNING w.id, w.seq, w.balance, t.amount * sign.of AS amount, t.round_id, sign.player)
       INSERT INTO transactions (wallet_id, seq, amount, category, balance_after, posting_id, bet_id, round_id)
       SELECT p.id, p.seq, p.amount, 'cashout', p.balance, posted.id, CASE WHEN p.player THEN $1::uuid END, p.round_id
       FROM paid p, posted`,
      [placing.betId, placing.walletId, placing.room.escrowId],
    );
    await assert.rejects(again, { constraint: /one_stake_one_resolution/ });
  },

  async 'the schema itself: a resolved bet does not change'(books) {
    const placing = bet(await books.table(), await books.player(100), 50);
    await books.ledger.placeBet(placing);
    await books.ledger.resolveBet(cashOut(placing, 200));
    const again = books.rows('UPDATE bets SET payout = payout + 1 WHERE id = $1', [placing.betId]);
    await assert.rejects(again, /resolved once and for all/);
  },
} satisfies Record<string, Part>;

export type PartName = keyof typeof BATTERY;

/** What a part of the battery, and the audit after it, have to say against these books; nothing when they are sound. */
export async function complaints(books: Books, name: PartName, seed: number): Promise<string[]> {
  const part: Part = BATTERY[name];
  const said: string[] = [];
  try {
    await part(books, seed);
  } catch (error) {
    said.push(`${name}: ${inShort(error)}`);
  }
  for (const { check } of (await audit(books.db)).findings) said.push(`audit: ${check}`);
  return said;
}

function inShort(error: unknown): string {
  const { message, cause } = error as Error;
  const said = cause instanceof Error ? cause.message : message;
  return said.replaceAll(/\s+/g, ' ').slice(0, SHOWN_LENGTH);
}
