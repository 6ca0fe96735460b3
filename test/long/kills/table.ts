/** One table of the node under attack: what a RoundRoom does with its cycle and commands, for players who are all there. */
import { AutoCashOuts } from '../../../rooms/auto-cash-out.ts';
import { BetCommands, boardBet, type SeatedPlayer } from '../../../rooms/bet-commands.ts';
import { CommandQueue } from '../../../rooms/command-queue.ts';
import type { LiveRound } from '../../../rooms/round.ts';
import { RoundCycle, type RoundStage } from '../../../rooms/round-cycle.ts';
import type { RoomServices } from '../../../rooms/services.ts';
import type { Database } from '../../../src/database/connection.ts';
import { SeedChain } from '../../../src/fairness/chain.ts';
import type { RoundGame } from '../../../src/games/contract.ts';
import { crash } from '../../../src/games/crash.ts';
import type { BetId, GameSessionId, RoomId, UserId, WalletId } from '../../../src/ids.ts';
import type { History } from '../../../src/ledger/history.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { OwnedRoom, ResolvedBet } from '../../../src/ledger/types.ts';
import type { NodeLease } from '../../../src/live/lease.ts';
import type { Bet } from '../../../src/protocol.ts';
import { BETTING_MS, type News, type Phase } from './wire.ts';

const SECRET = 'the secret of a node that is killed';
const SETTLED_MS = 20;
/** So many times as fast as the game: half of the rounds then end within 0.2 s. */
const HASTE = 60;

/** Crash by the same rules in less time, and with no limit to a player's bets. */
const fastCrash: RoundGame = {
  ...crash,
  limits: { ...crash.limits, maxBetsPerPlayer: Number.MAX_SAFE_INTEGER },
  bettingMs: BETTING_MS,
  settledMs: SETTLED_MS,
  // Rounded down, so that no cash-out in time is above the crash point.
  runningMs: (outcome) => Math.floor(crash.runningMs(outcome as { crashPoint: number }) / HASTE),
  cashOutMultiplier: (elapsedMs) => crash.cashOutMultiplier?.(elapsedMs * HASTE) as number,
  autoCashOut(selection) {
    const auto = crash.autoCashOut?.(selection);
    return auto ? { ...auto, atMs: auto.atMs / HASTE } : null;
  },
} as RoundGame;

export interface TableParts {
  readonly db: Database;
  readonly lease: NodeLease;
  readonly ledger: Ledger;
  readonly history: History;
  recoverRoom(roomId: RoomId): Promise<boolean>;
  tell(news: News): void;
}

interface Guest {
  readonly player: number;
  readonly userId: UserId;
  readonly walletId: WalletId;
}

export class Table {
  readonly #number: number;
  readonly #parts: TableParts;
  readonly #queue = new CommandQueue();
  readonly #commands: BetCommands;
  readonly #seated = new Map<number, SeatedPlayer>();
  readonly #playerOf = new Map<UserId, number>();
  #guests: readonly Guest[] = [];
  #owned: OwnedRoom | undefined;
  #cycle: RoundCycle | undefined;
  #autos: AutoCashOuts | undefined;
  #resting = false;

