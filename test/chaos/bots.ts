/**
 * Bots that play all games through one server death after another, in a process of their own. Each writes down what it
 * sent before it sends it, and what it was told. The test talks to them over IPC (see orders.ts).
 */
import { Client } from '@colyseus/sdk';
import { DuelBot } from './duel-bot.ts';
import type { Order, Report } from './orders.ts';
import { RoundBot } from './round-bot.ts';
import { play, type TableBot } from './table-bot.ts';

const REPORT_MS = 50;
const SIGNED_IN_AT_ONCE = 10;
/** Of the bots at a table of matches the last one watches. */
const BOTS_PER_MATCH = 3;

const bots: Pick<TableBot<never>, 'joined' | 'caughtUp' | 'askAboutAll' | 'account' | 'play'>[] =
  [];

process.on('message', async (order: Order) => {
  switch (order.kind) {
    case 'play':
      play.url = order.url;
      play.bettingMs = order.bettingMs;
      await start(order);
      break;
    case 'stop betting':
      play.on = false;
      break;
    case 'ask about all':
      await Promise.all(bots.map((bot) => bot.askAboutAll()));
      await Promise.all(bots.map((bot) => bot.askAboutAll()));
      send({ kind: 'answers', bots: await Promise.all(bots.map((bot) => bot.account())) });
      break;
  }
});

async function start(order: Extract<Order, { kind: 'play' }>): Promise<void> {
  setInterval(report, REPORT_MS);
  const places = [
    ...order.matchTables.flatMap((table) =>
      Array.from({ length: BOTS_PER_MATCH }, (_, at) => duelist(table, at < BOTS_PER_MATCH - 1)),
    ),
    ...Array.from({ length: order.bots }, (_, at) =>
      better(order.tables[at % order.tables.length] as string),
    ),
  ];
  // Several at a time; whoever is in plays.
  const waiting = places.values();
  await Promise.all(
    Array.from({ length: SIGNED_IN_AT_ONCE }, async () => {
      for (const place of waiting) {
        const client = new Client(play.url);
        const { user } = await client.auth.signInAnonymously<{ id: number }>();
        const bot = place(client, user.id);
        bots.push(bot);
        void bot.play();
      }
    }),
  );
}

function better(table: string) {
  return (client: Client, userId: number) => new RoundBot(client, userId, table);
}

function duelist(table: string, plays: boolean) {
  return (client: Client, userId: number) =>
    new DuelBot(client, userId, table, plays, () => send({ kind: 'ending' }));
}

function report(): void {
  send({
    kind: 'progress',
    joined: bots.filter(({ joined }) => joined).length,
    caughtUp: bots.filter(({ caughtUp }) => caughtUp).length,
  });
}

function send(message: Report): void {
  process.send?.(message);
}

// A connection that ends while it is being made is nothing to write about here.
console.warn = () => {};
console.info = () => {};
process.on('disconnect', () => process.exit(0));
