/** The whole bet as one statement with CTEs: one round trip and one commit for each bet. */
import { v7 as uuidv7 } from 'uuid';
import { requestHash } from '../../../src/ledger/place.ts';
import type { Opened } from '../way.ts';
import { warmPool } from './raw.ts';

const PLACE = `
  WITH wallet AS (
    UPDATE wallets SET balance = balance - $6, seq = seq + 1, updated_at = now()
      WHERE id = $3 AND balance >= $6 RETURNING id, balance, seq),
  bet AS (
    INSERT INTO bets (id, user_id, wallet_id, round_id, game_id, amount, selection, request_hash)
      SELECT $1::uuid, $2::bigint, id, $4::uuid, $5::bigint, $6::bigint, $7::jsonb, $8::text FROM wallet
      RETURNING id),
  escrow AS (
    UPDATE wallets SET balance = balance + $6, seq = seq + 1, updated_at = now()
      WHERE id = $9 AND EXISTS (SELECT 1 FROM bet) RETURNING id, balance, seq)
  INSERT INTO transactions (wallet_id, seq, amount, category, balance_after, posting_id, bet_id, round_id)
    SELECT id, seq, -$6::bigint, 'bet', balance, $10::uuid, $1::uuid, $4::uuid FROM wallet
    UNION ALL SELECT id, seq, $6::bigint, 'bet', balance, $10::uuid, NULL, $4::uuid FROM escrow`;

export async function openStatement(url: string, clients: number): Promise<Opened> {
  const pool = await warmPool(url, clients);
  return {
    async place(bet) {
      const { rowCount } = await pool.query({
        name: 'place',
        text: PLACE,
        values: [
          bet.betId,
          bet.userId,
          bet.walletId,
          bet.roundId,
          bet.room.gameId,
          bet.amount,
          JSON.stringify(bet.selection),
          requestHash(bet),
          bet.room.escrowId,
          uuidv7(),
        ],
      });
      return rowCount === 0 ? 'INSUFFICIENT_FUNDS' : 'OK';
    },
    close: () => pool.end(),
  };
}
