/** Takes a guard out of one of the ledger's SQL functions, to show that something else notices (tests have teeth). */
import assert from 'node:assert/strict';
import { migration } from '../../src/database/migrations/0005-ledger.ts';
import type { Books } from './fixture.ts';

/** Each pair is a piece of the function's text, which must be there, and what comes in its place. */
export async function weaken(
  books: Books,
  name: string,
  ...pieces: [string, string][]
): Promise<void> {
  const from = migration.up.indexOf(`FUNCTION ${name}(`);
  const to = migration.up.indexOf('END $$;', from) + 'END $$;'.length;
  let text = migration.up.slice(from, to);
  for (const [guard, instead] of pieces) {
    assert.ok(text.includes(guard), `${name} has no ${guard}`);
    text = text.replaceAll(guard, instead);
  }
  await books.db.pool.query(`CREATE OR REPLACE ${text}`);
}
