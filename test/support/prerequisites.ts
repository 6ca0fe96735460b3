/**
 * What the tests need from the system: a Redis and a Chromium. `npm test` runs this first: it installs them where it
 * may (as root on a Debian-like system), and otherwise stops with the command to run.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const INSTALL_TIMEOUT_MS = 10 * 60_000;

interface Need {
  readonly title: string;
  readonly debianPackage: string;
  find(): string | undefined;
}

const NEEDS: readonly Need[] = [
  {
    title: 'redis-server',
    debianPackage: 'redis-server',
    find: () => onPath('redis-server'),
  },
  {
    title: `a Chromium (${CHROMIUM_NAMES.join(', ')}, or its path in CHROMIUM_PATH)`,
    debianPackage: 'chromium',
    find: findChromium,
  },
];

/** The program to drive in browser tests; undefined: there is none. */
export function findChromium(): string | undefined {
  const given = process.env.CHROMIUM_PATH;
  if (given) return isProgram(given) ? given : undefined;
  return CHROMIUM_NAMES.map(onPath).find((path) => path !== undefined);
}

function main(): void {
  const missing = missingNeeds();
  if (missing.length === 0) return;
  const packages = missing.map(({ debianPackage }) => debianPackage);
  console.log(`The tests need ${missing.map(({ title }) => title).join(', and ')}.`);
  if (mayInstall()) install(packages);
  if (missingNeeds().length === 0) return;
  console.error(`Install what is missing, then run the tests again. On Debian or Ubuntu:
  sudo apt-get update && sudo apt-get install -y ${packages.join(' ')}`);
  process.exitCode = 1;
}

function missingNeeds(): Need[] {
  return NEEDS.filter((need) => need.find() === undefined);
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && !!onPath('apt-get');
}

function install(packages: readonly string[]): void {
  for (const args of [['update'], ['install', '-y', ...packages]]) {
    console.log(`Running apt-get ${args.join(' ')}`);
    const { status } = spawnSync('apt-get', args, {
      stdio: 'inherit',
      timeout: INSTALL_TIMEOUT_MS,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (status !== 0) return;
  }
}

function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.main) main();
