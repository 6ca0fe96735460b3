/** The seats in matches of one bot: each that it asked for, what it was told, and the one that it holds. */
import type { MatchState, TakenSeat } from '../src/protocol.ts';
import { count, record } from './figures.ts';
import type { MatchesToPlay } from './game.ts';
import type { Play, SentSeat } from './player.ts';
import type { Seat } from './seat.ts';

export class Sits {
  readonly sent: SentSeat[] = [];
  readonly #play: Play;
  readonly #game: MatchesToPlay;
  #held: SentSeat | undefined;
  #given = Promise.withResolvers<void>();

  constructor(play: Play, game: MatchesToPlay) {
    this.#play = play;
    this.#game = game;
  }

  /** The seat in the match that is waited for or played. */
  get held(): TakenSeat | undefined {
    return this.#held?.taken;
  }

  /** Resolves when no seat is held. */
  get free(): Promise<void> {
    return this.#held ? this.#given.promise : Promise.resolve();
  }

  /** Asks for a seat; the code of the refusal, if it is one. */
  async take(
    seat: Seat<MatchState>,
    how: 'sit' | 'rematch',
    stake: number,
  ): Promise<string | null> {
    const { latencies, figures } = this.#play;
    const { sits } = figures.matches;
    const asked: SentSeat = { matchId: crypto.randomUUID(), stake };
    this.sent.push(asked);
    sits.sent += 1;
    const { matchId } = asked;
    const startedAt = performance.now();
    const answer = await seat.ask<TakenSeat>(
      how,
      how === 'sit' ? { matchId, stake } : { matchId },
      () => {
        sits.repeated += 1;
      },
    );
    if (answer.kind === 'refused') {
      asked.refused = answer.code;
      count(sits.refused, answer.code);
      return answer.code;
    }
    if (answer.kind === 'given') {
      record(latencies.sit, startedAt);
      sits.acknowledged += 1;
      asked.taken = answer.value;
      this.#held = asked;
      this.#given = Promise.withResolvers();
      if (seat.state) this.see(seat.state);
    } else {
      sits.unanswered += 1;
    }
    return null;
  }

  /** Whether the table shows the end of the match that this bot has a seat in. */
  see({ phase, roundId, ending, winner }: MatchState): void {
    const taken = this.held;
    // Ids of rounds rise: what is shown may be older than the seat, or the seat's end may have been missed.
    if (!taken || roundId < taken.roundId) return;
    if (roundId > taken.roundId) this.#give(undefined);
    else if (phase === 'settled') {
      const { played, drawn } = this.#play.figures.matches;
      // Without an ending it was called off.
      if (ending !== '') played.add(roundId);
      if (ending !== '' && winner === -1) drawn.add(roundId);
      this.#give(winner === -1 ? refund(taken) : winner === taken.seat ? this.#prize(taken) : null);
    }
  }

  /** The bot got up before the match began. */
  stood(): void {
    const taken = this.held;
    if (taken) this.#give(refund(taken));
  }

  #prize({ stake }: TakenSeat): Due {
    const { seats, rakePercent } = this.#game;
    const pot = stake * seats;
    return { category: 'payout', amount: pot - Math.floor((pot * rakePercent) / 100) };
  }

  #give(due: SentSeat['due']): void {
    if (this.#held && due !== undefined) this.#held.due = due;
    this.#held = undefined;
    this.#given.resolve();
  }
}

type Due = NonNullable<SentSeat['due']>;

function refund({ stake }: TakenSeat): Due {
  return { category: 'refund', amount: stake };
}
