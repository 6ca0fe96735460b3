/**
 * Hosts a round game: receives bets and cash-outs, lets the rules decide and the ledger commit, and shows what was
 * committed. One class for every game of the kind; `roundRoom(game, services)` makes the class of one game.
 */
import { AppError } from '../src/errors.ts';
import type { RoundGame } from '../src/games/contract.ts';
import type { OwnedRoom, ResolvedBet } from '../src/ledger/types.ts';
import { metrics } from '../src/metrics.ts';
import {
  BetCommand,
  BetIdCommand,
  BetsCommand,
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
import { assignChanged } from './bet-board.ts';
import { CommandQueue } from './command-queue.ts';
import { type Command, command } from './dispatch.ts';
import type { LiveRound } from './round.ts';
import { boardBet, RoundCommands, type SeatedPlayer } from './round-commands.ts';
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
/** The number of players follows who comes and goes at most this often. */
const PLAYERS_MS = 500;
/** A table that nobody watches is closed after this long. */
const IDLE_CLOSE_MS = 60_000;

/** The round rooms of this process, from their making to their end. */
const liveTables = new Set<RoundRoom>();

export abstract class RoundRoom extends BaseRoom<RoundRoomState> {
  protected abstract readonly game: RoundGame;
  override autoDispose = false;
  override maxClients = MAX_CLIENTS;
  override patchRate = PATCH_MS;

  readonly #queue = new CommandQueue();
  readonly #seats = new Map<string, SeatedPlayer>();
  #owned: OwnedRoom | undefined;
  #unwatchLease = () => {};
  #cycle: RoundCycle | undefined;
  #running: Promise<void> = Promise.resolve();
  #asked: RoundCommands | undefined;
  #autos: AutoCashOuts | undefined;
  #boardTimer: NodeJS.Timeout | undefined;
  #playersTimer: NodeJS.Timeout | undefined;
  #viewTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  protected override commands(): Record<string, Command<PlayerClient>> {
    const asked = new RoundCommands({
      game: this.game,
      services: this.services,
      queue: this.#queue,
      owned: () => this.#owned,
      round: () => this.#cycle?.round,
      boardChanged: (round) => this.#showBoardSoon(round),
      resolved: (round, bets) => this.#showResolved(round, bets),
    });
    this.#asked = asked;
    const bet = command(BetCommand, (client: PlayerClient, wish) =>
      asked.bet(this.#seated(client), wish),
    );
    const bets = command(BetsCommand, (client: PlayerClient, wish) =>
      asked.bets(this.#seated(client), wish.bets),
    );
    const betStatus = command(BetIdCommand, (client: PlayerClient, wish) =>
      asked.betStatus(this.player(client), wish),
    );
    if (!this.game.cashOutMultiplier) return { bet, bets, betStatus };
    const cashout = command(BetIdCommand, (client: PlayerClient, wish, receivedAt) =>
      asked.cashOut(this.#seated(client), wish, receivedAt),
    );
    return { bet, bets, betStatus, cashout };
  }

  /** @throws AppError as `actor` */
  #seated(client: PlayerClient): SeatedPlayer {
    const { sessionId } = this.actor(client);
    return this.#seats.get(sessionId) as SeatedPlayer;
  }

  override async onCreate(options: unknown): Promise<void> {
    await super.onCreate(options);
    const { table = DEFAULT_TABLE, currency: wish } = JoinOptions.parse(options ?? {});
    // Whoever fills the server with made-up tables does not keep others from the one that everybody goes to.
    if (liveTables.size >= MAX_TABLES_PER_NODE && table !== DEFAULT_TABLE) {
      throw new AppError('BUSY', 'No more tables on this server.');
    }
    liveTables.add(this);
    const { ledger, lease, seedChain, history } = this.services;
    const { game } = this;
    const currency = ledger.currencies.chosen(wish);
    metrics.rooms.inc({ name: game.name });
    const owned = await ledger.rounds.openRoom(lease.id, this.id, game.name, table, currency);
    this.#owned = owned;
    this.state = new (roundStateOf(game))();
    assignChanged(this.state, { table, currency });
    assignChanged(this.state, game.start);
    const outcomes = await history.outcomes(game.name, table, currency, HISTORY_LENGTH);
    for (const past of outcomes.reverse()) {
      this.#remember(past.roundId, past.outcome);
    }
    this.metadata = { table, currency, title: game.title };
    const chain = seedChain(owned);
    const queue = this.#queue;
    const stage = this.#stage();
    this.#cycle = new RoundCycle({ game, room: owned, ledger, chain, queue, stage });
    this.#unwatchLease = lease.onLapsed(() => void this.#checkOwner(owned));
    this.#running = this.#cycle.run().catch((error) => this.#abandon(error));
    this.#watchIdle();
  }

  protected override async onPlayerJoin(player: Player): Promise<void> {
    const { ledger, beginSession } = this.services;
    const { gameId, currency } = this.#owned as OwnedRoom;
    const [walletId, gameSessionId] = await Promise.all([
      ledger.walletIdOf(player.userId, currency),
      beginSession(player.userId, gameId, this.id, player.sessionId),
    ]);
    this.#seats.set(player.sessionId, { ...player, walletId, gameSessionId });
    this.#showPlayers();
    clearTimeout(this.#idleTimer);
    this.#cycle?.wake();
  }

  protected override onPlayerLeave(player: Player): void {
    const seat = this.#seats.get(player.sessionId);
    this.#seats.delete(player.sessionId);
    if (seat) {
      this.services
        .endSession(seat.gameSessionId)
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
    clearTimeout(this.#playersTimer);
    clearInterval(this.#viewTimer);
    this.#unwatchLease();
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

  // ---- what is shown ----

  #stage(): RoundStage {
    return {
      betting: (round) => {
        assignChanged(this.state, { roundId: round.id, roundNumber: round.number });
        assignChanged(this.state, { commitment: round.seed.commitment, ...this.game.start });
        this.#showBoard(round);
        assignChanged(this.state, { bettingOpen: true });
        this.#showPhase('betting', this.game.bettingMs);
      },
      running: (round) => {
        const elapsed = () => round.elapsedAt(performance.now()) as number;
        const show = () => this.game.view(elapsed(), round.outcome as object);
        assignChanged(this.state, { bettingOpen: round.accepting, ...show() });
        this.#showBoard(round);
        this.#showPhase('running', null);
        this.#autos = new AutoCashOuts(this.#autosOf(round), elapsed, (due) => {
          for (const { bet, multiplier } of due) {
            this.#queue
              .run(async () => this.#asked?.pay(round, bet, multiplier, 'auto'))
              .catch((error) =>
                this.services.logger.warn({ err: error }, 'automatic cash-out left to the end'),
              );
          }
        });
        if (this.game.viewEveryMs > 0) {
          this.#viewTimer = setInterval(() => {
            if (elapsed() >= round.runningMs) return;
            assignChanged(this.state, { now: Date.now(), ...show() });
          }, this.game.viewEveryMs);
        }
      },
      locked: () => assignChanged(this.state, { bettingOpen: false }),
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
      const auto = this.game.autoCashOut?.(bet);
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
      if (bet) this.tellUser(bet.userId, 'bet', boardBet(this.game, round, bet, resolved.balance));
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
    if (this.game.odds) assignChanged(this.state, this.game.odds(round.board.stakes));
    round.board.showTop(this.state.topBets);
  }

  /** Spectators take no seat. The time too, so that who joins in the middle of a phase can tell how far it is. */
  #showPlayers(): void {
    this.#playersTimer ??= setTimeout(() => {
      this.#playersTimer = undefined;
      const seated = [...this.players.values()].filter((player) => !player.spectator);
      const players = new Set(seated.map((player) => player.userId)).size;
      assignChanged(this.state, { players, now: Date.now() });
    }, PLAYERS_MS);
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

  /** M8: a round of a room that was taken over must not go on before its players until its end. */
  async #checkOwner(owned: OwnedRoom): Promise<void> {
    // When the books do not answer, the next step of the cycle will learn it.
    const isOurs = await this.services.ledger.rounds.owns(owned).catch(() => true);
    if (!isOurs) this.#abandon(new AppError('ROOM_MOVED'));
  }

  /** The cycle failed: another node owns the room, or a bug. Players are sent to look for the table again. */
  #abandon(error: unknown): void {
    if (!this.#owned) return;
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
    this.#cycle?.stop();
    this.#cycle?.round?.finish();
    this.disconnect(CLOSE_TRY_AGAIN).catch(() => {});
  }
}

/** The room class of one game. */
export function roundRoom(game: RoundGame, services: RoomServices): new () => RoundRoom {
  return class extends RoundRoom {
    protected override readonly game = game;
    protected override readonly services = services;
    static override onAuth = onAuthWith(services) as never;
  };
}
