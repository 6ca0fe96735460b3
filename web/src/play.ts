/**
 * Placing and cashing out, and the truth about what is in flight. Nothing is shown as placed before the server said
 * so. When an answer is lost, the bets are asked for by their ids; they are sent again, with the same ids, only when
 * the server does not know them, the round still takes bets and the player still wants them.
 */
import type { Bet, RoundState } from '../../src/protocol.ts';
import { Failure, inWords, toFailure } from './failure.ts';
import { newId } from './ids.ts';
import { insist, MAX_SENDS, pause, UNKNOWN, UNSURE } from './insist.ts';
import { createStore, type ReadableStore } from './store.ts';
import type { Word } from './words.ts';

/** A bet that a player would like; `more` is what the game wants to know of it, e.g. `{selection: {...}}`. */
export interface BetWish {
  readonly amount: number;
  readonly more: Readonly<Record<string, unknown>>;
}

export interface PendingBets {
  readonly bets: readonly (BetWish & { readonly betId: string })[];
  readonly roundId: string;
  /** `asking`: the answer was lost, and the server is asked whether the bets arrived. */
  readonly stage: 'sending' | 'asking';
  /** The player may take back the wish while the answer is missing. */
  readonly wanted: boolean;
}

export interface PlayState {
  readonly pending: PendingBets | null;
  /** Bets whose cash-out was sent and not yet answered. */
  readonly cashingOut: readonly string[];
}

/** What this needs of the table and the page, so that tests can play both. */
export interface PlayDeps {
  state(): RoundState | null;
  request<T>(type: string, payload: object): Promise<T>;
  /** Resolves when the table can be talked to again; rejects when the table was left or given up. */
  whenLive(): Promise<void>;
  /** The REST answer, for a table that cannot be reached any more. */
  fetchBet(betId: string): Promise<Bet>;
  onBet(bet: Bet): void;
  /** What bets that were answered together have come to. */
  wordFor(bets: readonly Bet[]): Word;
  /** A result or a refusal, in words. */
  say(text: string, tone: Word['tone'] | 'bad'): void;
}

export interface Play {
  readonly state: ReadableStore<PlayState>;
  /** All of them or none, at most MAX_BETS_PER_COMMAND. The bets as placed; null: none was, and why is told. */
  place(wishes: readonly BetWish[]): Promise<readonly Bet[] | null>;
  /** While the server is asked: do not send the bets again. */
  dropWish(): void;
  cashOut(open: readonly Bet[]): Promise<void>;
  /**
   * For commands that carry an id of their own and answer a repeat like the first (M5), e.g. a seat at a match: sent
   * again while the answer is lost. Rejects with a `Failure`; UNKNOWN when it is not certain what became of it.
   */
  insist<T>(type: string, payload: object): Promise<T>;
}

