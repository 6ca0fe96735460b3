/**
 * Bots that play all games of rounds through one server death after another, in a process of their own. Each writes down what it
 * sent before it sends it, and what it was told. The test talks to them over IPC (see orders.ts).
 */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, type Room } from '@colyseus/sdk';
import { roundByName } from '../../src/games/registry.ts';
import type { Bet, RoundState } from '../../src/protocol.ts';
import type { BetRecord, Order, Report } from './orders.ts';

const LOOK_MS = 50;
const REPORT_MS = 40;
/** Below the rate at which commands are refused. */
const QUESTIONS_AT_ONCE = 25;
const SECOND_MS = 1_050;
const STAKES = 5;
/** The part of the bets without an answer that is sent again instead of asked about. */
const SENT_AGAIN = 0.25;

let url = '';
let bettingMs = 0;
let playing = true;

class Bot {
  readonly client: Client;
  readonly userId: number;
  readonly table: string;
  readonly records: BetRecord[] = [];
  room: Room<unknown, RoundState> | undefined;
  /** All that an earlier server left open is cleared up. */
  caughtUp = false;
  #phase = '';
  #timers = new Set<NodeJS.Timeout>();

  constructor(client: Client, userId: number, table: string) {
    this.client = client;
    this.userId = userId;
    this.table = table;
  }

  async play(): Promise<void> {
    for (;;) {
      try {
        await this.#stay();
      } catch {
        // The server is down, or was killed while this bot came in.
      }
      this.#clear();
      await serverIsThere();
    }
  }

  /** From joining until the connection is gone. */
  async #stay(): Promise<void> {
    const [game, table] = this.table.split('/') as [string, string];
    const room = (await this.client.joinOrCreate(game, { table })) as unknown as Room<
      unknown,
      RoundState
    >;
    const gone = Promise.withResolvers<void>();
    room.reconnection.enabled = false;
    room.onLeave(() => gone.resolve());
    room.onMessage('bet', (bet) => {
      const record = this.records.find(({ betId }) => betId === bet.betId);
      if (record) record.told = bet;
    });
    room.onMessage('wallet', () => {});
    this.room = room;
    this.#phase = '';
    room.onStateChange((state) => this.#see(state));
    await this.#catchUp(room);
    await gone.promise;
  }

  /** M5: what became of the bets that the last server did not answer. */
  async #catchUp(room: Room<unknown, RoundState>): Promise<void> {
    const open = this.records.filter(({ answers }) => answers.length === 0);
    for (const record of open) {
      const unanswered = !record.accepted && !record.refused;
      if (playing && unanswered && Math.random() < SENT_AGAIN) {
        record.sentAgain = true;
        await this.#send(room, record);
      }
    }
    await this.askAbout(open);
    this.caughtUp = true;
  }

  #see({ phase }: RoundState): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    if (phase === 'betting' && playing) {
      this.#later(Math.random() * bettingMs * 0.9, () => this.#bet());
    } else if (phase === 'running') {
      for (const record of this.records) {
        const isOpen =
          record.accepted && record.answers.length === 0 && !record.told && !record.cashed;
        if (isOpen && record.byHand) {
          this.#later(Math.random() * 3_000, () => void this.#cashOut(record));
        }
      }
    }
  }

  #bet(): void {
    const { room } = this;
    if (!room || this.#phase !== 'betting') return;
    const { cashOutMultiplier, examples } = roundByName(this.table.split('/')[0] as string);
    const byHand = cashOutMultiplier !== undefined && Math.random() < 0.6;
    const more = byHand ? {} : examples[Math.floor(Math.random() * examples.length)];
    const record: BetRecord = {
      betId: crypto.randomUUID(),
      amount: 1 + Math.floor(Math.random() * STAKES),
      more: more as object,
      byHand,
      answers: [],
    };
    this.records.push(record);
    void this.#send(room, record);
  }

  async #send(room: Room<unknown, RoundState>, record: BetRecord): Promise<void> {
    const { betId, amount, more } = record;
    try {
      record.accepted = await this.#request<Bet>(room, 'bet', {
        betId,
        amount,
        ...more,
      });
    } catch (error) {
      const code = codeOf(error);
      if (code) record.refused = code;
    }
  }

  async #cashOut(record: BetRecord): Promise<void> {
    const { room } = this;
    if (!room) return;
    record.askedToCash = true;
    try {
      record.cashed = await this.#request<Bet>(room, 'cashout', { betId: record.betId });
    } catch (error) {
      const code = codeOf(error);
      if (code) record.notCashed = code;
    }
  }

  /** `betStatus` of each, at a pace that the server allows. */
  async askAbout(records: readonly BetRecord[]): Promise<void> {
    for (let at = 0; at < records.length; at += QUESTIONS_AT_ONCE) {
      if (at > 0) await delay(SECOND_MS);
      const { room } = this;
      if (!room) return;
      await Promise.all(
        records.slice(at, at + QUESTIONS_AT_ONCE).map(async (record) => {
          try {
            record.answers.push(
              await this.#request<Bet>(room, 'betStatus', { betId: record.betId }),
            );
          } catch (error) {
            const code = codeOf(error);
            if (code) record.answers.push(code);
          }
        }),
      );
    }
  }

  #request<T>(room: Room<unknown, RoundState>, type: string, payload: object): Promise<T> {
    return room.request(type as never, payload as never) as Promise<T>;
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }

  #clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.room = undefined;
    this.caughtUp = false;
  }
}

