/** What a game tells the page. The page around it (header, lobby, lists of bets, history, proofs) is the same for all. */
import type { ComponentType } from 'react';
import type { RoundState } from '../../../src/protocol.ts';
import type { Seat } from '../rooms/seat.ts';
import type { GameWords } from './words.ts';

export type { OutcomeWord } from './words.ts';

export interface GameView<S extends RoundState = RoundState> extends GameWords {
  /** The whole table; most are a `TableLayout` with a stage and a bet panel. */
  readonly Table: ComponentType<{ seat: Seat<S> }>;
}

/** A game for the registry, which knows nothing of the states of games. */
export function gameView<S extends RoundState>(view: GameView<S>): GameView {
  // The seat that a table is given is always one at a room of the view's own name.
  return view as unknown as GameView;
}
