/** Takes guards out of the ledger, to show that something else notices (tests have teeth). */
import assert from 'node:assert/strict';
import { migrations } from '../../src/database/migrations/index.ts';
import type { Books } from './fixture.ts';

/** What can be taken out alone. */
export interface Guard {
  /** The SQL of all migrations without it. */
  without(sql: string): string;
  /** What a database that is already made has to run to be without it, given that SQL. */
  statements(sql: string): readonly string[];
}

/** The functions in which an owner's claim is checked (M8). */
const OWNERS = ['assert_owner', 'place_bets', 'resolve_bets'];
const LANES = ['place_bets', 'resolve_bets'];

export const GUARDS = {
  // The wallets of a batch, locked in any order before they are locked in theirs (M10).
  'ordered locking': inFunctions(['place_bets'], (text) =>
    atStart(
      text,
      'PERFORM 1 FROM wallets x WHERE x.id = ANY (p_wallet_ids) ORDER BY random() FOR NO KEY UPDATE;',
    ),
  ),
  'the unique index of resolutions': {
    without: (sql) =>
      replaced(
        sql,
        /CREATE UNIQUE INDEX transactions_one_stake_one_resolution/,
        'CREATE INDEX transactions_one_stake_one_resolution',
      ),
    statements: () => ['DROP INDEX transactions_one_stake_one_resolution'],
  },
  'the trigger on resolved bets': {
    without: (sql) => replaced(sql, /CREATE TRIGGER bets_resolve_once[^;]*;/, ''),
    statements: () => ['DROP TRIGGER bets_resolve_once ON bets'],
  },
  // The number alone: whoever is the owner's node passes, however old its claim.
  'the fence': inFunctions(OWNERS, (text) =>
    replaced(text, /\b(?:[rd]\.)?fence = (?:i\.fence|p_fence)\b/, 'true'),
  ),
  'the fence and the owner': inFunctions(OWNERS, (text) =>
    replaced(
      text,
      /\b(?:[rd]\.)?fence = (?:i\.fence|p_fence)\b|\b(?:r\.)?node_id = p_node\b/,
      'true',
    ),
  ),
  // A row of the update for each transaction of the batch, though UPDATE ... FROM applies a repeated wallet only once.
  'the aggregation': inFunctions(LANES, (text) =>
    replaced(
      text,
      /UPDATE wallets x SET balance = [^;]*;/,
      `UPDATE wallets x SET balance = x.balance + t.amount, seq = x.seq + 1, updated_at = now()
         FROM transactions t
         WHERE t.wallet_id = x.id AND t.posting_id = ANY (p_postings);`,
    ),
  ),
  'the request hash': inFunctions(['place_bets', 'post'], (text, name) =>
    atStart(
      text,
      name === 'post'
        ? "p_hash := repeat('0', 64);"
        : "p_hashes := array_fill(repeat('0', 64), ARRAY[cardinality(p_hashes)]);",
    ),
  ),
} satisfies Record<string, Guard>;

export type GuardName = keyof typeof GUARDS;

/** The text of all migrations, one after the other. */
function allSql(): string {
  return migrations.map((migration) => migration.up).join('\n');
}

export async function removeGuard(books: Books, name: GuardName): Promise<void> {
  const guard: Guard = GUARDS[name];
  for (const statement of guard.statements(guard.without(allSql()))) {
    await books.db.pool.query(statement);
  }
}

/** For a run of which every database shall be without it: changes the migrations of this process. */
export function removeGuardEverywhere(name: GuardName): void {
  const mark = '\n-- the next migration --\n';
  const texts = GUARDS[name].without(migrations.map(({ up }) => up).join(mark)).split(mark);
  assert.equal(texts.length, migrations.length);
  migrations.forEach((migration, at) => {
    Object.assign(migration, { up: texts[at] });
  });
}

/** Each pair is a piece of the function's text, which must be there, and what comes in its place. */
export async function weaken(
  books: Books,
  name: string,
  ...pieces: [string, string][]
): Promise<void> {
  let text = functionIn(allSql(), name);
  for (const [guard, instead] of pieces) {
    assert.ok(text.includes(guard), `${name} has no ${guard}`);
    text = text.replaceAll(guard, instead);
  }
  await books.db.pool.query(`CREATE OR REPLACE ${text}`);
}

function inFunctions(names: string[], edit: (text: string, name: string) => string): Guard {
  return {
    without: (sql) =>
      names.reduce((whole, name) => {
        const text = functionIn(whole, name);
        return whole.replace(text, () => edit(text, name));
      }, sql),
    statements: (sql) => names.map((name) => `CREATE OR REPLACE ${functionIn(sql, name)}`),
  };
}

function functionIn(sql: string, name: string): string {
  const from = sql.indexOf(`FUNCTION ${name}(`);
  assert.ok(from >= 0, `the migrations have no function ${name}`);
  return sql.slice(from, sql.indexOf('END $$;', from) + 'END $$;'.length);
}

function atStart(text: string, statement: string): string {
  return replaced(text, /\n\s*BEGIN\n/, (begin) => `${begin}${statement}\n`, 1);
}

function replaced(
  text: string,
  piece: RegExp,
  instead: string | ((found: string) => string),
  times = Number.POSITIVE_INFINITY,
): string {
  let found = 0;
  const result = text.replace(new RegExp(piece, 'g'), (match) => {
    found += 1;
    if (found > times) return match;
    return typeof instead === 'string' ? instead : instead(match);
  });
  assert.ok(
    found > 0,
    `the guard is not where this test looks for it: ${piece} in ${text.slice(0, 60)}`,
  );
  return result;
}
