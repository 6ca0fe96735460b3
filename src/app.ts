/** The composition root: what the server is made of, and in which order it comes up and goes down. */
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { matchMaker, type Presence, Server } from '@colyseus/core';
import { RedisDriver } from '@colyseus/redis-driver';
import { RedisPresence } from '@colyseus/redis-presence';
import { Exposure } from '../rooms/exposure.ts';
import { lobbyRoom } from '../rooms/lobby-room.ts';
import { matchRoom } from '../rooms/match-room.ts';
import { createMatchmaking } from '../rooms/matchmaking.ts';
import { roundRoom } from '../rooms/round-room.ts';
import { Seats } from '../rooms/seats.ts';
import type { RoomServices } from '../rooms/services.ts';
import { GuardedTransport } from '../rooms/transport.ts';
import { worldRoom } from '../rooms/world-room.ts';
import { createAccounts } from './accounts/accounts.ts';
import { createOverview } from './accounts/overview.ts';
import type { Config } from './config.ts';
import { type Database, isConnectionError, openDatabase } from './database/connection.ts';
import { startEmbedded } from './database/embedded.ts';
import { migrateUp } from './database/migrate.ts';
import { seedCatalogue, seedWorldTables } from './database/seed.ts';
import { AppError } from './errors.ts';
import { PublicBeacon } from './fairness/beacon.ts';
import { SeedChain } from './fairness/chain.ts';
import { gameByName, games, rulesOf, worldByName, worlds } from './games/registry.ts';
import { buildings, items } from './games/town/tables.ts';
import { createHttp } from './http/index.ts';
import type { RoomId } from './ids.ts';
import { HashChain, ledgerHead } from './ledger/hash-chain.ts';
import { History } from './ledger/history.ts';
import { Ledger } from './ledger/ledger.ts';
import { persist } from './ledger/persist.ts';
import { takeLease } from './live/lease.ts';
import { OnlinePlayers } from './live/online.ts';
import { readiness } from './live/readiness.ts';
import { recoverAbandonedRooms, recoverRoom } from './live/recovery.ts';
import { beginSession, endSession } from './live/sessions.ts';
import { createLogger, type Logger } from './log.ts';
import { registry } from './metrics.ts';
import { Catalogue } from './worlds/catalogue.ts';
import { Inventory } from './worlds/inventory.ts';
import { OwnItems } from './worlds/own-items.ts';
import { Saves } from './worlds/saves.ts';

const WEB_ROOT = fileURLToPath(new URL('../web/dist', import.meta.url));
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 12_000;

export interface App {
  readonly port: number;
  /** Where the data lives, in words for the first lines on the screen. */
  readonly data: string;
  /** Lets running rounds end, says goodbye, and gives everything back. */
  stop(): Promise<void>;
}

export interface Store {
  readonly db: Database;
  readonly data: string;
  close(): Promise<void>;
}

/**
 * The database, given or embedded, migrated and with its catalogue. Commands that are no server use it too. `say` gets
 * a readable line for what is done to the embedded one.
 */
export async function openStore(
  config: Config,
  logger: Logger,
  say: (line: string) => void = () => {},
): Promise<Store> {
  const embedded = config.databaseUrl
    ? undefined
    : await startEmbedded({ dataDir: config.dataDir, log: say });
  const url = config.databaseUrl ?? (embedded?.url as string);
  const db = await openDatabase(url, { poolSize: config.databasePoolSize, logger });
  await migrateUp(url);
  await seedCatalogue(db.sequelize, [...games, ...worlds]);
  await seedWorldTables(db.sequelize, { items, buildings });
  const host = new URL(url).host;
  return {
    db,
    data: embedded
      ? `${embedded.dataPath} (PostgreSQL on port ${embedded.port})`
      : `PostgreSQL at ${host}`,
    async close() {
      await db.close();
      await embedded?.stop();
    },
  };
}

