/** A bot at a table of matches: it sits down, plays random moves, again and again; or it watches and bets on a winner. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Bet, MatchState } from '../src/protocol.ts';
import { Bets, isOpen } from './bets.ts';
import { Errands } from './errands.ts';
import { count, record } from './figures.ts';
import type { MatchesToPlay } from './game.ts';
import type { Play, Player } from './player.ts';
import { type Listener, type Read, Seat, type TableToJoin } from './seat.ts';
import { Sits } from './sits.ts';

/** For how long a player thinks at most, and sits about between two matches. */
const THINK_MS = 200;
/** Bets on the winner are open for a few moves: the first bet goes at once, the others of a bot follow in this time. */
const MORE_BETS_WITHIN_MS = 500;
/** After a refusal nothing may change at the table. */
const RETRY_MS = 1_000;
/** The end of a match that was given up is shown when it is in the books. */
const END_TIMEOUT_MS = 5_000;

export class MatchBot implements Player, Listener<MatchState> {
  readonly #play: Play;
  readonly #game: MatchesToPlay;
  readonly #table: TableToJoin;
  readonly #bets: Bets;
  readonly #sits: Sits;
  readonly #errands = new Errands();
  readonly #broke = Promise.withResolvers<void>();
  #seat: Seat<MatchState> | undefined;
  #busy = false;
  #resting = false;
  /** Of the last turn in which it moved. */
  #turnStartedAt = 0;
  /** Whether it may have a rematch. */
  #played = false;
  #betIn: string | undefined;

  /** One that spectates bets, any other plays. */
  constructor(play: Play, game: MatchesToPlay, table: TableToJoin) {
    this.#play = play;
    this.#game = game;
    this.#table = table;
    this.#bets = new Bets(play);
    this.#sits = new Sits(play, game);
  }

  async enter(): Promise<void> {
    this.#seat = await Seat.take(this.#play, this.#table, this);
  }

  readonly read: Read = (path, query) => this.#taken.read(path, query);

  get sent() {
    return { bets: this.#bets.sent, seats: this.#sits.sent };
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
    await this.#giveUp();
    await this.#taken.leave();
  }

  state(state: MatchState): void {
    this.#play.betting(Number.POSITIVE_INFINITY);
    this.#sits.see(state);
    if (!this.#play.on || this.#resting) return;
    if (state.phase === 'running') this.#play.figures.rounds.add(state.roundId);
    if (this.#table.spectate) this.#watch(state);
    else this.#goOn(state);
  }

  resolved(told: Bet): void {
    this.#bets.resolved(told);
  }

  #watch({ bettingOpen, roundId }: MatchState): void {
    if (!bettingOpen || roundId === this.#betIn) return;
    this.#betIn = roundId;
    for (let n = 0; n < this.#play.betsPerRound; n++) {
      this.#errands.within(n === 0 ? 0 : MORE_BETS_WITHIN_MS, () => this.#bet());
    }
  }

  async #bet(): Promise<void> {
    if (!this.#taken.state?.bettingOpen) return;
    const bet = this.#bets.next();
    const seat = Math.floor(Math.random() * this.#game.seats);
    await this.#bets.send(this.#taken, bet, { selection: { type: 'winner', seat } });
    const mayWin = [...this.#bets.sent.values()].some(isOpen);
    if (bet.refused === 'INSUFFICIENT_FUNDS' && !mayWin) this.#broke.resolve();
  }

  /** Sits down or moves, one after the other; then it looks again. */
  #goOn({ phase, roundId, turn, turnStartedAt }: MatchState): void {
    const { held } = this.#sits;
    const mayMove = phase === 'running' && roundId === held?.roundId && turn === held.seat;
    const maySit = !held && (phase === 'betting' || phase === 'settled');
    if (this.#busy || !(maySit || (mayMove && turnStartedAt !== this.#turnStartedAt))) return;
    this.#busy = true;
    this.#errands.within(THINK_MS, async () => {
      const done = maySit ? await this.#sit() : await this.#move(turnStartedAt);
      this.#busy = false;
      if (done) this.look();
      else this.#errands.after(RETRY_MS, async () => this.look());
    });
  }

  async #sit(): Promise<boolean> {
    const code = await this.#sits.take(
      this.#taken,
      this.#played ? 'rematch' : 'sit',
      this.#play.stake,
    );
    // Without one, it sits down like anyone else.
    this.#played = code === null;
    if (code === 'INSUFFICIENT_FUNDS') this.#broke.resolve();
    return code === null;
  }

  async #move(turnStartedAt: number): Promise<boolean> {
    const { latencies, figures } = this.#play;
    const { moves } = figures.matches;
    const asked = await this.#taken.ask<{ moves: object[] }>('moves', {});
    const choice = asked.kind === 'given' ? asked.value.moves : [];
    const move = choice[Math.floor(Math.random() * choice.length)];
    if (!move) return false;
    moves.sent += 1;
    const startedAt = performance.now();
    const answer = await this.#taken.ask('move', move);
    switch (answer.kind) {
      case 'given':
        record(latencies.move, startedAt);
        moves.made += 1;
        this.#turnStartedAt = turnStartedAt;
        return true;
      case 'refused':
        count(moves.refused, answer.code);
        return false;
      case 'broken':
        moves.broken += 1;
        return false;
      default:
        moves.unanswered += 1;
        return false;
    }
  }

  /** Gets up, or loses the match that is played, and sees its end: the books have it then. */
  async #giveUp(): Promise<void> {
    if (!this.#sits.held) return;
    const stood = await this.#taken.ask('stand', {});
    if (stood.kind === 'given') this.#sits.stood();
    if (!this.#sits.held) return;
    await this.#taken.ask('resign', {});
    const late = delay(END_TIMEOUT_MS, undefined, { ref: false });
    await Promise.race([this.#sits.free, this.#taken.gone, late]);
  }

  get #taken(): Seat<MatchState> {
    if (!this.#seat) throw new Error('a bot that has not entered');
    return this.#seat;
  }
}