  constructor(number: number, parts: TableParts) {
    this.#number = number;
    this.#parts = parts;
    const { ledger, history } = parts;
    this.#commands = new BetCommands({
      gameName: fastCrash.name,
      rules: fastCrash,
      // The commands of a room use these two.
      services: { ledger, history } as RoomServices,
      queue: this.#queue,
      exposureLeft: () => Number.MAX_SAFE_INTEGER,
      owned: () => this.#owned,
      round: () => this.#cycle?.round,
      boardChanged: () => {},
      resolved: (round, bets) => this.#resolved(round, bets),
    });
  }

  /** A new room at this table, with all its players. */
  async open(guests: readonly Guest[]): Promise<void> {
    const { ledger, lease, db } = this.#parts;
    const roomId = `kills-${crypto.randomUUID()}` as RoomId;
    const room = await ledger.rounds.openRoom(lease.id, roomId, crash.name, `${this.#number}`);
    this.#guests = guests;
    await this.#seat(room);
    this.#owned = room;
    const chain = new SeedChain(db.pool, SECRET, room);
    const [queue, stage] = [this.#queue, this.#stage()];
    const { payTableVersion } = fastCrash;
    const parts = { payTableVersion, rules: fastCrash, room, ledger, chain, queue, stage };
    this.#cycle = new RoundCycle(fastCrash, parts);
    this.#cycle.run().catch((error) => this.#abandon(error, room));
  }

  rest(rest: boolean): void {
    this.#resting = rest;
    if (!rest) this.#cycle?.wake();
  }

  bet(player: number, payload: { betId: BetId; amount: number }): Promise<Bet> {
    return this.#commands.bet(this.#seated.get(player) as SeatedPlayer, payload);
  }

  cashOut(player: number, betId: BetId, receivedAt: number): Promise<Bet> {
    return this.#commands.cashOut(this.#seated.get(player) as SeatedPlayer, { betId }, receivedAt);
  }

  betStatus(player: number, betId: BetId): Promise<Bet> {
    return this.#commands.betStatus(this.#seated.get(player) as SeatedPlayer, { betId });
  }

  /** A stay for each (R9), in one statement: they all come in at once. */
  async #seat(room: OwnedRoom): Promise<void> {
    const { rows } = await this.#parts.db.pool.query<{ userId: UserId; id: GameSessionId }>(
      `INSERT INTO game_sessions (user_id, game_id, room_id, session_key)
       SELECT u, $2, $3, 'a key' FROM unnest($1::bigint[]) u RETURNING user_id AS "userId", id`,
      [this.#guests.map(({ userId }) => userId), room.gameId, room.roomId],
    );
    const stays = new Map(rows.map(({ userId, id }) => [userId, id]));
    for (const { player, userId, walletId } of this.#guests) {
      this.#playerOf.set(userId, player);
      this.#seated.set(player, {
        userId,
        walletId,
        gameSessionId: stays.get(userId) as GameSessionId,
        username: `${player}`,
        userType: 'bot',
        roles: [],
        sessionId: `${player}`,
        spectator: false,
        leave: [],
        missed: null,
      });
    }
  }

  #stage(): RoundStage {
    const phase = (name: Phase) => this.#parts.tell(['phase', this.#number, name]);
    return {
      opened: () => phase('betting'),
      waiting: () => {},
      running: (round) => {
        phase('running');
        const elapsed = () => performance.now() - (round.startedAt as number);
        this.#autos = new AutoCashOuts(autosOf(round), elapsed, (due) => {
          for (const { bet, multiplier } of due) {
            // One that is not answered is left to the end of the round.
            this.#queue
              .run(() => this.#commands.pay(round, bet, multiplier, 'auto'))
              .catch(() => {});
          }
        });
      },
      locked: () => {},
      ended: () => {
        this.#autos?.stop();
        phase('settlement');
      },
      resolved: (round, bets) => this.#resolved(round, bets),
      closed: () => {
        this.#autos?.stop();
        phase('closed');
      },
      paused: () => {},
      attended: () => {
        if (this.#resting) phase('resting');
        return !this.#resting;
      },
    };
  }

  #resolved(round: LiveRound, bets: readonly ResolvedBet[]): void {
    for (const resolved of bets) {
      const bet = resolved.first ? round.board.resolve(resolved) : undefined;
      if (!bet) continue;
      const { betId, status, payout, balance } = boardBet(
        fastCrash.name,
        round,
        bet,
        resolved.balance,
      );
      const player = this.#playerOf.get(bet.userId) as number;
      this.#parts.tell(['told', player, { betId, status, payout, balance }]);
    }
  }

  /** As a RoundRoom: the room is closed as after a crash, and the players look for the table again. */
  async #abandon(error: Error, room: OwnedRoom): Promise<void> {
    this.#parts.tell(['abandoned', this.#number, `${error.stack}`]);
    this.#owned = undefined;
    this.#autos?.stop();
    this.#cycle?.round?.finish();
    await this.#parts.recoverRoom(room.roomId).catch(() => {});
    await this.open(this.#guests);
  }
}

/** Those that come before the end; what comes at the very end is settled by the rules. */
function autosOf(round: LiveRound) {
  return round.board.open().flatMap((bet) => {
    const auto = fastCrash.autoCashOut?.(bet);
    return auto && auto.atMs < round.runningMs ? [{ bet, ...auto }] : [];
  });
}
