/** What rooms are given by the composition root; they reach nothing else of the server. */
import type { Logger } from 'pino';
import type { AwaitBeacon } from '../src/fairness/beacon.ts';
import type { SeedChain } from '../src/fairness/chain.ts';
import type { WorldCatalogue } from '../src/games/world.ts';
import type { GameSessionId, RoomId, UserId } from '../src/ids.ts';
import type { History } from '../src/ledger/history.ts';
import type { Ledger } from '../src/ledger/ledger.ts';
import type { OwnedRoom } from '../src/ledger/types.ts';
import type { NodeLease } from '../src/live/lease.ts';
import type { OnlinePlayers } from '../src/live/online.ts';
import type { Saves } from '../src/worlds/saves.ts';
import type { Exposure } from './exposure.ts';
import type { Seats } from './seats.ts';

/** Who a connection belongs to, as `authenticate` found out. */
export interface Identity {
  readonly userId: UserId;
  readonly username: string;
  readonly userType: string;
  readonly roles: readonly string[];
}

export interface RoomServices {
  readonly ledger: Ledger;
  readonly history: History;
  readonly lease: NodeLease;
  readonly online: OnlinePlayers;
  readonly seats: Seats;
  readonly exposure: Exposure;
  readonly logger: Logger;
  readonly saves: Saves;
  /** Items and buildings as they are now, or were two seconds ago. @throws AppError BUSY */
  catalogue(): Promise<WorldCatalogue>;
  /** @throws AppError UNAUTHENTICATED */
  authenticate(token: string | undefined): Promise<Identity>;
  seedChain(room: OwnedRoom): SeedChain;
  /** The public beacon, for rooms whose rounds lock before they are drawn (F6); without one, no round waits. */
  readonly beacon?: AwaitBeacon | undefined;
  /** Closes a room whose cycle failed, as after a crash (M9). */
  recoverRoom(roomId: RoomId): Promise<boolean>;
  /** Records a player's stay in a room. */
  beginSession(userId: UserId, gameId: number, roomId: RoomId, key: string): Promise<GameSessionId>;
  endSession(id: GameSessionId): Promise<void>;
}
