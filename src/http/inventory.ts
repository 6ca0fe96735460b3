/** What the signed-in user has, and buying more of it (W9). */
import { z } from 'zod';
import { InventoryItem, PageQuery, Purchase, Purchased, pageOf } from '../protocol.ts';
import { type Route, route } from './route.ts';
import type { Inventory } from './services.ts';

const ItemParams = z.object({ id: z.coerce.number().int().positive() });
/** M5: sent again with the same key, it is the same purchase. */
const Idempotency = z.object({ 'Idempotency-Key': z.guid().toLowerCase() });

export function inventoryRoutes(inventory: Inventory): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/me/inventory',
      summary: 'Items and how many there are of each, by the id of the item',
      auth: 'user',
      query: PageQuery,
      response: pageOf(InventoryItem),
      handler: ({ identity, query }) => inventory.list(identity.userId, query),
    }),
    route({
      method: 'post',
      path: '/api/v1/items/:id/purchase',
      summary: 'Buys from the shop, at the price of now, in the usual currency',
      auth: 'user',
      params: ItemParams,
      headers: Idempotency,
      body: Purchase,
      response: Purchased,
      handler: ({ identity, params, headers, body }) =>
        inventory.purchase({
          userId: identity.userId,
          commandId: headers['Idempotency-Key'],
          itemId: params.id,
          quantity: body.quantity,
        }),
    }),
  ];
}
