/** Runs one of PostgreSQL's programs, bounded in time and output. No shell: any path is safe as an argument. */
import { spawn } from 'node:child_process';

/** What of a program's output is kept for an error message, in characters. */
const OUTPUT_LIMIT = 8_000;
/** PostgreSQL sees nothing else of our environment: PG* variables would redirect it, and ours hold secrets. */
const PASSED_ON = ['PATH', 'LD_LIBRARY_PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot'];

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** The account to run as; absent: our own. */
  readonly uid?: number;
  readonly gid?: number;
}

export interface Finished {
  /** The exit code; null: killed, or it could not be started. */
  readonly code: number | null;
  readonly output: string;
}

export function environment(): NodeJS.ProcessEnv {
  // biome-ignore lint/style/noProcessEnv: handed on, not read as a setting.
  const passed = PASSED_ON.map((name) => [name, process.env[name]]);
  const given = passed.filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), LC_ALL: 'C', TZ: 'UTC' };
}

/** Never rejects: a program that cannot be started is one that failed, with the reason as its output. */
export function run(command: Command, timeoutMs: number): Promise<Finished> {
  const { file, args, ...account } = command;
  return new Promise((resolve) => {
    let output = '';
    const keep = (text: string) => {
      output = (output + text).slice(-OUTPUT_LIMIT);
    };
    // Its own session, so that Ctrl-C in the terminal does not stop it half-way.
    const child = spawn(file, args, {
      ...account,
      cwd: '/',
      env: environment(),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const timer = setTimeout(() => {
      keep(`\n(stopped after ${timeoutMs / 1000} s)`);
      child.kill('SIGKILL');
    }, timeoutMs);
    const finish = (code: number | null) => {
      clearTimeout(timer);
      resolve({ code, output: output.trim() });
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.once('error', (error) => {
      keep(error.message);
      finish(null);
    });
    child.once('close', finish);
  });
}
