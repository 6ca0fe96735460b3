/** The data directory: made once and as a whole, checked at every start. */
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { run } from './run.ts';

export const USER = 'roundhouse';
const INITDB_TIMEOUT_MS = 120_000;
const COMMAND_TIMEOUT_MS = 60_000;
const PASSWORD_BYTES = 24;

export interface Site {
  /** The data directory of PostgreSQL. */
  readonly cluster: string;
  /** Beside it, so that it can be read without starting anything, and is no part of a base backup. */
  readonly passwordFile: string;
  readonly account: Account;
  readonly binaries: Binaries;
  readonly log: (line: string) => void;
}

/** Makes the data directory unless it is there, and checks that this PostgreSQL can use it. Answers its version. */
export async function ensureCluster(site: Site): Promise<string> {
  const { cluster, passwordFile, account, binaries, log } = site;
  sweep(cluster);
  const version = await versionOf(account, binaries);
  const marker = join(cluster, 'PG_VERSION');
  if (existsSync(marker)) {
    checkVersion(cluster, readFileSync(marker, 'utf8').trim(), version);
    await giveTo(account, cluster);
    return version;
  }
  if (existsSync(cluster) && readdirSync(cluster).length > 0) {
    throw new Error(
      `${cluster} holds files, but no PostgreSQL data. Move them away and start again.`,
    );
  }
  log(`Making a new data directory for PostgreSQL ${version} in ${cluster}`);
  ensurePassword(passwordFile);
  await create(cluster, readFileSync(passwordFile, 'utf8'), account, binaries);
  return version;
}

export function readPassword(passwordFile: string): string {
  if (existsSync(passwordFile)) return readFileSync(passwordFile, 'utf8').trim();
  throw new Error(`The password of the embedded PostgreSQL is missing: ${passwordFile}
Restore that file from a backup; the data cannot be opened without it.`);
}

/** initdb into a sibling, then rename: a kill in the middle leaves a sibling to sweep, never half a cluster. */
async function create(
  cluster: string,
  password: string,
  account: Account,
  binaries: Binaries,
): Promise<void> {
  const workshop = mkdtempSync(prefix(cluster));
  const data = join(workshop, 'data');
  const secret = join(workshop, 'password');
  writeFileSync(secret, password, { mode: 0o600 });
  if (account.owner) {
    for (const path of [secret, workshop]) chownSync(path, account.owner.uid, account.owner.gid);
  }
  const encoding = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const login = [`--username=${USER}`, `--pwfile=${secret}`, '--auth=scram-sha-256'];
  const finished = await run(
    account.command(binaries.initdb, [
      ...[`--pgdata=${data}`, '--locale=C', '--no-instructions'],
      ...encoding,
      ...login,
    ]),
    INITDB_TIMEOUT_MS,
  );
  if (finished.code !== 0) {
    rmSync(workshop, { recursive: true, force: true });
    throw new Error(`PostgreSQL's data directory could not be made:\n${finished.output}`);
  }
  renameSync(data, cluster);
  makeDurable(dirname(cluster));
  rmSync(workshop, { recursive: true, force: true });
}

function prefix(cluster: string): string {
  return `${cluster}.new-`;
}

/** What a first start that was killed has left. Its initdb may still be writing there; the next start has another go. */
function sweep(cluster: string): void {
  const folder = dirname(cluster);
  const left = readdirSync(folder).filter((name) => name.startsWith(basename(prefix(cluster))));
  for (const name of left) {
    try {
      rmSync(join(folder, name), { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    }
  }
}

/** The file appears with its content, durable, or not at all. */
function ensurePassword(file: string): void {
  if (existsSync(file)) return;
  const draft = `${file}.new`;
  const handle = openSync(draft, 'w', 0o600);
  writeFileSync(handle, `${randomBytes(PASSWORD_BYTES).toString('base64url')}\n`);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(draft, file);
}

/** The rename itself must survive a power cut; Windows cannot open a directory for that. */
function makeDurable(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}

/** As `18.4`. */
async function versionOf(account: Account, binaries: Binaries): Promise<string> {
  const { code, output } = await run(
    account.command(binaries.postgres, ['--version']),
    COMMAND_TIMEOUT_MS,
  );
  const version = /\(PostgreSQL\) (\S+)/.exec(output)?.[1];
  if (code === 0 && version) return version;
  throw new Error(`PostgreSQL's programs do not run on this machine:
${output}
If npm was told not to run install scripts, run: npm rebuild`);
}

function checkVersion(cluster: string, ofData: string, ofPrograms: string): void {
  const major = /^\d+/.exec(ofPrograms)?.[0];
  if (ofData === major) return;
  throw new Error(`The data in ${cluster}
were made by PostgreSQL ${ofData}; this version of Roundhouse brings PostgreSQL ${major}.
Dump them with the version that made them, or move them away to start with new data.`);
}

/** Root may have copied or restored the data: they belong to the account that runs PostgreSQL. */
async function giveTo(account: Account, cluster: string): Promise<void> {
  if (!account.owner || statSync(cluster).uid === account.owner.uid) return;
  const { uid, gid } = account.owner;
  const command = { file: 'chown', args: ['-R', `${uid}:${gid}`, cluster] };
  const { code, output } = await run(command, COMMAND_TIMEOUT_MS);
  if (code !== 0) throw new Error(`${cluster} could not be given to uid ${uid}:\n${output}`);
}
