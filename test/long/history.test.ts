import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import { audit } from '../../src/ledger/audit.ts';
import { createLogger } from '../../src/log.ts';
import { startServer, type TestServer, until } from '../support/server.ts';
import { contradictions, type Event, type Pages, readPages } from './contradictions.ts';
import { seeded } from './seeded.ts';
import { Witness } from './witness.ts';

const SECONDS = Number(process.env.HISTORY_SECONDS ?? 30);
const KILLS = Number(process.env.HISTORY_KILLS ?? 2);
const PLAYERS = Number(process.env.HISTORY_PLAYERS ?? 50);
const SEED = Number(process.env.HISTORY_SEED ?? randomInt(2 ** 31));
const TABLES = 5;
const START_BALANCE = 100_000;
const BACK_TIMEOUT_MS = 40_000;

describe('history, from the view of the clients', function () {
  this.timeout(120_000 + SECONDS * 2_000);
  let server: TestServer;
  let books: Database;

  before(async () => {
    server = await startServer({
      env: { BETTING_MS: '2500', START_BALANCE: `${START_BALANCE}` },
    });
    books = await openDatabase(server.databaseUrl, { poolSize: 1, logger: createLogger('silent') });
  });
  after(async () => {
    await books.close();
    await server.dispose();
  });

  it(`[M5] [M6] [Bug 4] nothing acknowledged is missing, doubled or reordered, over ${KILLS} kills (seed ${SEED})`, async () => {
    const random = seeded(SEED);
    const witnesses = await Promise.all(
      Array.from({ length: PLAYERS }, (_, index) =>
        Witness.enter(server.url, `history-${index % TABLES}`, seeded(SEED + index + 1)),
      ),
    );
    const playing = witnesses.map((witness) => witness.play());
    const part = (SECONDS * 1_000) / (KILLS + 1);
    for (let kill = 1; kill <= KILLS; kill++) {
      await delay(part * (0.7 + 0.3 * random()));
      await server.kill();
      await server.restart();
      await until(
        () => witnesses.filter(({ joined }) => joined).length > PLAYERS * 0.9,
        'the players to be back',
        BACK_TIMEOUT_MS,
      );
    }
    await delay(part);
    for (const witness of witnesses) witness.stop();
    // In order, so that what was sent last is answered in the books too.
    await server.stop();
    await Promise.all(playing);
    const pages = await readPages(books);
    assert.deepEqual(contradictions(pages, witnesses), []);
    assert.deepEqual((await audit(books)).findings, []);
    const told = new Map<string, number>();
    for (const { events } of witnesses) {
      for (const { kind } of events) told.set(kind, (told.get(kind) ?? 0) + 1);
    }
    assert.ok((told.get('placed') ?? 0) > 0 && (told.get('cashed') ?? 0) > 0);
    console.log(
      `        seed ${SEED}, ${KILLS} kills, ${PLAYERS} players: ${JSON.stringify(Object.fromEntries(told))}`,
    );
    assertTeeth(pages, witnesses);
  });
});

/** The checker finds what it is for: each false statement about this history is a contradiction. */
function assertTeeth(pages: Pages, witnesses: readonly Witness[]): void {
  const events = witnesses.find((each) => each.acknowledged > 2) as Witness;
  const index = events.events.findIndex(({ kind }) => kind === 'placed');
  const placed = events.events[index] as Event & { kind: 'placed' };
  const lies: Record<string, Event[]> = {
    'an effect that never was': [
      ...events.events,
      { kind: 'placed', bet: { ...placed.bet, betId: crypto.randomUUID() } },
    ],
    'an effect told twice': [...events.events, placed],
    'another balance': events.events.with(index, {
      kind: 'placed',
      bet: { ...placed.bet, balance: placed.bet.balance + 1 },
    }),
    'a refusal of what is in the books': events.events.with(index, {
      kind: 'refused',
      betId: placed.bet.betId,
      code: 'INSUFFICIENT_FUNDS',
    }),
    'a bet that was not sent': events.events.filter(
      (event) => event.kind !== 'sent' || event.betId !== placed.bet.betId,
    ),
    'wallet messages in another order': events.events.toReversed(),
  };
  for (const [lie, told] of Object.entries(lies)) {
    const others = witnesses.filter((each) => each !== events);
    const found = contradictions(pages, [...others, { userId: events.userId, events: told }]);
    assert.ok(found.length > 0, `not found: ${lie}`);
  }
}
