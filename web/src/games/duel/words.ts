/** What is said of a duel. */
import type { Bet, DuelState } from '../../../../src/protocol.ts';
import { multiplierText } from '../../money.ts';
import { sumInWords, type Word } from '../../words.ts';
import type { OutcomeWord } from '../view.ts';

/** The discs have names, so that a bet and an old match can be told without the players'. */
export const DISCS = ['Brass', 'Ivory'] as const;

type MatchEnding = Exclude<DuelState['ending'], ''>;

const ENDING_OF: Record<MatchEnding, (winner: string, loser: string) => string> = {
  won: (winner) => `${winner} won with four in a row.`,
  drawn: () => 'The board is full: a draw.',
  agreed: () => 'A draw by agreement.',
  resigned: (winner, loser) => `${loser} resigned, ${winner} won.`,
  time: (winner, loser) => `${loser} ran out of time, ${winner} won.`,
  left: (winner, loser) => `${loser} left, ${winner} won.`,
};

/** How it ended, in a sentence; '' while it has not. A settled table without an ending was called off. */
export function endingText(state: DuelState): string {
  if (state.phase !== 'settled') return '';
  if (state.ending === '') return 'The match was called off. All stakes were given back.';
  const name = (seat: number) => state.seats[seat]?.player || (DISCS[seat] as string);
  return ENDING_OF[state.ending](name(state.winner), name(1 - state.winner));
}

/** The same for the player at seat `me`, with what it came to; `prize` is null while the rake is not known. */
export function ownEndingText(state: DuelState, me: number, prize: number | null): Word {
  const stake = state.seats[me]?.stake ?? 0;
  if (state.ending === '' || state.winner === -1) {
    const how = endingText(state);
    return { text: state.ending === '' ? how : `${how} Your ${stake} came back.`, tone: 'plain' };
  }
  const other = state.seats[1 - me]?.player || (DISCS[1 - me] as string);
  if (state.winner === me) {
    const paid = prize === null ? '' : ` ${prize} paid to you.`;
    return { text: `You won: ${WON[state.ending](other)}.${paid}`, tone: 'good' };
  }
  return { text: `You lost: ${LOST[state.ending](other)}. ${stake} lost.`, tone: 'plain' };
}

const WON: Record<MatchEnding, (other: string) => string> = {
  won: () => 'four in a row',
  drawn: () => 'a full board',
  agreed: () => 'by agreement',
  resigned: (other) => `${other} resigned`,
  time: (other) => `${other} ran out of time`,
  left: (other) => `${other} left`,
};
const LOST: Record<MatchEnding, (other: string) => string> = {
  ...WON,
  won: (other) => `${other} has four in a row`,
  resigned: () => 'you resigned',
  time: () => 'your time ran out',
  left: () => 'you were gone for too long',
};

/** The line over the board. */
export function phaseText(state: DuelState | null, me: number | null): string {
  if (state === null) return 'Joining the table';
  switch (state.phase) {
    case 'betting':
      return state.seats.some(({ player }) => player !== '')
        ? 'One seat is free'
        : 'Both seats are free';
    case 'running':
      if (me === null) return `${state.seats[state.turn]?.player ?? ''} to move`;
      return state.turn === me ? 'Your move' : 'Their move';
    case 'settled':
      if (state.phaseEndsAt === 0) return 'Over';
      return me === null ? 'Over. The seats are kept for' : 'Over. A rematch can be had for';
    default:
      return 'The table is paused';
  }
}

/** Said aloud to those who do not see the board. */
export function announcement(state: DuelState | null, me: number | null): string {
  if (state === null) return '';
  if (state.phase === 'settled') return endingText(state);
  if (state.phase !== 'running') return '';
  const mover = state.seats[1 - state.turn]?.player ?? '';
  const last =
    state.lastColumn < 0
      ? 'The match begins.'
      : `${1 - state.turn === me ? 'You' : mover}: column ${state.lastColumn + 1}.`;
  const turn =
    state.turn === me ? 'Your move.' : `${state.seats[state.turn]?.player ?? ''} to move.`;
  return `${last} ${turn}`;
}

/** The seat that a spectator has bet on; null for a bet of another game. */
export function backedSeat({ selection }: Pick<Bet, 'selection'>): number | null {
  const { type, seat } = selection;
  return type === 'winner' && typeof seat === 'number' ? seat : null;
}

export function betText(bet: Pick<Bet, 'selection'>): string {
  const seat = backedSeat(bet);
  return seat === null ? '' : `${DISCS[seat] ?? ''} wins`;
}

export function duelWord(bet: Bet, together: readonly Bet[]): Word {
  if (together.length > 1 && bet.status !== 'accepted') return sumInWords(together);
  const what = `${bet.amount} on ${DISCS[backedSeat(bet) ?? 0] ?? ''}`;
  if (bet.status === 'accepted') return { text: `${what} is in.`, tone: 'plain' };
  if (bet.status === 'refunded') return { text: `${what}: given back.`, tone: 'plain' };
  if (bet.status === 'lost') return { text: `${what}: lost.`, tone: 'plain' };
  const paid = bet.payout ?? 0;
  const rate = multiplierText(bet.multiplier ?? 0);
  return { text: `${what}: ${paid} paid at ${rate}.`, tone: paid > bet.amount ? 'good' : 'plain' };
}

const ENDINGS: Record<MatchEnding, string> = {
  won: 'with four in a row',
  drawn: 'on a full board',
  agreed: 'by agreement',
  resigned: 'by resignation',
  time: 'on time',
  left: 'as the other left',
};

/** An old match, for the history. */
export function outcomeWord(outcome: Readonly<Record<string, unknown>>): OutcomeWord | null {
  const { winner, ending } = outcome;
  const how = ENDINGS[ending as MatchEnding] ?? '';
  if (winner === null && how !== '') return { short: 'draw', long: `draw ${how}`, tone: 'low' };
  const disc = typeof winner === 'number' ? DISCS[winner] : undefined;
  if (disc === undefined) return null;
  const tone = winner === 0 ? 'high' : 'fair';
  return { short: disc.toLowerCase(), long: `${disc} won ${how}`, tone };
}
