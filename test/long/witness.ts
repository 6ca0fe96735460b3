/**
 * Players who bet one thing at a time, each waiting for its answer, and write down in order what they sent and what they
 * were told: the clients' view of history, which contradictions.ts holds against the books.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, type Room } from '@colyseus/sdk';
import type { Bet, CrashState, Wallet } from '../../src/protocol.ts';
import type { Event } from './contradictions.ts';

const LOOK_MS = 60;
/** A server that was killed answers nothing: after this long the next thing is tried. */
const ANSWER_TIMEOUT_MS = 20_000;
const CASHED_BY_HAND = 0.5;

export class Witness {
  readonly client: Client;
  readonly userId: number;
  readonly events: Event[] = [];
  readonly #table: string;
  readonly #random: () => number;
  #room: Room<unknown, CrashState> | undefined;
  #playing = true;
  #roundId = '';

  constructor(client: Client, userId: number, table: string, random: () => number) {
    this.client = client;
    this.userId = userId;
    this.#table = table;
    this.#random = random;
  }

  static async enter(url: string, table: string, random: () => number): Promise<Witness> {
    const client = new Client(url);
    const { user } = await client.auth.signInAnonymously<{ id: number }>();
    return new Witness(client, user.id, table, random);
  }

  get joined(): boolean {
    return this.#room !== undefined;
  }

  /** As its table shows it; undefined while the player is not there. */
  get phase(): string | undefined {
    return this.#room?.state?.phase;
  }

  get acknowledged(): number {
    return this.events.filter(({ kind }) => kind === 'placed' || kind === 'cashed').length;
  }

  stop(): void {
    this.#playing = false;
    this.#room?.connection.close();
  }

  /** Comes in again whenever the server is gone; ends some time after `stop`. */
  async play(): Promise<void> {
    while (this.#playing) {
      try {
        await this.#stay();
      } catch {
        // The server is down, or went down while this player came in.
      }
      this.#room = undefined;
      await delay(LOOK_MS + this.#random() * LOOK_MS);
    }
  }

  async #stay(): Promise<void> {
    const room = (await this.client.joinOrCreate('crash', {
      table: this.#table,
    })) as unknown as Room<unknown, CrashState>;
    room.reconnection.enabled = false;
    const gone = Promise.withResolvers<'gone'>();
    room.onLeave(() => gone.resolve('gone'));
    room.onMessage('wallet', (wallet: Wallet) => this.events.push({ kind: 'wallet', wallet }));
    room.onMessage('bet', (bet: Bet) => this.events.push({ kind: 'told', bet }));
    this.#room = room;
    if (!this.#playing) room.connection.close();
    let here = true;
    void gone.promise.then(() => {
      here = false;
    });
    while (here && this.#playing) {
      const { phase, roundId } = room.state ?? {};
      if (phase === 'betting' && roundId !== this.#roundId) {
        this.#roundId = roundId as string;
        await delay(this.#random() * 500);
        await Promise.race([this.#round(room), gone.promise]);
      }
      await Promise.race([delay(LOOK_MS), gone.promise]);
    }
    await gone.promise;
  }

  /** Some bets, and then some of them cashed out by hand. */
  async #round(room: Room<unknown, CrashState>): Promise<void> {
    const open: Bet[] = [];
    const bets = 1 + Math.floor(this.#random() * 4);
    for (let number = 0; number < bets; number++) {
      const amount = 1 + Math.floor(this.#random() * 20);
      const betId = crypto.randomUUID();
      this.events.push({ kind: 'sent', betId, amount });
      const auto =
        this.#random() < 0.3 ? { autoCashout: 101 + Math.floor(this.#random() * 100) } : {};
      const bet = await this.#ask(room, 'bet', { betId, amount, ...auto });
      if (!bet) continue;
      this.events.push({ kind: 'placed', bet });
      if (!('autoCashout' in auto)) open.push(bet);
    }
    while (this.#room === room && room.state.phase === 'betting') await delay(LOOK_MS);
    for (const { betId } of open) {
      if (this.#random() > CASHED_BY_HAND) continue;
      await delay(this.#random() * 400);
      if (this.#room !== room) return;
      const bet = await this.#ask(room, 'cashout', { betId });
      if (bet) this.events.push({ kind: 'cashed', bet });
    }
  }

  async #ask(
    room: Room<unknown, CrashState>,
    type: string,
    payload: { betId: string; amount?: number; autoCashout?: number },
  ): Promise<Bet | undefined> {
    const answer = room.request(type as never, payload as never) as Promise<Bet>;
    const late = new AbortController();
    try {
      return await Promise.race([
        answer,
        delay(ANSWER_TIMEOUT_MS, undefined, { signal: late.signal }),
      ]);
    } catch (error) {
      const code = (error as { reason?: { code?: string } }).reason?.code;
      if (code) this.events.push({ kind: 'refused', betId: payload.betId, code });
      return undefined;
    } finally {
      late.abort();
    }
  }
}
