/**
 * Hosts a round game: receives bets and cash-outs, lets the rules decide and the ledger commit, and shows what was
 * committed. One class for every game of the kind; `roundRoom(game, services)` makes the class of one game.
 */
import { AppError } from '../src/errors.ts';
import { isRefusal, payoutOf, type RoundGame } from '../src/games/contract.ts';
import type { BetId, GameSessionId, WalletId } from '../src/ids.ts';
import { type PlacedBet, requestHash } from '../src/ledger/place.ts';
import type { OwnedRoom, PlaceBet, ResolvedBet } from '../src/ledger/types.ts';
import { metrics } from '../src/metrics.ts';
import {
  type Bet,
  BetCommand,
  BetIdCommand,
  HISTORY_LENGTH,
  JoinOptions,
} from '../src/protocol.ts';
import { AutoCashOuts } from './auto-cash-out.ts';
import {
  BaseRoom,
  CLOSE_TRY_AGAIN,
  onAuthWith,
  type Player,
  type PlayerClient,
} from './base-room.ts';
import { assignChanged, type BoardBet } from './bet-board.ts';
import { CommandQueue } from './command-queue.ts';
import type { Command } from './dispatch.ts';
import type { LiveRound } from './round.ts';
import { RoundCycle, type RoundStage } from './round-cycle.ts';
import { HistoryState, type RoundRoomState, roundStateOf } from './round-state.ts';
import type { RoomServices } from './services.ts';

export const DEFAULT_TABLE = 'main';
const MAX_TABLES_PER_NODE = 200;
const MAX_CLIENTS = 2_000;
/** Patches go out at most this often; changes of phase go out at once. */
const PATCH_MS = 100;
/** Totals and the top list follow new bets at most this often. */
const BOARD_MS = 250;
/** A table that nobody watches is closed after this long. */
const IDLE_CLOSE_MS = 60_000;

interface Account {
  readonly walletId: WalletId;
  readonly sessionId: GameSessionId;
}

/** The round rooms of this process, from their making to their end. */
const liveTables = new Set<RoundRoom>();

export abstract class RoundRoom extends BaseRoom<RoundRoomState> {
  protected abstract readonly game: RoundGame;
  override autoDispose = false;
  override maxClients = MAX_CLIENTS;
  override patchRate = PATCH_MS;

  readonly #queue = new CommandQueue();
  readonly #accounts = new Map<string, Account>();
  #owned: OwnedRoom | undefined;
  #cycle: RoundCycle | undefined;
  #running: Promise<void> = Promise.resolve();
  #autos: AutoCashOuts | undefined;
  #boardTimer: NodeJS.Timeout | undefined;
  #viewTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  protected override commands(): Record<string, Command<PlayerClient>> {
    const commands: Record<string, Command<PlayerClient, never>> = {
      bet: { schema: BetCommand as never, handle: (client, payload) => this.#bet(client, payload) },
      betStatus: {
        schema: BetIdCommand as never,
        handle: (client, payload) => this.#betStatus(client, payload),
      },
    };
    if (this.game.cashOutMultiplier) {
      commands.cashout = {
        schema: BetIdCommand as never,
        handle: (client, payload, receivedAt) => this.#cashOut(client, payload, receivedAt),
      };
    }
    return commands as Record<string, Command<PlayerClient>>;
  }

  override async onCreate(options: unknown): Promise<void> {
    await super.onCreate(options);
    const { table = DEFAULT_TABLE } = JoinOptions.parse(options ?? {});
    if (liveTables.size >= MAX_TABLES_PER_NODE) {
      throw new AppError('BUSY', 'No more tables on this server.');
    }
    liveTables.add(this);
    const { ledger, lease, seedChain, history } = this.services;
    const { game } = this;
    metrics.rooms.inc({ name: game.name });
    const owned = await ledger.rounds.openRoom(lease.id, this.id, game.name, table);
    this.#owned = owned;
    this.state = new (roundStateOf(game))();
    this.state.table = table;
    assignChanged(this.state, game.view(null));
    for (const past of (await history.outcomes(game.name, table, HISTORY_LENGTH)).reverse()) {
      this.#remember(past.roundId, past.outcome);
    }
    this.metadata = { table, title: game.title };
    const chain = seedChain(owned.gameId, this.id);
    const queue = this.#queue;
    const stage = this.#stage();
    this.#cycle = new RoundCycle({ game, room: owned, ledger, chain, queue, stage });
    this.#running = this.#cycle.run().catch((error) => this.#abandon(error));
    this.#watchIdle();
  }

