/**
 * A process' right to act: a lease on its row in server_nodes, by the database's clock, renewed at a third of its
 * length. The node stops acting at 0.7 of it by its own monotonic clock, well before another node may take its rooms
 * over (M8). Safety does not rest on this: every money transaction checks lease and fence again.
 */
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '../database/connection.ts';
import type { NodeId } from '../ids.ts';

export const LEASE_MS = 8_000;
const RENEW_MS = LEASE_MS / 3;
const RETRY_MS = 250;
const ACT_MS = LEASE_MS * 0.7;
/** A renewal that is not answered by then is given up, so that the next one is sent while the node may still act. */
const ANSWER_MS = RENEW_MS * 0.9;

export interface NodeLease {
  readonly id: NodeId;
  /** Whether this node may act now. */
  acting(): boolean;
  /** How many nodes hold a lease, this one included, as of the last renewal. */
  liveNodes(): number;
  /** Called after every renewal that worked. */
  onRenewed(listener: () => void): void;
  /**
   * Called when a renewal worked after the lease had run out (the process was stopped, the database away): rooms may
   * have been taken over meanwhile. Call the returned function to hear no more.
   */
  onLapsed(listener: () => void): () => void;
  /** Gives the lease up, so that another node need not wait for it to run out. */
  release(): Promise<void>;
}

export async function takeLease(
  db: Database,
  address: string | undefined,
  logger: Logger,
): Promise<NodeLease> {
  const id = uuidv7() as NodeId;
  const listeners: (() => void)[] = [];
  const lapseListeners = new Set<() => void>();
  let actingUntil = 0;
  let liveNodes = 1;
  let released = false;

  await expireDeadNeighbours(db);
  await db.pool.query(
    `INSERT INTO server_nodes (id, hostname, pid, address, lease_expires_at)
     VALUES ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 ms')`,
    [id, hostname(), process.pid, address ?? null, LEASE_MS],
  );

  async function renew(): Promise<void> {
    const sentAt = performance.now();
    const statement = {
      text: `WITH mine AS (UPDATE server_nodes SET lease_expires_at = clock_timestamp() + $2 * interval '1 ms',
                            updated_at = now() WHERE id = $1 RETURNING id)
       SELECT count(*)::integer AS live FROM server_nodes
       WHERE id = (SELECT id FROM mine) OR lease_expires_at > clock_timestamp()`,
      values: [id, LEASE_MS],
      query_timeout: ANSWER_MS,
    };
    const { rows } = await db.pool.query<{ live: number }>(statement);
    if (released) return;
    const lapsed = actingUntil > 0 && performance.now() > actingUntil - ACT_MS + LEASE_MS;
    actingUntil = sentAt + ACT_MS;
    liveNodes = rows[0]?.live ?? 1;
    for (const listener of listeners) listener();
    if (lapsed) for (const listener of lapseListeners) listener();
  }

  await renew();
  let renewal: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let failing = false;
  /** After a failure soon again: the next regular time may be the last one before the lease runs out. */
  function renewOnce(): void {
    clearTimeout(retry);
    renewal ??= renew()
      .then(() => {
        failing = false;
      })
      .catch((error) => {
        // Once an outage, not four times a second.
        if (!failing) logger.error({ err: error }, 'lease not renewed');
        failing = true;
        if (!released) retry = setTimeout(renewOnce, RETRY_MS);
      })
      .finally(() => {
        renewal = undefined;
      });
  }
  const timer = setInterval(renewOnce, RENEW_MS);

  return {
    id,
    acting: () => performance.now() < actingUntil,
    liveNodes: () => liveNodes,
    onRenewed: (listener) => listeners.push(listener),
    onLapsed(listener) {
      lapseListeners.add(listener);
      return () => lapseListeners.delete(listener);
    },
    async release() {
      released = true;
      actingUntil = 0;
      clearInterval(timer);
      clearTimeout(retry);
      await renewal;
      await db.pool.query(
        'UPDATE server_nodes SET lease_expires_at = clock_timestamp() WHERE id = $1',
        [id],
      );
    },
  };
}

/**
 * Ends the leases of processes of this machine that are gone, so that a restart need not wait for them. A wrong guess
 * (two containers with one hostname) costs that node its rooms, never its money: the fence holds.
 */
async function expireDeadNeighbours(db: Database): Promise<void> {
  const { rows } = await db.pool.query<{ id: string; pid: number }>(
    'SELECT id, pid FROM server_nodes WHERE hostname = $1 AND lease_expires_at > clock_timestamp()',
    [hostname()],
  );
  const dead = rows
    .filter((row) => row.pid === process.pid || !processExists(row.pid))
    .map((row) => row.id);
  await db.pool.query(
    'UPDATE server_nodes SET lease_expires_at = clock_timestamp() WHERE id = ANY ($1::uuid[])',
    [dead],
  );
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
