/** The figures as tables and as objects. Ratios are medians of the ratios of windows that stood beside each other. */
import { median, medianLatency } from '../statistics.ts';
import { short, tableOf, whole } from '../table.ts';
import type { Cell, Part } from './cells.ts';
import { RAW, SEQUELIZE } from './ways.ts';

const PARTS: Record<Part, string> = {
  'closed loop':
    'Accepted bets a second; so many in flight, 64 where nothing else is said. ms from sending to committed.',
  'open loop': 'Sent at a fixed rate to many rooms. ms from the instant at which the bet was due.',
  settlement: 'Bets resolved and paid a second, every second one wins. ms for a whole round.',
};
const NOTE = `Each figure is the median of its windows, of committed and accepted bets only. "x Sequelize" and "x raw" are
ratios to the windows of the same round of the run. The sender shares the process, and so its core, with the ledger:
bets are made before a window, and "Node" is what both take of a core.`;
const LARGEST_ROUND_OF_OTHERS = 'round of 1,000';

export function textOf(cells: readonly Cell[], unsound: readonly string[], quick: boolean): string {
  const parts = [...new Set(cells.map(({ part }) => part))].map((part) => {
    const rows = cells.filter((cell) => cell.part === part).map((cell) => line(cell, cells));
    return `${PARTS[part]}\n${tableOf(HEAD, rows, 3)}`;
  });
  const books =
    unsound.length === 0
      ? 'The books are sound: the audit found nothing in what went through the ledger.'
      : `THE BOOKS ARE NOT SOUND:\n${unsound.join('\n')}`;
  const warning = quick ? ['Windows were short: these figures say that it works, no more.'] : [];
  return [...parts, NOTE, ...comparisons(cells), ...warning, books].join('\n\n');
}

export function figuresOf(cells: readonly Cell[]) {
  return {
    rows: cells.map((cell) => ({
      name: cell.name,
      part: cell.part,
      load: cell.load,
      way: cell.way.name,
      stored: cell.shelf.stored,
      acceptedPerSecond: rateOf(cell),
      refusedPerSecond: median(cell.windows.map(({ refusedRate }) => refusedRate)),
      answered: median(cell.windows.map(({ answered }) => answered)),
      latencyMs: medianLatency(cell.windows.map(({ latency }) => latency)),
      nodeCores: median(cell.windows.map(({ cpu }) => cpu)),
      timesSequelize: jsonRatio(ratio(cell, baseline(cell, cells, SEQUELIZE))),
      timesRaw: jsonRatio(ratio(cell, baseline(cell, cells, RAW))),
      windows: cell.windows.map(({ rate }) => rate),
    })),
  };
}

const HEAD = [
  'load',
  'way',
  'stored',
  'accepted/s',
  'least',
  'most',
  'refused/s',
  'x Sequelize',
  'x raw',
  'p50 ms',
  'p95',
  'p99',
  'max',
  'answered',
  'Node',
];

function line(cell: Cell, cells: readonly Cell[]): string[] {
  const rates = cell.windows.map(({ rate }) => rate);
  const latency = medianLatency(cell.windows.map((window) => window.latency));
  return [
    cell.load,
    cell.way.name,
    whole(cell.shelf.stored),
    whole(rateOf(cell)),
    whole(Math.min(...rates)),
    whole(Math.max(...rates)),
    whole(median(cell.windows.map(({ refusedRate }) => refusedRate))),
    short(ratio(cell, baseline(cell, cells, SEQUELIZE))),
    short(ratio(cell, baseline(cell, cells, RAW))),
    short(latency.p50),
    short(latency.p95),
    short(latency.p99),
    short(latency.max),
    `${Math.floor(median(cell.windows.map(({ answered }) => answered)) * 100)}%`,
    median(cell.windows.map(({ cpu }) => cpu)).toFixed(2),
  ];
}

/** What must not cost much: one hot room, and a long past. */
function comparisons(cells: readonly Cell[]): string[] {
  const lines = cells.flatMap((cell) => {
    const { way, load, part } = cell;
    if (way.side !== 'ours' || part !== 'closed loop') return [];
    const others = cells.filter((other) => other.part === part && other.way.name === way.name);
    const many = others.find((o) => o.shelf === cell.shelf && o.load === 'many rooms');
    const none = others.find((o) => o.shelf.stored === 0 && o.load === load);
    const stored = whole(cell.shelf.stored);
    return [
      ...(many && load === 'one hot room'
        ? [`${way.name}, ${stored} stored: one hot room is ${percent(cell, many)} of many rooms`]
        : []),
      ...(none && cell.shelf.stored > 0
        ? [
            `${way.name}, ${load}: with ${stored} stored it is ${percent(cell, none)} of none stored`,
          ]
        : []),
    ];
  });
  return lines.length > 0 ? [lines.join('\n')] : [];
}

function percent(cell: Cell, other: Cell): string {
  return `${(ratio(cell, other) * 100).toFixed(1)}%`;
}

/** The same figure by another way. Rounds that are too large for it are compared with its largest ones. */
function baseline(cell: Cell, cells: readonly Cell[], way: string): Cell | undefined {
  const same = cells.filter(
    (other) => other.part === cell.part && other.shelf === cell.shelf && other.way.name === way,
  );
  return (
    same.find(({ load }) => load === cell.load) ??
    same.find(({ load }) => load === LARGEST_ROUND_OF_OTHERS)
  );
}

function ratio(cell: Cell, other: Cell | undefined): number {
  if (!other) return Number.NaN;
  return median(cell.windows.map(({ rate }, at) => rate / (other.windows[at]?.rate ?? Number.NaN)));
}

function rateOf(cell: Cell): number {
  return median(cell.windows.map(({ rate }) => rate));
}

function jsonRatio(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
