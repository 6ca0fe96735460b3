/** A database that loses its connection at chosen statements: before one is sent, or after it was committed (M5). */
import type { Database } from '../../src/database/connection.ts';

export type Fault = 'before' | 'after';

export interface FaultyDatabase extends Database {
  /** Called after a matching statement was committed and before its answer is thrown away. */
  whenLost: () => Promise<void>;
}

export function connectionLost(): Error {
  return new Error('Connection terminated unexpectedly');
}

/** The statements that match `pattern` meet `faults` in turn (null: none); when those are used up they are answered. */
export function faulty(db: Database, pattern: RegExp, faults: (Fault | null)[]): FaultyDatabase {
  const left = [...faults];
  const query = async (...given: [string | { text: string }, unknown[]?]) => {
    const [statement] = given;
    const text = typeof statement === 'string' ? statement : statement.text;
    if (!pattern.test(text)) return db.pool.query(...(given as [string, unknown[]]));
    const fault = left.shift();
    if (fault === 'before') throw connectionLost();
    const result = await db.pool.query(...(given as [string, unknown[]]));
    if (fault === 'after') {
      await wrapped.whenLost();
      throw connectionLost();
    }
    return result;
  };
  const pool = new Proxy(db.pool, {
    get(target, key) {
      if (key === 'query') return query;
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const wrapped: FaultyDatabase = { ...db, pool, whenLost: async () => {} };
  return wrapped;
}
