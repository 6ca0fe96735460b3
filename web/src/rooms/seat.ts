/** A player at a table: the table, what may be done at it, and what has to be told. */
import type { Bet, RoundState } from '../../../src/protocol.ts';
import type { JoinWish } from '../address.ts';
import { getBet, getBets, getWallet } from '../api.ts';
import { applyBets, bets } from '../bets.ts';
import type { GameWords } from '../games/words.ts';
import { createPlay, type Play } from '../play.ts';
import { createStore, type ReadableStore } from '../store.ts';
import { toastError } from '../toasts.ts';
import { applyWallet } from '../wallet.ts';
import type { Word } from '../words.ts';
import { whenLive } from './link.ts';
import { openTableOf, type Table } from './table.ts';

export interface Seat<S extends RoundState = RoundState> {
  readonly view: GameWords;
  readonly table: Table<S>;
  readonly play: Play;
  /** The last thing that happened to the player here. */
  readonly word: ReadableStore<Word>;
  /** Says something in that place. */
  say(text: string, tone: Word['tone']): void;
  leave(): void;
}

/** As many as a player may have in one round, and those before. */
const BETS_FETCHED = 60;

export function takeSeat(view: GameWords, tableName: string | null, wish: JoinWish): Seat {
  const word = createStore<Word>({ text: '', tone: 'plain' });

  function onBet(bet: Bet): void {
    for (const resolved of applyBets(bet)) {
      if (resolved.game !== view.name) continue;
      const ofRound = bets.get().filter(({ roundId }) => roundId === resolved.roundId);
      word.set(view.word(resolved, ofRound));
    }
  }

  /** Messages are lost with a connection: after each join the ledger is asked where things stand. */
  async function refresh(): Promise<void> {
    const [balance, page] = await Promise.allSettled([getWallet(), getBets(BETS_FETCHED)]);
    if (balance.status === 'fulfilled') applyWallet(balance.value);
    if (page.status === 'fulfilled') page.value.items.forEach(onBet);
  }

  const table = openTableOf(view.name, tableName, wish, { onLive: () => void refresh(), onBet });
  const play = createPlay({
    state: table.state.get,
    request: table.request,
    whenLive: () => whenLive(table.link),
    fetchBet: getBet,
    onBet,
    wordFor: (placed) => view.word(placed.at(-1) as Bet, placed),
    say(text, tone) {
      if (tone === 'bad') toastError(text);
      else word.set({ text, tone });
    },
  });
  return {
    view,
    table,
    play,
    word,
    say: (text, tone) => word.set({ text, tone }),
    leave() {
      play.dropWish();
      table.link.close();
    },
  };
}
