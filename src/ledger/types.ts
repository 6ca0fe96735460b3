/** What the ledger is asked and what it answers. Amounts in minor units, multipliers in hundredths. */
import type { BetId, GameSessionId, NodeId, RoomId, RoundId, UserId, WalletId } from '../ids.ts';

/** A live room as its owner knows it: every money transaction carries this and fails when it is stale (M8). */
export interface OwnedRoom {
  readonly nodeId: NodeId;
  readonly roomId: RoomId;
  readonly fence: number;
  readonly escrowId: WalletId;
  readonly gameId: number;
  readonly gameName: string;
  /** Every wallet that a bet or a match of this room touches is in it. */
  readonly currency: string;
  readonly houseId: WalletId;
}

export interface PlaceBet {
  readonly room: OwnedRoom;
  readonly roundId: RoundId;
  readonly betId: BetId;
  readonly userId: UserId;
  readonly walletId: WalletId;
  readonly sessionId: GameSessionId | null;
  readonly amount: number;
  readonly selection: object;
}

export type ResolvedBy = 'player' | 'auto' | 'outcome' | 'void';
export type BetStatus = 'accepted' | 'won' | 'lost' | 'cashed' | 'refunded';

export interface ResolveBet {
  readonly room: OwnedRoom;
  readonly roundId: RoundId;
  readonly betId: BetId;
  readonly status: Exclude<BetStatus, 'accepted'>;
  readonly by: ResolvedBy;
  readonly multiplier: number;
  readonly payout: number;
}

/** How a bet stands after a resolution was asked for: `first` tells whether this call is the one that resolved it. */
export interface ResolvedBet {
  readonly betId: BetId;
  readonly userId: UserId;
  readonly first: boolean;
  readonly status: Exclude<BetStatus, 'accepted'>;
  readonly by: ResolvedBy;
  readonly multiplier: number;
  readonly payout: number;
  readonly balance: number;
  readonly seq: number;
}

/** A bet that is in the books and still open, as a room or a recovery holds it. */
export interface OpenBet {
  readonly betId: BetId;
  readonly userId: UserId;
  readonly amount: number;
  readonly selection: object;
}

/** A wallet after a committed change. */
export interface WalletChange {
  readonly userId: UserId;
  readonly currency: string;
  readonly balance: number;
  readonly seq: number;
}

/** How many of an item a user has after a committed change; a greater `seq` is newer. */
export interface HoldingChange {
  readonly userId: UserId;
  readonly item: string;
  readonly quantity: number;
  readonly seq: number;
}

/** A save that is open in a live room, as the room's owner knows it (M8). */
export interface OwnedWorld {
  readonly nodeId: NodeId;
  readonly roomId: RoomId;
  readonly fence: number;
  readonly stateId: number;
}
