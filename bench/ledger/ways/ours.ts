/** The ledger itself, through its batcher, with every guard: lease, fence, round, request hash, unique indexes. */
import { AppError } from '../../../src/errors.ts';
import type { Books } from '../books.ts';
import type { Opened } from '../way.ts';

export async function openOurs({ ledger }: Books): Promise<Opened> {
  return {
    place: (bet) => ledger.placeBet(bet).then(() => 'OK', refusal),
    close: () => ledger.idle(),
  };
}

function refusal(error: unknown): string {
  if (error instanceof AppError && error.code !== 'ROOM_MOVED') return error.code;
  throw error;
}
