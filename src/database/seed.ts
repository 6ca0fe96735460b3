/**
 * The rows that the program itself knows: one in `games` for each registered game. Runs at every start; what has not
 * changed is not written, and `is_enabled` is the operator's.
 */
import type { Sequelize } from 'sequelize';

/** What of a game's rules goes into the catalogue. */
export interface SeedGame {
  readonly kind: 'round' | 'match' | 'world';
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly payTableVersion: number;
  readonly limits: object;
  readonly bettingMs: number;
  readonly settledMs: number;
  readonly examples: readonly object[];
  readonly cashOutMultiplier?: unknown;
}

export async function seedCatalogue(
  sequelize: Sequelize,
  games: readonly SeedGame[],
): Promise<void> {
  const rows = games.map((game) => ({
    name: game.name,
    title: game.title,
    description: game.description,
    kind: game.kind,
    parameters: {
      limits: game.limits,
      timing: { bettingMs: game.bettingMs, settledMs: game.settledMs },
      cashOut: game.cashOutMultiplier !== undefined,
      examples: game.examples,
    },
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
