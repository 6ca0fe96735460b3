/** The same transaction for each bet with nothing between it and PostgreSQL: plain `pg`, prepared statements. */
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { requestHash } from '../../../src/ledger/place.ts';
import type { PlaceBet } from '../../../src/ledger/types.ts';
import type { Opened, Resolution } from '../way.ts';

interface Balance {
  balance: number;
  seq: number;
}

const LOCK = `SELECT balance, seq FROM wallets WHERE id = $1 FOR UPDATE`;
const SET = `UPDATE wallets SET balance = $2, seq = $3, updated_at = now() WHERE id = $1`;
const ADD = `UPDATE wallets SET balance = balance + $2, seq = seq + 1, updated_at = now()
  WHERE id = $1 RETURNING balance, seq`;
const INSERT_BET = `INSERT INTO bets (id, user_id, wallet_id, round_id, game_id, amount, selection, request_hash)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;
const INSERT_TWO = `INSERT INTO transactions
    (wallet_id, seq, amount, category, balance_after, posting_id, bet_id, round_id)
  VALUES ($1, $2, $3, $11, $4, $5, $6, $7), ($8, $9, -$3::bigint, $11, $10, $5, NULL, $7)`;
const LOCK_BET = `SELECT status FROM bets WHERE id = $1 FOR UPDATE`;
const RESOLVE_BET = `UPDATE bets SET status = $2, resolved_by = 'outcome', multiplier = 200, payout = $3,
    resolved_at = now(), updated_at = now() WHERE id = $1`;

export async function openRaw(url: string, clients: number): Promise<Opened> {
  const pool = await warmPool(url, clients);
  return {
    place: (bet) => inTransaction(pool, (client) => place(client, bet)),
    resolve: (resolution) => inTransaction(pool, (client) => resolve(client, resolution)),
    close: () => pool.end(),
  };
}

/** With all its connections made. */
export async function warmPool(url: string, clients: number): Promise<pg.Pool> {
  const pool = new pg.Pool({ connectionString: url, max: clients, min: clients });
  pool.on('error', () => {});
  const connected = await Promise.all(Array.from({ length: clients }, () => pool.connect()));
  for (const client of connected) client.release();
  return pool;
}

async function inTransaction(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<string>,
): Promise<string> {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query('BEGIN');
    const code = await work(client);
    await client.query(code === 'OK' ? 'COMMIT' : 'ROLLBACK');
    broken = false;
    return code;
  } finally {
    client.release(broken);
  }
}

async function place(client: pg.PoolClient, bet: PlaceBet): Promise<string> {
  const { amount, walletId, betId, roundId, room } = bet;
  const wallet = (await run<Balance>(client, LOCK, [walletId])) as Balance;
  if (wallet.balance < amount) return 'INSUFFICIENT_FUNDS';
  const balance = wallet.balance - amount;
  const seq = wallet.seq + 1;
  await run(client, SET, [walletId, balance, seq]);
  const values = [betId, bet.userId, walletId, roundId, room.gameId, amount];
  await run(client, INSERT_BET, [...values, JSON.stringify(bet.selection), requestHash(bet)]);
  await move(client, bet, -amount, { balance, seq }, 'bet');
  return 'OK';
}

async function resolve(client: pg.PoolClient, { bet, payout }: Resolution): Promise<string> {
  const open = await run<{ status: string }>(client, LOCK_BET, [bet.betId]);
  if (open?.status !== 'accepted') throw new Error('not an open bet');
  await run(client, RESOLVE_BET, [bet.betId, payout > 0 ? 'won' : 'lost', payout]);
  if (payout === 0) return 'OK';
  const wallet = (await run<Balance>(client, LOCK, [bet.walletId])) as Balance;
  const after = { balance: wallet.balance + payout, seq: wallet.seq + 1 };
  await run(client, SET, [bet.walletId, after.balance, after.seq]);
  await move(client, bet, payout, after, 'win');
  return 'OK';
}

/** The escrow last, so that its row is locked for the shortest time; then both rows of the posting. */
async function move(
  client: pg.PoolClient,
  { walletId, betId, roundId, room }: PlaceBet,
  amount: number,
  after: Balance,
  category: string,
): Promise<void> {
  const escrow = (await run<Balance>(client, ADD, [room.escrowId, -amount])) as Balance;
  const player = [walletId, after.seq, amount, after.balance, uuidv7(), betId, roundId];
  await run(client, INSERT_TWO, [...player, room.escrowId, escrow.seq, escrow.balance, category]);
}

const names = new Map<string, string>();

/** The first row. Each text is prepared once for each connection. */
async function run<Row extends object>(
  client: pg.PoolClient,
  text: string,
  values: unknown[],
): Promise<Row | undefined> {
  let name = names.get(text);
  if (name === undefined) {
    name = `raw_${names.size}`;
    names.set(text, name);
  }
  return (await client.query<Row>({ name, text, values })).rows[0];
}
