/** A player at a crash table: the table, what may be done at it, and what has to be told. */
import type { Bet } from '../../../src/protocol.ts';
import { getBet, getBets, getWallet } from '../api.ts';
import { betInWords, type Word } from '../bet-words.ts';
import { applyBets, BETS_SHOWN } from '../bets.ts';
import { createPlay, type Play } from '../play.ts';
import { createStore, type Store } from '../store.ts';
import { toastError } from '../toasts.ts';
import { applyWallet } from '../wallet.ts';
import { type CrashTable, openCrashTable } from './crash.ts';
import type { Link } from './link.ts';

export interface Seat {
  readonly table: CrashTable;
  readonly play: Play;
  /** The last thing that happened to the player here. */
  readonly word: Store<Word>;
  leave(): void;
}

export function takeSeat(tableName: string): Seat {
  const word = createStore<Word>({ text: '', tone: 'plain' });

  function onBet(bet: Bet): void {
    for (const resolved of applyBets(bet)) word.set(betInWords(resolved));
  }

  /** Messages are lost with a connection: after each join the ledger is asked where things stand. */
  async function refresh(): Promise<void> {
    const [balance, page] = await Promise.allSettled([getWallet(), getBets(BETS_SHOWN)]);
    if (balance.status === 'fulfilled') applyWallet(balance.value);
    if (page.status === 'fulfilled') page.value.items.forEach(onBet);
  }

  const table = openCrashTable(tableName, { onLive: () => void refresh(), onBet });
  const play = createPlay({
    state: table.state.get,
    request: table.request,
    whenLive: () => whenLive(table.link),
    fetchBet: getBet,
    onBet,
    say(text, tone) {
      if (tone === 'bad') toastError(text);
      else word.set({ text, tone });
    },
  });
  return {
    table,
    play,
    word,
    leave() {
      play.dropWish();
      table.link.close();
    },
  };
}

function whenLive(link: Link): Promise<void> {
  return new Promise((resolve, reject) => {
    let stop = () => {};
    const look = () => {
      const { phase } = link.state.get();
      if (phase === 'live') resolve();
      else if (phase === 'failed' || phase === 'closed') reject(new Error(phase));
      else return false;
      stop();
      return true;
    };
    if (!look()) stop = link.state.subscribe(look);
  });
}
