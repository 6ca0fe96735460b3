/** A player who comes back to a table after each death of the server, and asks what became of what was not answered. */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, Room } from '@colyseus/sdk';
import type { Bet, RoundState } from '../../src/protocol.ts';
import type { Account, BetRecord, SeatRecord } from './orders.ts';

const LOOK_MS = 50;
/** Below the rate at which commands are refused. */
const QUESTIONS_AT_ONCE = 25;
const SECOND_MS = 1_050;
/** The part of the bets without an answer that is sent again instead of asked about. */
const SENT_AGAIN = 0.25;

/** What all bots of this process go by. */
export const play = { url: '', bettingMs: 0, on: true };

export abstract class TableBot<State extends RoundState> {
  readonly bets: BetRecord[] = [];
  readonly seats: SeatRecord[] = [];
  readonly #client: Client;
  readonly #userId: number;
  readonly #table: string;
  #room: Room<unknown, State> | undefined;
  #caughtUp = false;
  #timers = new Set<NodeJS.Timeout>();

  /** `table` is game/table. */
  constructor(client: Client, userId: number, table: string) {
    this.#client = client;
    this.#userId = userId;
    this.#table = table;
  }

  protected abstract see(state: State): void;
  /** The connection is new: what was seen over the last one is no more. */
  protected abstract begin(): void;

  get joined(): boolean {
    return this.#room !== undefined;
  }

  /** Whether all that an earlier server left open is cleared up. */
  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  protected get gameName(): string {
    return this.#table.split('/')[0] as string;
  }

  protected get state(): State | undefined {
    return this.#room?.state;
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
    const [game, table] = this.#table.split('/') as [string, string];
    const joined = await this.#client.joinOrCreate(game, { table });
    const room = joined as unknown as Room<unknown, State>;
    const gone = Promise.withResolvers<void>();
    room.reconnection.enabled = false;
    room.onLeave(() => gone.resolve());
    room.onMessage('bet', (bet) => {
      const record = this.bets.find(({ betId }) => betId === bet.betId);
      if (record) record.told = bet;
    });
    room.onMessage('wallet', () => {});
    this.#room = room;
    this.begin();
    room.onStateChange((state) => this.see(state as State));
    await this.catchUp();
    this.#caughtUp = true;
    if (room.state) this.see(room.state as State);
    await gone.promise;
  }

  /** M5: what became of the bets that the last server did not answer. */
  protected async catchUp(): Promise<void> {
    const open = this.bets.filter(({ answers }) => answers.length === 0);
    for (const record of open) {
      const unanswered = !record.accepted && !record.refused;
      if (play.on && unanswered && Math.random() < SENT_AGAIN) {
        record.sentAgain = true;
        await this.#send(record);
      }
    }
    await this.#askAbout(open);
  }

  /** Places a bet of `amount` that says `more`. */
  protected bet(amount: number, more: object, byHand = false): void {
    const record: BetRecord = { betId: crypto.randomUUID(), amount, more, byHand, answers: [] };
    this.bets.push(record);
    void this.#send(record);
  }

  async #send(record: BetRecord): Promise<void> {
    const { betId, amount, more } = record;
    const answer = await this.ask<Bet>('bet', { betId, amount, ...more });
    if (typeof answer === 'string') record.refused = answer;
    else if (answer) record.accepted = answer;
  }

  /** The answer, the code of a refusal, or undefined: the server died first. */
  protected async ask<T>(type: string, payload: object): Promise<T | string | undefined> {
    try {
      return await this.#room?.request(type as never, payload as never);
    } catch (error) {
      return (error as { reason?: { code?: string } }).reason?.code;
    }
  }

  /** Asks about each bet and each seat once more. */
  async askAboutAll(): Promise<void> {
    await this.#askAbout(this.bets);
    await this.#paced(this.seats, async (record) => {
      const { matchId, stake, taken } = record;
      // One that was never answered would be taken now.
      const answer = taken && (await this.ask<typeof taken>('sit', { matchId, stake }));
      if (answer) record.answers.push(answer);
    });
  }

  #askAbout(records: readonly BetRecord[]): Promise<void> {
    return this.#paced(records, async ({ betId, answers }) => {
      const answer = await this.ask<Bet>('betStatus', { betId });
      if (answer) answers.push(answer);
    });
  }

  async #paced<T>(items: readonly T[], ask: (item: T) => Promise<void>): Promise<void> {
    for (let at = 0; at < items.length; at += QUESTIONS_AT_ONCE) {
      if (at > 0) await delay(SECOND_MS);
      if (!this.#room) return;
      await Promise.all(items.slice(at, at + QUESTIONS_AT_ONCE).map(ask));
    }
  }

  async account(): Promise<Account> {
    const { data } = await this.#client.http.get<{ balance: number }>('/api/v1/me/wallet');
    return { userId: this.#userId, bets: this.bets, seats: this.seats, balance: data.balance };
  }

  /** Does `work` after a random part of `ms`, if the connection lasts. */
  protected within(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, Math.random() * ms);
    this.#timers.add(timer);
  }

  #clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#room = undefined;
    this.#caughtUp = false;
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
  const { port, hostname } = new URL(play.url);
  const socket = connect(Number(port), hostname);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}
