/** A round, and all that a stranger needs to recompute it (F6). */
import { z } from 'zod';
import type { RoundId } from '../ids.ts';
import { Proof, Round } from '../protocol.ts';
import { type Route, route } from './route.ts';
import type { History } from './services.ts';

const RoundParams = z.object({ id: z.guid() });

export function roundRoutes(history: History): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/rounds/:id',
      summary: 'One round',
      auth: 'none',
      params: RoundParams,
      response: Round,
      handler: ({ params }) => history.round(params.id as RoundId),
    }),
    route({
      method: 'get',
      path: '/api/v1/rounds/:id/proof',
      summary: 'What is needed to recompute a round; seed and beacon once the round is over',
      auth: 'none',
      anyOrigin: true,
      params: RoundParams,
      response: Proof,
      handler: ({ params }) => history.proof(params.id as RoundId),
    }),
  ];
}
