/**
 * Hosts a game of matches: players sit down for a stake, play by the rules, and the winner is paid; who watches may bet
 * on the winner. `matchRoom(game, services)` makes the class of one game.
 */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { AppError } from '../src/errors.ts';
import type { BetRules } from '../src/games/contract.ts';
import type { MatchGame, MatchOutcome } from '../src/games/match.ts';
import { rulesOf } from '../src/games/registry.ts';
import type { UserId } from '../src/ids.ts';
import {
  AnswerDrawCommand,
  MatchJoinOptions,
  NoPayload,
  RematchCommand,
  SitCommand,
} from '../src/protocol.ts';
import { onAuthWith, type Player, type PlayerClient } from './base-room.ts';
import type { SeatedPlayer } from './bet-commands.ts';
import type { CycleParts } from './cycle.ts';
import { type Command, command } from './dispatch.ts';
import type { LiveMatch } from './match.ts';
import { MatchCommands } from './match-commands.ts';
import { MatchCycle, type MatchStage, SETTLED_MS } from './match-cycle.ts';
import type { RoomServices } from './services.ts';
import { TableRoom } from './table-room.ts';

/** What is seen of a match while there is none. */
const NO_MATCH = { turn: -1, turnStartedAt: 0, drawOffer: -1, winner: -1, ending: '' };
const MovePayload = z.record(z.string().max(32), z.unknown());

export abstract class MatchRoom extends TableRoom {
  protected abstract override readonly game: MatchGame;
  protected abstract override readonly rules: BetRules;
  #cycle!: MatchCycle;
  #asked!: MatchCommands;
  #stake: number | undefined;

  protected override commands(): Record<string, Command<PlayerClient>> {
    const stay = (client: PlayerClient) => this.stayOf(this.actor(client));
    // A move needs no books: while they do not answer, the clocks go on, and so may who is to move.
    const seated = (client: PlayerClient) => this.stayOf(this.participant(client));
    return {
      ...super.commands(),
      sit: command(SitCommand, (client: PlayerClient, { matchId, stake }) =>
        this.#asked.sit(stay(client), matchId, stake),
      ),
      rematch: command(RematchCommand, (client: PlayerClient, { matchId }) =>
        this.#asked.rematch(stay(client), matchId),
      ),
      stand: command(NoPayload, (client: PlayerClient) => this.#asked.stand(stay(client).userId)),
      move: command(MovePayload, (client: PlayerClient, move, receivedAt) =>
        this.#asked.move(seated(client), move, receivedAt),
      ),
      moves: command(NoPayload, async (client: PlayerClient) => this.#asked.moves(seated(client))),
      resign: command(NoPayload, (client: PlayerClient) =>
        this.#asked.act(seated(client), (match, seat) => match.resign(seat)),
      ),
      offerDraw: command(NoPayload, (client: PlayerClient) =>
        this.#asked.act(seated(client), (match, seat) => match.offerDraw(seat)),
      ),
      answerDraw: command(AnswerDrawCommand, (client: PlayerClient, { accept }) =>
        this.#asked.act(seated(client), (match, seat) => match.answerDraw(seat, accept)),
      ),
    };
  }

  /** Who watches may bet, also without a seat in the room; who plays may not. */
  protected override better(client: PlayerClient): SeatedPlayer {
    this.assertActing();
    const player = this.player(client);
    const plays = this.#cycle.match?.seatOf(player.userId) ?? null;
    if (plays !== null) throw new AppError('FORBIDDEN', 'You play in this match.');
    return this.stayOf(player);
  }

  override async onCreate(options: unknown): Promise<void> {
    const { stake, private: isPrivate = false, ...rest } = MatchJoinOptions.parse(options ?? {});
    this.#stake = stake;
    const table = rest.table ?? tableFor(this.roomId);
    // Found by this name from now on; a private table is not listed.
    await this.setMatchmaking({ table, unlisted: isPrivate });
    await super.onCreate({ ...rest, table });
    this.#list();
  }

  protected override async onPlayerJoin(player: Player, client: PlayerClient): Promise<void> {
    await super.onPlayerJoin(player, client);
    this.#list();
    const match = this.#cycle.match;
    if (match && !match.outcome) this.#tellHands(match, player.userId);
  }

  override async onJoin(client: PlayerClient, options: unknown): Promise<void> {
    try {
      await super.onJoin(client, options);
    } catch (error) {
      // Who left another stay for this one has none now.
      const { userId } = client.auth as Player;
      if (!this.isThere(userId)) this.#asked.gone(userId);
      throw error;
    }
  }

  protected override onPlayerLeave(player: Player): void {
    super.onPlayerLeave(player);
    if (!this.isThere(player.userId)) this.#asked.gone(player.userId);
    this.#showSeats();
    this.#list();
  }

  override onDrop(client: PlayerClient): void {
    super.onDrop(client);
    this.#showSeats();
  }

  override onReconnect(client: PlayerClient): void {
    super.onReconnect(client);
    this.#showSeats();
    const { match } = this.#cycle;
    const player = this.players.get(client.sessionId);
    if (player && match && !match.outcome) this.#tellHands(match, player.userId);
  }

  protected override cycleOf(parts: Omit<CycleParts, 'stage'>): MatchCycle {
    const { game, services, queue } = this;
    const cycle = new MatchCycle(game, { ...parts, stage: this.#stage() });
    this.#cycle = cycle;
    this.#asked = new MatchCommands({
      game,
      services,
      queue,
      cycle,
      stake: this.#stake,
      owned: () => this.owned,
      isThere: (userId) => this.isThere(userId),
      seatsChanged: () => {
        this.#showSeats();
        this.#list();
      },
    });
    return cycle;
  }

  #stage(): MatchStage {
    const { game, display } = this;
    const base = this.baseStage(SETTLED_MS);
    return {
      ...base,
      opened: (round) => {
        round.accepting = false;
        base.opened(round);
        display.show({ ...NO_MATCH, ...game.start, bettingOpen: false });
        this.#showSeats();
        display.board(round);
        display.phase('betting', null);
        this.#list();
      },
      started: (round, match) => {
        display.show({ bettingOpen: round.accepting });
        this.#showMatch(match);
        display.phase('running', null);
        this.#list();
        // Who left at the very moment of the last seat's taking found no seat to give up any more.
        for (const { userId } of match.players) if (!this.isThere(userId)) this.#asked.gone(userId);
      },
      changed: (match) => this.#showMatch(match),
      ended: (round, outcome) => {
        round.outcome = outcome;
        const { winner, ending } = outcome as MatchOutcome;
        this.#showMatch(this.#cycle.match as LiveMatch);
        display.show({ turn: -1, drawOffer: -1, winner: winner ?? -1, ending });
        base.ended(round, outcome);
      },
    };
  }

  /** The moves are in the books; the history says how it ended. */
  protected override remember(roundId: string, outcome: object): void {
    const { winner, ending } = outcome as MatchOutcome;
    super.remember(roundId, { winner, ending });
  }

  #showMatch(match: LiveMatch): void {
    const { game, display } = this;
    const now = Date.now();
    display.show(game.view(match.state, null));
    display.show({
      turn: match.turn,
      turnStartedAt: Math.round(now - (performance.now() - match.turnStartedAt)),
      drawOffer: match.drawOffer ?? -1,
      now,
    });
    this.#showSeats();
    for (const { userId } of match.players) this.#tellHands(match, userId);
  }

