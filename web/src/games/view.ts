/** What a game tells the page. The page around it (header, lobby, lists of bets, history, proofs) is the same for all. */
import type { ComponentType } from 'react';
import type { RoundState } from '../../../src/protocol.ts';
import type { Seat } from '../rooms/seat.ts';
import type { World } from '../rooms/world.ts';
import type { GameWords } from './words.ts';

export type { OutcomeWord } from './words.ts';

/** A game at tables, of rounds or matches. */
export interface TableView<S extends RoundState = RoundState> extends GameWords {
  readonly kind: 'table';
  /** The whole table; most are a `TableLayout` with a stage and a bet panel. */
  readonly Table: ComponentType<{ seat: Seat<S> }>;
}

/** A world that lasts: no rounds, no bets, and each player has some of them. */
export interface WorldGameView<Entry = unknown, Own = unknown> {
  readonly kind: 'world';
  /** The room's name on the server. */
  readonly name: string;
  readonly title: string;
  readonly World: ComponentType<{ world: World<Entry, Own> }>;
}

export type GameView = TableView | WorldGameView;

/** A game for the registry, which knows nothing of the states of games. */
export function gameView<S extends RoundState>(view: Omit<TableView<S>, 'kind'>): TableView {
  // The seat that a table is given is always one at a room of the view's own name.
  return { kind: 'table', ...view } as unknown as TableView;
}

/** The same of a world. */
export function worldView<Entry, Own>(
  view: Omit<WorldGameView<Entry, Own>, 'kind'>,
): WorldGameView {
  return { kind: 'world', ...view } as unknown as WorldGameView;
}
