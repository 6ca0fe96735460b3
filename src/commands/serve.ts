/** The server process: comes up, says where it is, and goes down in order. */
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApp } from '../app.ts';
import type { Command, Invocation } from './command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Longer than a room may take to let its round end; then the process goes as it is, and recovery does the rest. */
const STOP_TIMEOUT_MS = 25_000;

export const serveCommand: Command = {
  usage: 'serve',
  summary: 'runs the server',
  run: serve,
};

export const startCommand: Command = {
  usage: 'start',
  summary: 'builds the page when it is missing or older than its sources, then serves',
  async run(invocation) {
    if (pageIsOld()) {
      console.log('Building the page ...');
      const code = await buildPage();
      if (code !== 0) return code;
    }
    return serve(invocation);
  },
};

async function serve({ config: read }: Invocation): Promise<number> {
  const config = read();
  const ended = Promise.withResolvers<number>();
  process.on('unhandledRejection', (reason) => console.error('unhandled rejection', reason));
  const app = await createApp(config);
  console.log(`Roundhouse is running.
  open   ${config.publicUrl.replace(/:0$/, `:${app.port}`)}
  data   ${app.data}
  stop   Ctrl-C (twice: at once)`);
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(1);
    stopping = true;
    console.log('Stopping: bets close, running rounds end ...');
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    app.stop().then(
      () => ended.resolve(0),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const code = await ended.promise;
  process.exit(code);
}

function buildPage(): Promise<number> {
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: join(ROOT, 'web'),
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Whether a source of the page is newer than what was built from it. */
function pageIsOld(): boolean {
  const built = statSync(join(ROOT, 'web', 'dist', 'index.html'), { throwIfNoEntry: false });
  if (!built) return true;
  const sources = [
    ...filesBelow(join(ROOT, 'web'), (name) => name !== 'dist' && name !== 'node_modules'),
    join(ROOT, 'src', 'protocol.ts'),
    join(ROOT, 'src', 'fairness', 'verifier.ts'),
    join(ROOT, 'package-lock.json'),
  ];
  return sources.some((file) => statSync(file).mtimeMs > built.mtimeMs);
}

function filesBelow(folder: string, wanted: (name: string) => boolean): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => wanted(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path, wanted) : [path];
    });
}