export async function createApp(config: Config): Promise<App> {
  const logger = createLogger(config.logLevel);
  const store = await openStore(config, logger, console.log);
  const { db } = store;

  const lease = await takeLease(db, config.nodeUrl, logger);
  const ledger = new Ledger(db, {
    startBalance: config.startBalance,
    currencies: config.currencies,
    logger,
    hasNeighbours: () => lease.liveNodes() > 1,
  });
  const history = new History(db.pool, ledger.currencies);
  const accounts = createAccounts({
    database: db,
    jwtSecret: config.jwtSecret,
    openWallet: (userId, transaction) => ledger.openWallet(userId, transaction),
  });

  const tables = new Catalogue(db, logger);
  const saves = new Saves(db.pool, {
    worldByName,
    changed: (game, id) => void tellWorld(game, id, logger),
  });

  const recovery = {
    db,
    lease,
    ledger,
    logger,
    rulesOf: (gameName: string) => rulesOf(gameByName(gameName)),
    failed: new Set<RoomId>(),
  };
  await recoverAbandonedRooms(recovery);
  let sweep: Promise<unknown> | undefined;
  lease.onRenewed(() => {
    sweep ??= recoverAbandonedRooms(recovery)
      .catch((error) => logger.error({ err: error }, 'recovery will be tried again'))
      .finally(() => {
        sweep = undefined;
      });
  });
  await ledger.feed.listen();
  const hashChain = new HashChain(db, logger);
  hashChain.start();

  const http = createServer();
  const transport = new GuardedTransport(http);
  const presence: Presence | undefined = config.redisUrl
    ? new RedisPresence(config.redisUrl)
    : undefined;
  const colyseus = new Server({
    greet: false,
    gracefullyShutdown: false,
    transport,
    logger: quiet(logger),
    ...(presence ? { presence, driver: new RedisDriver(config.redisUrl) } : {}),
    ...(config.redisUrl || config.nodeUrl ? { publicAddress: new URL(nodeUrl(config)).host } : {}),
  });
  await matchMaker.onReady;
  const online = new OnlinePlayers(matchMaker.presence, lease.id, logger);
  const seats = new Seats();
  const exposure = new Exposure(() => lease.liveNodes());
  const beacon = config.beaconUrl ? new PublicBeacon(config.beaconUrl, logger) : undefined;
  void beacon?.start();
  const services: RoomServices = {
    ledger,
    history,
    lease,
    online,
    seats,
    exposure,
    logger,
    saves,
    catalogue: () => tables.current(),
    async authenticate(token) {
      if (token === undefined) throw new AppError('UNAUTHENTICATED');
      return accounts.authenticate(token);
    },
    seedChain: (room) => new SeedChain(db.pool, config.fairnessSecret, room),
    beacon: beacon?.after,
    recoverRoom: (roomId) => recoverRoom(recovery, roomId),
    beginSession: (...stay) => beginSession(db, ...stay),
    endSession: (id) => endSession(db, id),
  };
  for (const game of games) {
    const room =
      game.kind === 'match'
        ? matchRoom({ ...game, clockMs: config.clockMs ?? game.clockMs }, services)
        : roundRoom({ ...game, bettingMs: config.bettingMs ?? game.bettingMs }, services);
    colyseus
      .define(game.name, room)
      .filterBy(['table', 'currency', 'stake'])
      .enableRealtimeListing();
  }
  for (const world of worlds) {
    colyseus.define(world.name, worldRoom(world, services)).filterBy(['world']);
  }
  colyseus.define('lobby', lobbyRoom(services));

  let stopping = false;
  const app = createHttp({
    config,
    accounts,
    history,
    wallets: ledger,
    ledgerHead: () => persist(() => ledgerHead(db.pool)),
    catalogue: history,
    readOverview: createOverview(db.pool, ledger.currencies.usual),
    worldTables: tables,
    ownItems: new OwnItems(db),
    inventory: new Inventory(db.pool, ledger),
    saves,
    matchmake: createMatchmaking({
      seats,
      currencies: ledger.currencies,
      saves,
      worldByName,
      isMatch: (name) => games.some((game) => game.kind === 'match' && game.name === name),
      open: () => !stopping,
    }),
    readiness: async () => (stopping ? 'shutting down' : readiness(db, lease, online)),
    metrics: registry,
    logger,
    webRoot: WEB_ROOT,
    isUnavailable: isConnectionError,
  });
  http.on('request', app);
  http.requestTimeout = REQUEST_TIMEOUT_MS;
  http.headersTimeout = HEADERS_TIMEOUT_MS;
  http.maxConnections = MAX_CONNECTIONS;

  await matchMaker.accept();
  await online.start();
  await listen(http, config);

  return {
    port: (http.address() as AddressInfo).port,
    data: store.data,
    async stop() {
      stopping = true;
      await matchMaker.gracefullyShutdown();
      beacon?.stop();
      await ledger.idle();
      await online.stop();
      seats.close();
      transport.shutdown();
      http.closeAllConnections();
      matchMaker.presence.shutdown();
      await matchMaker.driver.shutdown();
      await sweep;
      await hashChain.stop();
      await ledger.feed.close();
      await lease.release();
      await store.close();
    },
  };
}

/** The room that has a save open, on whichever node, is told that the save was changed from outside. */
async function tellWorld(game: string, id: number, logger: Logger): Promise<void> {
  const failed = (error: unknown) =>
    logger.warn({ err: error, game, id }, 'a live world was not told of its change');
  try {
    // One that is not there any more, with its node, does not keep the others from it.
    for (const { roomId } of await matchMaker.query({ name: game, world: id } as object)) {
      await matchMaker.remoteRoomCall(roomId, 'saveChanged' as never).catch(failed);
    }
  } catch (error) {
    failed(error);
  }
}

/** Where other nodes' clients reach this one; rooms are announced under it. */
function nodeUrl(config: Config): string {
  return config.nodeUrl ?? `http://${config.host ?? 'localhost'}:${config.port}`;
}

function listen(http: HttpServer, config: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(config.port, config.host, () => {
      http.off('error', reject);
      resolve();
    });
  });
}

/** Colyseus prints errors of clients as if they were ours; they are kept for debugging. */
function quiet(logger: Logger) {
  const debug = (...parts: unknown[]) => logger.debug(parts.map(String).join(' '));
  return { debug, info: debug, log: debug, trace: debug, warn: debug, error: debug };
}
