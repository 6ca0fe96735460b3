/** What postings in tests are made of: deals with a player, shares of a match, and the pot of its round. */
import { v7 as uuidv7 } from 'uuid';
import { type Deal, rake, type Share, type Table } from '../../src/ledger/postings.ts';
import type { Books, Player } from './fixture.ts';

export function deal({ userId }: Player, amount: number, id = uuidv7()): Deal {
  return { id, userId, currency: 'COIN', amount };
}

export function share({ userId }: Player, amount: number): Share {
  return { userId, amount };
}

export async function potOf(books: Books, { roundId }: Table): Promise<number> {
  const sql = 'SELECT pot FROM rounds WHERE id = $1';
  return (await books.row<{ pot: number }>(sql, [roundId])).pot;
}

/** What is in the pot goes to the house, and the round is over. */
export async function empty(books: Books, table: Table): Promise<void> {
  await books.ledger.postings.post(rake(uuidv7(), table, await potOf(books, table)));
  await books.settle(table.room, table.roundId, null);
}
