/** The signed-in user's saved worlds (W9). What happens in them happens in their rooms. */
import { z } from 'zod';
import {
  GameStateEntry,
  GameStateExport,
  GameStatePatch,
  NewGameState,
  PageQuery,
  pageOf,
} from '../protocol.ts';
import { type Route, route } from './route.ts';
import type { Saves } from './services.ts';

const SaveParams = z.object({ id: z.coerce.number().int().positive() });

export function gameStateRoutes(saves: Saves): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/me/game-states',
      summary: 'Own saves, oldest first',
      auth: 'user',
      query: PageQuery,
      response: pageOf(GameStateEntry),
      handler: ({ identity, query }) => saves.list(identity.userId, query),
    }),
    route({
      method: 'post',
      path: '/api/v1/me/game-states',
      summary: 'Opens a slot with a new world in it',
      auth: 'user',
      body: NewGameState,
      response: GameStateEntry,
      status: 201,
      handler: ({ identity, body }) => saves.openSlot(identity.userId, body),
    }),
    route({
      method: 'get',
      path: '/api/v1/me/game-states/:id',
      summary: 'One of the own saves, with its snapshot',
      auth: 'user',
      params: SaveParams,
      response: GameStateExport,
      handler: ({ identity, params }) => saves.one(identity.userId, params.id),
    }),
    route({
      method: 'patch',
      path: '/api/v1/me/game-states/:id',
      summary: 'Gives a save a title, or opens it to visitors',
      auth: 'user',
      params: SaveParams,
      body: GameStatePatch,
      response: GameStateEntry,
      handler: ({ identity, params, body }) => saves.change(identity.userId, params.id, body),
    }),
    route({
      method: 'delete',
      path: '/api/v1/me/game-states/:id',
      summary: 'Deletes a save for good; coins and inventory stay',
      auth: 'user',
      params: SaveParams,
      response: z.object({}),
      async handler({ identity, params }) {
        await saves.remove(identity.userId, params.id);
        return {};
      },
    }),
  ];
}
