/**
 * What players ask of a round room: bet, betStatus, cashout. Each command captures the round it was received in, asks
 * the ledger, and answers and shows what was committed (M6).
 */
import { AppError } from '../src/errors.ts';
import { isRefusal, payoutOf, type RoundGame } from '../src/games/contract.ts';
import type { BetId, GameSessionId, RoundId, WalletId } from '../src/ids.ts';
import type { StoredBet } from '../src/ledger/history.ts';
import { type PlacedBet, requestHash } from '../src/ledger/place.ts';
import type { OwnedRoom, PlaceBet, ResolvedBet } from '../src/ledger/types.ts';
import type { Bet } from '../src/protocol.ts';
import type { Player } from './base-room.ts';
import type { BoardBet } from './bet-board.ts';
import type { CommandQueue } from './command-queue.ts';
import type { LiveRound } from './round.ts';
import type { RoomServices } from './services.ts';

/** A player with what the books need to know of this stay. */
export interface SeatedPlayer extends Player {
  readonly walletId: WalletId;
  readonly gameSessionId: GameSessionId;
}

export interface RoundHost {
  readonly game: RoundGame;
  readonly services: RoomServices;
  readonly queue: CommandQueue;
  /** The room as its owner; undefined once another node owns it. */
  owned(): OwnedRoom | undefined;
  round(): LiveRound | undefined;
  boardChanged(round: LiveRound): void;
  resolved(round: LiveRound, bets: readonly ResolvedBet[]): void;
}

export class RoundCommands {
  readonly #host: RoundHost;

  constructor(host: RoundHost) {
    this.#host = host;
  }

