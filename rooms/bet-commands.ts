/**
 * What players ask of a table about bets: bet, bets, betStatus, cashout. Each command captures the round it was received in, asks
 * the ledger, and answers and shows what was committed (M6).
 */
import { AppError } from '../src/errors.ts';
import { type BetRules, isRefusal, payoutOf } from '../src/games/contract.ts';
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

export interface BetHost {
  readonly gameName: string;
  readonly rules: BetRules;
  readonly services: RoomServices;
  readonly queue: CommandQueue;
  /** What the house may still lose in this round, beside all others of its game (H1). */
  exposureLeft(round: LiveRound): number;
  /** The room as its owner; undefined once another node owns it. */
  owned(): OwnedRoom | undefined;
  round(): LiveRound | undefined;
  boardChanged(round: LiveRound): void;
  resolved(round: LiveRound, bets: readonly ResolvedBet[]): void;
}

/** A bet as a player sends it; what is beyond id and amount is the game's. */
interface Wish {
  readonly betId: BetId;
  readonly amount: number;
}

/** A bet that is not yet in a round. */
type Wished = Omit<PlaceBet, 'roundId'>;

export class BetCommands {
  readonly #host: BetHost;

  constructor(host: BetHost) {
    this.#host = host;
  }

  /** @throws AppError BAD_REQUEST, LIMIT_EXCEEDED, and what `Ledger.placeBet` throws */
  async bet(player: SeatedPlayer, wish: Wish): Promise<Bet> {
    return (await this.#place(player, [wish]))[0] as Bet;
  }

  /** All or none. @throws AppError as `bet` */
  async bets(player: SeatedPlayer, wishes: readonly Wish[]): Promise<{ bets: Bet[] }> {
    if (new Set(wishes.map(({ betId }) => betId)).size < wishes.length) {
      throw new AppError('BAD_REQUEST', 'Each bet has an id of its own.');
    }
    return { bets: await this.#place(player, wishes) };
  }

  async #place(player: SeatedPlayer, wishes: readonly Wish[]): Promise<Bet[]> {
    const { gameName, rules, services, queue } = this.#host;
    const { userId, walletId, gameSessionId: sessionId } = player;
    const room = this.#owned();
    const bets = wishes.map(({ betId, amount, ...rest }) => {
      const selection = rules.parseSelection(rest);
      if (isRefusal(selection)) throw new AppError('BAD_REQUEST', selection.refused);
      return { room, betId, userId, walletId, sessionId, amount, selection };
    });
    const round = this.#host.round();
    if (!round?.accepting) return this.#repeatsOr(new AppError('BETTING_CLOSED'), bets);
    const exceeded = this.#exceeded(round, bets);
    if (exceeded) return this.#repeatsOr(exceeded, bets);
    const answered = bets.map((bet) => round.board.announce(bet));
    try {
      const placed = await queue.run(() =>
        services.ledger.placeAll(bets.map((bet) => ({ ...bet, roundId: round.id }))),
      );
      return placed.map((bet) => {
        this.#enter(round, bet, player);
        const createdAt = bet.createdAt.toISOString();
        return acceptedBet(gameName, { ...bet, currency: round.currency, createdAt });
      });
    } finally {
      for (const done of answered) done();
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
    const { gameName, rules, queue } = this.#host;
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
    const auto = rules.autoCashOut?.(bet);
    if (auto && auto.atMs <= elapsed) {
      await queue.run(() => this.pay(round, bet, auto.multiplier, 'auto'));
      return this.#firstCashOut(player, betId);
    }
    const multiplier = rules.cashOutMultiplier?.(elapsed) as number;
    const resolved = await queue.run(() => this.pay(round, bet, multiplier, 'player'));
    if (!resolved.first) return this.#firstCashOut(player, betId);
    return boardBet(gameName, round, bet, resolved.balance);
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

  /** Which limit these bets are beyond; null when they are within all of them. */
  #exceeded(round: LiveRound, bets: readonly Wished[]): AppError | null {
    const { board } = round;
    const { limits, ends, returnAt } = this.#host.rules;
    const { minStake, maxStake, maxBetsPerPlayer, maxPayout, maxRoundLoss } = limits;
    const wrong = bets.find(({ amount }) => amount < minStake || amount > maxStake);
    if (wrong) return new AppError('LIMIT_EXCEEDED', `A stake is from ${minStake} to ${maxStake}.`);
    const fresh = bets.filter((bet) => !board.counts(bet));
    const [first] = fresh;
    if (first === undefined) return null;
    if (board.countOf(first.userId) + fresh.length > maxBetsPerPlayer) {
      return new AppError('LIMIT_EXCEEDED', `At most ${maxBetsPerPlayer} bets in one round.`);
    }
    for (let end = 0; end < ends; end++) {
      if (fresh.some((bet) => returnAt(bet, end) > maxPayout)) {
        return new AppError('LIMIT_EXCEEDED', `One bet returns at most ${maxPayout}.`);
      }
    }
    const loss = board.lossWith(fresh);
    if (loss > maxRoundLoss) {
      return new AppError('LIMIT_EXCEEDED', 'This round has no room for so great a win.');
    }
    if (loss > this.#host.exposureLeft(round)) {
      return new AppError('LIMIT_EXCEEDED', 'The house has no room for so great a win now.');
    }
    return null;
  }

  /** M5: bets that are refused now may be the repeat of some that were not, or that are still on their way. */
  async #repeatsOr(refusal: AppError, bets: readonly Wished[]): Promise<Bet[]> {
    const { gameName, services, queue } = this.#host;
    await queue.drain();
    const stored = await Promise.all(bets.map(({ betId }) => services.history.storedBet(betId)));
    if (stored.every((bet) => !bet)) throw refusal;
    return stored.map((bet, at) => {
      if (!bet) throw new AppError('BET_CONFLICT');
      const asked = { ...(bets[at] as Wished), roundId: bet.roundId as RoundId };
      if (bet.requestHash !== requestHash(asked)) throw new AppError('BET_CONFLICT');
      return acceptedBet(gameName, { ...bet, balance: bet.balanceAfterStake });
    });
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
  game: string,
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
  return { betId, roundId, game, amount, selection, ...open, ...held, createdAt };
}

/** A resolved bet of a live round; `balance` is the wallet's after it. */
export function boardBet(game: string, round: LiveRound, bet: BoardBet, balance: number): Bet {
  const { betId, amount, status, multiplier, payout } = bet;
  const selection = bet.selection as Bet['selection'];
  const createdAt = bet.createdAt.toISOString();
  const result = { status, multiplier, payout, currency: round.currency, balance, createdAt };
  return { betId, roundId: round.id, game, amount, selection, ...result };
}

function publicBet(stored: StoredBet, balance: number): Bet {
  const { betId, roundId, game, amount, selection, status, multiplier, payout } = stored;
  const { currency, createdAt } = stored;
  const result = { status, multiplier, payout, currency, balance, createdAt };
  return { betId, roundId, game, amount, selection, ...result };
}
