/** The figures of worlds as tables and as objects, beside what they must keep to. */
import type { Report } from '../bench.ts';
import type { Options } from '../options.ts';
import { type Latency, median, medianLatency } from '../statistics.ts';
import { short, tableOf, whole } from '../table.ts';
import type { Window } from '../window.ts';
import type { LoadName } from './loads.ts';
import type { Memory } from './memory.ts';
import type { Received, Visited } from './orders.ts';
import { LARGE } from './stage.ts';
import { DAY_MS } from './towns.ts';

/** The median, from the join request to the first state. */
const MAX_OPENING_MS = 50;
/** Resident memory of a server with a thousand live towns, at rest. */
const MAX_MEMORY_MB = 400;

type MemoryFigures = Omit<Memory, 'kind'>;

export interface MemoryRow {
  readonly when: string;
  readonly towns: number;
  readonly buildings: number;
  readonly is: MemoryFigures;
  /** The same server before the first town was opened. */
  readonly none: MemoryFigures;
}

export interface CommandRow {
  readonly towns: number;
  readonly buildings: number;
  readonly load: LoadName;
  readonly inFlight: number;
  readonly windows: (Window & { readonly serverCores: number })[];
}

export interface Found {
  /** The rules alone. */
  readonly advance: readonly { readonly ms: number; readonly us: number }[];
  readonly opening: Latency & { readonly towns: number; readonly first: number };
  readonly commands: readonly CommandRow[];
  readonly memory: readonly MemoryRow[];
  readonly visit: Visited;
  readonly unsound: readonly string[];
}

interface Target {
  readonly what: string;
  readonly limit: string;
  readonly found: string;
  readonly met: boolean;
}

export function reportOf(found: Found, { quick }: Pick<Options, 'quick'>): Report {
  const targets = targetsOf(found);
  const met = targets.every((target) => target.met);
  const sound = found.unsound.length === 0;
  const parts = [
    openingText(found),
    commandsText(found.commands),
    memoryText(found.memory),
    visitText(found.visit),
    tableOf(
      ['target', 'limit', 'found', 'met'],
      targets.map(({ what, limit, found, met }) => [what, limit, found, met ? 'yes' : 'NO']),
      1,
    ),
    sound ? 'The books are sound.' : `THE BOOKS ARE NOT SOUND:\n${found.unsound.join('\n')}`,
  ];
  if (quick)
    parts.push('Towns were few and windows short: these figures say that it works, no more.');
  return {
    ok: sound && (met || quick),
    text: parts.join('\n\n'),
    figures: {
      targets,
      advance: found.advance,
      openingMs: found.opening,
      commands: found.commands.map(commandFigures),
      memory: found.memory.map(memoryFigures),
      visitor: visitFigures(found.visit),
      unsound: found.unsound,
    },
  };
}

function targetsOf({ opening, memory }: Found): Target[] {
  const most = memory.toSorted((a, b) => b.towns - a.towns)[0]?.towns ?? 0;
  const mb = Math.max(
    ...memory.filter(({ towns }) => towns === most).map(({ is }) => is.restBytes / 1e6),
  );
  return [
    {
      what: `opening ${LARGE} buildings after a year (median)`,
      limit: `${MAX_OPENING_MS} ms`,
      found: `${short(opening.p50)} ms`,
      met: opening.p50 < MAX_OPENING_MS,
    },
    {
      what: `${whole(most)} live towns in one process (RSS at rest)`,
      limit: `${MAX_MEMORY_MB} MB`,
      found: `${short(mb)} MB`,
      met: mb < MAX_MEMORY_MB,
    },
  ];
}

function openingText({ advance, opening }: Found): string {
  const rows = advance.map(({ ms, us }) => [
    'the rules alone',
    ms < DAY_MS ? `${ms / 1_000} s` : `${ms / DAY_MS} days`,
    `${short(us)} us`,
    '',
    '',
    '',
  ]);
  const { p50, p95, max, first, towns } = opening;
  rows.push([
    `as a room, of ${towns}`,
    '365 days',
    ...[p50, p95, max, first].map((ms) => `${short(ms)} ms`),
  ]);
  return `A town of ${LARGE} buildings that nobody looked at for so long, brought to now. As a room it is a real server's, from
the join request to the first state; "first" is the first one of the process. A town rests after its cap of absence.\n${tableOf(
    ['what', 'away', 'median', 'p95', 'max', 'first'],
    rows,
    2,
  )}`;
}

