/** The command line of the benches: each one that was asked for, a database for those that need one, tables and JSON. */
import { writeFileSync } from 'node:fs';
import { arch, cpus, totalmem } from 'node:os';
import { auditing } from './audit/bench.ts';
import type { Bench, Report } from './bench.ts';
import { ledger } from './ledger/bench.ts';
import { help, OptionError, readOptions } from './options.ts';
import { returns } from './returns/bench.ts';
import { rooms } from './rooms/bench.ts';
import { openStore, type Store } from './store.ts';
import { worlds } from './worlds/bench.ts';

/** By name. */
const BENCHES: Record<string, Bench> = { ledger, audit: auditing, returns, rooms, worlds };

async function main(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const options = readOptions(argv, Object.keys(BENCHES));
  if (!options) {
    console.log(help(Object.keys(BENCHES)));
    return 0;
  }
  const startedAt = new Date().toISOString();
  const machine = machineOf();
  let opened: Promise<Store> | undefined;
  const store = () => {
    opened ??= openStore().then(tellStore);
    return opened;
  };
  const reports: Record<string, Report> = {};
  let database: Pick<Store, 'place' | 'settings'> | undefined;
  try {
    console.log(`${machine.cores} cores (${machine.cpu}), Node ${machine.node}`);
    for (const name of options.benches) {
      const bench = BENCHES[name] as Bench;
      const log = (line: string) => console.log(line);
      const report = await bench({ options, store, signal, log });
      reports[name] = report;
      console.log(`\n${report.text}\n`);
    }
    const used = await opened;
    database = used && { place: used.place, settings: used.settings };
  } finally {
    // One that could not be opened has been told by the bench that asked for it.
    await opened?.then((used) => used.close()).catch(() => {});
  }
  if (options.json) {
    const figures = Object.fromEntries(
      Object.entries(reports).map(([name, { ok, figures }]) => [name, { ok, ...figures }]),
    );
    const written = { startedAt, machine, database, options, ...figures };
    writeFileSync(options.json, `${JSON.stringify(written, replaceRegExp, 2)}\n`);
  }
  return Object.values(reports).every(({ ok }) => ok) ? 0 : 1;
}

function tellStore(store: Store): Store {
  const settings = Object.entries(store.settings).map(([name, value]) => `${name} ${value}`);
  console.log(`PostgreSQL (${store.place}): ${settings.join(', ')}`);
  return store;
}

function machineOf() {
  const [first] = cpus();
  return {
    cores: cpus().length,
    cpu: first?.model.trim() ?? arch(),
    memoryBytes: totalmem(),
    node: process.version,
  };
}

function replaceRegExp(_key: string, value: unknown): unknown {
  return value instanceof RegExp ? value.source : value;
}

const broken = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => broken.abort());
main(process.argv.slice(2), broken.signal).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    if (error instanceof OptionError)
      console.error(`${error.message}\nTry: npm run bench -- --help`);
    else console.error(broken.signal.aborted ? 'Broken off.' : error);
    process.exitCode = error instanceof OptionError ? 2 : 1;
  },
);
