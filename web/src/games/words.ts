/** What a game says: in the lobby, in lists of bets and rounds, and in proofs. */
import type { Bet } from '../../../src/protocol.ts';
import type { Word } from '../words.ts';

export interface GameWords {
  /** The room's name on the server. */
  readonly name: string;
  readonly title: string;
  /** One line for the lobby. */
  readonly about: string;
  /** The end of a round as the history shows it; null when this is not one (the round was void). */
  outcome(outcome: Readonly<Record<string, unknown>>): OutcomeWord | null;
  /** What was bet on, in few words, e.g. "Split 2, 3"; absent where the amount says it all. */
  betText?(bet: Pick<Bet, 'selection'>): string;
  /** What a bet has come to. `together` are the bets of its command, or of its round when it was resolved. */
  word(bet: Bet, together: readonly Bet[]): Word;
  /** What the column of results is called in lists of bets. */
  readonly resultHead: string;
  /** What the proof's last step shows. */
  readonly proof: { readonly title: string; readonly why: string };
}

export interface OutcomeWord {
  /** For a chip: up to six characters. */
  readonly short: string;
  /** The same in words: "1.87x", "17 black". */
  readonly long: string;
  /** `low`, `fair` and `high` for figures; a game may style others. */
  readonly tone: string;
}
