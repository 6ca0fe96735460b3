/** What the HTTP resources need from the rest of the program; the composition root hands it in. */
import type { Identity } from '../accounts/identities.ts';
import type { BetId, RoundId, UserId } from '../ids.ts';
import type {
  Bet,
  BetsQuery,
  Game,
  HeldWallet,
  LedgerHead,
  Page,
  PageQuery,
  Proof,
  Round,
  Transaction,
  TransactionsQuery,
  Wallet,
} from '../protocol.ts';
import type { Catalogue as CatalogueOfWorlds } from '../worlds/catalogue.ts';
import type { Inventory as InventoryOfAll } from '../worlds/inventory.ts';
import type { OwnItems as OwnItemsOfAll } from '../worlds/own-items.ts';
import type { Saves as SavesOfAll } from '../worlds/saves.ts';

/**
 * Reads of the ledger. What does not exist, or is not the user's own, is NOT_FOUND; a bad cursor
 * BAD_REQUEST.
 */
export interface History {
  wallet(userId: UserId, currency?: string): Promise<Wallet>;
  wallets(userId: UserId): Promise<(Wallet & { id: number })[]>;
  transactions(userId: UserId, query: TransactionsQuery): Promise<Page<Transaction>>;
  bets(userId: UserId, query: BetsQuery): Promise<Page<Bet>>;
  bet(userId: UserId, betId: BetId): Promise<Bet>;
  round(id: RoundId): Promise<Round>;
  rounds(game: string, query: PageQuery): Promise<Page<Round>>;
  proof(id: RoundId): Promise<Proof>;
}

/** What operators may do to wallets. */
export interface Wallets {
  /**
   * Once per `id` (M5). Throws NOT_FOUND, INSUFFICIENT_FUNDS, LIMIT_EXCEEDED, BET_CONFLICT, BUSY.
   */
  adjust(adjustment: {
    id: string;
    walletId: number;
    amount: number;
    reason: string;
    actorId: UserId;
    ip: string | null;
  }): Promise<HeldWallet>;
}

/** The newest block of the ledger's hash chain; null while there is none. */
export type PublishHead = () => Promise<LedgerHead | null>;

export interface Catalogue {
  games(): Promise<Game[]>;
}

export type { ReadOverview } from '../accounts/overview.ts';

/** Items and buildings: for everybody to see, for admins to change. */
export type WorldTables = Omit<CatalogueOfWorlds, 'current'>;
export type OwnItems = Pick<OwnItemsOfAll, keyof OwnItemsOfAll>;
export type Inventory = Pick<InventoryOfAll, keyof InventoryOfAll>;
export type Saves = Pick<SavesOfAll, 'list' | 'one' | 'openSlot' | 'change' | 'remove'>;

export const MATCHMAKE_METHODS = [
  'joinOrCreate',
  'create',
  'join',
  'joinById',
  'reconnect',
] as const;
export type MatchmakeMethod = (typeof MATCHMAKE_METHODS)[number];

export interface MatchmakeContext {
  /** Null only for `reconnect`, where the reconnection token says who it is. */
  readonly identity: Identity | null;
  readonly token: string | undefined;
  readonly ip: string;
  readonly headers: Headers;
}

/**
 * Reserves a seat; the answer goes to the client as it is. `roomName` is a room id for `joinById`
 * and `reconnect`. Throws AppErrors, or Colyseus' own errors as its matchmaker throws them.
 */
export type Matchmake = (
  method: MatchmakeMethod,
  roomName: string,
  options: Record<string, unknown>,
  context: MatchmakeContext,
) => Promise<object>;

/** Null when the node can serve; otherwise the reason in words, which anyone may read. */
export type Readiness = () => Promise<string | null>;

/** The part of a prom-client registry that is needed to show it. */
export interface MetricsSource {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** The part of a pino logger that is used here. */
export interface Logger {
  error(context: object, message: string): void;
  warn(context: object, message: string): void;
}

/** Called once for each answered request of the route table, e.g. to fill a histogram. */
export type Observe = (answered: {
  method: string;
  path: string;
  status: number;
  seconds: number;
}) => void;

/** Errors that mean "not now", such as a lost database connection: told as BUSY, not as a bug. */
export type IsUnavailable = (error: unknown) => boolean;
