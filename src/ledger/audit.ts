/**
 * M12: proves the books, also beside a running server. All checks read one snapshot of the database, in two
 * connections where there is much to read. Each check names what must hold and finds the rows that break it.
 *
 * What it costs: two cores of the database while it runs, reading every row of the ledger about five times; some
 * hundred MiB of its memory, and temporary files of about the size of the ledger's indexes. It waits for nobody and
 * nobody waits for it, except a migration. Row versions that become old meanwhile can be cleaned up only afterwards.
 *
 * The incremental audit makes the same checks on what was committed since the last audit that found everything sound,
 * and on the rows that this touches. What it cannot see, and the complete one can: a row behind the mark that was
 * changed, deleted or slipped in past all guards (triggers off, or another writer than the ledger's functions) when
 * nothing new touches it: an old sealed transaction, the balance of a wallet without a new transaction, a bet or the
 * totals of a round that was closed before, an inventory without a new change. It takes the mark's word for them.
 */
import type { Database } from '../database/connection.ts';
import type { LedgerHead } from '../protocol.ts';
import { blocks, marks, type PublishedHead, published } from './audit/chain.ts';
import { chains, postings, strays, wallets } from './audit/money.ts';
import type { Pass } from './audit/pass.ts';
import { bets, changes, escrows, inventories, rooms, rounds, stakes } from './audit/play.ts';
import { everything, type Mark, type Scope, since } from './audit/scope.ts';
import { inSnapshot, type Snapshot } from './audit/snapshot.ts';
import { HEAD } from './hash-chain.ts';

const MAX_ROWS_SHOWN = 20;
const CONNECTIONS = 2;
/** With fewer new transactions than this, one connection is quicker than two. */
const WORTH_SHARING = 100_000;
const CHAIN_PARTS = 4;

/** A row that breaks a check. */
export interface Offender {
  readonly table: string;
  readonly key: Record<string, unknown>;
  readonly expected: Record<string, unknown>;
  readonly found: Record<string, unknown>;
}

export interface Finding {
  readonly check: string;
  /** The first ones. */
  readonly rows: Offender[];
}

/** What `audit --json` prints. */
export interface AuditReport {
  readonly ok: boolean;
  readonly kind: Scope['kind'];
  /** Of an incremental audit: the block up to which the audit before it had found everything sound, and when. */
  readonly since: { readonly block: number; readonly hash: string; readonly at: string } | null;
  /** How many. */
  readonly checks: number;
  /** What was looked at. */
  readonly counted: Record<string, number>;
  /** The newest block of the hash chain; null while there is none. */
  readonly head: LedgerHead | null;
  readonly findings: Finding[];
  readonly seconds: number;
}

export interface Progress {
  readonly done: number;
  readonly of: number;
  readonly checks: readonly string[];
  readonly seconds: number;
}

export interface AuditOptions {
  /** Makes it incremental. */
  readonly mark?: Mark | undefined;
  /** Must be a block of the chain. */
  readonly head?: PublishedHead | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What was found, and what the audit saw of the database, as text of type pg_snapshot. */
export interface Audited {
  readonly report: AuditReport;
  readonly snapshot: string;
}

export async function audit(db: Database, options: AuditOptions = {}): Promise<AuditReport> {
  return (await auditSnapshot(db, options)).report;
}

export async function auditSnapshot(
  db: Database,
  { mark, head, onProgress }: AuditOptions,
): Promise<Audited> {
  const started = performance.now();
  const seconds = () => Math.round(performance.now() - started) / 1_000;
  const scope = mark ? since(mark) : everything;
  // Without sequential scans the cost of an incremental audit is that of what is new, whatever statistics say.
  const settings: Record<string, string> = mark ? { enable_seqscan: 'off' } : {};
  const size = async (query: Snapshot['query']) => {
    const [last] = await query<{ id: number | null }>('SELECT max(id) AS id FROM transactions');
    return (last?.id ?? 0) - (mark?.toId ?? 0) > WORTH_SHARING ? CONNECTIONS : 1;
  };
  return inSnapshot(db.pool, settings, size, async (snapshot) => {
    const passes = passesOf(head);
    const found = new Map<string, Offender[]>(
      passes.flatMap(({ checks }) => checks.map((check) => [check, []])),
    );
    let done = 0;
    await share(passes, snapshot.connections, async (one, connection) => {
      const rows = await snapshot.query<Offender & { check: string }>(
        bounded(one.sql(scope)),
        connection,
      );
      for (const { check, ...row } of rows) found.get(check)?.push(row);
      done += 1;
      onProgress?.({ done, of: passes.length, checks: one.checks, seconds: seconds() });
    });
    const findings = [...found]
      .filter(([, rows]) => rows.length > 0)
      .map(([check, rows]) => ({ check, rows: rows.slice(0, MAX_ROWS_SHOWN) }));
    const report: AuditReport = {
      ok: findings.length === 0,
      kind: scope.kind,
      since: mark ? { block: mark.blockId, hash: mark.blockHash, at: mark.at.toISOString() } : null,
      checks: found.size,
      counted: await count(snapshot, scope),
      head: (await snapshot.query<LedgerHead>(HEAD))[0] ?? null,
      findings,
      seconds: seconds(),
    };
    return { report, snapshot: snapshot.text };
  });
}

/** The longest ones first, so that the connections end at about the same time. */
function passesOf(head: PublishedHead | undefined): Pass[] {
  return [
    stakes,
    chains,
    ...blocks(CHAIN_PARTS),
    postings,
    bets,
    rounds,
    wallets,
    escrows,
    strays,
    rooms,
    inventories,
    changes,
    marks,
    ...(head ? [published(head)] : []),
  ];
}

async function share<Item>(
  items: readonly Item[],
  workers: number,
  work: (item: Item, worker: number) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const ended = await Promise.allSettled(
    Array.from({ length: workers }, async (_, worker) => {
      for (let item = waiting.shift(); item; item = waiting.shift()) await work(item, worker);
    }),
  );
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
}

function bounded(sql: string): string {
  return `SELECT "check", "table", key, expected, found FROM (
      SELECT *, row_number() OVER (PARTITION BY "check") AS nth FROM (${sql}) broken) numbered
    WHERE nth <= ${MAX_ROWS_SHOWN}`;
}

async function count({ query }: Snapshot, { relations }: Scope): Promise<Record<string, number>> {
  const [counted] = await query<Record<string, number>>(
    `WITH ${relations}
     SELECT (SELECT count(*) FROM wallet) AS wallets,
       (SELECT count(*) FROM wallet_line WHERE NOT proven) AS transactions,
       (SELECT count(*) FROM bet) AS bets, (SELECT count(*) FROM round) AS rounds,
       (SELECT count(*) FROM block WHERE NOT proven) AS blocks`,
  );
  return counted ?? {};
}
