/** At a table of the duel: plays one match after the other, or watches and bets on the winner. */
import type { Client } from '@colyseus/sdk';
import { isRefusal } from '../../src/games/contract.ts';
import { type DuelMove, duel } from '../../src/games/duel.ts';
import type { DuelState as ShownState, TakenSeat } from '../../src/protocol.ts';
import type { SeatRecord } from './orders.ts';
import { play, TableBot } from './table-bot.ts';

/** All players of a table agree on it. */
const STAKE = 10;
const BETS = 5;
const THINK_MS = 150;
const BET_WITHIN_MS = 300;
/** How often, in its turn, a player resigns or offers a draw. */
const RESIGNS = 0.03;
const OFFERS = 0.03;

export class DuelBot extends TableBot<ShownState> {
  readonly #plays: boolean;
  readonly #onEnding: () => void;
  /** The seat in the match that is waited for or played. */
  #held: SeatRecord | undefined;
  #busy = false;
  #turnStartedAt = 0;
  #betIn = '';
  #first = 0;
  #log: number[] = [];

  /** `onEnding` is called right after what ends a match was sent. */
  constructor(client: Client, userId: number, table: string, plays: boolean, onEnding: () => void) {
    super(client, userId, table);
    this.#plays = plays;
    this.#onEnding = onEnding;
  }

  protected override begin(): void {
    this.#held = undefined;
    this.#busy = false;
  }

  /** M5: a `sit` without an answer is sent again. It answers the seat of then, or takes one in the next match. */
  protected override async catchUp(): Promise<void> {
    await super.catchUp();
    const open = this.seats.filter(({ taken, refused }) => !taken && !refused);
    for (const record of play.on ? open : []) {
      record.sentAgain = true;
      await this.#sit(record);
    }
  }

  protected override see(state: ShownState): void {
    this.#seeEnd(state);
    if (!play.on || !this.caughtUp) return;
    if (this.#plays) this.#goOn(state);
    else this.#watch(state);
  }

  #watch({ bettingOpen, roundId }: ShownState): void {
    if (!bettingOpen || roundId === this.#betIn) return;
    this.#betIn = roundId;
    for (let n = 0; n < BETS; n++) {
      const selection = { type: 'winner', seat: Math.floor(Math.random() * duel.seats) };
      this.within(BET_WITHIN_MS, () => this.bet(1 + n, { selection }));
    }
  }

  #seeEnd({ phase, roundId, winner, ending }: ShownState): void {
    const held = this.#held;
    // Ids of rounds rise: what is shown may be older than the seat.
    if (!held?.taken || roundId < held.taken.roundId) return;
    if (roundId === held.taken.roundId && phase !== 'settled') return;
    if (roundId === held.taken.roundId && ending !== '') held.shown = { winner, ending };
    this.#held = undefined;
  }

  /** Sits down or moves, one after the other. */
  #goOn({ phase, roundId, turn, turnStartedAt }: ShownState): void {
    const taken = this.#held?.taken;
    const maySit = !taken && (phase === 'betting' || phase === 'settled');
    const mayMove = phase === 'running' && roundId === taken?.roundId && turn === taken.seat;
    if (this.#busy || !(maySit || (mayMove && turnStartedAt !== this.#turnStartedAt))) return;
    this.#busy = true;
    this.within(THINK_MS, () => void this.#act(mayMove ? turnStartedAt : null));
  }

  async #act(turnStartedAt: number | null): Promise<void> {
    if (turnStartedAt === null) {
      const record: SeatRecord = { matchId: crypto.randomUUID(), stake: STAKE, answers: [] };
      this.seats.push(record);
      await this.#sit(record);
    } else {
      this.#turnStartedAt = turnStartedAt;
      await this.#move();
    }
    this.#busy = false;
    if (this.state) this.see(this.state);
  }

  async #sit(record: SeatRecord): Promise<void> {
    const { matchId, stake } = record;
    const answer = await this.ask<TakenSeat>('sit', { matchId, stake });
    if (typeof answer === 'string') record.refused = answer;
    if (typeof answer !== 'object') return;
    record.taken = answer;
    // The stake of a seat that the last server gave was given back.
    if (answer.roundId >= (this.state?.roundId ?? '')) this.#held = record;
  }

  async #move(): Promise<void> {
    const { state } = this;
    const seat = this.#held?.taken?.seat;
    if (!state || seat === undefined) return;
    if (state.drawOffer === 1 - seat) return void (await this.#end('answerDraw', { accept: true }));
    if (Math.random() < RESIGNS) return void (await this.#end('resign', {}));
    if (Math.random() < OFFERS) await this.ask('offerDraw', {});
    this.#follow(state, seat);
    const position = { first: this.#first, log: this.#log };
    const moves = duel.moves(position);
    const winning = moves.find((move) => {
      const next = duel.move(position, move);
      return !isRefusal(next) && duel.end(next) !== null;
    });
    const move = winning ?? (moves[Math.floor(Math.random() * moves.length)] as DuelMove);
    const answer = winning ? await this.#end('move', move) : await this.ask('move', move);
    if (typeof answer === 'object') this.#log.push(move.column);
    // Refused, as when the books cannot be reached: once more.
    else this.#turnStartedAt = 0;
  }

  /** The moves so far; between two of its own a player sees every one of the other's. */
  #follow({ board, lastColumn }: ShownState, seat: number): void {
    const discs = [...board].filter((cell) => cell !== '0').length;
    if (discs <= 1) {
      this.#first = discs === 0 ? seat : 1 - seat;
      this.#log = [];
    }
    if (discs > this.#log.length) this.#log.push(lastColumn);
  }

  /** Sends what ends the match. */
  async #end(type: string, payload: object): Promise<object | string | undefined> {
    const held = this.#held as SeatRecord;
    held.askedToEnd = true;
    const asked = this.ask<object>(type, payload);
    this.#onEnding();
    const answer = await asked;
    if (typeof answer === 'object') held.endAcknowledged = true;
    return answer;
  }
}
