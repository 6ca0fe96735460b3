/**
 * The rows that the program itself knows: one in `games` for each registered game. Runs at every start; what has not
 * changed is not written, and `is_enabled` is the operator's.
 */
import type { Sequelize } from 'sequelize';

interface SeedText {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly payTableVersion: number;
  readonly limits: object;
}
interface SeedRounds extends SeedText {
  readonly kind: 'round';
  readonly bettingMs: number;
  readonly settledMs: number;
  readonly examples: readonly object[];
  readonly cashOutMultiplier?: unknown;
}
interface SeedMatches extends SeedText {
  readonly kind: 'match';
  readonly seats: number;
  readonly rakePercent: number;
  readonly clockMs: number;
}
/** What of a game's rules goes into the catalogue. */
export type SeedGame = SeedRounds | SeedMatches;

export async function seedCatalogue(
  sequelize: Sequelize,
  games: readonly SeedGame[],
): Promise<void> {
  const rows = games.map((game) => ({
    name: game.name,
    title: game.title,
    description: game.description,
    kind: game.kind,
    parameters: parametersOf(game),
    pay_table_version: game.payTableVersion,
  }));
  await sequelize.query(
    `INSERT INTO games (name, title, description, kind, parameters, pay_table_version)
     SELECT name, title, description, kind, parameters, pay_table_version
     FROM jsonb_to_recordset($1::jsonb) AS given (
       name text, title text, description text, kind text, parameters jsonb, pay_table_version integer)
     ORDER BY name
     ON CONFLICT (name) DO UPDATE SET
       title = excluded.title, description = excluded.description, kind = excluded.kind,
       parameters = excluded.parameters, pay_table_version = excluded.pay_table_version
     WHERE (games.title, games.description, games.kind, games.parameters, games.pay_table_version)
       IS DISTINCT FROM
       (excluded.title, excluded.description, excluded.kind, excluded.parameters, excluded.pay_table_version)`,
    { bind: [JSON.stringify(rows)] },
  );
}

function parametersOf(game: SeedGame): object {
  if (game.kind === 'match') {
    const { limits, seats, rakePercent, clockMs } = game;
    return { limits, seats, rakePercent, timing: { clockMs } };
  }
  const { limits, bettingMs, settledMs, examples } = game;
  const cashOut = game.cashOutMultiplier !== undefined;
  return { limits, timing: { bettingMs, settledMs }, cashOut, examples };
}