function commandsText(rows: readonly CommandRow[]): string {
  const head = [
    'towns',
    'buildings',
    'commands',
    'in flight',
    'a second',
    'least',
    'most',
    'refused',
    'p50 ms',
    'p95',
    'p99',
    'cores',
  ];
  const cells = rows.map((row) => {
    const { a, least, most, refused, latency, cores } = summary(row);
    return [
      whole(row.towns),
      String(row.buildings),
      row.load,
      String(row.inFlight),
      whole(a),
      whole(least),
      whole(most),
      short(refused),
      short(latency.p50),
      short(latency.p95),
      short(latency.p99),
      cores.toFixed(2),
    ];
  });
  return `Commands carried out, in a closed loop. One town: the line of its commands and the ledger, in this process and without
connections. Many: a real server, each town with its owner's connection; the clients share the machine. "cores" is the
process that has the towns. "move" writes the save, "buy, sell" the save, the wallet and the inventory.\n${tableOf(
    head,
    cells,
    0,
  )}`;
}

function summary({ windows }: CommandRow) {
  const rates = windows.map(({ rate }) => rate);
  return {
    a: median(rates),
    least: Math.min(...rates),
    most: Math.max(...rates),
    refused: median(windows.map(({ refusedRate }) => refusedRate)),
    latency: medianLatency(windows.map(({ latency }) => latency)),
    cores: median(windows.map(({ serverCores }) => serverCores)),
  };
}

function commandFigures(row: CommandRow) {
  const { a, refused, latency, cores } = summary(row);
  const { windows, ...what } = row;
  return {
    ...what,
    perSecond: a,
    refusedPerSecond: refused,
    latencyMs: latency,
    cores,
    windows: windows.map(({ rate }) => rate),
  };
}

function memoryText(rows: readonly MemoryRow[]): string {
  const cells = rows.map((row) => {
    const { rssMb, restMb, restMbOfNone, restKbPerTown, usedKbPerTown } = memoryFigures(row);
    return [
      whole(row.towns),
      String(row.buildings),
      row.when,
      short(rssMb),
      short(restMb),
      short(restMbOfNone),
      short(restKbPerTown),
      short(usedKbPerTown),
    ];
  });
  const head = [
    'towns',
    'buildings',
    'when',
    'RSS MB',
    'at rest',
    'without towns',
    'kB a town',
    'in use',
  ];
  return `Memory of a server process in which so many towns are live, each with its owner's connection. "RSS" is as it stood,
"at rest" once the garbage is collected; a town takes the difference to the same process without towns. "in use" is what of
it are objects and buffers.\n${tableOf(head, cells, 0)}`;
}

function memoryFigures({ when, towns, buildings, is, none }: MemoryRow) {
  const perTown = (figure: keyof MemoryFigures) => (is[figure] - none[figure]) / 1e3 / towns;
  return {
    when,
    towns,
    buildings,
    rssMb: is.rssBytes / 1e6,
    restMb: is.restBytes / 1e6,
    usedMb: is.usedBytes / 1e6,
    rssMbOfNone: none.rssBytes / 1e6,
    restMbOfNone: none.restBytes / 1e6,
    usedMbOfNone: none.usedBytes / 1e6,
    restKbPerTown: perTown('restBytes'),
    usedKbPerTown: perTown('usedBytes'),
  };
}

function visitText(visit: Visited): string {
  const { joining, commands } = visitFigures(visit);
  const rows = [
    [`joining a town of ${LARGE} buildings`, whole(joining.bytes), whole(joining.frames)],
    ...Object.entries(commands).map(([type, { bytes, frames }]) => [
      `"${type}" of the owner`,
      whole(bytes),
      short(frames),
    ]),
  ];
  return `What a visitor receives.\n${tableOf(['when', 'bytes', 'frames'], rows, 1)}`;
}

function visitFigures({ joining, commands }: Visited) {
  const medians = (all: readonly Received[]) => ({
    bytes: median(all.map(({ bytes }) => bytes)),
    frames: median(all.map(({ frames }) => frames)),
  });
  return {
    joining,
    commands: Object.fromEntries(
      Object.entries(commands).map(([type, all]) => [type, medians(all)]),
    ),
  };
}
