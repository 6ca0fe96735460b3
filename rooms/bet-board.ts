/** The bets of one round as its room knows them after their commits: open ones, totals, and the top list on screen. */
import type { ArraySchema } from '@colyseus/schema';
import type { BetRules, PlacedBet as GameBet } from '../src/games/contract.ts';
import type { BetId, UserId } from '../src/ids.ts';
import type { PlacedBet } from '../src/ledger/place.ts';
import type { OpenBet, ResolvedBet } from '../src/ledger/types.ts';
import { TOP_BETS_LENGTH } from '../src/protocol.ts';
import { TopBetState } from './table-state.ts';

export interface BoardBet extends OpenBet {
  readonly player: string;
  readonly createdAt: Date;
  status: ResolvedBet['status'] | 'accepted';
  multiplier: number;
  payout: number;
}

export class BetBoard {
  readonly #rules: BetRules;
  readonly #bets = new Map<BetId, BoardBet>();
  /** By player, the ids of the bets that count, each with how many times it is under way. */
  readonly #perPlayer = new Map<UserId, Map<BetId, number>>();
  /** Of the bets that count, what is staked and what they return at each end of the round. */
  #held = 0;
  readonly #returns: number[];
  #loss: number | undefined;
  /** Of a pool game, what is staked under each key, after the commits. */
  readonly stakes = new Map<string, number>();
  staked = 0;
  dirty = false;

  constructor(rules: BetRules) {
    this.#rules = rules;
    this.#returns = Array.from({ length: rules.ends }, () => 0);
  }

  get count(): number {
    return this.#bets.size;
  }

  get(betId: BetId): BoardBet | undefined {
    return this.#bets.get(betId);
  }

  /** Bets of a player in this round, in the books or on their way there. */
  countOf(userId: UserId): number {
    return this.#perPlayer.get(userId)?.size ?? 0;
  }

  /** Whether this bet is one of those. */
  counts({ userId, betId }: OpenBet): boolean {
    return this.#perPlayer.get(userId)?.has(betId) ?? false;
  }

  /** What the house loses at the worst end of the round; never below 0. */
  get loss(): number {
    this.#loss ??= this.lossWith([]);
    return this.#loss;
  }

  /** The same, when these bets are taken too. */
  lossWith(bets: readonly GameBet<object>[]): number {
    const { returnAt } = this.#rules;
    const worst = this.#returns.reduce(
      (most, held, end) =>
        Math.max(
          most,
          bets.reduce((sum, bet) => sum + returnAt(bet, end), held),
        ),
      0,
    );
    return Math.max(
      0,
      bets.reduce((sum, { amount }) => sum - amount, worst - this.#held),
    );
  }

  /**
   * Counts a bet on its way, so that bets sent at once cannot pass a limit together; one id sent several times is one.
   * Call the returned function when it is answered: a bet that was not added does not count any more.
   */
  announce(bet: OpenBet): () => void {
    const { betId, userId } = bet;
    const own = this.#betsOf(userId);
    this.#count(bet);
    own.set(betId, (own.get(betId) ?? 0) + 1);
    return () => {
      const underWay = (own.get(betId) ?? 0) - 1;
      if (underWay > 0 || this.#bets.get(betId)?.userId === userId) own.set(betId, underWay);
      else {
        own.delete(betId);
        this.#hold(bet, -1);
      }
    };
  }

  #count(bet: OpenBet): void {
    const own = this.#betsOf(bet.userId);
    if (own.has(bet.betId)) return;
    own.set(bet.betId, 0);
    this.#hold(bet, 1);
  }

  #hold(bet: OpenBet, sign: 1 | -1): void {
    this.#loss = undefined;
    this.#held += sign * bet.amount;
    for (let end = 0; end < this.#returns.length; end++) {
      this.#returns[end] = (this.#returns[end] as number) + sign * this.#rules.returnAt(bet, end);
    }
  }

  #betsOf(userId: UserId): Map<BetId, number> {
    const own = this.#perPlayer.get(userId) ?? new Map<BetId, number>();
    this.#perPlayer.set(userId, own);
    return own;
  }

  add(placed: PlacedBet, player: string): BoardBet {
    const bet: BoardBet = {
      betId: placed.betId,
      userId: placed.userId,
      amount: placed.amount,
      selection: placed.selection,
      player,
      createdAt: placed.createdAt,
      status: 'accepted',
      multiplier: 0,
      payout: 0,
    };
    this.#bets.set(bet.betId, bet);
    this.#count(bet);
    this.staked += bet.amount;
    const key = this.#rules.stakeKey?.(bet.selection);
    if (key !== undefined) this.stakes.set(key, (this.stakes.get(key) ?? 0) + bet.amount);
    this.dirty = true;
    return bet;
  }

  resolve(resolved: ResolvedBet): BoardBet | undefined {
    const bet = this.#bets.get(resolved.betId);
    if (!bet) return undefined;
    bet.status = resolved.status;
    bet.multiplier = resolved.multiplier;
    bet.payout = resolved.payout;
    this.dirty = true;
    return bet;
  }

  open(): BoardBet[] {
    return [...this.#bets.values()].filter((bet) => bet.status === 'accepted');
  }

  /** Writes the greatest stakes into `list`, touching only what changed. */
  showTop(list: ArraySchema<TopBetState>): void {
    this.dirty = false;
    const top = greatest(this.#bets.values(), TOP_BETS_LENGTH);
    while (list.length > top.length) list.pop();
    top.forEach((bet, index) => {
      let row = list[index];
      if (!row) {
        row = new TopBetState();
        list.push(row);
      }
      assignChanged(row, {
        betId: bet.betId,
        player: bet.player,
        amount: bet.amount,
        status: bet.status,
        multiplier: bet.multiplier,
        payout: bet.payout,
      });
    });
  }
}

/** The `length` greatest stakes, earlier bets first among equals; one pass over the bets. */
function greatest(bets: Iterable<BoardBet>, length: number): BoardBet[] {
  const top: BoardBet[] = [];
  for (const bet of bets) {
    const least = top[top.length - 1];
    if (top.length === length && least && least.amount >= bet.amount) continue;
    let at = top.length;
    while (at > 0 && (top[at - 1] as BoardBet).amount < bet.amount) at -= 1;
    top.splice(at, 0, bet);
    if (top.length > length) top.pop();
  }
  return top;
}

/** Sets only fields that differ: an assignment marks a field for the next patch even when it is the same. */
export function assignChanged(target: object, values: object): void {
  const fields = target as Record<string, unknown>;
  for (const [key, value] of Object.entries(values)) {
    if (Array.isArray(value)) {
      value.forEach((entry, index) => {
        assignChanged((fields[key] as ArrayLike<object>)[index] as object, entry);
      });
    } else if (fields[key] !== value) fields[key] = value;
  }
}
