/** Bets in every round of its table, and cashes some of the bets out by hand where that can be done. */
import { roundByName } from '../../src/games/registry.ts';
import type { Bet, RoundState } from '../../src/protocol.ts';
import type { BetRecord } from './orders.ts';
import { play, TableBot } from './table-bot.ts';

const STAKES = 5;
const BY_HAND = 0.6;
const CASH_OUT_WITHIN_MS = 1_500;

export class RoundBot extends TableBot<RoundState> {
  #phase = '';

  protected override begin(): void {
    this.#phase = '';
  }

  protected override see({ phase }: RoundState): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    if (phase === 'betting' && play.on) {
      this.within(play.bettingMs * 0.9, () => this.#bet());
    } else if (phase === 'running') {
      for (const record of this.bets) {
        const isOpen =
          record.accepted && record.answers.length === 0 && !record.told && !record.cashed;
        if (isOpen && record.byHand) {
          this.within(CASH_OUT_WITHIN_MS, () => void this.#cashOut(record));
        }
      }
    }
  }

  #bet(): void {
    if (this.#phase !== 'betting') return;
    const { cashOutMultiplier, examples } = roundByName(this.gameName);
    const byHand = cashOutMultiplier !== undefined && Math.random() < BY_HAND;
    const more = byHand ? {} : examples[Math.floor(Math.random() * examples.length)];
    this.bet(1 + Math.floor(Math.random() * STAKES), more as object, byHand);
  }

  async #cashOut(record: BetRecord): Promise<void> {
    record.askedToCash = true;
    const answer = await this.ask<Bet>('cashout', { betId: record.betId });
    if (typeof answer === 'string') record.notCashed = answer;
    else if (answer) record.cashed = answer;
  }
}
