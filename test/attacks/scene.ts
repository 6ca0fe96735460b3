/** A server that is attacked, and a bystander at the same table who only wants to play. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  joinCrash,
  leaveAll,
  refusal,
  type ServerOptions,
  startServer,
  type TestPlayer,
  type TestServer,
} from '../support/server.ts';

/** Betting stays open for the whole test: the bystander's bets are accepted at any time. */
const LONG_BETTING_MS = 600_000;
/** What the process may grow by during an attack: a garbage collector that takes its time, and not much more. */
const MAX_GROWTH_MB = 150;
/** The longest that the server's event loop may be held up, and the slowest answer that the bystander may get, on a
 * machine that also runs the attack. */
const MAX_BLOCKED_MS = 3_000;
const MAX_WAIT_MS = 9_000;
const WATCH_EVERY_MS = 50;

interface Usage {
  readonly memoryMb: number;
  readonly cpuSeconds: number;
  readonly blockedMs: number;
}

export interface Scene {
  readonly server: TestServer;
  /**
   * Runs the attack while the bystander asks the room again and again, then proves that nothing happened to anyone
   * else: same process, the bystander's bet is accepted, memory within its bound, nothing logged as our error.
   */
  attack<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** The value of a line of GET /metrics; 0 when there is none yet. */
  metric(line: string): Promise<number>;
  close(): Promise<void>;
}

export async function startScene(options: ServerOptions = {}): Promise<Scene> {
  const env = { BETTING_MS: String(LONG_BETTING_MS), TRUST_PROXY: 'true', ...options.env };
  const server = await startServer({ ...options, env });
  const { pid } = server;

  async function metrics(): Promise<Map<string, number>> {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines
        .map((line) => line.split(/ (?=\S+$)/) as [string, string])
        .map(([k, v]) => [k, Number(v)]),
    );
  }
  const metric = async (line: string) => (await metrics()).get(line) ?? 0;
  async function usage(): Promise<Usage> {
    const values = await metrics();
    return {
      memoryMb: (values.get('process_resident_memory_bytes') ?? 0) / 2 ** 20,
      cpuSeconds: values.get('process_cpu_seconds_total') ?? 0,
      // Since the last time somebody asked.
      blockedMs: (values.get('nodejs_eventloop_lag_max_seconds') ?? 0) * 1_000,
    };
  }

  return {
    server,
    metric,
    async attack(name, work) {
      const bystander = await joinCrash(server.url);
      await bystander.phase('betting');
      await bystander.bet(100);
      const before = await usage();
      const startedAt = performance.now();
      const watch = watchOver(bystander, usage);
      const result = await work().finally(() => watch.stop());
      const { slowestMs, peakMb, blockedMs } = await watch.stop();
      const seconds = (performance.now() - startedAt) / 1_000;
      const { cpuSeconds } = await usage();
      assert.equal(server.pid, pid, 'the server is the same process');
      assert.equal((await bystander.bet(64)).balance, 336, "the bystander's next bet");
      await bystander.room.leave();
      const grewMb = peakMb - before.memoryMb;
      console.log(
        `        ${name}: ${seconds.toFixed(1)} s, CPU ${(cpuSeconds - before.cpuSeconds).toFixed(1)} s,` +
          ` memory ${before.memoryMb.toFixed(0)} MB, at most +${grewMb.toFixed(0)} MB;` +
          ` event loop blocked ${blockedMs.toFixed(0)} ms at most, bystander answered within ${slowestMs.toFixed(0)} ms`,
      );
      assert.ok(grewMb < MAX_GROWTH_MB, `grew by ${grewMb} MB`);
      assert.ok(blockedMs < MAX_BLOCKED_MS, `the server stood still for ${blockedMs} ms`);
      assert.ok(slowestMs < MAX_WAIT_MS, `the bystander waited ${slowestMs} ms`);
      assert.doesNotMatch(server.output(), /unhandled rejection|"level":(50|60)/);
      return result;
    },
    async close() {
      await leaveAll();
      await server.dispose();
    },
  };
}

/** Asks for a bet that there is not, and for the memory of the process, until told to stop. */
function watchOver(bystander: TestPlayer, usage: () => Promise<Usage>) {
  let slowestMs = 0;
  let peakMb = 0;
  let blockedMs = 0;
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      const asked = performance.now();
      const betId = crypto.randomUUID();
      const { code } = await refusal(bystander.room.request('betStatus', { betId }));
      assert.equal(code, 'NOT_FOUND');
      slowestMs = Math.max(slowestMs, performance.now() - asked);
      const now = await usage();
      peakMb = Math.max(peakMb, now.memoryMb);
      blockedMs = Math.max(blockedMs, now.blockedMs);
      await delay(WATCH_EVERY_MS);
    }
  })();
  running.catch(() => {});
  return {
    async stop() {
      stopped = true;
      await running;
      return { slowestMs, peakMb, blockedMs };
    },
  };
}

/** A generator of bytes that gives the same ones for the same seed (xorshift32). */
export function bytesFrom(seed: number): (length: number) => Buffer {
  let state = seed >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  return (length) => Buffer.from(Array.from({ length }, () => next() & 0xff));
}
