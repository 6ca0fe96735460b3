/** What is said of a race. */
import type { Bet, Phase } from '../../../../src/protocol.ts';
import { multiplierText } from '../../money.ts';
import { sumInWords, type Word } from '../../words.ts';
import type { OutcomeWord } from '../view.ts';
import { selectionOf, selectionText } from './bets.ts';
import { type Finish, ordinal, standings } from './finish.ts';

export function phaseText(phase: Phase | null, finished: boolean): string {
  switch (phase) {
    case null:
      return 'Joining the table';
    case 'betting':
      return 'They are off in';
    case 'running':
      return 'Running';
    case 'settled':
      return finished ? 'Next race in' : 'Race void. Next race in';
    default:
      return 'The table is paused';
  }
}

/** Until when bets are taken is not known before: it depends on how fast the leader is. */
export function bettingText(phase: Phase | null, bettingOpen: boolean): string {
  if (phase === 'running' && bettingOpen) return 'Bets open until the marker';
  if (phase === 'running' || phase === 'settled') return 'Bets closed';
  return bettingOpen ? 'Bets open' : '';
}

/** What those hear who do not see the race. */
export function announcement(
  phase: Phase | null,
  bettingOpen: boolean,
  finish: Finish | null,
): string {
  if (phase === 'betting') return 'Bets are open.';
  if (phase === 'running') {
    return bettingOpen ? 'They are off. Bets are still taken.' : 'Bets are closed.';
  }
  if (phase !== 'settled') return '';
  return finish === null ? 'The race is void.' : `${finishText(finish)}.`;
}

/** "1st 3, 2nd 7 and 8 (dead heat)" */
export function finishText(finish: Finish): string {
  const paid = new Set(standings(finish).map(({ place }) => place));
  return [...paid]
    .map((place) => {
      const runners = standings(finish).filter((standing) => standing.place === place);
      const names = runners.map(({ runner }) => runner).join(' and ');
      return `${ordinal(place)} ${names}${runners.length > 1 ? ' (dead heat)' : ''}`;
    })
    .join(', ');
}

/** For a chip: the winners. */
export function outcomeWord(finish: Finish): OutcomeWord {
  const winners = finish[0] ?? [];
  return {
    short: winners.length > 2 ? `${winners.length} tie` : winners.join('='),
    long: finishText(finish),
    tone: winners.length > 1 ? 'high' : 'fair',
  };
}

export function derbyWord(bet: Bet, together: readonly Bet[]): Word {
  const selection = selectionOf(bet);
  if (selection === null || (together.length > 1 && bet.status !== 'accepted')) {
    return sumInWords(together);
  }
  const what = `${bet.amount} on ${selectionText(selection)}`;
  switch (bet.status) {
    case 'accepted':
      return { text: `${what} is in.`, tone: 'plain' };
    case 'refunded':
      return { text: `${what}: refunded.`, tone: 'plain' };
    case 'lost':
      return { text: `${what}: lost.`, tone: 'plain' };
    default: {
      const rate = multiplierText(bet.multiplier ?? 0);
      const paid = bet.payout ?? 0;
      return {
        text: `${what}: ${paid} paid at ${rate}.`,
        tone: paid > bet.amount ? 'good' : 'plain',
      };
    }
  }
}
