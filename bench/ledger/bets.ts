/** The commands of a window, made before it begins, so that making them costs the ledger nothing. */
import { v7 as uuidv7 } from 'uuid';
import type { BetId } from '../../src/ids.ts';
import type { PlaceBet } from '../../src/ledger/types.ts';
import { GRANT, type Side, type Table } from './books.ts';

export const LOADS = ['many rooms', 'one hot room', 'one hot wallet', 'poor wallets'] as const;
export type Load = (typeof LOADS)[number];

const STAKE = 10;
/** No wallet has this much. */
const TOO_MUCH = GRANT * 2;
/** Of the bets of poor wallets, one in so many is one that the wallet can pay. */
const PAID_OF_POOR = 4;
const SELECTION = { autoCashout: 200 };

/** Hands out bets made beforehand; when they are used up, bets made at that moment. */
export function betsOf(side: Side, load: Load, count: number, newId = uuidv7): () => PlaceBet {
  const bets = Array.from({ length: count }, (_, n) => betOf(side, load, n, newId));
  let n = 0;
  return () => {
    const at = n++;
    return bets[at] ?? betOf(side, load, at, newId);
  };
}

export function betOn(table: Table, side: Side, newId = uuidv7): PlaceBet {
  return { ...betOf(side, 'one hot room', 0, newId), room: table.room, roundId: table.roundId };
}

function betOf(side: Side, load: Load, n: number, newId: () => string): PlaceBet {
  const { room, roundId } = load === 'one hot room' ? first(side.tables) : anyOf(side.tables);
  const { userId, walletId } =
    load === 'one hot wallet' ? first(side.players) : anyOf(side.players);
  return {
    room,
    roundId,
    betId: newId() as BetId,
    userId,
    walletId,
    sessionId: null,
    amount: load === 'poor wallets' && n % PAID_OF_POOR !== 0 ? TOO_MUCH : STAKE,
    selection: SELECTION,
  };
}

function first<T>(items: readonly T[]): T {
  return items[0] as T;
}

function anyOf<T>(items: readonly T[]): T {
  return items[Math.floor(Math.random() * items.length)] as T;
}
