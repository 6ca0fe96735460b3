/** Knows the end of a round while it runs, as only the server does: for attacks that must meet the crash. */
import { createHmac } from 'node:crypto';
import type pg from 'pg';
import { CHAIN_LENGTH, seedsOf } from '../../src/fairness/chain.ts';
import { drawFrom } from '../../src/fairness/stream.ts';
import type { RoundGame } from '../../src/games/contract.ts';
import { crash } from '../../src/games/crash.ts';
import type { RoundId } from '../../src/ids.ts';

/** The server's FAIRNESS_SECRET for such tests. */
export const SECRET = 'a secret that the test knows and no player does';
const SEED_BYTES = 32;

export interface End {
  readonly crashPoint: number;
  readonly runningMs: number;
}

export async function endOf(db: pg.Pool, roundId: string): Promise<End> {
  const { seed, salt } = await seedAndSalt(db, roundId);
  const { crashPoint } = crash.draw(drawFrom(seed, salt, roundId as RoundId));
  return { crashPoint, runningMs: crash.runningMs({ crashPoint }) };
}

/** How long after its lock the round comes to its end. */
export async function endsAfterLockMs(
  db: pg.Pool,
  roundId: string,
  game: RoundGame,
): Promise<number> {
  const { seed, salt } = await seedAndSalt(db, roundId);
  const outcome = game.draw(drawFrom(seed, salt, roundId as RoundId));
  return game.runningMs(outcome) - (game.bettingUntilMs?.(outcome) ?? 0);
}

export async function seedOf(db: pg.Pool, roundId: string): Promise<Buffer> {
  return (await seedAndSalt(db, roundId)).seed;
}

async function seedAndSalt(db: pg.Pool, roundId: string): Promise<{ seed: Buffer; salt: Buffer }> {
  const { rows } = await db.query<{ chain: string; salt: string; index: number }>(
    `SELECT c.id AS chain, c.salt, r.chain_index AS index
     FROM rounds r JOIN fairness_chains c ON c.id = r.chain_id WHERE r.id = $1`,
    [roundId],
  );
  const [row] = rows;
  if (!row) throw new Error(`no round ${roundId}`);
  const salt = Buffer.from(row.salt, 'hex');
  const head = createHmac('sha256', SECRET).update(`chain ${row.chain} `).update(salt).digest();
  const seeds = seedsOf(head, CHAIN_LENGTH);
  const seed = seeds.subarray(row.index * SEED_BYTES, (row.index + 1) * SEED_BYTES);
  return { seed, salt };
}
