/** The rounds that were watched, with what only the server knew of them, and where they are spoken of. */
import pg from 'pg';
import { drawFrom } from '../../src/fairness/stream.ts';
import { gameByName } from '../../src/games/registry.ts';
import type { RoundId } from '../../src/ids.ts';
import { SECRET } from './insider.ts';
import { chainOf, type PlayedRound } from './secrets.ts';

type StoredRound = Omit<PlayedRound, 'outcome' | 'startedMs' | 'endedMs'>;

const SEED_BYTES = 32;

export async function playedRounds(databaseUrl: string): Promise<PlayedRound[]> {
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  const { rows } = await db.query<StoredRound & { started: Date; ended: Date | null }>(
    `SELECT r.id, g.name AS game, r.room_id AS "roomId", c.id AS chain, c.salt, r.chain_index AS index, r.commitment,
            r.started_at AS started, r.ended_at AS ended
     FROM rounds r JOIN games g ON g.id = r.game_id JOIN fairness_chains c ON c.id = r.chain_id ORDER BY r.id`,
  );
  await db.end();
  return rows.map(({ started, ended, ...round }) => ({
    ...round,
    outcome: outcomeOf(round),
    startedMs: started.getTime(),
    endedMs: ended?.getTime() ?? Number.POSITIVE_INFINITY,
  }));
}

/** As the server draws it, when it comes to that. */
function outcomeOf({ game, chain, salt, index, id }: StoredRound): Record<string, unknown> {
  const seed = chainOf(SECRET, chain, salt).subarray(SEED_BYTES * index, SEED_BYTES * (index + 1));
  const draw = drawFrom(seed, Buffer.from(salt, 'hex'), id as RoundId);
  const rules = gameByName(game);
  const drawn = rules.kind === 'match' ? rules.setup(draw) : rules.draw(draw);
  return drawn as Record<string, unknown>;
}

interface RoundEntry {
  readonly id: string;
  readonly seed?: unknown;
  readonly outcome?: unknown;
  readonly ended_at?: unknown;
}

/** Everything in a JSON text that is about one of these rounds. */
export function roundsIn(bytes: Buffer, known: ReadonlyMap<string, unknown>): RoundEntry[] {
  if (bytes[0] !== '{'.charCodeAt(0)) return [];
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    return [];
  }
  const found: RoundEntry[] = [];
  const collect = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const { id, roundId, round_id } = part as Record<string, unknown>;
    for (const each of [id, roundId, round_id]) {
      if (typeof each === 'string' && known.has(each)) found.push({ ...part, id: each });
    }
    for (const inner of Object.values(part)) collect(inner);
  };
  collect(value);
  return found;
}
