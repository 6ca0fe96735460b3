/**
 * One bot: bets in every round and cashes out, by hand or automatically. It remembers each bet it sent and what it was
 * told of it, so that the books can be compared with it at the end.
 */
import type { RecordableHistogram } from 'node:perf_hooks';
import type { Bet, RoundState } from '../src/protocol.ts';
import { count, record } from './figures.ts';
import { type Listener, type Place, type Read, Seat } from './seat.ts';

/** A bot that comes late into a betting phase does not bet in its last moment. */
const LOCK_MARGIN_MS = 300;
/** Cash-outs by hand come within this time after the lock; the multiplier is then at 1.61. */
const CASH_OUT_WITHIN_MS = 8_000;

/** What the bots of one worker share. */
export interface Play extends Place {
  readonly betsPerRound: number;
  readonly stake: number;
  readonly spreadMs: number;
  readonly betLatency: RecordableHistogram;
  readonly cashOutLatency: RecordableHistogram;
  /** A bot sees a betting phase that goes on for so long. */
  betting(leftMs: number): void;
}

/** A bet that was sent, and the last that was heard of it. */
export interface SentBet {
  readonly betId: string;
  readonly stake: number;
  told?: Bet;
  refused?: string;
}

export class Bot implements Listener {
  readonly sent = new Map<string, SentBet>();
  readonly #play: Play;
  readonly #byHand: boolean;
  readonly #broke = Promise.withResolvers<void>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #asking = new Set<Promise<void>>();
  #seat: Seat | undefined;
  #seen: { phase: string; roundId: string } | undefined;
  #betIn: string | undefined;
  #ofRound: SentBet[] = [];
  #resting = false;

  /** `auto`: its bets are examples of the game's; otherwise, where there is a cash-out, it cashes out by hand. */
  constructor(play: Play, auto: boolean) {
    this.#play = play;
    this.#byHand = play.game.cashOut && !auto;
  }

  async enter(): Promise<void> {
    this.#seat = await Seat.take(this.#play, this);
  }

  /** Asks the server over REST, as this player. */
  readonly read: Read = (path, query) => this.#taken.read(path, query);

  /** Resolves when this player cannot go on: out of money, or the connection is lost for good. */
  get over(): Promise<void> {
    return Promise.race([this.#broke.promise, this.#taken.gone]);
  }

  /** Looks at the table as it is now: while nothing changes there, nothing comes in. */
  look(): void {
    const state = this.#taken.state;
    if (state) this.state(state);
  }

  /** Sends nothing more, waits for the answers that are due, and leaves. */
  async leave(): Promise<void> {
    this.#resting = true;
    for (const timer of this.#timers) clearTimeout(timer);
    while (this.#asking.size > 0) await Promise.all(this.#asking);
    await this.#taken.leave();
  }

  state({ phase, roundId, phaseStartedAt, phaseEndsAt }: RoundState): void {
    const before = this.#seen;
    const begins = phase !== before?.phase || roundId !== before.roundId;
    if (begins) this.#seen = { phase, roundId };
    // Whoever saw the phase begin needs no clock that agrees with the server's.
    const leftMs = phaseEndsAt - (begins && before ? phaseStartedAt : Date.now());
    if (phase === 'betting') this.#play.betting(leftMs);
    if (!this.#play.on || this.#resting) return;
    this.#play.figures.rounds.add(roundId);
    if (phase === 'betting' && roundId !== this.#betIn) {
      this.#betIn = roundId;
      this.#ofRound = [];
      const withinMs = Math.min(this.#play.spreadMs, leftMs - LOCK_MARGIN_MS);
      if (withinMs < 0) return;
      for (let n = 0; n < this.#play.betsPerRound; n++) this.#within(withinMs, () => this.#bet());
    } else if (phase === 'running' && begins && this.#byHand) {
      for (const bet of this.#ofRound) this.#within(CASH_OUT_WITHIN_MS, () => this.#cashOut(bet));
    }
  }

  resolved(told: Bet): void {
    const bet = this.sent.get(told.betId);
    if (bet) bet.told = told;
  }

  async #bet(): Promise<void> {
    const { game, stake, betLatency, figures } = this.#play;
    const bet: SentBet = { betId: crypto.randomUUID(), stake };
    const command = { betId: bet.betId, amount: stake };
    const example = game.examples[Math.floor(Math.random() * game.examples.length)];
    this.sent.set(bet.betId, bet);
    this.#ofRound.push(bet);
    figures.bets.sent += 1;
    const startedAt = performance.now();
    const answer = await this.#taken.ask(
      'bet',
      this.#byHand ? command : { ...command, ...example },
      () => {
        figures.bets.repeated += 1;
      },
    );
    if (answer.kind === 'given') {
      record(betLatency, startedAt);
      figures.bets.acknowledged += 1;
      // The message that it is resolved may have overtaken the answer.
      bet.told ??= answer.bet;
    } else if (answer.kind === 'refused') {
      bet.refused = answer.code;
      count(figures.bets.refused, answer.code);
      if (answer.code === 'INSUFFICIENT_FUNDS' && !this.#maySeeMoney()) this.#broke.resolve();
    } else {
      figures.bets.unanswered += 1;
    }
  }

  async #cashOut(bet: SentBet): Promise<void> {
    const { cashOutLatency, figures } = this.#play;
    const seen = this.#seen;
    const open = bet.told?.status === 'accepted' && bet.told.roundId === seen?.roundId;
    if (!open || seen?.phase !== 'running') return;
    figures.cashOuts.sent += 1;
    const startedAt = performance.now();
    const answer = await this.#taken.ask('cashout', { betId: bet.betId }, () => {
      figures.cashOuts.repeated += 1;
    });
    if (answer.kind === 'given') {
      record(cashOutLatency, startedAt);
      figures.cashOuts.paid += 1;
      bet.told = answer.bet;
    } else if (answer.kind === 'refused') {
      count(figures.cashOuts.refused, answer.code);
    } else {
      figures.cashOuts.unanswered += 1;
    }
  }

  /** A bet of this round is open, or not answered yet. */
  #maySeeMoney(): boolean {
    return this.#ofRound.some(({ told, refused }) =>
      told ? told.status === 'accepted' : refused === undefined,
    );
  }

  get #taken(): Seat {
    if (!this.#seat) throw new Error('a bot that has not entered');
    return this.#seat;
  }

  /** Does `work` at a random moment of the next `ms`. */
  #within(ms: number, work: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const asking = work().finally(() => this.#asking.delete(asking));
      this.#asking.add(asking);
    }, Math.random() * ms);
    this.#timers.add(timer);
  }
}
