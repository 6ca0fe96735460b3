/**
 * The ledger as it should be: a state, and for each command what it may answer in that state and what it leaves. One
 * command at a time, in memory, without a database; `history.ts` finds out whether what happened at once has an order
 * in which this spec agrees with every answer.
 */
import type { PlacedBet } from '../../../src/ledger/place.ts';
import type { ClosedRound } from '../../../src/ledger/rounds.ts';
import type { BetStatus, ResolvedBet, WalletChange } from '../../../src/ledger/types.ts';
import { crash } from '../fixture.ts';

/** What a caller was told: a result, or a code of refusal. */
export type Answer<T> = { readonly ok: T } | { readonly code: string };
/** When a call was made and answered, on the one clock of the run. */
export interface Span {
  readonly invoked: number;
  returned: number;
}
/** What an owner says of itself in each call (M8). */
export interface Handle {
  readonly table: number;
  readonly node: string;
  readonly fence: number;
}

export interface Wallet {
  readonly balance: number;
  readonly seq: number;
}
export interface AskedBet {
  readonly id: string;
  readonly player: number;
  readonly round: string;
  readonly amount: number;
  readonly auto: number | null;
}
interface SpecBet extends AskedBet {
  /** The call that entered it. */
  readonly entered: Span;
  readonly first: Wallet;
  readonly status: BetStatus;
  readonly multiplier: number;
  readonly payout: number;
}
export interface AskedResolution {
  readonly id: string;
  readonly round: string;
  readonly status: Exclude<BetStatus, 'accepted'>;
  readonly multiplier: number;
  readonly payout: number;
}
export interface AskedPosting {
  readonly id: string;
  readonly kind: string;
  readonly player: number;
  readonly amount: number;
}
interface SpecRound {
  readonly table: number;
  readonly fence: number;
  readonly phase: 'betting' | 'running' | 'settled' | 'void';
  readonly crashPoint: number | null;
}

/** No grant lifts a balance above this (M1). */
const MAX_BALANCE = 1_000_000_000_000_000;

const OPEN = { status: 'accepted', multiplier: 0, payout: 0 } as const;

export class Spec {
  wallets: Wallet[];
  rooms: Handle[];
  readonly bets: Map<string, SpecBet>;
  readonly rounds: Map<string, SpecRound>;
  readonly postings: Map<string, AskedPosting & { after: Wallet }>;
  /** Nodes whose lease has run out, with the call that let it. */
  readonly lapsed: Map<string, Span>;

  constructor(from?: Spec) {
    this.wallets = [...(from?.wallets ?? [])];
    this.rooms = [...(from?.rooms ?? [])];
    this.bets = new Map(from?.bets);
    this.rounds = new Map(from?.rounds);
    this.postings = new Map(from?.postings);
    this.lapsed = new Map(from?.lapsed);
  }

  /** The same text means the same state, as far as later answers can tell. */
  digest(): string {
    const bets = [...this.bets].map(([id, b]) => [
      id,
      b.player,
      b.amount,
      b.first.seq,
      b.status,
      b.multiplier,
    ]);
    const parts = [this.wallets, this.rooms, bets, [...this.rounds], [...this.postings]];
    return JSON.stringify([...parts, [...this.lapsed.keys()]]);
  }

  /** Each of these answers whether the ledger may say so now, and if so is as it is after that. */
  place(asked: AskedBet, by: Handle, span: Span, answer: Answer<PlacedBet>): boolean {
    const known = this.bets.get(asked.id);
    if (known) {
      if (!sameRequest(known, asked)) return says(answer, 'BET_CONFLICT');
      return 'ok' in answer && !answer.ok.first && sameWallet(answer.ok, known.first);
    }
    const round = this.rounds.get(asked.round);
    const open = round?.phase === 'betting' && round.fence === by.fence;
    for (const verdict of this.#lanes(by, span)) {
      const wallet = this.wallets[asked.player] as Wallet;
      if (verdict !== 'OK') {
        if (says(answer, verdict)) return true;
      } else if (!open) {
        if (says(answer, 'BETTING_CLOSED')) return true;
      } else if (wallet.balance < asked.amount) {
        if (says(answer, 'INSUFFICIENT_FUNDS')) return true;
      } else if ('ok' in answer) {
        const first = this.#move(asked.player, -asked.amount);
        this.bets.set(asked.id, { ...asked, ...OPEN, first, entered: span });
        return answer.ok.first && sameWallet(answer.ok, first);
      }
    }
    return false;
  }

