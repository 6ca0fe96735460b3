/** What is said to the player, and the words that are the same in every game. */
import type { Bet } from '../../src/protocol.ts';
import { multiplierText } from './money.ts';

export interface Word {
  readonly text: string;
  readonly tone: 'good' | 'plain';
}

export const STATUS_TEXT: Record<Bet['status'], string> = {
  accepted: 'open',
  won: 'won',
  cashed: 'cashed',
  lost: 'lost',
  refunded: 'refunded',
};

/** What became of a player's bets of one round, taken together. */
export function sumInWords(bets: readonly Bet[]): Word {
  const staked = sum(bets.map((bet) => bet.amount));
  const paid = sum(bets.map((bet) => bet.payout ?? 0));
  if (bets.some((bet) => bet.status === 'accepted')) {
    const what = bets.length === 1 ? 'Your bet' : `${bets.length} bets`;
    return { text: `${what}: ${staked} ${bets.length === 1 ? 'is' : 'are'} in.`, tone: 'plain' };
  }
  if (bets.every((bet) => bet.status === 'refunded')) {
    return { text: `${staked} refunded.`, tone: 'plain' };
  }
  if (paid === 0) return { text: `${staked} lost.`, tone: 'plain' };
  return { text: `${paid} paid for ${staked}.`, tone: paid > staked ? 'good' : 'plain' };
}

/** What a bet came to: its multiplier if it paid, else its status. */
export function resultText({ status, multiplier }: Pick<Bet, 'status' | 'multiplier'>): string {
  const paid = status === 'won' || status === 'cashed';
  return paid && multiplier !== null ? multiplierText(multiplier) : STATUS_TEXT[status];
}

const sum = (figures: readonly number[]) => figures.reduce((total, figure) => total + figure, 0);
