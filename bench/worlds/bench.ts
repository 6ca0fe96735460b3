/**
 * `npm run bench -- worlds`: how long it takes to open a town that was left alone for a year, how many commands a second one
 * town and many live towns carry out, what live towns take of the memory of their process, and what a visitor receives.
 */
import type { Bench, Surroundings } from '../bench.ts';
import { latencyOf } from '../statistics.ts';
import { advanceUs } from './advance.ts';
import { openLine } from './line.ts';
import { LOAD_NAMES } from './loads.ts';
import { type CommandRow, type Found, type MemoryRow, reportOf } from './report.ts';
import { Served } from './server.ts';
import { LARGE, type Size, SMALL, Stage, YEAR_MS } from './stage.ts';
import { DAY_MS, type Town } from './towns.ts';

const FULL: Size = { large: 100, warm: 10, small: 1_000 };
const QUICK: Size = { large: 4, warm: 1, small: 40 };
const WARM_MS = 500;
const WARM_MS_QUICK = 50;
/** An order to the clients is not waited for longer than a minute. */
const MAX_WINDOW_SECONDS = 30;
/** Commands that wait for their answers at the same time: in one town, and over many. */
const IN_LINE = [1, 8];
const OVER_ALL = [8, 64];
/** How often the owner of a visited town sends each command. */
const VISITS = 20;
const VISITS_QUICK = 2;

export const worlds: Bench = async (surroundings) => {
  const { options, log } = surroundings;
  const size = options.quick ? QUICK : FULL;
  const { url } = await surroundings.store();
  log(
    `Writing ${size.large + size.warm} towns of ${LARGE} buildings, ${size.small} of ${SMALL} ...`,
  );
  const stage = await Stage.open(url, size);
  try {
    const advance = [YEAR_MS, 7 * DAY_MS, 1_000].map((ms) => ({
      ms,
      us: advanceUs(stage.catalogue, LARGE, ms),
    }));
    const large = await openLarge(stage, size, surroundings);
    const inLine = await runLines(stage, surroundings);
    const small = await runSmall(stage, surroundings);
    log('Proving the books ...');
    const found: Found = {
      advance,
      opening: { first: large.first, ...latencyOf(large.ms), towns: large.ms.length },
      commands: [...inLine, ...small.commands],
      memory: [...large.memory, ...small.memory],
      visit: large.visit,
      unsound: await stage.unsound(),
    };
    return reportOf(found, options);
  } finally {
    await stage.close();
  }
};

/** Towns of 256 buildings in a server of their own, one after the other; then somebody visits the last one. */
async function openLarge(stage: Stage, size: Size, { options, log, signal }: Surroundings) {
  signal.throwIfAborted();
  log(`Opening ${size.large} towns of ${LARGE} buildings after a year ...`);
  const served = await Served.start(stage.url);
  try {
    const memory = await MemoryRows.start(served, LARGE);
    const opened = await served.open(usersOf(stage.large), true);
    memory.add('all there', stage.large.length, await served.memory());
    const ms = opened.slice(size.warm);
    const { userId, world } = stage.large.at(-1) as Town;
    const visit = await served.visit({
      ownerId: userId,
      world,
      visitorId: stage.apart.visitor.userId,
      times: options.quick ? VISITS_QUICK : VISITS,
    });
    return { first: opened[0] ?? 0, ms, visit, memory: memory.rows };
  } finally {
    await served.close();
  }
}

/** One town after the other in this process, without connections. */
async function runLines(stage: Stage, { options, log, signal }: Surroundings) {
  const rows: CommandRow[] = [];
  for (const [town, buildings] of [
    [stage.apart.small, SMALL],
    [stage.apart.large, LARGE],
  ] as const) {
    const line = await openLine(stage.url, town, stage.catalogue);
    try {
      for (const load of LOAD_NAMES) {
        // There is no free cell to move to in the large one.
        if (load === 'move' && buildings === LARGE) continue;
        for (const inFlight of IN_LINE) {
          const row: CommandRow = { towns: 1, buildings, load, inFlight, windows: [] };
          for (let repeat = 0; repeat < options.repeats; repeat++) {
            signal.throwIfAborted();
            const window = await line.run(load, inFlight, timesOf(options));
            row.windows.push({ ...window, serverCores: window.cpu });
          }
          log(`  one town of ${buildings}, ${load}, ${inFlight} in flight: ${ratesOf(row)}`);
          rows.push(row);
        }
      }
    } finally {
      await line.close();
    }
  }
  return rows;
}

/** All towns of 32 buildings live in one server, each with its owner's connection. */
async function runSmall(stage: Stage, { options, log, signal }: Surroundings) {
  signal.throwIfAborted();
  const towns = stage.small.length;
  log(`Opening ${towns} towns of ${SMALL} buildings ...`);
  const served = await Served.start(stage.url);
  try {
    const memory = await MemoryRows.start(served, SMALL);
    await served.open(usersOf(stage.small));
    memory.add('all there', towns, await served.memory());
    const commands: CommandRow[] = [];
    for (const load of LOAD_NAMES) {
      for (const inFlight of OVER_ALL) {
        const row: CommandRow = { towns, buildings: SMALL, load, inFlight, windows: [] };
        for (let repeat = 0; repeat < options.repeats; repeat++) {
          signal.throwIfAborted();
          const order = { load, inFlight, ...timesOf(options) };
          const { window, serverCores } = await served.commands(order);
          row.windows.push({ ...window, serverCores });
        }
        log(`  ${towns} towns, ${load}, ${inFlight} in flight: ${ratesOf(row)}`);
        commands.push(row);
      }
    }
    memory.add('after the commands', towns, await served.memory());
    return { commands, memory: memory.rows };
  } finally {
    await served.close();
  }
}

/** What a server takes with towns, beside what it took without. */
class MemoryRows {
  readonly rows: MemoryRow[] = [];
  readonly #buildings: number;
  readonly #none: MemoryRow['is'];

  private constructor(buildings: number, none: MemoryRow['is']) {
    this.#buildings = buildings;
    this.#none = none;
  }

  static async start(served: Served, buildings: number): Promise<MemoryRows> {
    return new MemoryRows(buildings, await served.memory());
  }

  add(when: string, towns: number, is: MemoryRow['is']): void {
    this.rows.push({ when, towns, buildings: this.#buildings, is, none: this.#none });
  }
}

function usersOf(towns: readonly Town[]): number[] {
  return towns.map(({ userId }) => userId);
}

function timesOf({ quick, seconds }: Surroundings['options']) {
  const ms = Math.min(seconds, MAX_WINDOW_SECONDS) * 1_000;
  return { warmMs: quick ? WARM_MS_QUICK : WARM_MS, ms };
}

function ratesOf({ windows }: CommandRow): string {
  return `${windows.map(({ rate }) => Math.round(rate)).join(', ')} a second`;
}