  /** How a bet stood when its repeat was answered, which is read after the repeat was known as one. */
  stands(id: string, answer: Answer<PlacedBet>): boolean {
    return !('ok' in answer) || answer.ok.status === this.bets.get(id)?.status;
  }

  /** `lost`: the connection was, so that the caller may take for its own what another did in the same words. */
  resolve(
    asked: AskedResolution,
    by: Handle,
    span: Span,
    answer: Answer<ResolvedBet>,
    lost: boolean,
  ): boolean {
    const bet = this.bets.get(asked.id);
    if (bet?.round !== asked.round) return says(answer, 'NOT_FOUND');
    if (bet.status !== 'accepted') {
      if (!('ok' in answer) || !sameResolution(bet, answer.ok)) return false;
      return !answer.ok.first || (lost && bet.payout === 0 && asked.status === bet.status);
    }
    for (const verdict of this.#lanes(by, span)) {
      if (verdict !== 'OK') {
        if (says(answer, verdict)) return true;
      } else if (says(answer, 'BUSY')) {
        // It came in while it was to be resolved, too late to be seen.
        if (bet.entered.returned > span.invoked) return true;
      } else if ('ok' in answer) {
        this.#resolved(bet, asked);
        const { first, seq } = answer.ok;
        const exact = lost || asked.payout === 0;
        const after = this.wallets[bet.player] as Wallet;
        return (
          first &&
          sameResolution(asked, answer.ok) &&
          (exact ? seq >= 0 : sameWallet(answer.ok, after))
        );
      }
    }
    return false;
  }

  /** A chunk of a settlement, one transaction: what it found open it resolved by the rules. */
  settleChunk(
    round: string,
    crashPoint: number | null,
    by: Handle,
    span: Span,
    resolved: readonly ResolvedBet[],
    lost: boolean,
  ): boolean {
    return resolved.every((answer) => {
      const bet = this.bets.get(answer.betId);
      if (!bet) return false;
      const asked = { id: bet.id, round, ...byTheRules(bet, crashPoint) };
      return this.resolve(asked, by, span, { ok: answer }, lost);
    });
  }

  /** What a lane of batches says to a caller who may not. */
  refusedByLane(by: Handle, span: Span, answer: { code: string }): boolean {
    return this.#lanes(by, span).some((verdict) => verdict !== 'OK' && verdict === answer.code);
  }

