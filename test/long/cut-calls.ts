/** The calls of the ledger that are made over connections that break, and how each must stand afterwards. */
import assert from 'node:assert/strict';
import { v7 as uuidv7 } from 'uuid';
import type { NodeId } from '../../src/ids.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { type Books, bet, cashOut } from '../ledger/fixture.ts';

/** One call of the ledger that is made with a harm in its way, and how it must stand afterwards. */
export interface Call {
  readonly run: (ledger: Ledger) => Promise<unknown>;
  readonly check: (answer: unknown) => Promise<void>;
}

/** Makes one call after another. */
export type Calls = () => Promise<Call>;

export const KINDS = ['place_bets', 'resolve_bets', 'close_round', 'post'] as const;
export type Kind = (typeof KINDS)[number];

/**
 * By name, what makes the calls of one lane: at a table and with a player of its own, so that lanes disturb each other as
 * little as they may.
 */
export function callsOf(books: Books, node: NodeId): Record<Kind, () => Promise<Calls>> {
  const stakes = (betId: string) => books.count('transactions', 'bet_id = $1', [betId]);

  async function table() {
    const room = await books.room(node);
    return { room, roundId: await books.round(room) };
  }

  return {
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
}
