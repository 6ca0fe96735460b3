/** The memory of this process and of the database's processes while something is done. */
import { readFileSync } from 'node:fs';
import type { Database } from '../../src/database/connection.ts';

const SAMPLE_MS = 50;

export interface Peak {
  readonly nodeMb: number;
  /** Null where it cannot be told: the database is on another machine, or this is not Linux. */
  readonly databaseMb: number | null;
}

export async function peakOf<T>(
  db: Database,
  work: () => Promise<T>,
): Promise<Peak & { result: T }> {
  let nodeMb = 0;
  let databaseMb: number | null = null;
  let pids: number[] = [];
  const sample = () => {
    nodeMb = Math.max(nodeMb, process.memoryUsage.rss() / 1e6);
    const parts = pids.map(privateMb);
    if (parts.length === 0 || parts.includes(null)) return;
    databaseMb = Math.max(
      databaseMb ?? 0,
      parts.reduce<number>((sum, mb) => sum + (mb ?? 0), 0),
    );
  };
  const look = async () => {
    const found = await db.sequelize.query(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'roundhouse-ledger' AND state = 'active'
         AND datname = current_database()`,
    );
    pids = (found[0] as { pid: number }[]).map(({ pid }) => pid);
  };
  const timer = setInterval(() => {
    void look().then(sample, () => {});
  }, SAMPLE_MS);
  try {
    const result = await work();
    sample();
    return { result, nodeMb, databaseMb };
  } finally {
    clearInterval(timer);
  }
}

/** Memory of its own, without what it shares with the others. */
function privateMb(pid: number): number | null {
  try {
    const [, kb] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kb === undefined ? null : Number(kb) / 1e3;
  } catch {
    return null;
  }
}
