/**
 * What every table has, whatever is played there: bets that the ledger commits and the board shows, a cycle of rounds
 * that this room owns while its node holds the lease, stays of players in the books, and an end.
 */
import { AppError } from '../src/errors.ts';
import type { BetRules } from '../src/games/contract.ts';
import type { Game } from '../src/games/registry.ts';
import type { OwnedRoom, ResolvedBet } from '../src/ledger/types.ts';
import { metrics } from '../src/metrics.ts';
import {
  BetCommand,
  BetIdCommand,
  BetsCommand,
  HISTORY_LENGTH,
  JoinOptions,
} from '../src/protocol.ts';
import { BaseRoom, CLOSE_TRY_AGAIN, type Player, type PlayerClient } from './base-room.ts';
import { BetCommands, boardBet, type SeatedPlayer } from './bet-commands.ts';
import { CommandQueue } from './command-queue.ts';
import type { Cycle, CycleParts, Stage } from './cycle.ts';
import { type Command, command } from './dispatch.ts';
import type { LiveRound } from './round.ts';
import { TableDisplay } from './table-display.ts';
import { type TableState, tableStateOf } from './table-state.ts';

export const DEFAULT_TABLE = 'main';
const MAX_TABLES_PER_NODE = 200;
const MAX_CLIENTS = 2_000;
/** Patches go out at most this often; changes of phase go out at once. */
export const PATCH_MS = 100;
/** A table that nobody watches is closed after this long. */
const IDLE_CLOSE_MS = 60_000;

/** The tables of this process, from their making to their end. */
const liveTables = new Set<TableRoom>();

export abstract class TableRoom extends BaseRoom<TableState> {
  protected abstract readonly game: Game;
  protected abstract readonly rules: BetRules;
  override autoDispose = false;
  override maxClients = MAX_CLIENTS;
  override patchRate = PATCH_MS;

  protected readonly queue = new CommandQueue();
  protected display!: TableDisplay;
  protected bets!: BetCommands;
  readonly #stays = new Map<string, SeatedPlayer>();
  #owned: OwnedRoom | undefined;
  #unwatchLease = () => {};
  #cycle: Cycle | undefined;
  #running: Promise<void> = Promise.resolve();
  #idleTimer: NodeJS.Timeout | undefined;

  /** The cycle of this kind of table; its stage is made of `baseStage`. */
  protected abstract cycleOf(parts: Omit<CycleParts, 'stage'>): Cycle;

  protected override commands(): Record<string, Command<PlayerClient>> {
    const asked = new BetCommands({
      gameName: this.game.name,
      rules: this.rules,
      services: this.services,
      queue: this.queue,
      exposureLeft: (round) =>
        this.services.exposure.left(this.rules.limits.maxExposure, this.game.name, round),
      owned: () => this.#owned,
      round: () => this.#cycle?.round,
      boardChanged: (round) => this.display.boardSoon(round),
      resolved: (round, bets) => this.#told(round, bets),
    });
    this.bets = asked;
    const bet = command(BetCommand, (client: PlayerClient, wish) =>
      asked.bet(this.better(client), wish),
    );
    const bets = command(BetsCommand, (client: PlayerClient, wish) =>
      asked.bets(this.better(client), wish.bets),
    );
    const betStatus = command(BetIdCommand, (client: PlayerClient, wish) =>
      asked.betStatus(this.player(client), wish),
    );
    return { bet, bets, betStatus };
  }

  /** Who may bet. @throws AppError as `actor` */
  protected better(client: PlayerClient): SeatedPlayer {
    return this.stayOf(this.actor(client));
  }

  protected stayOf({ sessionId }: Player): SeatedPlayer {
    return this.#stays.get(sessionId) as SeatedPlayer;
  }

  /** @throws AppError ROOM_MOVED */
  protected get owned(): OwnedRoom {
    if (!this.#owned) throw new AppError('ROOM_MOVED');
    return this.#owned;
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
    const { game, rules, queue } = this;
    const currency = ledger.currencies.chosen(wish);
    metrics.rooms.inc({ name: game.name });
    const room = await ledger.rounds.openRoom(lease.id, this.id, game.name, table, currency);
    this.#owned = room;
    this.state = new (tableStateOf(game))();
    this.display = new TableDisplay(this.state, rules, {
      round: () => this.#cycle?.round,
      players: () => this.players.values(),
      patch: () => this.broadcastPatch(),
    });
    this.display.show({ table, currency });
    this.display.show(game.start);
    const outcomes = await history.outcomes(game.name, table, currency, HISTORY_LENGTH);
    for (const past of outcomes.reverse()) this.remember(past.roundId, past.outcome);
    this.metadata = { table, currency, title: game.title };
    const chain = seedChain(room);
    const { payTableVersion } = game;
    const cycle = this.cycleOf({ payTableVersion, rules, room, ledger, chain, queue });
    this.#cycle = cycle;
    this.#unwatchLease = lease.onLapsed(() => void this.#checkOwner(room));
    this.#running = cycle.run().catch((error) => this.#abandon(error));
    this.#watchIdle();
  }

  protected override async onPlayerJoin(player: Player, _client: PlayerClient): Promise<void> {
    const { ledger, beginSession } = this.services;
    const { gameId, currency } = this.owned;
    const [walletId, gameSessionId] = await Promise.all([
      ledger.walletIdOf(player.userId, currency),
      beginSession(player.userId, gameId, this.id, player.sessionId),
    ]);
    this.#stays.set(player.sessionId, { ...player, walletId, gameSessionId });
    this.display.playersSoon();
    clearTimeout(this.#idleTimer);
    this.#cycle?.wake();
  }

  protected override onPlayerLeave(player: Player): void {
    const stay = this.#stays.get(player.sessionId);
    this.#stays.delete(player.sessionId);
    if (stay) {
      this.services
        .endSession(stay.gameSessionId)
        .catch((error) => this.services.logger.warn({ err: error }, 'end of a stay not recorded'));
    }
    this.display.playersSoon();
    this.#watchIdle();
  }

  override onBeforeShutdown(): void {
    void this.#stop();
  }

  override async onDispose(): Promise<void> {
    clearTimeout(this.#idleTimer);
    this.display?.stop();
    this.#unwatchLease();
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

  /** What every kind of table shows of its cycle. */
  protected baseStage(settledMs: number): Stage {
    return {
      opened: (round) => {
        this.services.exposure.watch(this.game.name, round);
        this.display.opened(round);
      },
      locked: () => {
        this.display.show({ bettingOpen: false });
        if (this.state.phase === 'paused') this.display.phase('running', null);
      },
      ended: (round, outcome) => {
        this.remember(round.id, outcome);
        this.display.phase('settled', settledMs);
      },
      resolved: (round, bets) => this.#told(round, bets),
      closed: (round) => {
        this.display.board(round);
        if (this.state.phase !== 'settled') this.display.phase('settled', settledMs);
        this.#watchIdle();
      },
      paused: () => this.display.phase('paused', null),
      attended: () => this.players.size > 0,
    };
  }

  /** Of an outcome what the history on the screen keeps. */
  protected remember(roundId: string, outcome: object): void {
    this.display.remember(roundId, outcome);
  }

  #told(round: LiveRound, bets: readonly ResolvedBet[]): void {
    for (const resolved of bets) {
      const bet = resolved.first ? round.board.resolve(resolved) : undefined;
      if (!bet) continue;
      this.tellUser(bet.userId, 'bet', boardBet(this.game.name, round, bet, resolved.balance));
    }
    this.display.boardSoon(round);
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
