/** Buildings of the catalogue: for everybody to see, for admins to change (W8). */
import { z } from 'zod';
import { Building, BuildingPatch, NewBuilding, PageQuery, pageOf } from '../protocol.ts';
import { type Route, route } from './route.ts';
import type { WorldTables } from './services.ts';

const BuildingParams = z.object({ id: z.coerce.number().int().positive() });
/** A building has up to 100 levels. */
const MAX_BODY_BYTES = 64 * 1024;

export function buildingRoutes(tables: WorldTables): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/buildings',
      summary: 'Buildings of the catalogue that are not retired',
      auth: 'none',
      query: PageQuery,
      response: pageOf(Building),
      handler: ({ query }) => tables.buildings(query),
    }),
    route({
      method: 'get',
      path: '/api/v1/buildings/:id',
      summary: 'One building of the catalogue, also a retired one',
      auth: 'none',
      params: BuildingParams,
      response: Building,
      handler: ({ params }) => tables.building(params.id),
    }),
    route({
      method: 'post',
      path: '/api/v1/buildings',
      summary: 'Adds a building to the catalogue',
      auth: 'user',
      roles: ['admin'],
      body: NewBuilding,
      maxBodyBytes: MAX_BODY_BYTES,
      response: Building,
      status: 201,
      handler: ({ identity, visitor, body }) =>
        tables.createBuilding({ ...identity, ip: visitor.ip }, body),
    }),
    route({
      method: 'patch',
      path: '/api/v1/buildings/:id',
      summary: 'Changes a building of the catalogue; its name stays',
      auth: 'user',
      roles: ['admin'],
      params: BuildingParams,
      body: BuildingPatch,
      maxBodyBytes: MAX_BODY_BYTES,
      response: Building,
      handler: ({ identity, visitor, params, body }) =>
        tables.changeBuilding({ ...identity, ip: visitor.ip }, params.id, body),
    }),
    route({
      method: 'delete',
      path: '/api/v1/buildings/:id',
      summary: 'Retires a building of the catalogue: those that stand go on',
      auth: 'user',
      roles: ['admin'],
      params: BuildingParams,
      response: Building,
      handler: ({ identity, visitor, params }) =>
        tables.retireBuilding({ ...identity, ip: visitor.ip }, params.id),
    }),
  ];
}
