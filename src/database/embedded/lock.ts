/**
 * One starter or stopper at a time, across processes. The lock is an SQLite transaction: Node has no file locks of
 * its own, and this one is released by the system when its holder dies, however it dies.
 */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;
const SQLITE_BUSY = 5;

/** Runs `work` alone; waits up to `timeoutMs` for others to finish. */
export async function exclusively<T>(
  file: string,
  timeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const lock = new DatabaseSync(file);
  try {
    const deadline = performance.now() + timeoutMs;
    while (!taken(lock)) {
      if (performance.now() > deadline) {
        const seconds = timeoutMs / 1000;
        throw new Error(`Another process has been starting or stopping PostgreSQL for ${seconds} s
(it holds the lock ${file}); stop it and try again.`);
      }
      await delay(POLL_MS);
    }
    return await work();
  } finally {
    lock.close();
  }
}

function taken(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