  /** What only this player may see, when there is such a thing. */
  #tellHands(match: LiveMatch, userId: UserId): void {
    const seat = match.seatOf(userId);
    if (seat === null) return;
    const own = this.game.view(match.state, seat);
    if (!isDeepStrictEqual(own, this.game.view(match.state, null))) {
      this.tellUser(userId, 'view', own);
    }
  }

  #showSeats(): void {
    const { match, seating } = this.#cycle;
    const holders = match?.players ?? seating?.seats ?? [];
    const seats = Array.from({ length: this.game.seats }, (_, seat) => {
      const holder = holders[seat];
      return {
        player: holder?.username ?? '',
        stake: holder?.stake ?? 0,
        clockMs: Math.round(match?.clocksMs[seat] ?? this.game.clockMs),
        connected: holder !== undefined && this.isConnected(holder.userId),
      };
    });
    this.display.show({ seats });
  }

  /** A table for a stake is found by who looks for an opponent while somebody waits at it, or nobody plays. */
  #list(): void {
    if (this.#stake === undefined) return;
    const seated = [...this.players.values()].filter(({ spectator }) => !spectator);
    const isOpen = this.#cycle.match === undefined && seated.length < this.game.seats;
    this.setMatchmaking({ stake: isOpen ? this.#stake : 0 }).catch((error) =>
      this.services.logger.warn({ err: error, roomId: this.roomId }, 'table not listed'),
    );
  }
}

/** The name of a table that was given none: of the characters that names are made of. */
function tableFor(roomId: string): string {
  return `t-${roomId.toLowerCase().replace(/[^a-z0-9]/g, '')}`;
}

/** The room class of one game. */
export function matchRoom(game: MatchGame, services: RoomServices): new () => MatchRoom {
  const rules = rulesOf(game);
  return class extends MatchRoom {
    protected override readonly game = game;
    protected override readonly rules = rules;
    protected override readonly services = services;
    static override onAuth = onAuthWith(services) as never;
  };
}
