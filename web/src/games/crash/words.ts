/** What has become of a bet on crash, in a sentence. */
import type { Bet } from '../../../../src/protocol.ts';
import { multiplierText } from '../../money.ts';
import type { Word } from '../../words.ts';

export function crashWord(bet: Bet): Word {
  const { amount, multiplier, payout } = bet;
  switch (bet.status) {
    case 'accepted':
      return { text: `Your bet of ${amount} is in${outAt(bet)}.`, tone: 'plain' };
    case 'cashed':
    case 'won':
      return {
        text: `Out at ${multiplierText(multiplier ?? 0)}: ${payout ?? 0} paid for ${amount}.`,
        tone: 'good',
      };
    case 'refunded':
      return { text: `The round was void: ${amount} refunded.`, tone: 'plain' };
    case 'lost':
      return { text: `Crashed before you were out: ${amount} lost.`, tone: 'plain' };
  }
}

function outAt({ selection: { autoCashout } }: Bet): string {
  return typeof autoCashout === 'number' ? `, out at ${multiplierText(autoCashout)}` : '';
}