let looking: Promise<void> | undefined;

/** One looks for all: 200 that fail to connect again and again take the time that the server needs to come up. */
function serverIsThere(): Promise<void> {
  looking ??= (async () => {
    do await delay(LOOK_MS);
    while (!(await connects()));
  })().finally(() => {
    looking = undefined;
  });
  return looking;
}

function connects(): Promise<boolean> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}

/** The code of a refusal; undefined when there was no answer. */
function codeOf(error: unknown): string | undefined {
  return (error as { reason?: { code?: string } }).reason?.code;
}

const bots: Bot[] = [];

async function start(count: number, tables: readonly string[]): Promise<void> {
  const LANES = 10;
  for (let at = 0; at < count; at += LANES) {
    const entering = Array.from({ length: Math.min(LANES, count - at) }, async (_, index) => {
      const client = new Client(url);
      const { user } = await client.auth.signInAnonymously<{ id: number }>();
      bots.push(new Bot(client, user.id, tables[(at + index) % tables.length] as string));
    });
    await Promise.all(entering);
  }
  for (const bot of bots) void bot.play();
  setInterval(report, REPORT_MS);
}

function report(): void {
  const records = bots.flatMap((bot) => bot.records);
  send({
    kind: 'progress',
    joined: bots.filter(({ room }) => room).length,
    caughtUp: bots.filter(({ caughtUp }) => caughtUp).length,
    sent: records.length,
    accepted: records.filter(({ accepted }) => accepted).length,
    askedToCash: records.filter(({ askedToCash }) => askedToCash).length,
  });
}

function send(message: Report): void {
  process.send?.(message);
}

process.on('message', async (order: Order) => {
  switch (order.kind) {
    case 'play':
      ({ url, bettingMs } = order);
      await start(order.bots, order.tables);
      break;
    case 'stop betting':
      playing = false;
      break;
    case 'ask about all':
      await Promise.all(bots.map((bot) => bot.askAbout(bot.records)));
      await Promise.all(bots.map((bot) => bot.askAbout(bot.records)));
      send({ kind: 'answers', bots: await Promise.all(bots.map(accountOf)) });
      break;
  }
});

async function accountOf({ client, userId, records }: Bot) {
  const { data } = await client.http.get<{ balance: number }>('/api/v1/me/wallet');
  return { userId, records, balance: data.balance };
}

// A connection that ends while it is being made is nothing to write about here.
console.warn = () => {};
console.info = () => {};
process.on('disconnect', () => process.exit(0));
