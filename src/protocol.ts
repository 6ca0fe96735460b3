/**
 * The shapes that cross the wire, for rooms and REST alike: the server validates with them, OpenAPI is generated from
 * them, and the page and the bots import their types. Amounts are integers in minor units, multipliers integers in
 * hundredths, times ISO 8601 UTC.
 */
import { z } from 'zod';
import type { BetId } from './ids.ts';
import { MeParts } from './protocol/world.ts';

/** Room messages above this many bytes are refused by the transport (close code 1009). */
export const MAX_MESSAGE_BYTES = 4096;
/** A player's dropped connection is held for this long. */
export const RECONNECTION_SECONDS = 60;
/** How many outcomes `state.history` keeps. */
export const HISTORY_LENGTH = 20;
/** How many bets `state.topBets` shows, greatest stake first. */
export const TOP_BETS_LENGTH = 20;

const BetName = z.guid().transform((id) => id.toLowerCase() as BetId);
export const Amount = z.int().positive();
export const Time = z.iso.datetime();

export const BetCommand = z.looseObject({ betId: BetName, amount: Amount });
/** Several bets of one player, taken all or none. More would not fit into a message. */
export const MAX_BETS_PER_COMMAND = 25;
export const BetsCommand = z.strictObject({
  bets: z.array(BetCommand).min(1).max(MAX_BETS_PER_COMMAND),
});
/** A seat in the next match; its stake goes into the pot (M2). `matchId` is the player's own name for this seat (M5). */
export const SitCommand = z.strictObject({ matchId: z.guid(), stake: Amount });
/** The same stake again, against the same opponent. */
export const RematchCommand = z.strictObject({ matchId: z.guid() });
export const AnswerDrawCommand = z.strictObject({ accept: z.boolean() });
export const NoPayload = z.strictObject({}).optional();
export const TakenSeat = z.object({
  matchId: z.guid(),
  roundId: z.guid(),
  game: z.string(),
  seat: z.int(),
  stake: Amount,
  currency: z.string(),
  balance: z.int(),
});
export type TakenSeat = z.infer<typeof TakenSeat>;

export const BetIdCommand = z.strictObject({ betId: BetName });

/** Which of them there are is the server's setting. */
export const CurrencyCode = z.string().regex(/^[A-Z]{3,8}$/, { error: '3 to 8 capital letters' });

export const Bet = z.object({
  betId: z.guid(),
  roundId: z.guid(),
  game: z.string(),
  amount: Amount,
  selection: z.record(z.string(), z.unknown()),
  status: z.enum(['accepted', 'won', 'lost', 'cashed', 'refunded']),
  multiplier: z.int().nullable(),
  payout: z.int().nullable(),
  currency: z.string(),
  balance: z.int(),
  createdAt: Time,
});
export type Bet = z.infer<typeof Bet>;

export const Wallet = z.object({ currency: z.string(), balance: z.int(), seq: z.int() });
export type Wallet = z.infer<typeof Wallet>;

/** By its id operators name a wallet. */
export const OwnWallet = Wallet.extend({ id: z.int() });
/** A wallet as an operator sees it. */
export const HeldWallet = Wallet.extend({ id: z.int(), userId: z.int() });
export type HeldWallet = z.infer<typeof HeldWallet>;

export const WalletQuery = z.object({ currency: CurrencyCode.optional() });

export const Adjustment = z.object({
  amount: z
    .int()
    .refine((amount) => amount !== 0, { error: 'not zero' })
    .describe('In minor units; below zero it is taken from the wallet'),
  reason: z.string().trim().min(1).max(500),
});

/** What a rejected request carries, and what `<type>:result` carries beside `ok: false`. */
export interface Rejection {
  code: string;
  message: string;
}

export const Phase = z.enum(['betting', 'running', 'settled', 'paused']);
export type Phase = z.infer<typeof Phase>;

export const TableName = z.string().regex(/^[a-z0-9-]{1,32}$/);
export const JoinOptions = z.looseObject({
  table: TableName.optional(),
  currency: CurrencyCode.optional(),
  spectate: z.boolean().optional(),
});
/** What may be said beyond that of a table at which matches are played. */
export const MatchJoinOptions = JoinOptions.extend({
  /** Without `table`: a table at which somebody waits for an opponent with this stake, or a new one. */
  stake: Amount.optional(),
  /** A new table that the lobby does not list; its name, which is the code to join it by, is made up when none is given. */
  private: z.boolean().optional(),
});

