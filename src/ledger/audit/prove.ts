/**
 * An audit as an operator orders it: what is committed by now is sealed first, and when everything is sound, a mark is
 * left from which the next incremental audit goes on. Both are extras: a database that lets nobody write is audited too.
 */
import type pg from 'pg';
import type { Database } from '../../database/connection.ts';
import { type Audited, type AuditOptions, type AuditReport, auditSnapshot } from '../audit.ts';
import { sealWithin } from '../hash-chain.ts';
import type { Mark } from './scope.ts';

/** For transactions that are open when the audit begins; with a longer one, sealing is left to the background. */
const SEAL_WITHIN_MS = 2_000;
const CLUSTER = '(SELECT system_identifier::text FROM pg_control_system())';

export interface ProveOptions extends Omit<AuditOptions, 'mark'> {
  /** From the last mark on; complete where there is none. */
  readonly incremental?: boolean;
}

export async function proveBooks(
  db: Database,
  warn: (line: string) => void,
  { incremental = false, ...options }: ProveOptions = {},
): Promise<AuditReport> {
  const unwritable = (error: unknown) => {
    warn(`No block is sealed, or no mark is left: ${(error as Error).message}`);
    return undefined;
  };
  const sealed = await sealWithin(db.pool, SEAL_WITHIN_MS).catch(unwritable);
  const last = await lastMark(db.pool);
  const mark = incremental ? last : undefined;
  if (incremental && !mark) warn('There is no audit to go on from: this one is complete.');
  const audited = await auditSnapshot(db, { ...options, mark });
  const inventoryChangeId = sealed?.inventoryChangeId ?? last?.inventoryChangeId ?? 0;
  await leaveMark(db.pool, audited, inventoryChangeId).catch(unwritable);
  return audited.report;
}

/**
 * The newest mark whose block is still in the chain, and whose snapshot means something here: in a cluster that was
 * loaded from a dump the numbers of database transactions are others.
 */
export async function lastMark(pool: pg.Pool): Promise<Mark | undefined> {
  const { rows } = await pool.query<Mark>(
    `SELECT m.id, m.kind, m.block_id AS "blockId", m.block_hash AS "blockHash", b.to_id AS "toId", m.snapshot,
       m.inventory_change_id AS "inventoryChangeId", m.created_at AS at
     FROM audit_marks m JOIN ledger_blocks b ON b.id = m.block_id AND b.hash = m.block_hash
     WHERE m.system_identifier = ${CLUSTER}
       AND pg_snapshot_xmax(m.snapshot::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
     ORDER BY m.id DESC LIMIT 1`,
  );
  return rows[0];
}

async function leaveMark(
  pool: pg.Pool,
  { report: { ok, kind, head }, snapshot }: Audited,
  inventoryChangeId: number,
): Promise<void> {
  if (!ok || !head) return;
  await pool.query(
    `INSERT INTO audit_marks (kind, block_id, block_hash, snapshot, inventory_change_id, system_identifier)
     VALUES ($1, $2, $3, $4, $5, ${CLUSTER})`,
    [kind, head.block, head.hash, snapshot, inventoryChangeId],
  );
}