export function createPlay(deps: PlayDeps): Play {
  const state = createStore<PlayState>({ pending: null, cashingOut: [] });
  const setPending = (pending: PendingBets | null) => state.set({ ...state.get(), pending });

  async function place(wishes: readonly BetWish[]): Promise<readonly Bet[] | null> {
    const roundId = deps.state()?.roundId;
    if (state.get().pending !== null || roundId === undefined || wishes.length === 0) return null;
    const bets = wishes.map((wish) => ({ ...wish, betId: newId() }));
    setPending({ bets, roundId, stage: 'sending', wanted: true });
    try {
      const placed = await sendUntilKnown();
      placed.forEach(deps.onBet);
      // After a long silence the answer may already be the result.
      const { text, tone } = deps.wordFor(placed);
      deps.say(text, tone);
      return placed;
    } catch (error) {
      deps.say(refusalText('Not placed.', error), 'bad');
      return null;
    } finally {
      setPending(null);
    }
  }

  /** The bets, or the reason why there are none. */
  async function sendUntilKnown(): Promise<readonly Bet[]> {
    for (let sends = 1; ; sends += 1) {
      const pending = state.get().pending as PendingBets;
      let failure: Failure;
      try {
        return await send(pending);
      } catch (error) {
        failure = toFailure(error);
        if (!UNSURE.has(failure.code)) throw failure;
      }
      setPending({ ...(state.get().pending as PendingBets), stage: 'asking' });
      const known = await askForAll(deps, pending);
      if (known !== null) return known;
      if (!state.get().pending?.wanted) throw new Failure('DROPPED', 'You took it back.');
      const round = deps.state();
      if (round?.roundId !== pending.roundId || !round.bettingOpen) {
        throw new Failure('MISSED', 'The connection was lost, and the round has closed.');
      }
      if (sends === MAX_SENDS) throw failure;
    }
  }

  async function send({ bets }: PendingBets): Promise<readonly Bet[]> {
    const commands = bets.map(({ betId, amount, more }) => ({ betId, amount, ...more }));
    if (commands.length === 1) return [await deps.request<Bet>('bet', commands[0] as object)];
    return (await deps.request<{ bets: Bet[] }>('bets', { bets: commands })).bets;
  }

  async function cashOut(open: readonly Bet[]): Promise<void> {
    const busy = state.get().cashingOut;
    const ids = open.map((bet) => bet.betId).filter((id) => !busy.includes(id));
    await Promise.all(ids.map(cashOutOne));
  }

  async function cashOutOne(betId: string): Promise<void> {
    state.set({ ...state.get(), cashingOut: [...state.get().cashingOut, betId] });
    try {
      deps.onBet(await cashOutUntilKnown(betId));
    } catch (error) {
      deps.say(refusalText('Not cashed out.', error), 'bad');
    } finally {
      const cashingOut = state.get().cashingOut.filter((id) => id !== betId);
      state.set({ ...state.get(), cashingOut });
    }
  }

  async function cashOutUntilKnown(betId: string): Promise<Bet> {
    for (let sends = 1; ; sends += 1) {
      let failure: Failure;
      try {
        return await deps.request<Bet>('cashout', { betId });
      } catch (error) {
        failure = toFailure(error);
        // Resolved already, or too late: either way the bet itself says what became of it.
        const retold = failure.code === 'ALREADY_RESOLVED' || failure.code === 'BETTING_CLOSED';
        if (!retold && !UNSURE.has(failure.code)) throw failure;
      }
      const bet = await ask(deps, betId);
      if (bet === null) throw new Failure('NOT_FOUND', 'There is no such bet.');
      if (bet.status !== 'accepted' || deps.state()?.phase !== 'running') return bet;
      if (sends === MAX_SENDS) throw failure;
      await pause();
    }
  }

  return {
    state,
    place,
    dropWish() {
      const { pending } = state.get();
      if (pending !== null) setPending({ ...pending, wanted: false });
    },
    cashOut,
    insist: (type, payload) => insist(deps, type, payload),
  };
}

const MAX_ASKS = 20;

/** Bets of one command are all known or none: the first tells. */
async function askForAll(deps: PlayDeps, { bets }: PendingBets): Promise<readonly Bet[] | null> {
  const known: Bet[] = [];
  for (const { betId } of bets) {
    const bet = await ask(deps, betId);
    if (bet === null && known.length === 0) return null;
    if (bet === null) throw new Failure(UNKNOWN, 'The server knows only a part of the bets.');
    known.push(bet);
  }
  return known;
}

/** The bet as the server has it; null when it certainly has none. */
async function ask(deps: PlayDeps, betId: string): Promise<Bet | null> {
  for (let i = 0; i < MAX_ASKS; i += 1) {
    try {
      const live = await deps.whenLive().then(
        () => true,
        () => false,
      );
      if (live) return await deps.request<Bet>('betStatus', { betId });
      return await deps.fetchBet(betId);
    } catch (error) {
      const { code } = toFailure(error);
      if (code === 'NOT_FOUND') return null;
      if (code === 'UNAUTHENTICATED' || code === 'FORBIDDEN') throw error;
      await pause();
    }
  }
  throw new Failure(UNKNOWN, 'The server could not be asked whether it arrived.');
}

function refusalText(certain: string, error: unknown): string {
  if (toFailure(error).code === UNKNOWN) return `${inWords(error)} Your bets will show it.`;
  return `${certain} ${inWords(error)}`;
}
