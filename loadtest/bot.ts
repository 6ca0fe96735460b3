/**
 * One bot: a guest with a connection of its own who bets in every round and cashes out. It remembers each bet it sent
 * and what it was told of it, so that the books can be compared with it at the end.
 */
import type { RecordableHistogram } from 'node:perf_hooks';
import { Client, Protocol, type Room } from '@colyseus/sdk';
import type { Bet, CrashState } from '../src/protocol.ts';
import { count, type Figures, record } from './figures.ts';

/** How a server answers late is a figure; how it does not answer ends somewhere. */
const ANSWER_TIMEOUT_MS = 30_000;
/** Sent again with the same id when the connection broke before the answer. */
const MAX_ATTEMPTS = 5;
/** A bet is not sent in the last moment of a betting phase that was joined late. */
const LOCK_MARGIN_MS = 300;
/** Manual cash-outs come within this time after the lock; the multiplier is then at 1.61. */
const CASH_OUT_WITHIN_MS = 8_000;
/** Automatic ones at 1.01 to 4.00. */
const AUTO_MIN = 101;
const AUTO_MAX = 400;
const FRAME_CODE_MASK = 0x1f;

/** What the bots of one worker share. */
export interface Play {
  readonly url: string;
  readonly table: string | undefined;
  readonly betsPerRound: number;
  readonly stake: number;
  readonly spreadMs: number;
  readonly figures: Figures;
  readonly betLatency: RecordableHistogram;
  readonly cashOutLatency: RecordableHistogram;
  /** Between the command to play and the command to stop. */
  on: boolean;
}

/** A bet that was sent, and the last that was heard of it. */
export interface SentBet {
  readonly betId: string;
  readonly stake: number;
  readonly auto: boolean;
  told: Bet | undefined;
  refused: string | undefined;
}

class Refused extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export class Bot {
  readonly client: Client;
  readonly sent = new Map<string, SentBet>();
  readonly #play: Play;
  readonly #auto: boolean;
  readonly #room: Room<unknown, CrashState>;
  readonly #over = Promise.withResolvers<void>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #asking = new Set<Promise<void>>();
  #reconnected = Promise.withResolvers<void>();
  #gone = false;
  #leaving = false;
  #seen = '';
  #betIn = '';

  /** Signs in as a new guest and joins. */
  static async enter(play: Play, auto: boolean): Promise<Bot> {
    const client = new Client(play.url);
    // Clients of one process share the SDK's token storage; this one starts as a stranger.
    client.http.authToken = undefined as never;
    await client.auth.signInAnonymously();
    const wish = play.table === undefined ? {} : { table: play.table };
    const room = await client.joinOrCreate('crash', wish);
    return new Bot(play, auto, client, room as unknown as Room<unknown, CrashState>);
  }

  private constructor(play: Play, auto: boolean, client: Client, room: Room<unknown, CrashState>) {
    this.#play = play;
    this.#auto = auto;
    this.client = client;
    this.#room = room;
    this.#countFrames();
    room.onMessage('bet', (bet: Bet) => this.#hear(bet));
    room.onMessage('wallet', () => {});
    room.onStateChange((state) => this.#watch(state));
    room.onReconnect(() => {
      play.figures.connections.reconnected += 1;
      this.#reconnected.resolve();
      this.#reconnected = Promise.withResolvers();
    });
    room.onLeave((code) => this.#end(code));
  }

  /** Resolves when this player cannot go on: out of money, or the connection is lost for good. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Starts nothing more, and waits for the answers that are due. */
  async rest(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    while (this.#asking.size > 0) await Promise.all(this.#asking);
  }

  async leave(): Promise<void> {
    this.#leaving = true;
    if (!this.#gone) await this.#room.leave();
  }

  #watch(state: CrashState): void {
    const now = `${state.phase} ${state.roundId}`;
    const changed = now !== this.#seen;
    const joinedHere = this.#seen === '';
    if (!changed && !(this.#play.on && state.phase === 'betting' && this.#betIn !== state.roundId)) return;
    this.#seen = now;
    this.#play.figures.rounds.add(state.roundId);
    if (!this.#play.on) return;
    if (state.phase === 'betting' && this.#betIn !== state.roundId) {
      this.#betIn = state.roundId;
      const { phaseStartedAt, phaseEndsAt } = state;
      // Whoever saw the phase begin needs no clock that agrees with the server's.
      const left = changed && !joinedHere ? phaseEndsAt - phaseStartedAt : phaseEndsAt - Date.now();
      const within = Math.min(this.#play.spreadMs, left - LOCK_MARGIN_MS);
      if (within < 0) return;
      for (let n = 0; n < this.#play.betsPerRound; n++) this.#later(within, () => this.#bet());
    } else if (state.phase === 'running' && changed) {
      for (const bet of this.sent.values()) {
        const open = bet.told?.status === 'accepted' && bet.told.roundId === state.roundId;
        if (open && !bet.auto) this.#later(CASH_OUT_WITHIN_MS, () => this.#cashOut(bet));
      }
    }
  }
}