/** The state that every round room synchronizes, as an SDK client sees it. */
export interface RoundState {
  phase: Phase;
  table: string;
  currency: string;
  roundId: string;
  roundNumber: number;
  commitment: string;
  /** Whether bets are taken; a derby takes them for a while as it runs. */
  bettingOpen: boolean;
  /** Server times in ms since the epoch; `phaseEndsAt` is 0 while the end must not be known. */
  phaseStartedAt: number;
  phaseEndsAt: number;
  now: number;
  staked: number;
  betCount: number;
  players: number;
  topBets: TopBet[];
  history: HistoryEntry[];
}
export interface CrashState extends RoundState {
  multiplier: number;
  crashPoint: number;
}
export interface RouletteState extends RoundState {
  /** -1 until it is drawn. */
  number: number;
}
export interface DerbyState extends RoundState {
  /** Progress in ten-thousandths of the distance, odds in hundredths (0: nobody has backed this runner). */
  runners: { progress: number; winOdds: number; placeOdds: number }[];
}
/**
 * In `betting` seats are open, in `running` the match is played (and watched: bets on its winner are taken while
 * `bettingOpen`), in `settled` it is over.
 */
export interface MatchState extends RoundState {
  seats: MatchSeat[];
  /** Whose turn it is, since when (ms since the epoch), and who offers a draw; -1: nobody. */
  turn: number;
  turnStartedAt: number;
  drawOffer: number;
  /** -1 until somebody has won. */
  winner: number;
  /** '' until it is over. */
  ending: '' | 'won' | 'drawn' | 'agreed' | 'resigned' | 'time' | 'left';
}
export interface MatchSeat {
  /** The name; '' while the seat is free. */
  player: string;
  stake: number;
  /** What was left for all moves when the turn began, in ms. */
  clockMs: number;
  connected: boolean;
  /** What a bet on this seat would pay now, in hundredths; 0: nobody has bet on it. */
  odds: number;
}
export interface DuelState extends MatchState {
  /** 42 cells in rows from the bottom up: 0 empty, 1 and 2 the discs of the seats 0 and 1. */
  board: string;
  /** From 0; -1 before the first move. */
  lastColumn: number;
}
export interface TopBet {
  betId: string;
  player: string;
  amount: number;
  status: string;
  multiplier: number;
  payout: number;
}
export interface HistoryEntry {
  roundId: string;
  /** The outcome as JSON, e.g. {"crashPoint":187}. */
  outcome: string;
}

export const User = z.object({
  id: z.int(),
  username: z.string(),
  email: z.string().nullable(),
  emailVerified: z.boolean(),
  userType: z.enum(['guest', 'player', 'service', 'bot']),
  roles: z.array(z.string()),
  createdAt: Time,
});
export type User = z.infer<typeof User>;

export const Session = z.object({
  user: User,
  token: z.string(),
  refreshToken: z.string(),
  expiresIn: z.int().describe('Seconds until `token` expires'),
});
export type Session = z.infer<typeof Session>;

export const Transaction = z.object({
  id: z.int(),
  seq: z.int(),
  amount: z.int(),
  type: z.enum(['credit', 'debit']),
  category: z.string(),
  description: z.string().nullable(),
  balanceAfter: z.int(),
  postingId: z.guid(),
  betId: z.guid().nullable(),
  reason: z.string().nullable().describe('Of a grant or an adjustment'),
  actorId: z.int().nullable().describe('The operator who made an adjustment'),
  createdAt: Time,
});
export type Transaction = z.infer<typeof Transaction>;

export const Game = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  kind: z.string(),
  payTableVersion: z.int(),
  isEnabled: z.boolean(),
  parameters: z.record(z.string(), z.unknown()),
});
export type Game = z.infer<typeof Game>;

export const LedgerHead = z.object({
  block: z.int(),
  transactions: z.int().describe('That this block and all before it cover'),
  hash: z.string(),
  at: Time,
});
export type LedgerHead = z.infer<typeof LedgerHead>;

