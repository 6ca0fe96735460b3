/**
 * A database whose statements are counted, those inside of transactions too: it loses its connection at chosen ones, or
 * its process dies at one of them.
 */
import type pg from 'pg';
import type { Database } from '../../src/database/connection.ts';
import { connectionLost, type Fault } from './faulty.ts';

export class Killed extends Error {}

interface BrokenDatabase extends Database {
  /** How many statements were asked for. */
  readonly asked: () => number;
}

/** Statement number `at`, from 0, is lost on its way there or back; the caller lives on. */
export function losingAt(db: Database, at: number, fault: Fault): BrokenDatabase {
  return breaking(db, (number) => (number === at ? { fault, error: connectionLost() } : undefined));
}

/** The process dies instead of sending statement number `at`, from 0, or right after it. */
export function dyingAt(db: Database, at: number, fault: Fault): BrokenDatabase {
  return breaking(db, (number) =>
    number < at ? undefined : { fault: number === at ? fault : 'before', error: new Killed() },
  );
}

/** A COMMIT is long on its way: it arrives when `arrival` does. */
export function commitsAfter(db: Database, arrival: Promise<void>): BrokenDatabase {
  return breaking(db, async (_number, text) => {
    if (text === 'COMMIT') await arrival;
    return undefined;
  });
}

type Break = { readonly fault: Fault; readonly error: Error } | undefined;

function breaking(
  db: Database,
  breakAt: (number: number, text: string) => Break | Promise<Break>,
): BrokenDatabase {
  let asked = 0;
  type Given = [string | pg.QueryConfig, unknown[]?];
  async function send(to: pg.Pool | pg.PoolClient, ...given: Given): Promise<pg.QueryResult> {
    const [statement] = given;
    const text = typeof statement === 'string' ? statement : statement.text;
    const broken = await breakAt(asked++, text);
    if (broken?.fault === 'before') throw broken.error;
    const result = await to.query(...(given as [string, unknown[]]));
    if (broken) throw broken.error;
    return result;
  }
  async function connect(): Promise<pg.PoolClient> {
    const client = await db.pool.connect();
    let gone: unknown;
    const query = async (...given: Given) => {
      // Whatever is sent on a connection that is gone fails, too.
      if (gone) throw gone;
      try {
        return await send(client, ...given);
      } catch (error) {
        if (!('severity' in (error as object))) gone = error;
        throw error;
      }
    };
    return new Proxy(client, {
      get(target, key) {
        if (key === 'query') return query;
        const value = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }
  const pool = new Proxy(db.pool, {
    get(target, key) {
      if (key === 'query') return (...given: Given) => send(target, ...given);
      if (key === 'connect') return connect;
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...db, pool, asked: () => asked };
}
