/** The instants to kill at: what is waited for before each kill, and what of the games the dead server left open. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../src/database/connection.ts';
import { duel } from '../../src/games/duel.ts';
import { roundByName } from '../../src/games/registry.ts';
import { endsAfterLockMs } from '../attacks/insider.ts';
import { until } from '../support/server.ts';

export const PHASES = ['betting', 'running', 'settlement', 'match', 'matchEnd'] as const;
export type Phase = (typeof PHASES)[number];

/** A kill while bets are open comes when there are so many, or fewer. */
const MOST_BETS = 20;
/** In a round or match that runs. */
const RUNNING_MS = 1_000;
const MATCH_MS = 300;
/** Around the end: just before it, or while its outcome is committed and its bets are settled. */
const SETTLEMENT_MS = { from: -5, to: 35 };
/** After a winning move, a resignation or the acceptance of a draw was sent. */
const MATCH_END_MS = 30;
/** Between two looks into the books for a phase; they are asked by the server, too. */
const LOOK_MS = 40;
/** An end that comes later is not waited for; another may come sooner. */
const NEAR_MS = 3_000;
const PHASE_TIMEOUT_MS = 110_000;

export interface OpenRound {
  readonly id: string;
  readonly game: string;
  readonly phase: 'betting' | 'running';
  readonly lockedAt: Date | null;
  readonly ended: boolean;
  readonly openBets: number;
  readonly bets: number;
  readonly seats: number;
  readonly pot: number;
}

export class Phases {
  readonly #books: Database;
  /** Resolves when a bot has sent what ends its match. */
  readonly #nextEnding: () => Promise<void>;
  readonly #ends = new Map<string, number>();

  constructor(books: Database, nextEnding: () => Promise<void>) {
    this.#books = books;
    this.#nextEnding = nextEnding;
  }

  async open(): Promise<OpenRound[]> {
    const { rows } = await this.#books.pool.query<OpenRound>(
      `SELECT r.id, g.name AS game, r.phase, r.locked_at AS "lockedAt", r.outcome IS NOT NULL AS ended, r.pot, count(b.id) AS bets,
              (SELECT count(*) FROM match_seats s WHERE s.round_id = r.id) AS seats,
              count(b.id) FILTER (WHERE b.status = 'accepted') AS "openBets"
       FROM rounds r JOIN games g ON g.id = r.game_id LEFT JOIN bets b ON b.round_id = r.id
       WHERE r.phase IN ('betting', 'running') GROUP BY r.id, g.name`,
    );
    return rows;
  }

  /** Waits for the instant of the `nth` kill in this phase. */
  reach(phase: Phase, nth: number): Promise<void> {
    const everyOther = nth % 2 === 0;
    switch (phase) {
      case 'betting':
        return this.#betting();
      case 'running':
        return this.#running();
      case 'settlement':
        return this.#settlement(everyOther);
      case 'match':
        return this.#match(everyOther ? 'running' : 'betting');
      case 'matchEnd':
        return this.#matchEnd();
    }
  }

  async #betting(): Promise<void> {
    const enough = randomInt(1, MOST_BETS + 1);
    await this.#until((rounds) => {
      const betting = rounds.filter(({ phase, seats }) => phase === 'betting' && seats === 0);
      return betting.reduce((sum, { bets }) => sum + bets, 0) >= enough;
    }, 'bets');
  }

  async #running(): Promise<void> {
    await this.#until(
      (rounds) =>
        rounds.some(
          ({ phase, ended, openBets, seats }) =>
            phase === 'running' && !ended && openBets > 0 && seats === 0,
        ),
      'a round that runs',
    );
    await delay(randomInt(0, RUNNING_MS));
  }

  /** `phase` is running as soon as no more bets are taken on the match. */
  async #match(phase: OpenRound['phase']): Promise<void> {
    await this.#until(
      (rounds) =>
        rounds.some((round) => round.seats === duel.seats && !round.ended && round.phase === phase),
      'a match',
    );
    await delay(randomInt(0, MATCH_MS));
  }

  async #matchEnd(): Promise<void> {
    await this.#nextEnding();
    await delay(randomInt(0, MATCH_END_MS));
  }

  async #settlement(byTime: boolean): Promise<void> {
    const { id, endsAt } = await this.#nearEnd();
    if (byTime) {
      const killAt = endsAt + randomInt(SETTLEMENT_MS.from, SETTLEMENT_MS.to + 1);
      await delay(Math.max(0, killAt - Date.now()));
      return;
    }
    // As soon as the outcome is in the books: its bets are being settled now.
    await delay(Math.max(0, endsAt + SETTLEMENT_MS.from - Date.now()));
    while (!(await this.#isOver(id))) {
      assert.ok(Date.now() < endsAt + PHASE_TIMEOUT_MS, 'no outcome');
    }
  }

  async #nearEnd(): Promise<{ id: string; endsAt: number }> {
    let next: { id: string; endsAt: number } | undefined;
    await this.#until(async (rounds) => {
      const running = rounds.filter(
        ({ seats, lockedAt, openBets }) => seats === 0 && lockedAt && openBets > 0,
      );
      const near = await Promise.all(
        running.map(async (round) => ({ id: round.id, endsAt: await this.#endOf(round) })),
      );
      next = near
        .filter(({ endsAt }) => endsAt > Date.now() + 100)
        .sort((a, b) => a.endsAt - b.endsAt)[0];
      return next !== undefined && next.endsAt < Date.now() + NEAR_MS;
    }, 'an end that is near');
    return next as { id: string; endsAt: number };
  }

  /** When the outcome of this round will be shown, ms since the epoch. */
  async #endOf({ id, game, lockedAt }: OpenRound): Promise<number> {
    const { pool } = this.#books;
    const known =
      this.#ends.get(id) ??
      (lockedAt as Date).getTime() + (await endsAfterLockMs(pool, id, roundByName(game)));
    this.#ends.set(id, known);
    return known;
  }

  async #isOver(id: string): Promise<boolean> {
    const over = 'SELECT 1 FROM rounds WHERE id = $1 AND outcome IS NOT NULL';
    return (await this.#books.pool.query(over, [id])).rowCount === 1;
  }

  /** Looks until the open rounds are as wanted. */
  async #until(
    wanted: (rounds: readonly OpenRound[]) => boolean | Promise<boolean>,
    what: string,
  ): Promise<void> {
    const look = async () => {
      if (await wanted(await this.open())) return true;
      await delay(LOOK_MS);
      return false;
    };
    await until(look, what, PHASE_TIMEOUT_MS);
  }
}
