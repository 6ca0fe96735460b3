/** Items of the signed-in user's own (W9). */
import { z } from 'zod';
import { Item, NewOwnItem, OwnItemPatch, PageQuery, pageOf } from '../protocol.ts';
import { type Route, route } from './route.ts';
import type { OwnItems } from './services.ts';

const ItemParams = z.object({ id: z.coerce.number().int().positive() });
/** 16 KiB of `data`, and the texts beside it. */
const MAX_BODY_BYTES = 32 * 1024;

export function ownItemRoutes(items: OwnItems): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/me/items',
      summary: 'Items of the own making',
      auth: 'user',
      query: PageQuery,
      response: pageOf(Item),
      handler: ({ identity, query }) => items.list(identity.userId, query),
    }),
    route({
      method: 'post',
      path: '/api/v1/me/items',
      summary: 'Makes an item of the own, at most 100',
      auth: 'user',
      body: NewOwnItem,
      maxBodyBytes: MAX_BODY_BYTES,
      response: Item,
      status: 201,
      handler: ({ identity, body }) => items.create(identity.userId, body),
    }),
    route({
      method: 'get',
      path: '/api/v1/me/items/:id',
      summary: 'One of the own items',
      auth: 'user',
      params: ItemParams,
      response: Item,
      handler: ({ identity, params }) => items.one(identity.userId, params.id),
    }),
    route({
      method: 'patch',
      path: '/api/v1/me/items/:id',
      summary: 'Changes one of the own items',
      auth: 'user',
      params: ItemParams,
      body: OwnItemPatch,
      maxBodyBytes: MAX_BODY_BYTES,
      response: Item,
      handler: ({ identity, params, body }) => items.change(identity.userId, params.id, body),
    }),
    route({
      method: 'delete',
      path: '/api/v1/me/items/:id',
      summary: 'Deletes one of the own items; one that was in an inventory is retired',
      auth: 'user',
      params: ItemParams,
      response: z.object({}),
      async handler({ identity, params }) {
        await items.remove(identity.userId, params.id);
        return {};
      },
    }),
  ];
}
