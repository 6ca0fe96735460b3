/** The games that this page can show and the server offers; all of them until the catalogue is known. */
import { useCatalogue } from './catalogue.ts';
import { gameViews } from './games/index.ts';
import type { GameView, TableView } from './games/view.ts';

export function useOfferedGames(): readonly GameView[] {
  const catalogue = useCatalogue();
  if (catalogue === null) return gameViews;
  const enabled = new Set(catalogue.filter((game) => game.isEnabled).map(({ name }) => name));
  return gameViews.filter(({ name }) => enabled.has(name));
}

/** Those of them that are played at tables. */
export function useOfferedTables(): readonly TableView[] {
  return useOfferedGames().filter((view) => view.kind === 'table');
}
