/**
 * Bets of the past, as if the server had run for long: rounds that were settled, each wallet with the same number of
 * bets of STAKE, lost and doubled in turn, so that every balance is known without looking. Written in the order in which
 * they would have come, with every index, constraint and trigger in place: the indexes look as time makes them.
 */
import type pg from 'pg';
import { withClient } from '../store.ts';
import { type Books, GAME, GRANT, type Table } from './books.ts';

const STAKE = 10;
const BETS_PER_ROUND = 1_000;
const ROOMS = 10;
const BETS_PER_MS = 20;
const BETS_PER_STATEMENT = 100_000;
/** A won bet has two rows, a lost one has one. */
const ROWS_PER_PAIR = 3;

/** As SQL: an id that sorts by time as UUIDv7 do, for the n-th thing of a kind at `ms`; the same at each call. */
const id = (kind: string, n: string, ms: string) =>
  `(lpad(to_hex(${ms}), 12, '0') || '7' || substr(md5('${kind}' || ${n}), 1, 3) || '8'
    || substr(md5('${kind}' || ${n}), 4, 15))::uuid`;

/**
 * Adds at least `bets` bets and answers how many: each wallet gets the same even number.
 * The books must be new: every player has the grant and nothing else.
 */
export async function addHistory(
  books: Books,
  bets: number,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const tables: Table[] = [];
  while (tables.length < ROOMS) tables.push(await books.table());
  await withClient(books.url, async (client) => {
    // Those rounds were only opened to have the rooms and their chains.
    await client.query('DELETE FROM rounds WHERE id = ANY ($1)', [tables.map((t) => t.roundId)]);
    await client.query('SET synchronous_commit = off');
    const size = await plan(client, bets, tables);
    for (let wave = 0; wave < size.waves; wave += size.wavesPerStatement) {
      signal.throwIfAborted();
      const to = Math.min(size.waves, wave + size.wavesPerStatement);
      await addWaves(client, wave * size.wallets, to * size.wallets);
      if (wave % (size.wavesPerStatement * 10) === 0) {
        log(`  ${wave * size.wallets} of ${size.bets} bets are stored`);
      }
    }
    await addTotals(client, size);
    await client.query('SET synchronous_commit = on');
    await client.query('VACUUM ANALYZE wallets, rounds, bets, transactions, postings');
    await client.query('CHECKPOINT').catch(() => {});
  });
  return books.count();
}

interface Size {
  readonly wallets: number;
  /** Bets of each wallet. */
  readonly waves: number;
  readonly wavesPerStatement: number;
  readonly bets: number;
}

/** Temporary tables: the wallets by number, and the rounds with their postings. */
async function plan(client: pg.Client, bets: number, tables: readonly Table[]): Promise<Size> {
  await client.query(
    `CREATE TEMPORARY TABLE past_players AS
     SELECT row_number() OVER (ORDER BY id) - 1 AS n, id AS wallet_id, user_id FROM wallets WHERE kind = 'user'`,
  );
  const { rows } = await client.query<{ n: number }>('SELECT count(*) AS n FROM past_players');
  const wallets = rows[0]?.n ?? 0;
  const waves = Math.ceil(bets / (wallets * 2)) * 2;
  const perRound = Math.min(BETS_PER_ROUND, wallets);
  const startMs = Date.now() - 60_000 - Math.ceil((wallets * waves) / BETS_PER_MS);
  const atMs = `(${startMs} + n * ${perRound} / ${BETS_PER_MS})`;
  await client.query(
    `CREATE TEMPORARY TABLE past_bets AS SELECT ${startMs}::bigint AS start_ms, ${perRound} AS per_round,
       ${wallets} AS wallets, g.id AS game_id FROM games g WHERE g.name = '${GAME}'`,
  );
  await client.query(
    `CREATE TEMPORARY TABLE past_rounds AS
     SELECT n, ${id('round', 'n', atMs)} AS id, ${id('stake', 'n', atMs)} AS stake_posting,
       ${id('resolve', 'n', atMs)} AS resolve_posting, ${id('settle', 'n', atMs)} AS settle_posting,
       n % ${tables.length} AS room, n / ${tables.length} + 1 AS number, (n * ${perRound} / ${wallets}) % 2 = 0 AS won,
       to_timestamp(${atMs} / 1000.0) AS at
     FROM generate_series(0, ${(wallets * waves) / perRound - 1}::bigint) n`,
  );
  await client.query(
    `CREATE TEMPORARY TABLE past_rooms AS
     SELECT o - 1 AS n, r.room_id, r.escrow_id, c.id AS chain_id
     FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS r (room_id, escrow_id, o)
     JOIN fairness_chains c ON c.room_id = r.room_id`,
    [tables.map((t) => t.room.roomId), tables.map((t) => t.room.escrowId)],
  );
  await client.query(
    `INSERT INTO rounds (id, game_id, room_id, number, fence, phase, pay_table_version, chain_id, chain_index,
       commitment, seed, outcome, bet_count, staked, paid, started_at, locked_at, ended_at, settled_at, created_at)
     SELECT d.id, b.game_id, r.room_id, d.number, 1, 'settled', 1, r.chain_id, d.number, repeat('c1', 32),
       repeat('5e', 32), '{"crashPoint": 200}', b.per_round, b.per_round * ${STAKE},
       CASE WHEN d.won THEN b.per_round * ${2 * STAKE} ELSE 0 END, d.at, d.at, d.at, d.at, d.at
     FROM past_rounds d JOIN past_rooms r ON r.n = d.room CROSS JOIN past_bets b ORDER BY d.n`,
  );
  await client.query('ANALYZE past_players, past_rounds, past_rooms, past_bets');
  const wavesPerStatement = Math.max(1, Math.floor(BETS_PER_STATEMENT / wallets));
  return { wallets, waves, wavesPerStatement, bets: wallets * waves };
}

