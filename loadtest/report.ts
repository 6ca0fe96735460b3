/** The figures in words and numbers: one line while it runs, a table at the end, and the object that --json writes. */

import {
  type Compared,
  type Counts,
  type Figures,
  type Latencies,
  type Percentiles,
  totalOf,
} from './figures.ts';
import type { Options } from './options.ts';
import type { AuditResult } from './server.ts';
import type { Cost } from './watch.ts';
import type { Load } from './worker.ts';

const NAME_WIDTH = 13;
const NO_AUDIT = 'not run: the database of that server is not known here (--audit-here)';

export interface Outcome {
  readonly options: Options;
  readonly url: string;
  readonly database: string;
  readonly startedAt: string;
  readonly figures: Figures;
  readonly latencies: Record<keyof Latencies, Percentiles>;
  readonly bots: readonly Load[];
  readonly joining: Cost;
  /** From the command to play to the command to stop. */
  readonly playing: Cost;
  readonly audit: AuditResult | undefined;
}

/** What makes the run a failure, in words. */
export function problemsOf({ figures, audit }: Outcome): string[] {
  const { joins, bets, cashOuts, books, matches, worlds } = figures;
  const { sits, moves } = matches;
  const found: [number | boolean, string][] = [
    [joins.made === 0, 'nobody could join'],
    [bets.unanswered, `${bets.unanswered} bets were never answered`],
    [cashOuts.unanswered, `${cashOuts.unanswered} cash-outs were never answered`],
    [sits.unanswered, `${sits.unanswered} seats that were asked for were never answered`],
    [moves.unanswered, `${moves.unanswered} moves were never answered`],
    [worlds.commands.unanswered, `${worlds.commands.unanswered} commands were never answered`],
    ...unlike(books, 'bets'),
    ...unlike(matches.books, 'seats'),
    [worlds.books.missing, `${worlds.books.missing} saves are missing from the books`],
    [worlds.books.different, `${worlds.books.different} saves, balances or items are not as told`],
    [worlds.books.unread, `${worlds.books.unread} commands could not be looked up`],
    [audit?.ok === false, 'the audit failed'],
  ];
  return found.filter(([is]) => is !== false && is !== 0).map(([, text]) => text);
}

function unlike({ missing, different, unread }: Compared, what: string): [number, string][] {
  return [
    [missing, `${missing} acknowledged ${what} are missing from the books`],
    [different, `${different} ${what} stand in the books otherwise than was told`],
    [unread, `${unread} acknowledged ${what} could not be looked up`],
  ];
}

export function progressLine(
  seconds: number,
  figures: Figures,
  { bet, move, command }: Outcome['latencies'],
): string {
  const { joins, bets, cashOuts, matches, worlds } = figures;
  const parts = [`${joins.made} joined`];
  if (totalOf(joins.failed) > 0) parts.push(`${totalOf(joins.failed)} attempts failed`);
  if (bets.sent > 0) {
    const answered = `${bets.acknowledged} acknowledged, ${totalOf(bets.refused)} refused`;
    parts.push(`bets ${bets.sent} sent, ${answered}`, `${cashOuts.paid} cashed out`);
    parts.push(`bet p50 ${ms(bet.p50)}, p99 ${ms(bet.p99)}`);
  }
  if (matches.sits.sent > 0) {
    parts.push(`matches ${matches.played.size} ended, ${matches.moves.made} moves`);
    parts.push(`move p50 ${ms(move.p50)}, p99 ${ms(move.p99)}`);
  }
  if (worlds.commands.sent > 0) {
    const { sent, acknowledged, refused } = worlds.commands;
    parts.push(`commands ${sent} sent, ${acknowledged} carried out, ${totalOf(refused)} refused`);
    parts.push(`command p50 ${ms(command.p50)}, p99 ${ms(command.p99)}`);
  }
  return `${seconds.toFixed(0).padStart(5)} s  ${parts.join(' | ')}`;
}

export function table(outcome: Outcome): string {
  const { options, figures, latencies, joining, playing, bots, audit } = outcome;
  const { joins, bets, cashOuts, connections, rounds } = figures;
  const per = perClient(outcome);
  const rows: [string, string][] = [
    ['server', `${outcome.url}, database: ${outcome.database}`],
    ['joins', `${joins.made} made, ${failures(joins.failed, 'attempts failed')}`],
    ['', `${joining.seconds.toFixed(1)} s, ${latency(latencies.join)}`],
    ['', costText(joining)],
    ['play', `${options.bots} bots, ${playing.seconds.toFixed(1)} s, ${rounds.size} rounds seen`],
    ['', costText(playing)],
    ...bots.map((load): [string, string] => ['', loadText(load, playing.seconds)]),
    ['bets', `${bets.sent} sent, ${bets.acknowledged} acknowledged, ${failures(bets.refused)}`],
    ['', unanswered(bets)],
    ['', latency(latencies.bet)],
    ['cash-outs', `${cashOuts.sent} sent, ${cashOuts.paid} paid, ${failures(cashOuts.refused)}`],
    ['', unanswered(cashOuts)],
    ['', latency(latencies.cashOut)],
    ...matchRows(outcome),
    ...worldRows(outcome),
    ['each client', `${per.patches} patches, ${per.frames} frames, ${per.bytes} bytes per second`],
    ['connections', `${connections.reconnected} back again, ${failures(connections.lost, 'lost')}`],
    ...bookRows(figures),
    ...lines(audit?.output ?? NO_AUDIT).map((line, n): [string, string] => [
      n ? '' : 'audit',
      line,
    ]),
  ];
  return rows.map(([name, text]) => `${name.padEnd(NAME_WIDTH)}${text}`).join('\n');
}

