/**
 * PostgreSQL refuses to run as root. Started by root, its programs run as the owner of the data, or as the system
 * user `postgres`, which is made when missing. When that user cannot reach the data or the programs (a clone below
 * /root, say), they get the one capability that reaches them; when that is not to be had, the start stops and says
 * what to do. Started by anybody else, they simply run as that user.
 */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Binaries } from './binaries.ts';
import { type Command, run } from './run.ts';

const USER = 'postgres';
const COMMAND_TIMEOUT_MS = 20_000;
const CAPABILITY = '+dac_override';

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface Account {
  /** Who owns the data directory; undefined: we ourselves, no change of user. */
  readonly owner: Owner | undefined;
  /** The command that runs a program of PostgreSQL as this account. */
  command(file: string, args: readonly string[]): Command;
}

/** `dataDir` must exist; `cluster` is the data directory below it, which need not. */
export async function chooseAccount(
  dataDir: string,
  cluster: string,
  binaries: Binaries,
  log: (line: string) => void,
): Promise<Account> {
  const us = process.getuid?.();
  const holder = statSync(cluster, { throwIfNoEntry: false });
  if (us !== 0) {
    if (us !== undefined && holder !== undefined && holder.uid !== us) {
      throw new Error(`The data in ${cluster} belong to another user (uid ${holder.uid}).
Start Roundhouse as that user, or give the data to this one: sudo chown -R ${us} '${dataDir}'`);
    }
    return { owner: undefined, command: (file, args) => ({ file, args }) };
  }
  const owner = holder && holder.uid !== 0 ? holder : await systemUser(log);
  const plain = as(owner);
  if (await reaches(plain, dataDir, binaries)) return plain;
  const capable = withCapability(owner);
  if (await reaches(capable, dataDir, binaries)) return capable;
  throw new Error(unreachable(owner, [dataDir, binaries.postgres]));
}

function as({ uid, gid }: Owner): Account {
  return { owner: { uid, gid }, command: (file, args) => ({ file, args, uid, gid }) };
}

function withCapability({ uid, gid }: Owner): Account {
  const change = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  // Without that bit, access(2) ignores the capability, and PostgreSQL asks it about its own programs.
  const bits = '--securebits=+no_setuid_fixup';
  const reach = [`--inh-caps=${CAPABILITY}`, `--ambient-caps=${CAPABILITY}`, bits];
  return {
    owner: { uid, gid },
    command: (file, args) => ({
      file: 'setpriv',
      args: [...change, ...reach, '--', file, ...args],
    }),
  };
}

/** Whether the account can run the programs, with their libraries, and enter the directory of the data. */
async function reaches(account: Account, dataDir: string, binaries: Binaries): Promise<boolean> {
  const probes = [
    account.command(binaries.initdb, ['--show', '--pgdata=unused']),
    account.command('sh', ['-c', 'cd "$1"', 'sh', dataDir]),
  ];
  const finished = await Promise.all(probes.map((probe) => run(probe, COMMAND_TIMEOUT_MS)));
  return finished.every(({ code }) => code === 0);
}

async function systemUser(log: (line: string) => void): Promise<Owner> {
  const found = await lookUp();
  if (found) return found;
  log(`PostgreSQL does not run as root: making the system user "${USER}" for it.`);
  const nologin = ['--no-create-home', '--shell', '/usr/sbin/nologin'];
  const made = [
    await run({ file: 'groupadd', args: ['--system', '--force', USER] }, COMMAND_TIMEOUT_MS),
    await run(
      { file: 'useradd', args: ['--system', '--gid', USER, ...nologin, USER] },
      COMMAND_TIMEOUT_MS,
    ),
  ];
  const user = await lookUp();
  if (user) return user;
  throw new Error(`PostgreSQL does not run as root, and the system user "${USER}" could not be made:
${made.map(({ output }) => output).join('\n')}
Make it by hand, start Roundhouse as another user than root, or set DATABASE_URL.`);
}

async function lookUp(): Promise<Owner | undefined> {
  const ids = await Promise.all(
    ['-u', '-g'].map((flag) => run({ file: 'id', args: [flag, USER] }, COMMAND_TIMEOUT_MS)),
  );
  const [uid, gid] = ids.map(({ code, output }) => (code === 0 ? Number(output) : Number.NaN));
  return Number.isInteger(uid) && Number.isInteger(gid) ? ({ uid, gid } as Owner) : undefined;
}

function unreachable(owner: Owner, targets: readonly string[]): string {
  const closed = [...new Set(targets.flatMap(parents))].filter((path) => !enterable(path, owner));
  const places = closed.length > 0 ? closed : targets;
  const open = places.map((path) => `  chmod o+x '${path}'`).join('\n');
  return `PostgreSQL does not run as root, and the user it runs as (uid ${owner.uid}) cannot reach
${targets.map((path) => `  ${path}`).join('\n')}
Do one of these:
- move the project and its data to a place that every user can enter, such as /opt or /srv;
- let that user pass through:
${open}
- install util-linux (its setpriv) and allow the capability CAP_DAC_OVERRIDE to this container;
- start Roundhouse as another user than root, or set DATABASE_URL to a PostgreSQL of your own.`;
}

/** The path and the directories above it. */
function parents(path: string): string[] {
  const up = dirname(path);
  return up === path ? [path] : [path, ...parents(up)];
}

function enterable(path: string, { uid, gid }: Owner): boolean {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (entry === undefined || !entry.isDirectory()) return true;
  const shift = entry.uid === uid ? 6 : entry.gid === gid ? 3 : 0;
  return ((entry.mode >> shift) & 1) === 1;
}
