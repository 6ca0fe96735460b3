/** A real table for races: many players with accounts of their own, and what they were answered. */
import assert from 'node:assert/strict';
import pg from 'pg';
import { openDatabase } from '../../src/database/connection.ts';
import { audit } from '../../src/ledger/audit.ts';
import { createLogger } from '../../src/log.ts';
import type { Bet } from '../../src/protocol.ts';
import {
  joinCrash,
  joinCrashAs,
  startServer,
  type TestPlayer,
  type TestServer,
  until,
} from '../support/server.ts';
import { SECRET } from './insider.ts';

export const START_BALANCE = 500;
/** Players who race, each on his own account. */
export const RACERS = 30;
/** What races an instant is spread over so long before and after it. */
export const SPREAD_MS = 40;
/** What must be left of a betting phase that a race begins in. */
const FRESH_MS = 1_500;
const PHASE_TIMEOUT_MS = 120_000;

export interface Answer {
  readonly bet?: Bet;
  readonly code?: string;
}

export interface Racecourse {
  readonly server: TestServer;
  readonly db: pg.Pool;
  close(): Promise<void>;
}

export async function startRacecourse(bettingMs: number): Promise<Racecourse> {
  const server = await startServer({
    env: {
      BETTING_MS: String(bettingMs),
      FAIRNESS_SECRET: SECRET,
      START_BALANCE: String(START_BALANCE),
    },
  });
  const db = new pg.Pool({ connectionString: server.databaseUrl, max: 4 });
  return {
    server,
    db,
    async close() {
      await db.end();
      await server.dispose();
    },
  };
}

export function joinMany(url: string, table: string, count = RACERS): Promise<TestPlayer[]> {
  return Promise.all(Array.from({ length: count }, () => joinCrash(url, { table })));
}

/** A second connection of each player, to the same table. */
export function secondTabs(players: readonly TestPlayer[], table: string): Promise<TestPlayer[]> {
  return Promise.all(players.map(({ client, userId }) => joinCrashAs(client, userId, { table })));
}

/** The bet, or the code of the refusal; anything else is a failure. */
export async function ask(
  player: TestPlayer,
  type: 'bet' | 'cashout',
  payload: object,
): Promise<Answer> {
  try {
    return { bet: (await player.room.request(type, payload)) as Bet };
  } catch (error) {
    const { reason } = error as { reason?: { code?: string } };
    assert.ok(reason?.code, String(error));
    return { code: reason.code };
  }
}

export async function balanceOf(player: TestPlayer): Promise<number> {
  return (await player.get<{ balance: number }>('/api/v1/me/wallet')).balance;
}

/** A betting phase with enough of its time left. */
export async function freshBetting(player: TestPlayer): Promise<void> {
  const isFresh = () => {
    const { phase, phaseEndsAt } = player.room.state ?? {};
    return phase === 'betting' && (phaseEndsAt ?? 0) - Date.now() > FRESH_MS;
  };
  await until(isFresh, 'a new betting phase', PHASE_TIMEOUT_MS);
}

/** Waits until the clock shows `time`, ms since the epoch, to the millisecond or so. */
export async function at(time: number): Promise<void> {
  const left = time - Date.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}

export async function assertSoundBooks({ server }: Racecourse): Promise<void> {
  const options = { poolSize: 2, logger: createLogger('silent') };
  const books = await openDatabase(server.databaseUrl, options);
  try {
    assert.deepEqual((await audit(books)).findings, []);
  } finally {
    await books.close();
  }
}
