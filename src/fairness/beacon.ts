/**
 * F6: the optional public beacon, a drand chain. A round that is locked waits for the chain's first round after the
 * lock, which nobody knows before, and mixes it into its draw. Whatever happens to the beacon, the wait is bounded and
 * ends with an answer: that round of the chain, or why it was missing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import { metrics } from '../metrics.ts';
import {
  chainHashIn,
  chainOf,
  type DrandChain,
  type DrandRound,
  drandRoundOf,
  roundAfter,
  timeOf,
} from './drand.ts';

/** So long after its time a round of the chain is waited for; it is usually there within one second. */
const LATE_MS = 3_000;
/** One request, with all of its answer. */
const REQUEST_MS = 2_000;
const RETRY_MS = 300;
/** Of an answer; a round takes some 300 bytes, a chain's info 700. */
const MAX_ANSWER_BYTES = 16_384;
/** Rounds of the chain that are remembered. Tables that lock at about the same time wait for the same one. */
const MAX_REMEMBERED = 8;

/** It was not there in time; nothing useful answered; what answered was something else. */
export type MissingReason = 'timeout' | 'unreachable' | 'invalid';

export interface MissingBeacon {
  readonly chain: string;
  /** Which round would have been used; null when the chain's times were not known either. */
  readonly round: number | null;
  readonly missing: MissingReason;
}

/** What a round of a game is drawn with, beside its own seed. */
export type Beacon = DrandRound | MissingBeacon;

export interface AwaitedBeacon {
  /** When it is expected, in milliseconds since the epoch. */
  readonly dueAt: number;
  /** Never rejects, and takes no longer than the chain's period, REQUEST_MS and LATE_MS together. */
  readonly arrived: Promise<Beacon>;
}

/** `lockedAt`: milliseconds since the epoch; the chain's round is the first whose time is strictly after it. */
export type AwaitBeacon = (lockedAt: number) => AwaitedBeacon;

/** The bytes that go into the draw (F2); undefined without a beacon. */
export function beaconBytes(beacon: Beacon | null): Buffer | undefined {
  return beacon && 'randomness' in beacon ? Buffer.from(beacon.randomness, 'hex') : undefined;
}

class Failure extends Error {
  readonly reason: MissingReason;

  constructor(reason: MissingReason, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.reason = reason;
  }
}

/** One for all tables of a process: each round of the chain is asked for once. */
export class PublicBeacon {
  readonly #url: string;
  readonly #hash: string;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  readonly #rounds = new Map<number, Promise<Beacon>>();
  #chain: DrandChain | undefined;
  #learning: Promise<DrandChain> | undefined;
  #down = false;

  /** `url` of a relay, up to and with the chain's hash. */
  constructor(url: string, logger: Logger) {
    this.#url = url;
    this.#hash = chainHashIn(url) as string;
    this.#logger = logger;
  }

  /** Asks for the chain's times, so that the first lock knows them. */
  async start(): Promise<void> {
    await this.#learn().catch((failure) => this.#note(failure));
  }

  stop(): void {
    this.#stop.abort();
  }

  readonly after: AwaitBeacon = (lockedAt) => {
    const chain = this.#chain;
    if (chain) return this.#awaited(chain, lockedAt);
    const arrived = this.#learn().then(
      (learned) => this.#awaited(learned, lockedAt).arrived,
      (failure) => this.#missing(null, failure),
    );
    return { dueAt: lockedAt + REQUEST_MS, arrived };
  };

  #awaited(chain: DrandChain, lockedAt: number): AwaitedBeacon {
    const round = roundAfter(chain, lockedAt);
    let arrived = this.#rounds.get(round);
    if (!arrived) {
      arrived = this.#ask(chain, round);
      this.#rounds.set(round, arrived);
      const [oldest] = this.#rounds.keys();
      if (this.#rounds.size > MAX_REMEMBERED) this.#rounds.delete(oldest as number);
    }
    return { dueAt: timeOf(chain, round), arrived };
  }

  /** Asks from the round's time on, until it is there or too late. */
  async #ask(chain: DrandChain, round: number): Promise<Beacon> {
    // From here on the monotonic clock: setting the other one makes no wait longer.
    const aheadMs = Math.min(Math.max(0, timeOf(chain, round) - Date.now()), chain.periodMs);
    const deadline = performance.now() + aheadMs + LATE_MS;
    await this.#pause(aheadMs);
    let failure = new Failure('timeout', 'the round was not there in time');
    for (;;) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0 || this.#stop.signal.aborted) return this.#missing(round, failure);
      try {
        const answer = await this.#get(`/public/${round}`, Math.min(leftMs, REQUEST_MS));
        return this.#arrived(parsed(() => drandRoundOf(answer, chain, round)));
      } catch (error) {
        // The last attempts are cut short: what came of those before says more.
        if ((error as Failure).reason !== 'timeout') failure = error as Failure;
      }
      await this.#pause(Math.min(RETRY_MS, deadline - performance.now()));
    }
  }

  /** One question at a time, however many wait for the answer; after a failure the next one asks again. */
  #learn(): Promise<DrandChain> {
    this.#learning ??= this.#get('/info', REQUEST_MS)
      .then((info) => {
        this.#chain = parsed(() => chainOf(info, this.#hash));
        return this.#chain;
      })
      .finally(() => {
        this.#learning = undefined;
      });
    return this.#learning;
  }

  /** @throws Failure */
  async #get(path: string, timeoutMs: number): Promise<unknown> {
    const timeout = AbortSignal.timeout(Math.ceil(timeoutMs));
    const signal = AbortSignal.any([timeout, this.#stop.signal]);
    let text: string;
    try {
      const response = await fetch(`${this.#url}${path}`, { signal });
      if (!response.ok) {
        await response.body?.cancel();
        // A relay that does not have the round yet says so.
        const early = response.status === 404 || response.status === 425;
        throw new Failure(early ? 'timeout' : 'unreachable', `HTTP ${response.status}`);
      }
      text = await bounded(response);
    } catch (error) {
      if (error instanceof Failure) throw error;
      throw new Failure(timeout.aborted ? 'timeout' : 'unreachable', causeOf(error));
    }
    return parsed(() => JSON.parse(text));
  }

  #arrived(beacon: DrandRound): DrandRound {
    metrics.beacons.inc({ result: 'mixed' });
    if (this.#down) this.#logger.info({ round: beacon.round }, 'the beacon is back');
    this.#down = false;
    return beacon;
  }

  #missing(round: number | null, failure: Failure): MissingBeacon {
    metrics.beacons.inc({ result: failure.reason });
    this.#note(failure);
    return { chain: this.#hash, round, missing: failure.reason };
  }

  /** An outage is one line, not one a round. */
  #note({ reason, message }: Failure): void {
    if (this.#down || this.#stop.signal.aborted) return;
    this.#down = true;
    this.#logger.warn({ reason, message }, 'no beacon: rounds are drawn from their chains alone');
  }

  async #pause(ms: number): Promise<void> {
    await delay(Math.max(0, ms), undefined, { signal: this.#stop.signal }).catch(() => {});
  }
}

/** @throws Failure what cannot be read */
function parsed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Failure('invalid', error);
  }
}

/** @throws Failure a body beyond the bound; it is not read to its end */
async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) throw new Failure('invalid', 'the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What `fetch` hides behind "fetch failed". */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause ? error.cause : error;
}
