/**
 * What a player asks of a duel. A seat carries an id of its own and is asked for until the answer is known; a move does
 * not, so that one whose answer was lost is never sent again by itself: the board says whether it was made.
 */
import type { TakenSeat } from '../../../../src/protocol.ts';
import { inWords, toFailure } from '../../failure.ts';
import { newId } from '../../ids.ts';
import { createStore, type ReadableStore } from '../../store.ts';

interface Asked {
  readonly kind: 'sit' | 'stand' | 'move' | 'resign' | 'offerDraw' | 'answerDraw';
}

export interface DuelCommands {
  /** What was asked and is not yet answered. */
  readonly asked: ReadableStore<Asked | null>;
  sit(stake: number): Promise<void>;
  /** The same stake again, against the same opponent. */
  rematch(): Promise<void>;
  stand(): Promise<void>;
  /** Whether the move was made for certain. */
  move(column: number): Promise<boolean>;
  resign(): Promise<void>;
  offerDraw(): Promise<void>;
  answerDraw(accept: boolean): Promise<void>;
}

/** What this needs of the seat and the page, so that tests can play both. */
export interface DuelDeps {
  request<T>(type: string, payload: object): Promise<T>;
  insist<T>(type: string, payload: object): Promise<T>;
  /** A result, in words. */
  say(text: string): void;
  /** A refusal, in words. */
  refuse(text: string): void;
}

/** Answers after which the command may have been carried out all the same. */
const UNSURE = new Set(['NO_ANSWER', 'INTERNAL', 'ROOM_MOVED', 'UNKNOWN']);

export function createDuelCommands(deps: DuelDeps): DuelCommands {
  const asked = createStore<Asked | null>(null);

  /** One thing at a time: what the player sees of one decides about the next. */
  async function ask<T>(what: Asked, send: () => Promise<T>, unsure: string): Promise<T | null> {
    if (asked.get() !== null) return null;
    asked.set(what);
    try {
      return await send();
    } catch (error) {
      const failure = toFailure(error);
      deps.refuse(UNSURE.has(failure.code) ? unsure : inWords(failure));
      return null;
    } finally {
      asked.set(null);
    }
  }

  async function take(type: 'sit' | 'rematch', more: object): Promise<void> {
    // M5: one id for as long as the answer is missing.
    const command = { matchId: newId(), ...more };
    const seat = await ask(
      { kind: 'sit' },
      () => deps.insist<TakenSeat>(type, command),
      'The server did not say whether you have the seat. The table will show it.',
    );
    if (seat !== null) deps.say(`You have a seat; ${seat.stake} is in the pot.`);
  }

  async function plain(kind: Exclude<Asked['kind'], 'move' | 'sit'>, payload: object) {
    const unsure = 'The answer was lost. The table shows whether it was done.';
    return ask({ kind }, () => deps.request(kind, payload), unsure);
  }

  return {
    asked,
    sit: (stake) => take('sit', { stake }),
    rematch: () => take('rematch', {}),
    async stand() {
      if ((await plain('stand', {})) !== null) deps.say('You got up; your stake is back.');
    },
    async move(column) {
      const made = await ask(
        { kind: 'move' },
        () => deps.request('move', { column }),
        'The answer to your move was lost. The board shows whether it was made.',
      );
      return made !== null;
    },
    async resign() {
      await plain('resign', {});
    },
    async offerDraw() {
      await plain('offerDraw', {});
    },
    async answerDraw(accept) {
      await plain('answerDraw', { accept });
    },
  };
}
