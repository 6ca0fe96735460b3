/** Seats through Colyseus' matchmaker, after our own checks; called by the HTTP route, never by a socket. */
import { matchMaker } from '@colyseus/core';
import { AppError } from '../src/errors.ts';
import type { UserId } from '../src/ids.ts';
import type { Currencies } from '../src/ledger/currencies.ts';
import { JoinOptions } from '../src/protocol.ts';
import { DEFAULT_TABLE } from './round-room.ts';
import type { Seats } from './seats.ts';

type Method = 'joinOrCreate' | 'create' | 'join' | 'joinById' | 'reconnect';

/** How the options of a join are written. */
const FORMS: Record<string, string> = {
  table: '1 to 32 of a-z, 0-9 and -',
  currency: '3 to 8 capital letters',
  spectate: 'true or false',
};

interface Asker {
  readonly identity: { userId: UserId } | null;
  readonly token: string | undefined;
  readonly ip: string;
  readonly headers: Headers;
}

export function createMatchmaking(seats: Seats, currencies: Currencies, open: () => boolean) {
  return async (
    method: Method,
    roomName: string,
    options: Record<string, unknown>,
    { identity, token, ip, headers }: Asker,
  ): Promise<object> => {
    if (!open()) throw new AppError('BUSY', 'This server is going down; try again in a moment.');
    // Whoever reconnects has a seat already, and its token proves it.
    if (method === 'reconnect') {
      const { reconnectionToken } = options;
      if (typeof reconnectionToken !== 'string' || reconnectionToken === '') {
        throw new AppError('BAD_REQUEST', 'reconnectionToken: the one of the seat');
      }
      return matchMaker.reconnect(roomName, { reconnectionToken });
    }
    if (!identity || token === undefined) throw new AppError('UNAUTHENTICATED');
    const parsed = JoinOptions.safeParse(options);
    if (!parsed.success) {
      const [field] = parsed.error.issues[0]?.path ?? [];
      throw new AppError('BAD_REQUEST', `${String(field)}: ${FORMS[String(field)] ?? 'not so'}`);
    }
    const { table = DEFAULT_TABLE, spectate = false } = parsed.data;
    const currency = currencies.chosen(parsed.data.currency);
    const wish = { table, currency, spectate };
    const context = { token, ip, headers };
    return seats.reserve(identity.userId, () => {
      switch (method) {
        case 'join':
          return matchMaker.join(roomName, wish, context);
        case 'joinById':
          return matchMaker.joinById(roomName, wish, context);
        default:
          // A table of one name is one room: creating what exists is joining it.
          return matchMaker.joinOrCreate(roomName, wish, context);
      }
    });
  };
}
