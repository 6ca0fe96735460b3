/** What the ledger publishes about itself (M12). */
import { AppError } from '../errors.ts';
import { LedgerHead } from '../protocol.ts';
import { type Route, route } from './route.ts';
import type { PublishHead } from './services.ts';

export function ledgerRoutes(head: PublishHead): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/ledger/head',
      summary:
        'The newest block of the hash chain over all transactions: who keeps it can have proven later that none was changed',
      auth: 'none',
      response: LedgerHead,
      handler: async () => {
        const newest = await head();
        if (newest === null) throw new AppError('NOT_FOUND', 'Nothing is sealed yet.');
        return newest;
      },
    }),
  ];
}
