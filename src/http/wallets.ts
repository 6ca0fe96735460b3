/** What operators do to wallets. */
import { z } from 'zod';
import { Adjustment, HeldWallet } from '../protocol.ts';
import { type Route, route } from './route.ts';
import type { Wallets } from './services.ts';

const WalletParams = z.object({ id: z.coerce.number().int().positive() });
/** M5: sent again with the same key, it is the same adjustment. */
const Idempotency = z.object({ 'Idempotency-Key': z.guid().toLowerCase() });

export function walletRoutes(wallets: Wallets): Route[] {
  return [
    route({
      method: 'post',
      path: '/api/v1/wallets/:id/adjust',
      summary: 'Adds to a wallet or takes from it, with a reason',
      auth: 'user',
      roles: ['operator', 'admin'],
      params: WalletParams,
      headers: Idempotency,
      body: Adjustment,
      response: HeldWallet,
      handler: ({ identity, params, headers, body, visitor }) =>
        wallets.adjust({
          id: headers['Idempotency-Key'],
          walletId: params.id,
          amount: body.amount,
          reason: body.reason,
          actorId: identity.userId,
          ip: visitor.ip,
        }),
    }),
  ];
}