function matchRows({ figures, latencies }: Outcome): [string, string][] {
  const { played, drawn, sits, moves } = figures.matches;
  if (sits.sent === 0) return [];
  const made = `${moves.sent} sent, ${moves.made} made, ${failures(moves.refused)}`;
  return [
    ['matches', `${played.size} ended, ${drawn.size} drawn`],
    ['seats', `${sits.sent} asked for, ${sits.acknowledged} taken, ${failures(sits.refused)}`],
    ['', unanswered(sits)],
    ['', latency(latencies.sit)],
    ['moves', `${made}, ${moves.unanswered} unanswered, ${moves.broken} cut off`],
    ['', latency(latencies.move)],
  ];
}

function worldRows({ figures, latencies }: Outcome): [string, string][] {
  const { commands } = figures.worlds;
  if (commands.sent === 0) return [];
  const { sent, acknowledged, refused } = commands;
  return [
    ['commands', `${sent} sent, ${acknowledged} carried out, ${failures(refused)}`],
    ['', unanswered(commands)],
    ['', latency(latencies.command)],
  ];
}

function bookRows({ books, matches, worlds }: Figures): [string, string][] {
  const rows: [string, string][] = [['books', comparedText(books, 'acknowledged bets')]];
  if (matches.sits.sent > 0) rows.push(['', comparedText(matches.books, 'acknowledged seats')]);
  if (worlds.commands.sent > 0) {
    rows.push(['', comparedText(worlds.books, 'commands, by save, balance and items,')]);
  }
  return rows;
}

export function json(outcome: Outcome): object {
  const { figures, latencies, joining, playing, bots, options, url, startedAt, audit } = outcome;
  const { rounds, traffic, matches, ...counted } = figures;
  const problems = problemsOf(outcome);
  return {
    ok: problems.length === 0,
    problems,
    startedAt,
    url,
    options,
    rounds: rounds.size,
    ...counted,
    matches: { ...matches, played: matches.played.size, drawn: matches.drawn.size },
    latencyMs: latencies,
    traffic: { ...traffic, perClientPerSecond: perClient(outcome) },
    joining,
    playing,
    bots,
    audit: audit ?? null,
  };
}

/** Per client and second of play. */
function perClient({ options, figures, playing }: Outcome) {
  const { patches, frames, bytes } = figures.traffic;
  const clientSeconds = Math.max(1, Math.min(options.bots, figures.joins.made)) * playing.seconds;
  const per = (n: number) => Math.round((n / clientSeconds) * 100) / 100;
  return { patches: per(patches), frames: per(frames), bytes: per(bytes) };
}

function costText({ server, machine }: Cost): string {
  const all = `this machine ${machine.busyCores.toFixed(2)} of ${machine.cores} cores`;
  if (!server) return `server shows no metrics; ${all}`;
  const { cpuCores, rssMaxBytes, heapMaxBytes, lagP99Ms, lagMaxMs } = server;
  const memory = `${mib(rssMaxBytes)} RSS, ${mib(heapMaxBytes)} heap`;
  const lag = `event-loop lag p99 ${ms(lagP99Ms)}, max ${ms(lagMaxMs)}`;
  return `server ${cpuCores.toFixed(2)} cores, ${memory}, ${lag}; ${all}`;
}

function loadText({ cpuSeconds, busy, lagP99Ms, lagMaxMs }: Load, seconds: number): string {
  const lag = `event-loop lag p99 ${ms(lagP99Ms)}, max ${ms(lagMaxMs)}`;
  return `bot thread ${(cpuSeconds / seconds).toFixed(2)} cores, ${(busy * 100).toFixed(0)}% busy, ${lag}`;
}

function unanswered({ unanswered: n, repeated }: { unanswered: number; repeated: number }): string {
  return `${n} unanswered, ${repeated} sent again after a broken connection`;
}

function comparedText({ acknowledged, missing, different, unread }: Compared, what: string) {
  const otherwise = `${different} otherwise than told, ${unread} could not be looked up`;
  return `${acknowledged} ${what} looked up, ${missing} missing, ${otherwise}`;
}

function latency({ count, p50, p95, p99, max }: Percentiles): string {
  if (count === 0) return 'latency: nothing measured';
  return `latency p50 ${ms(p50)}, p95 ${ms(p95)}, p99 ${ms(p99)}, max ${ms(max)} of ${count}`;
}

function failures(counts: Counts, what = 'refused'): string {
  const codes = Object.entries(counts).map(([code, n]) => `${code} ${n}`);
  return `${totalOf(counts)} ${what}${codes.length === 0 ? '' : ` (${codes.join(', ')})`}`;
}

function lines(text: string): string[] {
  return text.split('\n');
}

function ms(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(1)} ms`;
}

function mib(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
