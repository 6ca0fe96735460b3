/** Everything that an owner may ask of the ledger, to be asked by one that is the owner no more (M8). */
import assert from 'node:assert/strict';
import type { OwnedRoom, PlaceBet } from '../../src/ledger/types.ts';
import { type Books, bet, cashOut, code } from './fixture.ts';

/** A room with an open bet, as an owner that is about to lose it sees it. */
export async function ownersScene(books: Books) {
  const node = await books.node();
  const room = await books.room(node);
  const table = { room, roundId: await books.round(room) };
  const player = await books.player(100);
  const placed = bet(table, player, 40);
  await books.ledger.placeBet(placed);
  return { node, room, table, player, placed, nextRound: await books.roundToOpen(room) };
}
export type OwnersScene = Awaited<ReturnType<typeof ownersScene>>;

/** Asked with what `room` claims. */
export function attempts(books: Books, scene: OwnersScene, room: OwnedRoom) {
  const { table, player, placed, nextRound } = scene;
  const { ledger } = books;
  const { roundId } = table;
  const mine = (b: PlaceBet) => ({ ...b, room });
  return {
    place: () => ledger.placeBet(mine(bet(table, player, 10))),
    cashOut: () => ledger.resolveBet({ ...cashOut(placed, 200), room }),
    settle: () => ledger.resolveAll([{ ...cashOut(placed, 200), room }]),
    open: () => ledger.rounds.open(room, { ...nextRound, number: 2 }),
    lock: () => ledger.rounds.lock(room, roundId),
    end: () => ledger.rounds.end(room, roundId, { crashPoint: 150 }, '5e'.repeat(32)),
    close: () => ledger.rounds.close(room, roundId),
    closeRoom: () => ledger.rounds.closeRoom(room),
  };
}

/** M8: each is refused and nothing is written. */
export async function assertAllRefused(
  books: Books,
  scene: OwnersScene,
  room: OwnedRoom,
  as: 'ROOM_MOVED' | 'BUSY',
): Promise<void> {
  const before = await books.contents();
  for (const [name, attempt] of Object.entries(attempts(books, scene, room))) {
    await assert.rejects(attempt(), code(as), name);
  }
  assert.equal(await books.contents(), before);
}
