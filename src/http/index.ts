/** The HTTP side of a node: the list of its resources, and what every request passes through. */
import express from 'express';
import type { Accounts } from '../accounts/accounts.ts';
import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import { authRoutes } from './auth.ts';
import { buildingRoutes } from './buildings.ts';
import { docsRouter } from './docs.ts';
import { gameStateRoutes } from './game-states.ts';
import { gameRoutes } from './games.ts';
import { cors, saneUrl, securityHeaders } from './headers.ts';
import { healthRoutes } from './health.ts';
import { inventoryRoutes } from './inventory.ts';
import { itemRoutes } from './items.ts';
import { ledgerRoutes } from './ledger.ts';
import { matchmakeRouter } from './matchmake.ts';
import { meRoutes } from './me.ts';
import { mountRoutes } from './mount.ts';
import { openApiRoute } from './openapi.ts';
import { ownItemRoutes } from './own-items.ts';
import { pageRouter } from './page.ts';
import { problemHandler } from './problem.ts';
import { roundRoutes } from './rounds.ts';
import type {
  Catalogue,
  History,
  Inventory,
  IsUnavailable,
  Logger,
  Matchmake,
  MetricsSource,
  Observe,
  OwnItems,
  PublishHead,
  Readiness,
  ReadOverview,
  Saves,
  Wallets,
  WorldTables,
} from './services.ts';
import { walletRoutes } from './wallets.ts';

export interface HttpDeps {
  readonly config: Pick<Config, 'production' | 'corsOrigins' | 'trustProxy' | 'metricsToken'>;
  readonly accounts: Accounts;
  readonly history: History;
  readonly wallets: Wallets;
  readonly ledgerHead: PublishHead;
  readonly catalogue: Catalogue;
  readonly readOverview: ReadOverview;
  readonly worldTables: WorldTables;
  readonly ownItems: OwnItems;
  readonly inventory: Inventory;
  readonly saves: Saves;
  readonly matchmake: Matchmake;
  readonly readiness: Readiness;
  readonly metrics: MetricsSource;
  readonly logger: Logger;
  /** The folder of the built player page. */
  readonly webRoot: string;
  readonly observe?: Observe;
  readonly isUnavailable?: IsUnavailable;
}

export function createHttp(deps: HttpDeps): express.Application {
  const { config, accounts, history, catalogue, matchmake, logger, isUnavailable } = deps;
  const routes = [
    ...authRoutes(accounts),
    ...meRoutes(accounts, history, deps.readOverview),
    ...inventoryRoutes(deps.inventory),
    ...ownItemRoutes(deps.ownItems),
    ...gameStateRoutes(deps.saves),
    ...itemRoutes(deps.worldTables),
    ...buildingRoutes(deps.worldTables),
    ...walletRoutes(deps.wallets),
    ...ledgerRoutes(deps.ledgerHead),
    ...gameRoutes(catalogue, history),
    ...roundRoutes(history),
    ...healthRoutes(deps.readiness, deps.metrics),
  ];

  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', config.trustProxy);
  app.set('query parser', 'simple');
  app.set('etag', false);
  app.use(securityHeaders(), cors(config.corsOrigins), saneUrl);
  app.use(matchmakeRouter({ accounts, matchmake, logger, isUnavailable }));
  mountRoutes(app, [...routes, openApiRoute(routes)], {
    accounts,
    metricsToken: config.metricsToken,
    checkResponses: !config.production,
    observe: deps.observe,
  });
  app.use(docsRouter(), pageRouter(deps.webRoot));
  app.use(() => {
    throw new AppError('NOT_FOUND');
  });
  app.use(problemHandler(logger, isUnavailable));
  return app;
}