  /** @throws AppError BAD_REQUEST, LIMIT_EXCEEDED, and what `Ledger.placeBet` throws */
  async bet(player: SeatedPlayer, payload: { betId: BetId; amount: number }): Promise<Bet> {
    const { game, services, queue } = this.#host;
    const { betId, amount, ...rest } = payload;
    const selection = game.parseSelection(rest);
    if (isRefusal(selection)) throw new AppError('BAD_REQUEST', selection.refused);
    const { userId, walletId, gameSessionId: sessionId } = player;
    const bet = { room: this.#owned(), betId, userId, walletId, sessionId, amount, selection };
    const round = this.#host.round();
    if (!round?.accepting) return this.#repeatOr(new AppError('BETTING_CLOSED'), bet);
    const exceeded = this.#exceeded(round, bet);
    if (exceeded) return this.#repeatOr(exceeded, bet);
    const answered = round.board.announce(userId, betId);
    try {
      const placed = await queue.run(() => services.ledger.placeBet({ ...bet, roundId: round.id }));
      this.#enter(round, placed, player);
      const createdAt = placed.createdAt.toISOString();
      return acceptedBet(game, { ...placed, currency: round.currency, createdAt });
    } finally {
      answered();
    }
  }

  /** @throws AppError NOT_FOUND */
  async betStatus(player: Player, { betId }: { betId: BetId }): Promise<Bet> {
    // Behind the commands under way, so that the answer is definite.
    await this.#host.queue.drain();
    return this.#host.services.history.bet(player.userId, betId);
  }

  /** @throws AppError NOT_FOUND, ILLEGAL_MOVE, ALREADY_RESOLVED, ROOM_MOVED */
  async cashOut(player: Player, { betId }: { betId: BetId }, receivedAt: number): Promise<Bet> {
    const { game, queue } = this.#host;
    const round = this.#host.round();
    const bet = round?.board.get(betId);
    if (!round || bet?.userId !== player.userId) return this.#firstCashOut(player, betId);
    const elapsed = round.elapsedAt(receivedAt);
    if (elapsed === null) throw new AppError('ILLEGAL_MOVE', 'The round is not running yet.');
    if (elapsed >= round.runningMs || bet.status !== 'accepted') {
      // M7: too late or resolved; the books give the one answer, once they have it.
      if (bet.status === 'accepted') await round.over;
      this.#owned();
      return this.#firstCashOut(player, betId);
    }
    const auto = game.autoCashOut?.(bet.selection);
    if (auto && auto.atMs <= elapsed) {
      await queue.run(() => this.pay(round, bet, auto.multiplier, 'auto'));
      return this.#firstCashOut(player, betId);
    }
    const multiplier = game.cashOutMultiplier?.(elapsed) as number;
    const resolved = await queue.run(() => this.pay(round, bet, multiplier, 'player'));
    if (!resolved.first) return this.#firstCashOut(player, betId);
    return boardBet(game, round, bet, resolved.balance);
  }

  /** Cashes a bet out at `multiplier` hundredths; the first resolution of a bet stands. */
  async pay(
    round: LiveRound,
    bet: BoardBet,
    multiplier: number,
    by: 'player' | 'auto',
  ): Promise<ResolvedBet> {
    const resolved = await this.#host.services.ledger.resolveBet({
      room: this.#owned(),
      roundId: round.id,
      betId: bet.betId,
      status: 'cashed',
      by,
      multiplier,
      payout: payoutOf(bet.amount, multiplier),
    });
    if (resolved.first) this.#host.resolved(round, [resolved]);
    return resolved;
  }

  #owned(): OwnedRoom {
    const owned = this.#host.owned();
    if (!owned) throw new AppError('ROOM_MOVED');
    return owned;
  }

  /** Which limit this bet is beyond; null when it is within all of them. */
  #exceeded({ board }: LiveRound, bet: Omit<PlaceBet, 'roundId'>): AppError | null {
    const { betId, userId, amount } = bet;
    const { minStake, maxStake, maxBetsPerPlayer } = this.#host.game.limits;
    if (amount < minStake || amount > maxStake) {
      return new AppError('LIMIT_EXCEEDED', `A stake is from ${minStake} to ${maxStake}.`);
    }
    if (!board.counts(userId, betId) && board.countOf(userId) >= maxBetsPerPlayer) {
      return new AppError('LIMIT_EXCEEDED', `At most ${maxBetsPerPlayer} bets in one round.`);
    }
    return null;
  }

  /** M5: a bet that is refused now may be the repeat of one that was not, or that is still on its way. */
  async #repeatOr(refusal: AppError, bet: Omit<PlaceBet, 'roundId'>): Promise<Bet> {
    const { game, services, queue } = this.#host;
    await queue.drain();
    const stored = await services.history.storedBet(bet.betId);
    if (!stored) throw refusal;
    const roundId = stored.roundId as RoundId;
    if (stored.requestHash !== requestHash({ ...bet, roundId })) throw new AppError('BET_CONFLICT');
    return acceptedBet(game, { ...stored, balance: stored.balanceAfterStake });
  }

  /** A repeat is entered too, if its first answer was lost on the way from the books. */
  #enter(round: LiveRound, placed: PlacedBet, player: Player): void {
    const { betId, roundId, status } = placed;
    if (roundId !== round.id || status !== 'accepted' || round.board.get(betId)) return;
    round.board.add(placed, player.username);
    this.#host.boardChanged(round);
  }

  /** M5: what the first cash-out of this bet was answered. */
  async #firstCashOut(player: Player, betId: BetId): Promise<Bet> {
    const stored = await this.#host.services.history.storedBet(betId);
    if (stored?.userId !== player.userId) throw new AppError('NOT_FOUND', 'There is no such bet.');
    if (stored.status === 'accepted') {
      throw new AppError('NOT_FOUND', 'This bet is not at this table.');
    }
    if (stored.status !== 'cashed' || stored.resolvedBy !== 'player') {
      throw new AppError('ALREADY_RESOLVED', `This bet is ${stored.status} already.`);
    }
    return publicBet(stored, stored.balanceAfterPayout ?? stored.balance);
  }
}

/** The first answer to a bet. */
function acceptedBet(
  game: RoundGame,
  placed: Pick<PlacedBet, 'amount' | 'selection' | 'balance'> & {
    betId: string;
    roundId: string;
    currency: string;
    createdAt: string;
  },
): Bet {
  const { betId, roundId, amount, currency, balance, createdAt } = placed;
  const selection = placed.selection as Bet['selection'];
  const open = { status: 'accepted', multiplier: null, payout: null } as const;
  const held = { currency, balance };
  return { betId, roundId, game: game.name, amount, selection, ...open, ...held, createdAt };
}

/** A resolved bet of a live round; `balance` is the wallet's after it. */
export function boardBet(game: RoundGame, round: LiveRound, bet: BoardBet, balance: number): Bet {
  const { betId, amount, status, multiplier, payout } = bet;
  const selection = bet.selection as Bet['selection'];
  const createdAt = bet.createdAt.toISOString();
  const result = { status, multiplier, payout, currency: round.currency, balance, createdAt };
  return { betId, roundId: round.id, game: game.name, amount, selection, ...result };
}

function publicBet(stored: StoredBet, balance: number): Bet {
  const { betId, roundId, game, amount, selection, status, multiplier, payout } = stored;
  const { currency, createdAt } = stored;
  const result = { status, multiplier, payout, currency, balance, createdAt };
  return { betId, roundId, game, amount, selection, ...result };
}
