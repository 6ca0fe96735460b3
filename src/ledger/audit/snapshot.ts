/** One snapshot of the database that several connections read at the same time. Nothing is written and nothing waits. */
import type pg from 'pg';
import { unhurried } from '../../database/connection.ts';

/**
 * For sorting and hashing, and for each step of a query; what needs more goes to temporary files. A few steps and two
 * connections: some hundred MiB at most, however great the books are.
 */
const WORK_MEM = '64MB';

const SETTINGS: Record<string, string> = {
  work_mem: WORK_MEM,
  hash_mem_multiplier: '1',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  // A proof takes its time, and a connection may wait for the others. The last one is unknown to servers before 17.
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  transaction_timeout: '0',
};

export interface Snapshot {
  /** The text of pg_current_snapshot(). */
  readonly text: string;
  readonly connections: number;
  /** On one of the connections; those beyond their number wait for their turn. */
  query<Row extends object>(sql: string, connection?: number): Promise<Row[]>;
}

/** `size` tells how many connections the work is worth, once the first one can look. */
export async function inSnapshot<T>(
  pool: pg.Pool,
  settings: Record<string, string>,
  size: (query: Snapshot['query']) => Promise<number>,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const clients: pg.PoolClient[] = [];
  const query = async <Row extends object>(sql: string, connection = 0): Promise<Row[]> =>
    (await (clients[connection] as pg.PoolClient).query<Row>(unhurried(sql))).rows;
  const open = async (exported?: string) => {
    clients.push(await pool.connect());
    const connection = clients.length - 1;
    await query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', connection);
    if (exported) await query(`SET TRANSACTION SNAPSHOT '${exported}'`, connection);
    const values = Object.entries({ ...SETTINGS, ...settings });
    const list = values.map(([name, value]) => `('${name}', '${value}')`).join(', ');
    await query(
      `SELECT set_config(s.name, v.value, true) FROM (VALUES ${list}) AS v (name, value)
       JOIN pg_settings s ON s.name = v.name`,
      connection,
    );
  };
  try {
    await open();
    const [seen] = await query<{ text: string }>('SELECT pg_current_snapshot()::text AS text');
    const connections = await size(query);
    if (connections > 1) {
      const [exported] = await query<{ id: string }>('SELECT pg_export_snapshot() AS id');
      while (clients.length < connections) await open(exported?.id);
    }
    return await work({ text: seen?.text as string, connections, query });
  } finally {
    for (const client of clients) {
      await client.query('ROLLBACK').catch(() => {});
      client.release();
    }
  }
}
