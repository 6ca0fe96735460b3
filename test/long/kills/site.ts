/** The embedded PostgreSQL under attack: one of its own, with the ways to kill it. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type Postmaster, readPidfile } from '../../../src/database/embedded/pidfile.ts';
import { type Embedded, startEmbedded } from '../../../src/database/embedded.ts';

const CONNECT_MS = 10;
const BACK_TIMEOUT_MS = 60_000;
/** A start with a recovery takes longer. */
const STARTING_MS = 100;
/** One kill of a backend in so many is of a background process: checkpointer, writers. */
const BACKGROUND = 6;

export class Site {
  readonly #root: string;
  #embedded: Embedded;
  /** Ends with PostgreSQL: by it the outage is seen from outside. */
  #watch: pg.Client;
  #down: Promise<void>;
  #isWhole = true;

  static async open(): Promise<Site> {
    const root = mkdtempSync(join(tmpdir(), 'kills-'));
    // Started by root, PostgreSQL runs as another user.
    chmodSync(root, 0o755);
    const embedded = await startEmbedded({ dataDir: root });
    return new Site(root, embedded, await watch(embedded.url));
  }

  private constructor(root: string, embedded: Embedded, watching: Watch) {
    this.#root = root;
    this.#embedded = embedded;
    this.#watch = watching.client;
    this.#down = watching.down;
  }

  get url(): string {
    return this.#embedded.url;
  }

  /** Ends one session of the node, in order: the others live on. False when none was there. */
  async endBackend(): Promise<boolean> {
    const { rows } = await this.#watch.query<{ ended: boolean }>(
      `SELECT pg_terminate_backend(pid) AS ended FROM (
         SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'roundhouse%'
           AND pid <> pg_backend_pid() AND application_name <> 'roundhouse keeper'
         ORDER BY state = 'active' DESC, random() LIMIT 1) one`,
    );
    return rows[0]?.ended === true;
  }

  /** kill -9 of one process of PostgreSQL, which then restarts all of them. Resolves once all are gone. */
  async killBackend(random: () => number): Promise<void> {
    const background = random() * BACKGROUND < 1;
    const { rows } = await this.#watch.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()
       ORDER BY (backend_type <> 'client backend') = $1 DESC, application_name LIKE 'roundhouse-%' DESC,
                state = 'active' DESC, random() LIMIT 1`,
      [background],
    );
    const down = this.#down;
    this.#isWhole = false;
    process.kill((rows[0] as { pid: number }).pid, 'SIGKILL');
    await down;
  }

  /** kill -9 of the postmaster; its children find out and go. */
  async killPostmaster(): Promise<void> {
    const down = this.#down;
    this.#isWhole = false;
    process.kill(this.#postmaster(), 'SIGKILL');
    await down;
  }

  /** Starts it again where it does not restart by itself, and waits until it answers. */
  async bringBack(): Promise<void> {
    const { port } = this.#embedded;
    this.#embedded = await startEmbedded({ dataDir: this.#root });
    if (this.#embedded.port !== port) throw new Error('PostgreSQL came back on another port');
    const { client, down } = await watch(this.#embedded.url);
    this.#watch = client;
    this.#down = down;
    this.#isWhole = true;
  }

  /** After the death of the postmaster: kill -9 of the next one, while it starts and recovers. */
  async killStarting(random: () => number): Promise<void> {
    const dead = this.#postmaster();
    const starting = startEmbedded({ dataDir: this.#root }).catch(() => undefined);
    let pid = dead;
    while (pid === dead) {
      await delay(1);
      // Between the two there may be no such file, or an empty one.
      pid = readPidfile(this.#embedded.dataPath)?.pid || dead;
    }
    await delay(random() * STARTING_MS);
    process.kill(pid, 'SIGKILL');
    // It may have been ready, or have started once more.
    await (await starting)?.stop();
  }

  async close(): Promise<void> {
    if (!this.#isWhole) await this.bringBack();
    await this.#watch.end();
    await this.#embedded.stop();
    rmSync(this.#root, { recursive: true, force: true });
  }

  #postmaster(): number {
    return (readPidfile(this.#embedded.dataPath) as Postmaster).pid;
  }
}

interface Watch {
  readonly client: pg.Client;
  readonly down: Promise<void>;
}

async function watch(url: string): Promise<Watch> {
  const deadline = performance.now() + BACK_TIMEOUT_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url, application_name: 'watch' });
    client.on('error', () => {});
    const down = new Promise<void>((resolve) => client.once('end', resolve));
    try {
      await client.connect();
      return { client, down };
    } catch (error) {
      await client.end().catch(() => {});
      if (performance.now() > deadline) throw error;
      await delay(CONNECT_MS);
    }
  }
}
