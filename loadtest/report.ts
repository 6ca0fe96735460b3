/** The figures in words and numbers: one line while it runs, a table at the end, and the object that --json writes. */

import { type Counts, type Figures, type Percentiles, totalOf } from './figures.ts';
import type { Latencies } from './fleet.ts';
import type { Options } from './options.ts';
import type { AuditResult } from './server.ts';
import type { Cost, ServerLoad } from './watch.ts';
import type { Load } from './worker.ts';

export interface Outcome {
  readonly options: Options;
  readonly url: string;
  readonly database: string;
  readonly startedAt: string;
  readonly figures: Figures;
  readonly latencies: Latencies;
  readonly bots: readonly Load[];
  readonly joining: Cost;
  /** From the command to play to the command to stop. */
  readonly playing: Cost;
  readonly audit: AuditResult | undefined;
}

/** What makes the run a failure, in words. */
export function problemsOf({ figures, audit }: Outcome): string[] {
  const { joins, bets, cashOuts, books } = figures;
  const found: [number | boolean, string][] = [
    [joins.made === 0, 'nobody could join'],
    [bets.unanswered, `${bets.unanswered} bets were never answered`],
    [cashOuts.unanswered, `${cashOuts.unanswered} cash-outs were never answered`],
    [books.missing, `${books.missing} acknowledged bets are missing from the books`],
    [books.different, `${books.different} bets stand in the books otherwise than was told`],
    [books.unread, `${books.unread} acknowledged bets could not be looked up`],
    [audit?.ok === false, 'the audit failed'],
  ];
  return found.filter(([is]) => is !== false && is !== 0).map(([, text]) => text);
}

export function progressLine(seconds: number, figures: Figures, { bet }: Latencies): string {
  const { joins, bets, cashOuts } = figures;
  const parts = [`${joins.made} joined`];
  if (totalOf(joins.failed) > 0) parts.push(`${totalOf(joins.failed)} attempts failed`);
  if (bets.sent > 0) {
    const answered = `${bets.acknowledged} acknowledged, ${totalOf(bets.refused)} refused`;
    parts.push(`bets ${bets.sent} sent, ${answered}`, `${cashOuts.paid} cashed out`);
    parts.push(`bet p50 ${ms(bet.p50)}, p99 ${ms(bet.p99)}`);
  }
  return `${seconds.toFixed(0).padStart(5)} s  ${parts.join(' | ')}`;
}

export function table(outcome: Outcome): string {
  const { options, figures, latencies, joining, playing, bots, audit } = outcome;
  const { joins, bets, cashOuts, connections, traffic, books, rounds } = figures;
  const clientSeconds = Math.max(1, joins.made) * playing.seconds;
  const per = (n: number) => (n / clientSeconds).toFixed(1);
  const rows: [string, string][] = [
    ['server', `${outcome.url}, database: ${outcome.database}`],
    [
      'play',
      `${options.bots} bots, ${playing.seconds.toFixed(1)} s, ${rounds.size} rounds seen`,
    ],
    ['joins', `${joins.made} made, ${totalOf(joins.failed)} failed${codes(joins.failed)}`],
    [
      'bets',
      `${bets.sent} sent, ${bets.acknowledged} acknowledged, ${totalOf(bets.refused)} refused${codes(bets.refused)}`,
    ],
    ['', `${bets.unanswered} unanswered, ${bets.repeated} sent again after a broken connection`],
    [
      'cash-outs',
      `${cashOuts.sent} sent, ${cashOuts.paid} paid, ${totalOf(cashOuts.refused)} refused${codes(cashOuts.refused)}`,
    ],
    [
      '',
      `${cashOuts.unanswered} unanswered, ${cashOuts.repeated} sent again after a broken connection`,
    ],
    ['join latency', percentiles(latencies.join)],
    ['bet latency', percentiles(latencies.bet)],
    ['cash-out latency', percentiles(latencies.cashOut)],
    [
      'each client',
      `${per(traffic.patches)} patches, ${per(traffic.frames)} frames, ${per(traffic.bytes)} bytes per second`,
    ],
    [
      'connections',
      `${connections.reconnected} reconnected, ${totalOf(connections.lost)} lost${codes(connections.lost)}`,
    ],
    ['server process', playing.server ? serverText(playing.server) : 'shows no metrics'],
    ...bots.map((load, index): [string, string] => [
      bots.length === 1 ? 'bot thread' : `bot thread ${index + 1}`,
      `${(load.cpuSeconds / playing.seconds).toFixed(2)} cores, ${(load.busy * 100).toFixed(0)}% busy, event-loop lag p99 ${ms(load.lagP99Ms)}, max ${ms(load.lagMaxMs)}`,
    ]),
    ['this machine', `${playing.machine.busyCores.toFixed(2)} of ${playing.machine.cores} cores busy`],
    [
      'books',
      `${books.acknowledged} acknowledged bets looked up, ${books.missing} missing, ${books.different} otherwise than told`,
    ],
    [
      'audit',
      audit
        ? audit.output.replaceAll('\n', `\n${' '.repeat(18)}`)
        : 'not run: the database of that server is not known here (--audit-here)',
    ],
  ];
  return rows.map(([name, text]) => `${name.padEnd(16)}  ${text}`).join('\n');
}

export function json(outcome: Outcome): object {
  const { figures, latencies, options, joining, playing, audit } = outcome;
  const { rounds, traffic, ...counted } = figures;
  const clientSeconds = Math.max(1, figures.joins.made) * playing.seconds;
  const perClientPerSecond = Object.fromEntries(
    Object.entries(traffic).map(([name, n]) => [name, Math.round((n / clientSeconds) * 100) / 100]),
  );
  const problems = problemsOf(outcome);
  return {
    ok: problems.length === 0,
    problems,
    startedAt: outcome.startedAt,
    url: outcome.url,
    options,
    rounds: rounds.size,
    ...counted,
    latencyMs: latencies,
    traffic: { ...traffic, perClientPerSecond },
    joining,
    playing,
    bots: outcome.bots,
    audit: audit ?? null,
  };
}

function serverText({
  cpuCores,
  rssMaxBytes,
  heapMaxBytes,
  lagP99Ms,
  lagMaxMs,
}: ServerLoad): string {
  const memory = `${mib(rssMaxBytes)} RSS and ${mib(heapMaxBytes)} heap at most`;
  return `${cpuCores.toFixed(2)} cores, ${memory}, event-loop lag p99 ${ms(lagP99Ms)}, max ${ms(lagMaxMs)}`;
}

function percentiles({ count, p50, p95, p99, max }: Percentiles): string {
  if (count === 0) return 'nothing measured';
  return `p50 ${ms(p50)}, p95 ${ms(p95)}, p99 ${ms(p99)}, max ${ms(max)} (${count} measured)`;
}

function codes(counts: Counts): string {
  const parts = Object.entries(counts).map(([code, n]) => `${code} ${n}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function ms(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(1)} ms`;
}

function mib(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