  lock(round: string, by: Handle, span: Span, answer: Answer<unknown>): boolean {
    return this.#step(by, span, answer, () => {
      const is = this.rounds.get(round) as SpecRound;
      if (is.phase === 'betting') this.rounds.set(round, { ...is, phase: 'running' });
      return true;
    });
  }

  end(round: string, crashPoint: number, by: Handle, span: Span, answer: Answer<unknown>): boolean {
    return this.#step(by, span, answer, () => {
      const is = this.rounds.get(round) as SpecRound;
      if (is.phase === 'running' && is.crashPoint === null) {
        this.rounds.set(round, { ...is, crashPoint });
      }
      return true;
    });
  }

  close(round: string, by: Handle, span: Span, answer: Answer<ClosedRound>): boolean {
    const is = this.rounds.get(round) as SpecRound;
    const bets = [...this.bets.values()].filter((bet) => bet.round === round);
    const unfinished = is.phase === 'betting' || is.phase === 'running';
    if (unfinished && bets.some(({ status }) => status === 'accepted')) {
      if (says(answer, 'RH002')) return this.#step(by, span, { ok: null }, () => true);
      return !('ok' in answer) && this.#step(by, span, answer, () => true);
    }
    return this.#step(by, span, answer, () => {
      const phase = unfinished ? (is.crashPoint === null ? 'void' : 'settled') : is.phase;
      this.rounds.set(round, { ...is, phase });
      if (!('ok' in answer)) return false;
      const { betCount, staked, paid } = answer.ok;
      return (
        phase === answer.ok.phase &&
        betCount === bets.length &&
        staked === sum(bets.map(({ amount }) => amount)) &&
        paid === sum(bets.map(({ payout }) => payout))
      );
    });
  }

  open(round: string, by: Handle, span: Span, answer: Answer<unknown>): boolean {
    return this.#step(by, span, answer, () => {
      const { table, fence } = by;
      this.rounds.set(round, { table, fence, phase: 'betting', crashPoint: null });
      return true;
    });
  }

  /** `answer` is the new fence, or null for "it still has its owner". */
  takeOver(table: number, node: string, answer: Answer<number | null>): boolean {
    const room = this.rooms[table] as Handle;
    if (room.node !== node && !this.lapsed.has(room.node))
      return 'ok' in answer && answer.ok === null;
    if (this.lapsed.has(node)) return says(answer, 'BUSY');
    this.rooms[table] = { table, node, fence: room.fence + 1 };
    return 'ok' in answer && answer.ok === room.fence + 1;
  }

  lapse(node: string, span: Span): boolean {
    if (!this.lapsed.has(node)) this.lapsed.set(node, span);
    return true;
  }

  renew(node: string): boolean {
    this.lapsed.delete(node);
    return true;
  }

  post(asked: AskedPosting, answer: Answer<WalletChange>): boolean {
    const { id, player, kind, amount } = asked;
    const known = this.postings.get(id);
    if (known) {
      const same = known.player === player && known.kind === kind && known.amount === amount;
      return same
        ? 'ok' in answer && sameWallet(answer.ok, known.after)
        : says(answer, 'BET_CONFLICT');
    }
    const { balance } = this.wallets[player] as Wallet;
    if (balance + amount < 0) return says(answer, 'INSUFFICIENT_FUNDS');
    if (amount > 0 && balance + amount > MAX_BALANCE) return says(answer, 'LIMIT_EXCEEDED');
    if (!('ok' in answer)) return false;
    const after = this.#move(player, amount);
    this.postings.set(id, { ...asked, after });
    return sameWallet(answer.ok, after);
  }

  /** Stakes less payouts of the rounds that are not closed: what must lie in a table's escrow. */
  escrow(table: number): number {
    const open = [...this.rounds].filter(
      ([, r]) => r.table === table && (r.phase === 'betting' || r.phase === 'running'),
    );
    const rounds = new Set(open.map(([id]) => id));
    const bets = [...this.bets.values()].filter(({ round }) => rounds.has(round));
    return sum(bets.map(({ amount, payout }) => amount - payout));
  }

  /** M8, as place_bets and resolve_bets judge: the lease first. A call that was under way when it ran out may have it. */
  #lanes(by: Handle, span: Span): ('OK' | 'BUSY' | 'ROOM_MOVED')[] {
    const owner = this.#owns(by) ? 'OK' : 'ROOM_MOVED';
    const lapse = this.lapsed.get(by.node);
    if (!lapse) return [owner];
    return lapse.returned > span.invoked ? ['BUSY', owner] : ['BUSY'];
  }

  /** M8, as the steps of a round judge: the fence first. */
  #step(by: Handle, span: Span, answer: Answer<unknown>, take: () => boolean): boolean {
    if (!this.#owns(by)) return says(answer, 'ROOM_MOVED');
    const lapse = this.lapsed.get(by.node);
    if (lapse && says(answer, 'BUSY')) return true;
    if (lapse && lapse.returned <= span.invoked) return false;
    return 'ok' in answer && take();
  }

  #owns(by: Handle): boolean {
    const room = this.rooms[by.table] as Handle;
    return room.node === by.node && room.fence === by.fence;
  }

  #resolved(bet: SpecBet, as: AskedResolution): void {
    const { status, multiplier, payout } = as;
    this.bets.set(bet.id, { ...bet, status, multiplier, payout });
    if (payout > 0) this.#move(bet.player, payout);
  }

  #move(player: number, by: number): Wallet {
    const { balance, seq } = this.wallets[player] as Wallet;
    const after = { balance: balance + by, seq: seq + 1 };
    this.wallets[player] = after;
    return after;
  }
}

/** What a settlement makes of a bet. */
function byTheRules(bet: SpecBet, crashPoint: number | null) {
  if (crashPoint === null)
    return { status: 'refunded' as const, multiplier: 100, payout: bet.amount };
  const selection = bet.auto === null ? {} : { autoCashout: bet.auto };
  return crash.resolve({ amount: bet.amount, selection }, { crashPoint }, new Map());
}

function says(answer: Answer<unknown>, code: string): boolean {
  return 'code' in answer && answer.code === code;
}

function sameRequest(a: AskedBet, b: AskedBet): boolean {
  return a.player === b.player && a.amount === b.amount && a.auto === b.auto;
}

function sameWallet(a: Wallet, b: Wallet): boolean {
  return a.balance === b.balance && a.seq === b.seq;
}

function sameResolution(
  a: Omit<AskedResolution, 'id' | 'round'> | SpecBet,
  b: ResolvedBet,
): boolean {
  return a.status === b.status && a.multiplier === b.multiplier && a.payout === b.payout;
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
