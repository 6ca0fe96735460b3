/** Items of the catalogue: for everybody to see, for admins to change (W8). */
import { z } from 'zod';
import { Item, ItemPatch, NewItem, PageQuery, pageOf } from '../protocol.ts';
import { type Route, route } from './route.ts';
import type { WorldTables } from './services.ts';

const ItemParams = z.object({ id: z.coerce.number().int().positive() });

export function itemRoutes(tables: WorldTables): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/items',
      summary: 'Items of the catalogue that are not retired',
      auth: 'none',
      query: PageQuery,
      response: pageOf(Item),
      handler: ({ query }) => tables.items(query),
    }),
    route({
      method: 'get',
      path: '/api/v1/items/:id',
      summary: 'One item of the catalogue, also a retired one',
      auth: 'none',
      params: ItemParams,
      response: Item,
      handler: ({ params }) => tables.item(params.id),
    }),
    route({
      method: 'post',
      path: '/api/v1/items',
      summary: 'Adds an item to the catalogue',
      auth: 'user',
      roles: ['admin'],
      body: NewItem,
      response: Item,
      status: 201,
      handler: ({ identity, visitor, body }) =>
        tables.createItem({ ...identity, ip: visitor.ip }, body),
    }),
    route({
      method: 'patch',
      path: '/api/v1/items/:id',
      summary: 'Changes an item of the catalogue; its name stays',
      auth: 'user',
      roles: ['admin'],
      params: ItemParams,
      body: ItemPatch,
      response: Item,
      handler: ({ identity, visitor, params, body }) =>
        tables.changeItem({ ...identity, ip: visitor.ip }, params.id, body),
    }),
    route({
      method: 'delete',
      path: '/api/v1/items/:id',
      summary: 'Retires an item of the catalogue: what there is of it stays',
      auth: 'user',
      roles: ['admin'],
      params: ItemParams,
      response: Item,
      handler: ({ identity, visitor, params }) =>
        tables.retireItem({ ...identity, ip: visitor.ip }, params.id),
    }),
  ];
}
