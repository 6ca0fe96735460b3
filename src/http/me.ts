/** The signed-in user: account, wallet, what is theirs, and what happened to them. */
import { z } from 'zod';
import type { Accounts } from '../accounts/accounts.ts';
import type { BetId } from '../ids.ts';
import {
  Bet,
  BetsQuery,
  Me,
  MeQuery,
  OwnWallet,
  pageOf,
  Transaction,
  TransactionsQuery,
  Wallet,
  WalletQuery,
} from '../protocol.ts';
import { type Route, route } from './route.ts';
import type { History, ReadOverview } from './services.ts';

export function meRoutes(
  accounts: Accounts,
  history: History,
  readOverview: ReadOverview,
): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/me',
      summary: 'The signed-in user, with what is asked for',
      auth: 'user',
      query: MeQuery,
      response: Me,
      handler: ({ identity: { userId }, query: { include } }) =>
        include === undefined ? accounts.userdata(userId) : readOverview(userId, include),
    }),
    route({
      method: 'get',
      path: '/api/v1/me/wallet',
      summary: 'Balance, in the usual currency or the one that is asked for',
      auth: 'user',
      query: WalletQuery,
      response: Wallet,
      handler: ({ identity, query }) => history.wallet(identity.userId, query.currency),
    }),
    route({
      method: 'get',
      path: '/api/v1/me/wallets',
      summary: 'Balances, the usual currency first',
      auth: 'user',
      response: pageOf(OwnWallet),
      async handler({ identity }) {
        return { items: await history.wallets(identity.userId), nextCursor: null };
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/me/transactions',
      summary: 'Movements of a wallet, latest first',
      auth: 'user',
      query: TransactionsQuery,
      response: pageOf(Transaction),
      handler: ({ identity, query }) => history.transactions(identity.userId, query),
    }),
    route({
      method: 'get',
      path: '/api/v1/me/bets',
      summary: 'Own bets, latest first',
      auth: 'user',
      query: BetsQuery,
      response: pageOf(Bet),
      handler: ({ identity, query }) => history.bets(identity.userId, query),
    }),
    route({
      method: 'get',
      path: '/api/v1/me/bets/:betId',
      summary: 'One of the own bets',
      auth: 'user',
      params: z.object({ betId: z.guid() }),
      response: Bet,
      handler: ({ identity, params }) => history.bet(identity.userId, params.betId as BetId),
    }),
  ];
}
