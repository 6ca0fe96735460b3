/** What every table shows: the phase, the board of bets, the players and the history, at most as often as one can read. */
import type { BetRules } from '../src/games/contract.ts';
import { HISTORY_LENGTH, type Phase } from '../src/protocol.ts';
import type { Player } from './base-room.ts';
import { assignChanged } from './bet-board.ts';
import type { LiveRound } from './round.ts';
import { HistoryState, type TableState } from './table-state.ts';

/** Totals and the top list follow new bets at most this often. */
const BOARD_MS = 250;
/** The number of players follows who comes and goes at most this often. */
const PLAYERS_MS = 500;

interface Watched {
  round(): LiveRound | undefined;
  players(): Iterable<Player>;
  /** Sends what changed at once. */
  patch(): void;
}

export class TableDisplay {
  readonly #state: TableState;
  readonly #rules: BetRules;
  readonly #watched: Watched;
  #boardTimer: NodeJS.Timeout | undefined;
  #playersTimer: NodeJS.Timeout | undefined;

  constructor(state: TableState, rules: BetRules, watched: Watched) {
    this.#state = state;
    this.#rules = rules;
    this.#watched = watched;
  }

  show(view: object): void {
    assignChanged(this.#state, view);
  }

  /** `lengthMs` is null while the end must not be known. */
  phase(phase: Phase, lengthMs: number | null): void {
    const now = Date.now();
    const phaseEndsAt = lengthMs === null ? 0 : now + lengthMs;
    this.show({ phase, phaseStartedAt: now, phaseEndsAt, now });
    this.#watched.patch();
  }

  opened({ id, number, seed }: LiveRound): void {
    this.show({ roundId: id, roundNumber: number, commitment: seed.commitment });
  }

  boardSoon(round: LiveRound): void {
    this.#boardTimer ??= setTimeout(() => this.board(round), BOARD_MS);
  }

  board(round: LiveRound): void {
    clearTimeout(this.#boardTimer);
    this.#boardTimer = undefined;
    if (round !== this.#watched.round()) return;
    const { board } = round;
    this.show({ staked: board.staked, betCount: board.count });
    if (this.#rules.odds) this.show(this.#rules.odds(board.stakes));
    board.showTop(this.#state.topBets);
  }

  /** Spectators take no seat. The time too, so that who joins in the middle of a phase can tell how far it is. */
  playersSoon(): void {
    this.#playersTimer ??= setTimeout(() => {
      this.#playersTimer = undefined;
      const seated = [...this.#watched.players()].filter((player) => !player.spectator);
      const players = new Set(seated.map((player) => player.userId)).size;
      this.show({ players, now: Date.now() });
    }, PLAYERS_MS);
  }

  remember(roundId: string, outcome: object): void {
    const { history } = this.#state;
    const entry = new HistoryState();
    assignChanged(entry, { roundId, outcome: JSON.stringify(outcome) });
    history.push(entry);
    while (history.length > HISTORY_LENGTH) history.shift();
  }

  stop(): void {
    clearTimeout(this.#boardTimer);
    clearTimeout(this.#playersTimer);
  }
}
