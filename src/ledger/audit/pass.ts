/** One way through the books that answers one check or several: those that read the same rows share it. */
import type { Scope } from './scope.ts';

export interface Pass {
  /** What must hold, in words. */
  readonly checks: readonly string[];
  /** Selects check, table, key, expected and found of each row that breaks one of the checks. */
  sql(scope: Scope): string;
}

/** SQL for one check of a pass: when a row breaks it, which row of which table that is, and how. */
interface Breach {
  readonly check: string;
  readonly when: string;
  readonly table: string;
  readonly key: Columns;
  readonly expected: Columns;
  readonly found: Columns;
}

/** Names and the SQL of their values. */
type Columns = Readonly<Record<string, string>>;

/** In `from`: the end of a look-up by key. */
export const APART = '/* apart */';

/** `from` selects the rows that break any of the checks, under the alias f, in a WITH of the scope's relations. */
export function pass(from: string, breaches: readonly Breach[]): Pass {
  const values = breaches.map(
    ({ check, when, table, key, expected, found }) =>
      `(${literal(check)}, ${when}, '${table}', ${json(key)}, ${json(expected)}, ${json(found)})`,
  );
  return {
    checks: [...new Set(breaches.map(({ check }) => check))],
    sql: ({ relations, apart }) => `
      WITH ${relations}
      SELECT v."check", v."table", v.key, v.expected, v.found FROM (${from.replaceAll(APART, apart)}) f
      CROSS JOIN LATERAL (VALUES ${values.join(',\n')}) AS v ("check", broken, "table", key, expected, found)
      WHERE v.broken`,
  };
}

function json(columns: Columns): string {
  const parts = Object.entries(columns).map(([name, sql]) => `${literal(name)}, ${sql}`);
  return `jsonb_build_object(${parts.join(', ')})`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
