/** Whether this node can serve: the answer of `GET /readyz`. */
import type { Database } from '../database/connection.ts';
import { migrationStatus } from '../database/migrate.ts';
import type { NodeLease } from './lease.ts';
import type { OnlinePlayers } from './online.ts';

const PRESENCE_TIMEOUT_MS = 2_000;

/** Null when it can, otherwise why not, in words that anyone may read. Throws when the database does. */
export async function readiness(
  db: Database,
  lease: NodeLease,
  online: OnlinePlayers,
): Promise<string | null> {
  if (!lease.acting()) {
    return 'the lease of this node is not renewed: the database does not answer';
  }
  const { pending } = await migrationStatus(db.url);
  if (pending.length > 0) return `migrations are pending: ${pending.join(', ')}`;
  if (!(await inTime(online.ping()))) return 'presence does not answer';
  return null;
}

async function inTime(work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PRESENCE_TIMEOUT_MS);
  });
  const done = work.then(
    () => true,
    () => false,
  );
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}
