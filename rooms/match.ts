/**
 * A match as its room holds it: the position by the rules, the clocks, and how it ended. What is asked of it is decided
 * at once; the end is shown by the room, after its commit (M7).
 */
import { AppError } from '../src/errors.ts';
import { isRefusal } from '../src/games/contract.ts';
import type { MatchEnding, MatchGame, MatchOutcome, Seat } from '../src/games/match.ts';
import type { UserId } from '../src/ids.ts';

export interface MatchPlayer {
  readonly userId: UserId;
  readonly username: string;
  readonly stake: number;
}

/** What a match tells its room. */
interface MatchListener {
  /** A move, an offer, an answer: not the end. */
  changed(): void;
  /** From now on no spectator's bet is in time (M7). */
  betsClosed(): void;
}

export class LiveMatch {
  readonly players: readonly MatchPlayer[];
  readonly #game: MatchGame;
  readonly #setup: object;
  readonly #listener: MatchListener;
  readonly #moves: object[] = [];
  readonly #clocksMs: number[];
  #state: object;
  /** Monotonic, in ms. */
  #turnStartedAt: number;
  #clock: NodeJS.Timeout | undefined;
  #drawOffer: Seat | null = null;
  #stopped = false;
  /** By seat, after how many moves it last offered a draw. */
  readonly #offeredAt = [-1, -1];
  #outcome: MatchOutcome | undefined;
  readonly #over = Promise.withResolvers<void>();

  constructor(
    game: MatchGame,
    setup: object,
    players: readonly MatchPlayer[],
    listener: MatchListener,
  ) {
    this.players = players;
    this.#game = game;
    this.#setup = setup;
    this.#state = setup;
    this.#listener = listener;
    this.#clocksMs = players.map(() => game.clockMs);
    this.#turnStartedAt = performance.now();
    this.#arm();
  }

  get state(): object {
    return this.#state;
  }

  get turn(): Seat {
    return this.#game.turn(this.#state);
  }

  /** What each seat had left when the turn began, in ms. */
  get clocksMs(): readonly number[] {
    return this.#clocksMs;
  }

  get turnStartedAt(): number {
    return this.#turnStartedAt;
  }

  get drawOffer(): Seat | null {
    return this.#drawOffer;
  }

  /** Undefined while it is played. */
  get outcome(): MatchOutcome | undefined {
    return this.#outcome;
  }

  /** Resolves when `outcome` is there. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  seatOf(userId: UserId): Seat | null {
    const seat = this.players.findIndex((player) => player.userId === userId);
    return seat === -1 ? null : seat;
  }

  /**
   * Makes a move that was received at the monotonic time `receivedAt`; answers how many there are now.
   * @throws AppError NOT_YOUR_TURN, BAD_REQUEST, ILLEGAL_MOVE
   */
  move(seat: Seat, input: Readonly<Record<string, unknown>>, receivedAt: number): number {
    this.#assertPlayed();
    if (seat !== this.turn) throw new AppError('NOT_YOUR_TURN');
    const left = (this.#clocksMs[seat] as number) - Math.max(0, receivedAt - this.#turnStartedAt);
    if (left <= 0) {
      this.#finish(1 - seat, 'time');
      throw new AppError('ILLEGAL_MOVE', 'Your time is up.');
    }
    const move = this.#game.parseMove(input);
    if (isRefusal(move)) throw new AppError('BAD_REQUEST', move.refused);
    const next = this.#game.move(this.#state, move);
    if (isRefusal(next)) throw new AppError('ILLEGAL_MOVE', next.refused);
    this.#clocksMs[seat] = left;
    this.#turnStartedAt = Math.max(receivedAt, this.#turnStartedAt);
    this.#state = next;
    this.#moves.push(move);
    // A move is an answer to the other's offer.
    if (this.#drawOffer === 1 - seat) this.#drawOffer = null;
    if (!this.#game.betsOpen(next)) this.#listener.betsClosed();
    const end = this.#game.end(next);
    if (end) this.#finish(end.winner, end.winner === null ? 'drawn' : 'won');
    else {
      this.#arm();
      this.#listener.changed();
    }
    return this.#moves.length;
  }

  /** What the seat may do now. @throws AppError NOT_YOUR_TURN, ILLEGAL_MOVE */
  moves(seat: Seat): readonly object[] {
    this.#assertPlayed();
    if (seat !== this.turn) throw new AppError('NOT_YOUR_TURN');
    return this.#game.moves(this.#state);
  }

  /** @throws AppError ILLEGAL_MOVE */
  resign(seat: Seat): void {
    this.#assertPlayed();
    this.#finish(1 - seat, 'resigned');
  }

  /** Accepts the other's offer, if there is one. @throws AppError ILLEGAL_MOVE: one offer between two moves */
  offerDraw(seat: Seat): void {
    this.#assertPlayed();
    if (this.#drawOffer === 1 - seat) {
      this.#finish(null, 'agreed');
      return;
    }
    if (this.#offeredAt[seat] === this.#moves.length) {
      throw new AppError('ILLEGAL_MOVE', 'You have offered a draw since the last move.');
    }
    this.#offeredAt[seat] = this.#moves.length;
    this.#drawOffer = seat;
    this.#listener.changed();
  }

  /** @throws AppError ILLEGAL_MOVE */
  answerDraw(seat: Seat, accept: boolean): void {
    this.#assertPlayed();
    if (this.#drawOffer !== 1 - seat) throw new AppError('ILLEGAL_MOVE', 'No draw is offered.');
    if (accept) this.#finish(null, 'agreed');
    else {
      this.#drawOffer = null;
      this.#listener.changed();
    }
  }

  /** The player is gone for good. */
  leave(seat: Seat): void {
    if (!this.#outcome && !this.#stopped) this.#finish(1 - seat, 'left');
  }

  /** No end comes any more, if it has not come yet: the room calls the match off. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#clock);
  }

  #assertPlayed(): void {
    if (this.#outcome) throw new AppError('ILLEGAL_MOVE', 'The match is over.');
    if (this.#stopped) throw new AppError('BUSY', 'The match is called off; the stakes come back.');
  }

  #arm(): void {
    clearTimeout(this.#clock);
    const seat = this.turn;
    const left = (this.#clocksMs[seat] as number) - (performance.now() - this.#turnStartedAt);
    this.#clock = setTimeout(() => this.#finish(1 - seat, 'time'), Math.max(0, Math.ceil(left)));
  }

  #finish(winner: Seat | null, ending: MatchEnding): void {
    clearTimeout(this.#clock);
    if (ending === 'time') this.#clocksMs[this.turn] = 0;
    this.#outcome = { setup: this.#setup, moves: this.#moves, winner, ending };
    this.#listener.betsClosed();
    this.#over.resolve();
  }
}
