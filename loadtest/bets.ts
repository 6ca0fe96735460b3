/** The bets of one bot: each that it sent, and the last that it was told of it, to compare the books with. */
import type { Bet } from '../src/protocol.ts';
import { count, record } from './figures.ts';
import type { Play, SentBet } from './player.ts';
import type { Seat } from './seat.ts';

export class Bets {
  readonly sent = new Map<string, SentBet>();
  readonly #play: Play;

  constructor(play: Play) {
    this.#play = play;
  }

  /** A bet that is about to be sent. */
  next(): SentBet {
    const bet: SentBet = { betId: crypto.randomUUID(), stake: this.#play.stake };
    this.sent.set(bet.betId, bet);
    return bet;
  }

  /** `more` is what it says beyond id and amount. */
  async send(seat: Pick<Seat, 'ask'>, bet: SentBet, more: object): Promise<void> {
    const { latencies, figures } = this.#play;
    const { betId, stake } = bet;
    figures.bets.sent += 1;
    const startedAt = performance.now();
    const answer = await seat.ask<Bet>('bet', { betId, amount: stake, ...more }, () => {
      figures.bets.repeated += 1;
    });
    if (answer.kind === 'given') {
      record(latencies.bet, startedAt);
      figures.bets.acknowledged += 1;
      // The message that it is resolved may have overtaken the answer.
      bet.told ??= answer.value;
    } else if (answer.kind === 'refused') {
      bet.refused = answer.code;
      count(figures.bets.refused, answer.code);
    } else {
      figures.bets.unanswered += 1;
    }
  }

  resolved(told: Bet): void {
    const bet = this.sent.get(told.betId);
    if (bet) bet.told = told;
  }
}

/** Whether a bet is open, or not answered yet. */
export function isOpen({ told, refused }: SentBet): boolean {
  return told ? told.status === 'accepted' : refused === undefined;
}