  protected override async onPlayerJoin(player: Player): Promise<void> {
    const { ledger, beginSession } = this.services;
    const { gameId } = this.#owned as OwnedRoom;
    const [walletId, sessionId] = await Promise.all([
      ledger.walletIdOf(player.userId),
      beginSession(player.userId, gameId, this.id, player.sessionId),
    ]);
    this.#accounts.set(player.sessionId, { walletId, sessionId });
    this.#showPlayers();
    clearTimeout(this.#idleTimer);
    this.#cycle?.wake();
  }

  protected override onPlayerLeave(player: Player): void {
    const account = this.#accounts.get(player.sessionId);
    this.#accounts.delete(player.sessionId);
    if (account) {
      this.services
        .endSession(account.sessionId)
        .catch((error) => this.services.logger.warn({ err: error }, 'end of a stay not recorded'));
    }
    this.#showPlayers();
    this.#watchIdle();
  }

  override onBeforeShutdown(): void {
    void this.#stop();
  }

  override async onDispose(): Promise<void> {
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#boardTimer);
    clearInterval(this.#viewTimer);
    this.#autos?.stop();
    this.#cycle?.stop();
    await this.#running;
    if (liveTables.delete(this)) metrics.rooms.dec({ name: this.game.name });
    if (this.#owned) {
      await this.services.ledger.rounds
        .closeRoom(this.#owned)
        .catch((error) =>
          this.services.logger.warn({ err: error, roomId: this.roomId }, 'room not closed'),
        );
    }
  }

  // ---- commands ----

  async #bet(client: PlayerClient, payload: { betId: BetId; amount: number }): Promise<Bet> {
    const player = this.actor(client);
    const { betId, amount, ...rest } = payload;
    const selection = this.game.parseSelection(rest);
    if (isRefusal(selection)) throw new AppError('BAD_REQUEST', selection.refused);
    const round = this.#cycle?.round;
    const account = this.#accounts.get(player.sessionId) as Account;
    const bet: Omit<PlaceBet, 'roundId'> = {
      room: this.#owned as OwnedRoom,
      betId,
      userId: player.userId,
      walletId: account.walletId,
      sessionId: account.sessionId,
      amount,
      selection,
    };
    if (!round?.accepting) return this.#repeatOrClosed(bet);
    const known = round.board.get(betId) !== undefined;
    if (!known) this.#checkLimits(round, player, amount);
    const withdraw = known ? () => {} : round.board.announce(player.userId);
    try {
      const placed = await this.#queue.run(() =>
        this.services.ledger.placeBet({ ...bet, roundId: round.id }),
      );
      if (!placed.first) withdraw();
      this.#enter(round, placed, player);
      return this.#answer(placed);
    } catch (error) {
      withdraw();
      throw error;
    }
  }

  /** M5: a bet that comes too late may be the repeat of one that did not. */
  async #repeatOrClosed(bet: Omit<PlaceBet, 'roundId'>): Promise<Bet> {
    const stored = await this.services.history.storedBet(bet.betId);
    if (!stored) throw new AppError('BETTING_CLOSED');
    const hash = requestHash({ ...bet, roundId: stored.roundId as PlaceBet['roundId'] });
    if (stored.requestHash !== hash) throw new AppError('BET_CONFLICT');
    const {
      betId,
      roundId,
      game,
      amount,
      selection,
      createdAt,
      balanceAfterStake: balance,
    } = stored;
    return {
      betId,
      roundId,
      game,
      amount,
      selection,
      status: 'accepted',
      multiplier: null,
      payout: null,
      balance,
      createdAt,
    };
  }

