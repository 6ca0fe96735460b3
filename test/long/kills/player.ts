/**
 * A player who sends one command at a time and writes down, in order, what was sent and told. What a dead node left
 * unanswered is cleared up with the next one before anything else is sent, by asking or by sending it again (M5).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import type { Wallet } from '../../../src/protocol.ts';
import type { Event, Mark, ToldBet } from '../contradictions.ts';
import type { Answer, Desk } from './desk.ts';
import { BETTING_MS, type WalletNews } from './wire.ts';

const MAX_STAKE = 20;
const GRANT = 500;
const WITH_AUTO_CASHOUT = 0.3;
const MAX_AUTO_CASHOUT = 200;
/** So many bets of a round, at most, are cashed out by hand. */
const CASHED_BY_HAND = 2;
/** Most players stop in time before the lock; the others learn that they were too late. */
const LATE = 0.1;
const IN_TIME_MS = BETTING_MS - 60;
/** What is without an answer is asked about, or sent again. */
const ASKED_ABOUT = 0.5;
/** With these the node says that it does not know, or not now. */
const NO_ANSWER = new Set(['BUSY', 'ROOM_MOVED', 'INTERNAL']);
const ASK_AGAIN_MS = 50;

interface Order {
  readonly what: 'bet' | 'cashout' | 'grant';
  readonly id: string;
  readonly amount: number;
  readonly auto: number;
}

/** What became of commands whose answer was lost. */
export interface Lost {
  lost: number;
  found: number;
  absent: number;
  /** Sent again, and taken only then. */
  placedAnew: number;
}

export class Player {
  readonly userId: number;
  readonly #number: number;
  readonly #table: number;
  readonly #desk: Desk;
  readonly #random: () => number;
  readonly #figures: Lost;
  readonly #late: boolean;
  events: Event[] = [];
  mark: Mark = { seq: 0, balance: 0 };
  /** Acknowledged since the last kill, to be looked up at once. */
  fresh: { readonly placed: string[]; readonly cashed: string[] } = { placed: [], cashed: [] };
  #open: string[] = [];
  #cashed = 0;
  #lost: Order | undefined;
  #poor = false;
  #gone = false;

  constructor(
    seat: { number: number; userId: number; table: number },
    desk: Desk,
    random: () => number,
    figures: Lost,
  ) {
    this.#number = seat.number;
    this.userId = seat.userId;
    this.#table = seat.table;
    this.#desk = desk;
    this.#random = random;
    this.#figures = figures;
    this.#late = random() < LATE;
  }

  /** Nothing is under way or unclear. */
  get settled(): boolean {
    return this.#lost === undefined;
  }

  leave(): void {
    this.#gone = true;
  }

  async play(): Promise<void> {
    const desk = this.#desk;
    while (!this.#gone) {
      const changed = desk.change(this.#table);
      if (!desk.isUp) await changed;
      else if (this.#lost) await this.#clearUp(this.#lost);
      else if (desk.resting || !(await this.#move())) await changed;
    }
  }

  hear(bet: ToldBet): void {
    this.events.push({ kind: 'told', bet });
    this.#open = this.#open.filter((betId) => betId !== bet.betId);
  }

  hearWallet(wallet: WalletNews): void {
    this.events.push({ kind: 'wallet', wallet: walletOf(wallet) });
  }

  /** False when there is nothing to do in this phase. */
  async #move(): Promise<boolean> {
    switch (this.#desk.phases[this.#table]) {
      case 'betting':
        return this.#poor ? this.#askForMoney() : this.#bet();
      case 'running':
        return this.#cashOut();
      default:
        this.#open = [];
        this.#cashed = 0;
        return false;
    }
  }

  async #bet(): Promise<boolean> {
    const since = this.#desk.phaseSince[this.#table] ?? 0;
    if (!this.#late && performance.now() - since > IN_TIME_MS) return false;
    const amount = 1 + Math.floor(this.#random() * MAX_STAKE);
    const auto =
      this.#random() < WITH_AUTO_CASHOUT
        ? 101 + Math.floor(this.#random() * (MAX_AUTO_CASHOUT - 100))
        : 0;
    const order: Order = { what: 'bet', id: uuidv7(), amount, auto };
    this.events.push({ kind: 'sent', betId: order.id, amount });
    const answer = await this.#send(order);
    return answer.kind !== 'refused' || answer.code !== 'BETTING_CLOSED';
  }

  async #cashOut(): Promise<boolean> {
    const id = this.#open.pop();
    if (id === undefined || this.#cashed === CASHED_BY_HAND) return false;
    this.#cashed += 1;
    await this.#send({ what: 'cashout', id, amount: 0, auto: 0 });
    return true;
  }

  async #askForMoney(): Promise<boolean> {
    this.#poor = false;
    const id = uuidv7();
    this.events.push({ kind: 'asked', postingId: id, amount: GRANT });
    await this.#send({ what: 'grant', id, amount: GRANT, auto: 0 });
    return true;
  }

  async #send(order: Order): Promise<Answer> {
    const answer = await this.#desk.ask(
      this.#number,
      order.what,
      order.id,
      order.amount,
      order.auto,
    );
    this.#note(order, answer);
    return answer;
  }

  #note(order: Order, answer: Answer): void {
    this.#lost = undefined;
    switch (answer.kind) {
      case 'lost':
        this.#lost = order;
        break;
      case 'granted':
        this.events.push({ kind: 'granted', postingId: order.id, wallet: walletOf(answer.wallet) });
        break;
      case 'bet':
        if (order.what === 'bet') {
          this.events.push({ kind: 'placed', bet: answer.bet });
          this.fresh.placed.push(order.id);
          if (order.auto === 0) this.#open.push(order.id);
        } else {
          this.events.push({ kind: 'cashed', bet: answer.bet });
          this.fresh.cashed.push(order.id);
        }
        break;
      case 'refused':
        if (NO_ANSWER.has(answer.code)) this.#lost = order;
        else if (order.what !== 'grant') {
          this.events.push({ kind: 'refused', betId: order.id, code: answer.code });
          this.#poor = answer.code === 'INSUFFICIENT_FUNDS';
        }
        break;
    }
  }

  async #clearUp(order: Order): Promise<void> {
    this.#figures.lost += 1;
    const askedAt = new Date().toISOString();
    if (order.what !== 'grant' && this.#random() < ASKED_ABOUT) await this.#askAbout(order);
    else {
      const answer = await this.#send(order);
      if (answer.kind === 'refused') this.#figures.absent += 1;
      else if (answer.kind === 'bet' && order.what === 'bet' && answer.bet.createdAt > askedAt) {
        this.#figures.placedAnew += 1;
      } else this.#figures.found += 1;
    }
    if (!this.#lost) return;
    // Still without an answer: counted when there is one.
    this.#figures.lost -= 1;
    await delay(ASK_AGAIN_MS);
  }

  async #askAbout(order: Order): Promise<void> {
    const answer = await this.#desk.ask(this.#number, 'betStatus', order.id);
    if (answer.kind === 'bet') {
      this.#lost = undefined;
      this.#figures.found += 1;
      const { bet } = answer;
      if (bet.status === 'accepted') this.events.push({ kind: 'found', betId: order.id });
      else this.events.push({ kind: 'told', bet });
    } else if (answer.kind === 'refused' && answer.code === 'NOT_FOUND') {
      this.#lost = undefined;
      this.#figures.absent += 1;
      this.events.push({ kind: 'absent', betId: order.id });
    }
  }
}

function walletOf([seq, balance]: WalletNews): Wallet {
  return { currency: 'COIN', seq, balance };
}
