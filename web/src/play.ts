/**
 * Placing and cashing out, and the truth about what is in flight. Nothing is shown as placed before the server said
 * so. When an answer is lost, the bet is asked for by its id; it is sent again, with the same id, only when the
 * server does not know it, the round is still open and the player still wants it.
 */
import type { Bet, CrashState } from '../../src/protocol.ts';
import { betInWords } from './bet-words.ts';
import { Failure, inWords, toFailure } from './failure.ts';
import { newId } from './ids.ts';
import { createStore, type Store } from './store.ts';

export interface PendingBet {
  readonly betId: string;
  readonly roundId: string;
  readonly amount: number;
  readonly autoCashout: number | null;
  /** `asking`: the answer was lost, and the server is asked whether the bet arrived. */
  readonly stage: 'sending' | 'asking';
  /** The player may take back the wish while the answer is missing. */
  readonly wanted: boolean;
}

export interface PlayState {
  readonly bet: PendingBet | null;
  /** Bets whose cash-out was sent and not yet answered. */
  readonly cashingOut: readonly string[];
}

/** What this needs of the table and the page, so that tests can play both. */
export interface PlayDeps {
  state(): CrashState | null;
  request<T>(type: string, payload: object): Promise<T>;
  /** Resolves when the table can be talked to again; rejects when the table was left or given up. */
  whenLive(): Promise<void>;
  /** The REST answer, for a table that cannot be reached any more. */
  fetchBet(betId: string): Promise<Bet>;
  onBet(bet: Bet): void;
  /** A result or a refusal, in words. */
  say(text: string, tone: 'good' | 'bad' | 'plain'): void;
}

export interface Play {
  readonly state: Store<PlayState>;
  placeBet(amount: number, autoCashout: number | null): Promise<void>;
  /** While the server is asked: do not send the bet again. */
  dropWish(): void;
  cashOut(open: readonly Bet[]): Promise<void>;
}

export function createPlay(deps: PlayDeps): Play {
  const state = createStore<PlayState>({ bet: null, cashingOut: [] });
  const setBet = (bet: PendingBet | null) => state.set({ ...state.get(), bet });

  async function placeBet(amount: number, autoCashout: number | null): Promise<void> {
    const roundId = deps.state()?.roundId;
    if (state.get().bet !== null || roundId === undefined) return;
    setBet({ betId: newId(), roundId, amount, autoCashout, stage: 'sending', wanted: true });
    try {
      const bet = await sendUntilKnown();
      deps.onBet(bet);
      // After a long silence the answer may already be the result.
      const { text, tone } = betInWords(bet);
      deps.say(text, tone);
    } catch (error) {
      deps.say(refusalText('Not placed.', error), 'bad');
    } finally {
      setBet(null);
    }
  }

  /** The bet, or the reason why there is none. */
  async function sendUntilKnown(): Promise<Bet> {
    for (let sends = 1; ; sends += 1) {
      const pending = state.get().bet as PendingBet;
      let failure: Failure;
      try {
        return await deps.request<Bet>('bet', commandOf(pending));
      } catch (error) {
        failure = toFailure(error);
        if (!UNSURE.has(failure.code)) throw failure;
      }
      setBet({ ...(state.get().bet as PendingBet), stage: 'asking' });
      const known = await ask(deps, pending.betId);
      if (known !== null) return known;
      if (!state.get().bet?.wanted) throw new Failure('DROPPED', 'You took it back.');
      const round = deps.state();
      if (round?.roundId !== pending.roundId || round.phase !== 'betting') {
        throw new Failure('MISSED', 'The connection was lost, and the round has closed.');
      }
      if (sends === MAX_SENDS) throw failure;
    }
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
    placeBet,
    dropWish() {
      const { bet } = state.get();
      if (bet !== null) setBet({ ...bet, wanted: false });
    },
    cashOut,
  };
}

/** Answers after which the command may have been carried out all the same. */
const UNSURE = new Set(['NO_ANSWER', 'INTERNAL', 'ROOM_MOVED']);
const UNKNOWN = 'UNKNOWN';
const MAX_SENDS = 3;
const MAX_ASKS = 20;
const PAUSE_MS = 300;
const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

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

function commandOf({ betId, amount, autoCashout }: PendingBet): object {
  return autoCashout === null ? { betId, amount } : { betId, amount, autoCashout };
}

function refusalText(certain: string, error: unknown): string {
  if (toFailure(error).code === UNKNOWN) return `${inWords(error)} Your bets will show it.`;
  return `${certain} ${inWords(error)}`;
}
