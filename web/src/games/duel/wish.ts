/** A seat that was asked for before there was a table: taken as soon as the table is joined, and only then. */
import { findTable, type JoinWish } from '../../address.ts';

const GAME = 'duel';
/** A table that cannot be joined for so long must not take a stake out of the blue. */
const LASTS_MS = 20_000;

let wanted: { readonly stake: number; readonly until: number } | null = null;

/** Goes to a table where somebody waits with this stake, or opens one; and sits down there. */
export function findOpponent(stake: number): void {
  seek(stake, { stake });
}

/** Opens a table that the lobby does not list, and sits down there. */
export function openPrivateTable(stake: number): void {
  seek(stake, { private: true });
}

function seek(stake: number, wish: JoinWish): void {
  wanted = { stake, until: Date.now() + LASTS_MS };
  findTable(GAME, wish);
}

/** The stake of the seat that was asked for, once; null: none was. */
export function takeWantedSeat(now: number = Date.now()): number | null {
  const stake = wanted !== null && now < wanted.until ? wanted.stake : null;
  wanted = null;
  return stake;
}
