/**
 * `npm run bench -- rooms`: what it costs the server that many watch a derby, beside a bare Colyseus room that shows as
 * many clients the same race at the same pace. The windows take turns: the bare room rests while the derby runs, and
 * moves while the derby takes bets and nothing moves there.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Bench, Surroundings } from '../bench.ts';
import { median } from '../statistics.ts';
import { short, tableOf, whole } from '../table.ts';
import { type BareSide, bareSide, type DerbySide, derbySide, type Window } from './sides.ts';

/** A race is longer, and so is the time between two races. */
const WINDOW_MS = 16_000;
const WINDOW_MS_QUICK = 2_000;
/** After the change of a phase; and then the bare room is at its pace. */
const CALM_MS = 1_000;
/** The derby's cost, as a multiple of the bare room's. */
const MAX_RATIO = 1.3;
/** A room that sends less often is no cheaper. */
const MIN_PATCHES = 19;

interface Pair {
  readonly derby: Window;
  readonly bare: Window;
}

export const rooms: Bench = async (surroundings) => {
  const { options, log } = surroundings;
  const { url } = await surroundings.store();
  const windowMs = options.quick ? WINDOW_MS_QUICK : WINDOW_MS;
  log(`${options.clients} clients watch a derby, and as many a bare room ...`);
  const bare = await bareSide(options.clients);
  try {
    const derby = await derbySide(url, options.clients, windowMs + CALM_MS);
    try {
      return reportOf(await measure(surroundings, derby, bare, windowMs), options);
    } finally {
      await derby.close();
    }
  } finally {
    await bare.close();
  }
};

/** The first pair only warms both up, where it is about figures. */
async function measure(
  { options, log, signal }: Surroundings,
  derby: DerbySide,
  bare: BareSide,
  windowMs: number,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let repeat = options.quick ? 1 : 0; repeat <= options.repeats; repeat++) {
    signal.throwIfAborted();
    await derby.begins('running');
    await delay(CALM_MS, undefined, { signal });
    const race = await derby.window(windowMs);
    await derby.begins('settled');
    bare.tell('run');
    await delay(CALM_MS, undefined, { signal });
    const pair = { derby: race, bare: await bare.window(windowMs) };
    bare.tell('rest');
    if (repeat > 0) pairs.push(pair);
    log(`  ${repeat}/${options.repeats}  ${lineOf(pair)}${repeat > 0 ? '' : ' (warming up)'}`);
  }
  return pairs;
}

function lineOf({ derby, bare }: Pair): string {
  const ms = ({ cpuMs }: Window) => cpuMs.toFixed(1);
  return `derby ${ms(derby)}, bare ${ms(bare)} ms of CPU a second`;
}

const HEAD = [
  'room',
  'CPU ms/s',
  'least',
  'most',
  'patches/s',
  'bytes/s',
  'bytes/patch',
  'CPU us/patch',
];

function reportOf(pairs: readonly Pair[], { clients, quick }: Surroundings['options']) {
  const sides = { derby: pairs.map(({ derby }) => derby), bare: pairs.map(({ bare }) => bare) };
  const perSecond = median(pairs.map(({ derby, bare }) => derby.cpuMs / bare.cpuMs));
  const perPatch = median(pairs.map(({ derby, bare }) => perPatchOf(derby) / perPatchOf(bare)));
  const of = (windows: readonly Window[], figure: keyof Window) =>
    median(windows.map((window) => window[figure]));
  const rows = Object.entries(sides).map(([name, windows]) => {
    const cpu = windows.map(({ cpuMs }) => cpuMs);
    return [
      name,
      short(median(cpu)),
      short(Math.min(...cpu)),
      short(Math.max(...cpu)),
      short(of(windows, 'patches')),
      whole(of(windows, 'bytes')),
      short(of(windows, 'bytes') / of(windows, 'patches')),
      short((median(windows.map(perPatchOf)) / clients) * 1_000),
    ];
  });
  const least = Math.min(of(sides.derby, 'patches'), of(sides.bare, 'patches'));
  const paced = least >= (quick ? 1 : MIN_PATCHES);
  const cheap = Math.max(perSecond, perPatch) <= MAX_RATIO;
  const lines = [
    `${clients} clients each; the process of the server only. Patches and bytes are those of each client, "CPU us/patch"
is the server's time for one patch to one client. Figures are medians of ${pairs.length} windows.`,
    tableOf(HEAD, rows, 1),
    `The derby costs ${perSecond.toFixed(2)} times the CPU of the bare room, ${perPatch.toFixed(2)} times as much for each patch; at most
${MAX_RATIO} is wanted.`,
  ];
  if (!paced)
    lines.push(`NOT THE SAME PACE: there are to be ${MIN_PATCHES} patches a second or more.`);
  if (!cheap && !quick) lines.push('TOO MUCH.');
  if (quick) lines.push('Windows were short: these figures say that it works, no more.');
  return {
    ok: paced && (cheap || quick),
    text: lines.join('\n\n'),
    figures: { clients, ratio: perSecond, ratioPerPatch: perPatch, pairs },
  };
}

/** CPU in ms for one patch to all clients. */
function perPatchOf({ cpuMs, patches }: Window): number {
  return cpuMs / patches;
}
