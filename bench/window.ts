/**
 * One window of load. In a closed loop a number of commands is always in flight: the next one is sent when one is
 * answered. In an open loop commands are sent at a fixed rate, whatever the answers do, and a latency counts from the
 * instant at which the command was due, so that a server that stalls is charged for all that it kept waiting.
 */
import { type Latency, latencyOf } from './statistics.ts';

/** Sends a command; answers OK, or the code of the refusal. */
export type Send<Command> = (command: Command) => Promise<string>;

export interface Window {
  /** Commands answered with OK per second, while commands were sent. */
  readonly rate: number;
  readonly refusedRate: number;
  /** Open loop: the share of the commands that were answered at all before the end; 1 in a closed loop. */
  readonly answered: number;
  /** In ms, of the accepted ones. */
  readonly latency: Latency;
  /** Of this process, the sender included; 1 is a whole core. */
  readonly cpu: number;
}

/** Open loop: how long answers are waited for after the last command was sent. */
const DRAIN_MS = 1_000;
const TICK_MS = 1;

export async function closedLoop<Command>(
  send: Send<Command>,
  next: () => Command,
  inFlight: number,
  times: { readonly warmMs: number; readonly ms: number },
): Promise<Window> {
  const from = performance.now() + times.warmMs;
  const to = from + times.ms;
  const latencies: number[] = [];
  let refused = 0;
  // From answer to answer: batches are answered at once, and a window would hold one more or one less of them.
  let first = 0;
  let last = 0;
  let cpu: NodeJS.CpuUsage | undefined;

  async function client(): Promise<void> {
    for (;;) {
      const sent = performance.now();
      if (sent >= to) return;
      const code = await send(next());
      const now = performance.now();
      if (now < from || first === 0) {
        first = now;
        cpu = process.cpuUsage();
      } else if (now <= to || last === 0) {
        if (code === 'OK') latencies.push(now - sent);
        else refused += 1;
        last = now;
      }
    }
  }
  await Promise.all(Array.from({ length: inFlight }, client));
  const seconds = (last - first) / 1_000;
  return {
    rate: latencies.length / seconds,
    refusedRate: refused / seconds,
    answered: 1,
    latency: latencyOf(latencies),
    cpu: cpuShare(cpu, (performance.now() - first) / 1_000),
  };
}

export async function openLoop<Command>(
  send: Send<Command>,
  next: () => Command,
  ratePerSecond: number,
  times: { readonly warmMs: number; readonly ms: number },
): Promise<Window> {
  const start = performance.now();
  const due = (n: number) => start + (n * 1_000) / ratePerSecond;
  const warm = Math.round((times.warmMs * ratePerSecond) / 1_000);
  const total = warm + Math.round((times.ms * ratePerSecond) / 1_000);
  const latencies: number[] = [];
  let inTime = 0;
  let refused = 0;
  let failure: unknown;
  let sending = true;
  const pending = new Set<number>();
  let cpu: NodeJS.CpuUsage | undefined;

  function sendOne(n: number): void {
    if (n === warm) cpu = process.cpuUsage();
    pending.add(n);
    send(next()).then(
      (code) => {
        const now = performance.now();
        if (!pending.delete(n)) return;
        if (sending && now >= due(warm)) {
          if (code === 'OK') inTime += 1;
          else refused += 1;
        }
        if (code === 'OK' && n >= warm) latencies.push(now - due(n));
      },
      (error) => {
        failure ??= error;
      },
    );
  }
  for (let sent = 0; sent < total; ) {
    const now = performance.now();
    while (sent < total && due(sent) <= now) sendOne(sent++);
    await tick();
  }
  sending = false;
  const end = performance.now();
  const share = cpuShare(cpu, (end - due(warm)) / 1_000);
  while (pending.size > 0 && performance.now() < end + DRAIN_MS) await tick();
  if (failure !== undefined) throw failure;
  const unanswered = [...pending].filter((n) => n >= warm);
  pending.clear();
  // What was not answered took at least this long.
  const late = unanswered.map((n) => performance.now() - due(n));
  const seconds = (end - due(warm)) / 1_000;
  return {
    rate: inTime / seconds,
    refusedRate: refused / seconds,
    answered: 1 - unanswered.length / (total - warm),
    latency: latencyOf([...latencies, ...late]),
    cpu: share,
  };
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, TICK_MS));
}

function cpuShare(before: NodeJS.CpuUsage | undefined, seconds: number): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6 / seconds;
}