export const Round = z.object({
  id: z.guid(),
  game: z.string(),
  roomId: z.string(),
  currency: z.string(),
  number: z.int(),
  phase: z.enum(['betting', 'running', 'settled', 'void']),
  commitment: z.string(),
  outcome: z.record(z.string(), z.unknown()).nullable(),
  betCount: z.int(),
  staked: z.int(),
  paid: z.int(),
  startedAt: Time,
  lockedAt: Time.nullable(),
  settledAt: Time.nullable(),
});
export type Round = z.infer<typeof Round>;

/** All that a stranger needs to recompute a round (F6). */
export const Proof = z.object({
  roundId: z.guid(),
  game: z.string(),
  payTableVersion: z.int(),
  chain: z.object({
    id: z.guid(),
    commitment: z.string().describe('h(0), hex; published before the first round'),
    salt: z.string().describe('32 bytes, hex'),
    length: z.int(),
  }),
  index: z
    .int()
    .describe('This round used h(index); SHA-256 applied `index` times to the seed gives h(0)'),
  commitment: z.string().describe('SHA-256 of the seed, hex; shown before bets opened'),
  seed: z.string().nullable().describe('h(index), hex; null until the round is over'),
  beacon: z
    .object({
      chain: z.string().describe("The drand chain's hash, hex"),
      round: z.int().describe("The chain's first round after the lock"),
      randomness: z.string().describe('SHA-256 of the signature, hex; mixed into the draw'),
      signature: z.string().describe('Hex; whoever has the public key of the chain can check it'),
    })
    .nullable()
    .describe('null when no beacon was mixed in'),
  beaconMissing: z
    .object({
      chain: z.string(),
      round: z.int().nullable().describe('null when the times of the chain were not known either'),
      reason: z.enum(['timeout', 'unreachable', 'invalid']),
    })
    .nullable()
    .describe('Why a beacon that was to be mixed in was not: the draw is from the seed alone'),
  outcome: z.record(z.string(), z.unknown()).nullable(),
});
export type Proof = z.infer<typeof Proof>;

/** Page of a list: at most `limit` items; `nextCursor` is null at the end. */
export const PAGE_LIMIT_MAX = 100;
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(20),
  cursor: z.string().max(200).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export const TransactionsQuery = PageQuery.extend(WalletQuery.shape);
export type TransactionsQuery = z.infer<typeof TransactionsQuery>;

export const BetsQuery = PageQuery.extend({
  roundId: z.guid().optional(),
  status: Bet.shape.status.optional(),
});
export type BetsQuery = z.infer<typeof BetsQuery>;

/** What others see: 3 to 32 letters, digits, `_` and `-`. */
const Username = z.string().regex(/^[A-Za-z0-9_-]{3,32}$/, {
  error: '3 to 32 letters, digits, _ or -',
});
const Email = z.email().max(254);

/** Only these options are read; others are ignored and never become part of a token. */
const SignUpOptions = z.looseObject({ username: Username.optional() });

export const Registration = z.object({
  email: Email,
  password: z.string().min(1).max(1000).describe('8 to 200 characters'),
  options: SignUpOptions.nullish(),
});
export type Registration = z.infer<typeof Registration>;

export const Login = z.object({
  email: z.string().min(1).max(254),
  password: z.string().max(1000),
});
export type Login = z.infer<typeof Login>;

export const AnonymousEntry = z.object({ options: z.unknown().describe('Ignored') }).partial();
export const RefreshRequest = z.object({ refreshToken: z.string().min(1).max(200) });
export const UserData = z.object({ user: User });

/** Every HTTP error, as application/problem+json (RFC 9457). Clients match on `code`. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().describe('Stable'),
  message: z.string().describe('The same as detail, where the Colyseus SDKs look for it'),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type Problem = z.infer<typeof Problem>;

export * from './protocol/world.ts';

/** `GET /me`: the user, and the parts that were asked for. */
export const Me = User.extend({
  wallet: Wallet.optional().describe('In the usual currency'),
  ...MeParts.shape,
});
export type Me = z.infer<typeof Me>;
