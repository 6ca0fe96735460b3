/**
 * H1: what the house may lose in all rounds of a game that are open on this node, in one currency. The limit is shared
 * evenly among the nodes that live.
 */
import type { BetBoard } from './bet-board.ts';
import type { LiveRound } from './round.ts';

export class Exposure {
  readonly #boards = new Map<string, Set<BetBoard>>();
  readonly #liveNodes: () => number;

  constructor(liveNodes: () => number) {
    this.#liveNodes = liveNodes;
  }

  /** Counts a round of `game` until it is over. */
  watch(game: string, round: LiveRound): void {
    const key = `${game} ${round.currency}`;
    const boards = this.#boards.get(key) ?? new Set();
    this.#boards.set(key, boards.add(round.board));
    void round.over.then(() => {
      boards.delete(round.board);
      if (boards.size === 0) this.#boards.delete(key);
    });
  }

  /** What is left of `limit` for this round, in minor units, beside all others of its game. */
  left(limit: number, game: string, round: LiveRound): number {
    let held = 0;
    for (const board of this.#boards.get(`${game} ${round.currency}`) ?? []) {
      if (board !== round.board) held += board.loss;
    }
    return Math.floor(limit / Math.max(1, this.#liveNodes())) - held;
  }
}