  #checkLimits(round: LiveRound, player: Player, amount: number): void {
    const { minStake, maxStake, maxBetsPerPlayer } = this.game.limits;
    if (amount < minStake || amount > maxStake) {
      throw new AppError('LIMIT_EXCEEDED', `A stake is from ${minStake} to ${maxStake}.`);
    }
    if (round.board.countOf(player.userId) >= maxBetsPerPlayer) {
      throw new AppError('LIMIT_EXCEEDED', `At most ${maxBetsPerPlayer} bets in one round.`);
    }
  }

  /** M6: shown after the commit. A repeat is entered too, if its first answer was lost on the way from the books. */
  #enter(round: LiveRound, placed: PlacedBet, player: Player): void {
    const missing =
      placed.roundId === round.id && placed.status === 'accepted' && !round.board.get(placed.betId);
    if (!missing) return;
    if (!placed.first) round.board.announce(placed.userId);
    round.board.add(placed, player.username);
    this.#showBoardSoon(round);
  }

  async #betStatus(client: PlayerClient, { betId }: { betId: BetId }): Promise<Bet> {
    const player = this.players.get(client.sessionId);
    if (!player) throw new AppError('UNAUTHENTICATED');
    // Behind the commands under way, so that the answer is definite.
    await this.#queue.drain();
    return this.services.history.bet(player.userId, betId);
  }

  async #cashOut(
    client: PlayerClient,
    { betId }: { betId: BetId },
    receivedAt: number,
  ): Promise<Bet> {
    const player = this.actor(client);
    const round = this.#cycle?.round;
    const bet = round?.board.get(betId);
    if (!round || !bet || bet.userId !== player.userId) return this.#firstCashOut(player, betId);
    const elapsed = round.elapsedAt(receivedAt);
    if (elapsed === null) throw new AppError('ILLEGAL_MOVE', 'The round is not running yet.');
    if (elapsed >= round.runningMs || bet.status !== 'accepted') {
      // Too late or resolved: the books give the one answer, once they have it.
      if (bet.status === 'accepted') await round.over;
      if (!this.#owned) throw new AppError('ROOM_MOVED');
      return this.#firstCashOut(player, betId);
    }
    const auto = this.game.autoCashOut?.(bet.selection);
    const due = auto && auto.atMs <= elapsed ? auto.multiplier : null;
    const multiplier = due ?? this.game.cashOutMultiplier?.(elapsed) ?? 100;
    const by = due === null ? 'player' : 'auto';
    const resolved = await this.#queue.run(() => this.#pay(round, bet, multiplier, by));
    if (!resolved.first || by === 'auto') return this.#firstCashOut(player, betId);
    return betAnswer(this.game, round, bet, resolved.balance);
  }

  /** What the first cash-out of this bet was answered. @throws AppError NOT_FOUND, ALREADY_RESOLVED */
  async #firstCashOut(player: Player, betId: BetId): Promise<Bet> {
    const stored = await this.services.history.storedBet(betId);
    if (!stored || stored.userId !== player.userId)
      throw new AppError('NOT_FOUND', 'There is no such bet.');
    if (stored.status === 'accepted')
      throw new AppError('NOT_FOUND', 'This bet is not at this table.');
    if (stored.status !== 'cashed' || stored.resolvedBy !== 'player') {
      throw new AppError('ALREADY_RESOLVED', `This bet is ${stored.status} already.`);
    }
    const {
      resolvedBy,
      requestHash: _hash,
      userId,
      balanceAfterStake,
      balanceAfterPayout,
      ...bet
    } = stored;
    return { ...bet, balance: balanceAfterPayout ?? bet.balance };
  }

  async #pay(
    round: LiveRound,
    bet: BoardBet,
    multiplier: number,
    by: 'player' | 'auto',
  ): Promise<ResolvedBet> {
    const resolved = await this.services.ledger.resolveBet({
      room: this.#owned as OwnedRoom,
      roundId: round.id,
      betId: bet.betId,
      status: 'cashed',
      by,
      multiplier,
      payout: payoutOf(bet.amount, multiplier),
    });
    if (resolved.first) this.#showResolved(round, [resolved]);
    return resolved;
  }

  #answer(placed: PlacedBet): Bet {
    return {
      betId: placed.betId,
      roundId: placed.roundId,
      game: this.game.name,
      amount: placed.amount,
      selection: placed.selection as Bet['selection'],
      status: 'accepted',
      multiplier: null,
      payout: null,
      balance: placed.balance,
      createdAt: placed.createdAt.toISOString(),
    };
  }

  // ---- what is shown ----

  #stage(): RoundStage {
    return {
      betting: (round) => {
        assignChanged(this.state, { roundId: round.id, roundNumber: round.number });
        assignChanged(this.state, { commitment: round.seed.commitment, ...this.game.view(null) });
        this.#showBoard(round);
        this.#showPhase('betting', this.game.bettingMs);
      },
      running: (round) => {
        const elapsed = () => performance.now() - (round.lockedAt as number);
        assignChanged(this.state, this.game.view(0));
        this.#showBoard(round);
        this.#showPhase('running', null);
        this.#autos = new AutoCashOuts(this.#autosOf(round), elapsed, (due) => {
          for (const { bet, multiplier } of due) {
            this.#queue
              .run(() => this.#pay(round, bet, multiplier, 'auto'))
              .catch((error) =>
                this.services.logger.warn({ err: error }, 'automatic cash-out left to the end'),
              );
          }
        });
        if (this.game.viewEveryMs > 0) {
          this.#viewTimer = setInterval(() => {
            if (elapsed() >= round.runningMs) return;
            assignChanged(this.state, { now: Date.now(), ...this.game.view(elapsed()) });
          }, this.game.viewEveryMs);
        }
      },
      ended: (round, outcome) => {
        this.#stopRunning();
        assignChanged(this.state, this.game.reveal(outcome));
        this.#remember(round.id, outcome);
        this.#showPhase('settled', this.game.settledMs);
      },
      resolved: (round, bets) => this.#showResolved(round, bets),
      closed: (round) => {
        this.#stopRunning();
        this.#showBoard(round);
        if (this.state.phase !== 'settled') this.#showPhase('settled', this.game.settledMs);
        this.#watchIdle();
      },
      paused: () => this.#showPhase('paused', null),
      attended: () => this.players.size > 0,
    };
  }

  /** Automatic cash-outs that come before the end; those at the very end are settled by the rules. */
  #autosOf(round: LiveRound) {
    return round.board.open().flatMap((bet) => {
      const auto = this.game.autoCashOut?.(bet.selection);
      return auto && auto.atMs < round.runningMs ? [{ bet, ...auto }] : [];
    });
  }

  #stopRunning(): void {
    clearInterval(this.#viewTimer);
    this.#autos?.stop();
    this.#autos = undefined;
  }

  #showPhase(phase: string, lengthMs: number | null): void {
    const now = Date.now();
    assignChanged(this.state, {
      phase,
      phaseStartedAt: now,
      phaseEndsAt: lengthMs === null ? 0 : now + lengthMs,
      now,
    });
    this.broadcastPatch();
  }

  #showResolved(round: LiveRound, bets: readonly ResolvedBet[]): void {
    for (const resolved of bets) {
      const bet = resolved.first ? round.board.resolve(resolved) : undefined;
      if (bet) this.tellUser(bet.userId, 'bet', betAnswer(this.game, round, bet, resolved.balance));
    }
    this.#showBoardSoon(round);
  }

  #showBoardSoon(round: LiveRound): void {
    this.#boardTimer ??= setTimeout(() => this.#showBoard(round), BOARD_MS);
  }

  #showBoard(round: LiveRound): void {
    clearTimeout(this.#boardTimer);
    this.#boardTimer = undefined;
    if (round !== this.#cycle?.round) return;
    assignChanged(this.state, { staked: round.board.staked, betCount: round.board.count });
    round.board.showTop(this.state.topBets);
  }

  #showPlayers(): void {
    const users = new Set([...this.players.values()].map((player) => player.userId));
    // The time too, so that who joins in the middle of a phase can tell how far it is.
    assignChanged(this.state, { players: users.size, now: Date.now() });
  }

  #remember(roundId: string, outcome: object): void {
    const entry = new HistoryState();
    assignChanged(entry, { roundId, outcome: JSON.stringify(outcome) });
    this.state.history.push(entry);
    while (this.state.history.length > HISTORY_LENGTH) this.state.history.shift();
  }

  // ---- the end of the room ----

  #watchIdle(): void {
    clearTimeout(this.#idleTimer);
    if (this.players.size > 0) return;
    this.#idleTimer = setTimeout(() => {
      const pending = Object.keys((this as unknown as { _reservedSeats: object })._reservedSeats);
      if (this.players.size > 0 || pending.length > 0) this.#watchIdle();
      else void this.#stop();
    }, IDLE_CLOSE_MS);
  }

  async #stop(): Promise<void> {
    this.#cycle?.stop();
    await this.#running;
    await this.disconnect(CLOSE_TRY_AGAIN);
  }

  /** The cycle failed: another node owns the room, or a bug. Players are sent to look for the table again. */
  #abandon(error: unknown): void {
    const moved = error instanceof AppError && error.code === 'ROOM_MOVED';
    const { logger } = this.services;
    if (moved) logger.warn({ roomId: this.roomId }, 'another node owns this room now');
    else {
      logger.error({ err: error, roomId: this.roomId }, 'round abandoned');
      this.services
        .recoverRoom(this.id)
        .catch((failure) =>
          logger.error({ err: failure, roomId: this.roomId }, 'room not recovered'),
        );
    }
    this.#owned = undefined;
    this.#cycle?.round?.finish();
    this.disconnect(CLOSE_TRY_AGAIN).catch(() => {});
  }
}

function betAnswer(game: RoundGame, round: LiveRound, bet: BoardBet, balance: number): Bet {
  return {
    betId: bet.betId,
    roundId: round.id,
    game: game.name,
    amount: bet.amount,
    selection: bet.selection as Bet['selection'],
    status: bet.status,
    multiplier: bet.status === 'accepted' ? null : bet.multiplier,
    payout: bet.status === 'accepted' ? null : bet.payout,
    balance,
    createdAt: bet.createdAt.toISOString(),
  };
}

/** The room class of one game. */
export function roundRoom(game: RoundGame, services: RoomServices): new () => RoundRoom {
  return class extends RoundRoom {
    protected override readonly game = game;
    protected override readonly services = services;
    static override onAuth = onAuthWith(services) as never;
  };
}
