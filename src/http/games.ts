/** The games on offer, and the rounds of each. */
import { z } from 'zod';
import { Game, type Page, PageQuery, pageOf, Round } from '../protocol.ts';
import { type Route, route } from './route.ts';
import type { Catalogue, History } from './services.ts';

const GameName = z.string().regex(/^[a-z0-9-]{1,32}$/);

export function gameRoutes(catalogue: Catalogue, history: History): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/games',
      summary: 'The games on offer',
      auth: 'none',
      query: PageQuery,
      response: pageOf(Game),
      handler: async ({ query }) => pageByName(await catalogue.games(), query),
    }),
    route({
      method: 'get',
      path: '/api/v1/games/:name/rounds',
      summary: 'Rounds of a game, latest first',
      auth: 'none',
      params: z.object({ name: GameName }),
      query: PageQuery,
      response: pageOf(Round),
      handler: ({ params, query }) => history.rounds(params.name, query),
    }),
  ];
}

/** The cursor is the last name shown. */
function pageByName(games: Game[], { limit, cursor = '' }: PageQuery): Page<Game> {
  const sorted = games.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const rest = sorted.filter((game) => game.name > cursor);
  const items = rest.slice(0, limit);
  return { items, nextCursor: rest.length > limit ? (items.at(-1)?.name ?? null) : null };
}
