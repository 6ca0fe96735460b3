/**
 * The one connection that each process using the embedded PostgreSQL keeps for as long as it uses it: by it the
 * postmaster is found healthy, and found in use, so that nobody stops it under somebody else.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { USER } from './cluster.ts';
import { readPidfile } from './pidfile.ts';
import { HOST } from './port.ts';

const APPLICATION_NAME = 'roundhouse keeper';
const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 15_000;
/** Connections that were just closed are seen by PostgreSQL a moment later. */
const LEAVING_TIMEOUT_MS = 1_000;
const POLL_MS = 25;

export class Keeper {
  readonly port: number;
  /** Of the running server, as `18.4`. */
  readonly version: string;
  readonly #client: pg.Client;

  private constructor(client: pg.Client, port: number, version: string) {
    this.#client = client;
    this.port = port;
    this.version = version;
  }

  /** Rejects also when it is not the PostgreSQL of this data directory that answers. */
  static async connect(cluster: string, port: number, password: string): Promise<Keeper> {
    const client = new pg.Client({
      host: HOST,
      port,
      user: USER,
      password,
      database: 'postgres',
      ssl: false,
      application_name: APPLICATION_NAME,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
    });
    // A connection that was lost is noticed when it is needed next.
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query(
        `SELECT pg_read_file('postmaster.pid') AS pidfile, current_setting('server_version') AS version`,
      );
      const pid = Number.parseInt(rows[0].pidfile, 10);
      if (pid !== readPidfile(cluster)?.pid) {
        throw new Error(`Another PostgreSQL (process ${pid}) answers on ${HOST}:${port}.`);
      }
      // It must not keep this process alive by itself.
      reference(client, false);
      return new Keeper(client, port, rows[0].version);
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
  }

  async ensureDatabase(name: string): Promise<void> {
    const found = await this.#query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await this.#query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  }

  /** Whether nobody else is connected. False also when that cannot be said. */
  async isAlone(): Promise<boolean> {
    const deadline = performance.now() + LEAVING_TIMEOUT_MS;
    try {
      for (;;) {
        const { rows } = await this.#query(
          `SELECT count(*)::int AS others, count(*) FILTER (WHERE application_name = $1)::int AS keepers
           FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
          [APPLICATION_NAME],
        );
        const { others, keepers } = rows[0];
        if (others === 0) return true;
        if (keepers > 0 || performance.now() > deadline) return false;
        await delay(POLL_MS);
      }
    } catch {
      return false;
    }
  }

  async end(): Promise<void> {
    reference(this.#client, true);
    await this.#client.end().catch(() => {});
  }

  async #query(text: string, values?: unknown[]): Promise<pg.QueryResult> {
    reference(this.#client, true);
    try {
      return await this.#client.query(text, values);
    } finally {
      reference(this.#client, false);
    }
  }
}

/** Whether the connection counts as work to wait for before this process may end by itself. */
function reference(client: pg.Client, counts: boolean): void {
  // Both exist since pg 7; the published types leave them out.
  const both = client as pg.Client & { ref(): void; unref(): void };
  if (counts) both.ref();
  else both.unref();
}
