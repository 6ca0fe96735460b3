/** The server process: comes up, says where it is, and goes down in order. */
import { flushCompileCache } from 'node:module';
import { createApp } from '../app.ts';
import type { Command, Invocation } from './command.ts';
import { ensurePage } from './page.ts';

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
    await ensurePage();
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
  // Now, for a server may never come to a quiet end.
  flushCompileCache();
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
