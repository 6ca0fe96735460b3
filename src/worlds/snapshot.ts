/** A world's state as it is stored: which format it is of, from when it is, and the state itself. */
import { isRefusal, type Refusal } from '../games/contract.ts';
import type { WorldGame } from '../games/world.ts';

/** The state at `at`, ms since the epoch by the database's clock. */
export interface Snapshot {
  readonly state: object;
  readonly at: number;
}

export function writeSnapshot({ format }: WorldGame, { state, at }: Snapshot): string {
  return JSON.stringify({ format, at, world: state });
}

/** Why it cannot be read. A newer server's may well be whole: while nodes are replaced, old and new ones open saves. */
interface Unreadable extends Refusal {
  readonly isNewer?: true;
}

/** Upgraded step by step where it is of an older format; or the reason why it cannot be read (W6). */
export function readSnapshot(game: WorldGame, stored: unknown): Snapshot | Unreadable {
  if (stored === null || typeof stored !== 'object') return { refused: 'It is no object.' };
  const { format, at, world } = stored as Record<string, unknown>;
  if (!Number.isSafeInteger(at) || (at as number) < 0) return { refused: 'Its time is no time.' };
  if (!Number.isInteger(format) || (format as number) < 1) {
    return { refused: 'Its format is no number.' };
  }
  if ((format as number) > game.format) {
    const refused = `Its format ${format} is newer than this server's ${game.format}.`;
    return { refused, isNewer: true };
  }
  let state = world;
  for (let from = format as number; from < game.format; from++) {
    try {
      state = (game.upgrades[from - 1] as (old: unknown) => unknown)(state);
    } catch (error) {
      return { refused: `It cannot be upgraded from format ${from}: ${(error as Error).message}` };
    }
  }
  const read = game.read(state);
  return isRefusal(read) ? read : { state: read, at: at as number };
}
