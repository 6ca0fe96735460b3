/** The games that this page can show, in the order of the header. A new one is its folder and a line here. */
import { crash } from './crash/index.ts';
import { derby } from './derby/index.ts';
import { duel } from './duel/index.ts';
import { roulette } from './roulette/index.ts';
import { town } from './town/index.ts';
import type { GameView, TableView } from './view.ts';

export const gameViews: readonly GameView[] = [crash, roulette, derby, duel, town];

export function viewOf(game: string): GameView {
  return gameViews.find((view) => view.name === game) ?? crash;
}

/** Of a game with bets. */
export function tableViewOf(game: string): TableView {
  const view = viewOf(game);
  return view.kind === 'table' ? view : crash;
}
