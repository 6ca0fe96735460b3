/** A bot that plays a game of rounds: it bets in every round and cashes out, by hand or automatically. */
import type { Bet, RoundState } from '../src/protocol.ts';
import { Bets, isOpen } from './bets.ts';
import { Errands } from './errands.ts';
import { count, record } from './figures.ts';
import type { RoundsToPlay } from './game.ts';
import type { Play, Player, SentBet } from './player.ts';
import { type Listener, type Read, Seat, type TableToJoin } from './seat.ts';

/** A bot that comes late into a betting phase does not bet in its last moment. */
const LOCK_MARGIN_MS = 300;
/** Cash-outs by hand come within this time after the lock; the multiplier is then at 1.61. */
const CASH_OUT_WITHIN_MS = 8_000;

export class Bot implements Player, Listener<RoundState> {
  readonly #play: Play;
  readonly #game: RoundsToPlay;
  readonly #table: TableToJoin;
  readonly #byHand: boolean;
  readonly #bets: Bets;
  readonly #errands = new Errands();
  readonly #broke = Promise.withResolvers<void>();
  #seat: Seat<RoundState> | undefined;
  #seen: { phase: string; roundId: string } | undefined;
  #betIn: string | undefined;
  #ofRound: SentBet[] = [];
  #resting = false;

  /** `auto`: its bets are examples of the game's; otherwise, where there is a cash-out, it cashes out by hand. */
  constructor(play: Play, game: RoundsToPlay, table: TableToJoin, auto: boolean) {
    this.#play = play;
    this.#game = game;
    this.#table = table;
    this.#byHand = game.cashOut && !auto;
    this.#bets = new Bets(play);
  }

  async enter(): Promise<void> {
    this.#seat = await Seat.take(this.#play, this.#table, this);
  }

  readonly read: Read = (path, query) => this.#taken.read(path, query);

  get sent() {
    return { bets: this.#bets.sent, seats: [] };
  }

  get over(): Promise<void> {
    return Promise.race([this.#broke.promise, this.#taken.gone]);
  }

  look(): void {
    const state = this.#taken.state;
    if (state) this.state(state);
  }

  async leave(): Promise<void> {
    this.#resting = true;
    await this.#errands.end();
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
      for (let n = 0; n < this.#play.betsPerRound; n++) {
        this.#errands.within(withinMs, () => this.#bet());
      }
    } else if (phase === 'running' && begins && this.#byHand) {
      for (const bet of this.#ofRound) {
        this.#errands.within(CASH_OUT_WITHIN_MS, () => this.#cashOut(bet));
      }
    }
  }

  resolved(told: Bet): void {
    this.#bets.resolved(told);
  }

  async #bet(): Promise<void> {
    const { examples } = this.#game;
    const bet = this.#bets.next();
    this.#ofRound.push(bet);
    const example = examples[Math.floor(Math.random() * examples.length)] ?? {};
    await this.#bets.send(this.#taken, bet, this.#byHand ? {} : example);
    const mayWin = this.#ofRound.some(isOpen);
    if (bet.refused === 'INSUFFICIENT_FUNDS' && !mayWin) this.#broke.resolve();
  }

  async #cashOut(bet: SentBet): Promise<void> {
    const { latencies, figures } = this.#play;
    const seen = this.#seen;
    const open = bet.told?.status === 'accepted' && bet.told.roundId === seen?.roundId;
    if (!open || seen?.phase !== 'running') return;
    figures.cashOuts.sent += 1;
    const startedAt = performance.now();
    const answer = await this.#taken.ask<Bet>('cashout', { betId: bet.betId }, () => {
      figures.cashOuts.repeated += 1;
    });
    if (answer.kind === 'given') {
      record(latencies.cashOut, startedAt);
      figures.cashOuts.paid += 1;
      bet.told = answer.value;
    } else if (answer.kind === 'refused') {
      count(figures.cashOuts.refused, answer.code);
    } else {
      figures.cashOuts.unanswered += 1;
    }
  }

  get #taken(): Seat<RoundState> {
    if (!this.#seat) throw new Error('a bot that has not entered');
    return this.#seat;
  }
}
