/**
 * One live town in this process: the line of its commands as its room drives it, and the ledger below, without a room and
 * connections. One connection may send 60 commands in a second and no more.
 */
import { pino } from 'pino';
import { LiveWorld } from '../../rooms/world.ts';
import { openDatabase } from '../../src/database/connection.ts';
import { AppError } from '../../src/errors.ts';
import { town } from '../../src/games/town.ts';
import type { WorldCatalogue, WorldGame } from '../../src/games/world.ts';
import type { RoomId } from '../../src/ids.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { takeLease } from '../../src/live/lease.ts';
import { Saves } from '../../src/worlds/saves.ts';
import { closedLoop, type Window } from '../window.ts';
import { commandsOfTown, type LoadName } from './loads.ts';
import type { Town } from './towns.ts';

const silent = pino({ level: 'silent' });
const game = town as unknown as WorldGame;

export interface Line {
  run(
    load: LoadName,
    inFlight: number,
    times: { readonly warmMs: number; readonly ms: number },
  ): Promise<Window>;
  close(): Promise<void>;
}

export async function openLine(
  databaseUrl: string,
  { world }: Town,
  catalogue: WorldCatalogue,
): Promise<Line> {
  const db = await openDatabase(databaseUrl, { poolSize: 2, logger: silent });
  const lease = await takeLease(db, undefined, silent);
  const options = { startBalance: 0, logger: silent, hasNeighbours: () => false };
  const ledger = new Ledger(db, options);
  const saves = new Saves(db.pool, { worldByName: () => game, changed: () => {} });
  const currency = ledger.currencies.usual;
  const roomId = `bench-${crypto.randomUUID()}` as RoomId;
  const opened = await saves.open(lease.id, roomId, game.name, world, currency);
  const live = new LiveWorld(opened, {
    game,
    ledger,
    currency,
    catalogue: async () => catalogue,
    load: (id) => saves.load(id),
    changed: () => {},
    gone: () => {},
  });
  await live.ready();
  await live.wake();
  const commandOf = commandsOfTown();
  return {
    run(load, inFlight, times) {
      return closedLoop(
        async ({ type, commandId, input }) => {
          try {
            await live.command(type, commandId, input);
            return 'OK';
          } catch (error) {
            if (error instanceof AppError) return error.code;
            throw error;
          }
        },
        () => commandOf(load),
        inFlight,
        times,
      );
    },
    async close() {
      await live.close();
      await ledger.rounds.closeRoom(opened.owned);
      await ledger.idle();
      await lease.release();
      await db.close();
    },
  };
}
