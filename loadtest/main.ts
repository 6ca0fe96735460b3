/** The load test's command line: starts a server or takes a given one, lets bots play, and proves the books. */
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Fleet } from './fleet.ts';
import { gameToPlay } from './game.ts';
import { HELP, OptionError, type Options, readOptions } from './options.ts';
import { json, type Outcome, problemsOf, progressLine, table } from './report.ts';
import { audit, type OwnServer, startServer } from './server.ts';
import { Watch } from './watch.ts';

const PROGRESS_MS = 2_000;

async function main(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const options = readOptions(argv);
  if (!options) {
    console.log(HELP);
    return 0;
  }
  let server: OwnServer | undefined;
  try {
    if (options.url === undefined) {
      console.log('Starting a server ...');
      server = await startServer();
    }
    const outcome = await run(options, server, signal);
    console.log(`\n${table(outcome)}\n`);
    if (options.json) writeFileSync(options.json, `${JSON.stringify(json(outcome), null, 2)}\n`);
    const problems = problemsOf(outcome);
    for (const problem of problems) console.log(`FAILED: ${problem}`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    await server?.stop();
  }
}

async function run(
  options: Options,
  server: OwnServer | undefined,
  signal: AbortSignal,
): Promise<Outcome> {
  const url = server?.url ?? (options.url as string);
  const startedAt = new Date().toISOString();
  const game = await gameToPlay(url, options.game);
  const watchJoins = new Watch(url);
  const watchPlay = new Watch(url);
  await watchJoins.start();
  const fleet = new Fleet(url, game, options);
  const began = performance.now();
  const progress = setInterval(() => {
    const seconds = (performance.now() - began) / 1000;
    console.log(progressLine(seconds, fleet.figures(), fleet.latencies()));
  }, PROGRESS_MS);
  try {
    console.log(`${options.bots} bots join ${url}, ${options.ramp} in a second ...`);
    await orAborted(fleet.seated(), signal);
    const joining = await watchJoins.stop();
    if (game.kind === 'round') console.log('Waiting for the next betting phase ...');
    const somebody = fleet.figures().joins.made > 0;
    if (somebody) await orAborted(fleet.play(), signal);
    await watchPlay.start();
    console.log(`The bots play for ${options.seconds} s ...`);
    if (somebody) await delay(options.seconds * 1000, undefined, { signal });
    const playing = await watchPlay.stop();
    console.log("Waiting for the last answers, reading every player's books ...");
    await orAborted(fleet.stop(), signal);
    clearInterval(progress);
    const environment = server?.environment ?? (options.auditHere ? process.env : undefined);
    return {
      options,
      url,
      database: server?.database ?? 'of that server',
      startedAt,
      figures: fleet.figures(),
      latencies: fleet.latencies(),
      bots: fleet.loads(),
      joining,
      playing,
      audit: environment && (await audit(environment)),
    };
  } finally {
    clearInterval(progress);
    watchJoins.cancel();
    watchPlay.cancel();
    await fleet.end();
  }
}

/** @throws AbortError when `signal` comes first */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

const broken = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => broken.abort());
main(process.argv.slice(2), broken.signal).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    if (error instanceof OptionError)
      console.error(`${error.message}\nTry: npm run loadtest -- --help`);
    else console.error(broken.signal.aborted ? 'Broken off.' : error);
    process.exitCode = error instanceof OptionError ? 2 : 1;
  },
);