/** The n-th bets, from one to below another: with their stakes, and the payouts of those that won. */
async function addWaves(client: pg.Client, from: number, to: number): Promise<void> {
  const past = `
    SELECT i.n, ${id('bet', 'i.n', `b.start_ms + i.n / ${BETS_PER_MS}`)} AS id, p.wallet_id, p.user_id, b.game_id,
      to_timestamp((b.start_ms + i.n / ${BETS_PER_MS}) / 1000.0) AS at, d.id AS round_id, d.won,
      d.stake_posting, d.resolve_posting, i.n / b.wallets / 2 * ${ROWS_PER_PAIR} AS rows_before
    FROM generate_series($1::bigint, $2::bigint - 1) AS i (n) CROSS JOIN past_bets b
    JOIN past_players p ON p.n = i.n % b.wallets JOIN past_rounds d ON d.n = i.n / b.per_round ORDER BY i.n`;
  const line = `INSERT INTO transactions
    (wallet_id, seq, amount, category, balance_after, posting_id, bet_id, round_id, created_at, updated_at)`;
  await client.query(
    `INSERT INTO bets (id, user_id, wallet_id, round_id, game_id, amount, selection, request_hash, status,
       resolved_by, multiplier, payout, resolved_at, created_at, updated_at)
     SELECT id, user_id, wallet_id, round_id, game_id, ${STAKE}, '{"autoCashout": 200}', md5(n::text) || md5(n::text),
       CASE WHEN won THEN 'won' ELSE 'lost' END, 'outcome', CASE WHEN won THEN 200 ELSE 0 END,
       CASE WHEN won THEN ${2 * STAKE} ELSE 0 END, at, at, at FROM (${past}) past`,
    [from, to],
  );
  await client.query(
    `${line} SELECT wallet_id, rows_before + CASE WHEN won THEN 2 ELSE 4 END, -${STAKE}, 'bet',
       ${GRANT} - CASE WHEN won THEN ${STAKE} ELSE 0 END, stake_posting, id, round_id, at, at FROM (${past}) past`,
    [from, to],
  );
  await client.query(
    `${line} SELECT wallet_id, rows_before + 3, ${2 * STAKE}, 'win', ${GRANT + STAKE},
       resolve_posting, id, round_id, at, at FROM (${past}) past WHERE won`,
    [from, to],
  );
}

/** The rows of the escrows and of the house, the postings, and the wallets as all this leaves them. */
async function addTotals(client: pg.Client, size: Size): Promise<void> {
  await client.query(
    `INSERT INTO postings (id, category, created_at, updated_at)
     SELECT stake_posting, 'bet', at, at FROM past_rounds
     UNION ALL SELECT resolve_posting, 'resolve', at, at FROM past_rounds WHERE won
     UNION ALL SELECT settle_posting, 'settle', at, at FROM past_rounds ORDER BY 1`,
  );
  await client.query(
    `WITH steps AS (
       SELECT d.n, s.step, s.category, s.posting_id, s.amount, d.id AS round_id, d.at,
         CASE WHEN s.step = 4 THEN house.id ELSE r.escrow_id END AS wallet_id
       FROM past_rounds d JOIN past_rooms r ON r.n = d.room CROSS JOIN past_bets b
       CROSS JOIN (SELECT id FROM wallets WHERE account = 'house:${GAME}') house
       CROSS JOIN LATERAL (SELECT b.per_round * ${STAKE} AS staked, CASE WHEN d.won THEN 2 ELSE 0 END AS times) m
       CROSS JOIN LATERAL (VALUES
         (1, 'bet', d.stake_posting, m.staked),
         (2, 'resolve', d.resolve_posting, -m.staked * m.times),
         (3, 'settle', d.settle_posting, m.staked * (m.times - 1)),
         (4, 'settle', d.settle_posting, m.staked * (1 - m.times))) AS s (step, category, posting_id, amount)
       WHERE s.amount <> 0),
     chained AS (
       SELECT *, row_number() OVER w AS seq, sum(amount) OVER w AS balance_after FROM steps
       WINDOW w AS (PARTITION BY wallet_id ORDER BY n, step)),
     written AS (
       INSERT INTO transactions
         (wallet_id, seq, amount, category, balance_after, posting_id, round_id, created_at, updated_at)
       SELECT wallet_id, seq, amount, category, balance_after, posting_id, round_id, at, at FROM chained ORDER BY n, step)
     UPDATE wallets w SET seq = c.seq, balance = c.balance
     FROM (SELECT wallet_id, max(seq) AS seq, sum(amount) AS balance FROM chained GROUP BY wallet_id) c
     WHERE w.id = c.wallet_id`,
  );
  await client.query(`UPDATE wallets SET seq = 1 + $1 WHERE kind = 'user'`, [
    (size.waves / 2) * ROWS_PER_PAIR,
  ]);
}
