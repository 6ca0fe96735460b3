/** Takes a guard out of one of the ledger's SQL functions, to show that something else notices (tests have teeth). */
import assert from 'node:assert/strict';
import { migrations } from '../../src/database/migrations/index.ts';
import type { Books } from './fixture.ts';

/** Each pair is a piece of the function's text, which must be there, and what comes in its place. */
export async function weaken(
  books: Books,
  name: string,
  ...pieces: [string, string][]
): Promise<void> {
  const sql = migrations.map((migration) => migration.up).join('\n');
  const from = sql.indexOf(`FUNCTION ${name}(`);
  const to = sql.indexOf('END $$;', from) + 'END $$;'.length;
  let text = sql.slice(from, to);
  for (const [guard, instead] of pieces) {
    assert.ok(text.includes(guard), `${name} has no ${guard}`);
    text = text.replaceAll(guard, instead);
  }
  await books.db.pool.query(`CREATE OR REPLACE ${text}`);
}
