/** What the bots are to play, as the server describes it: any game it has, without a line of its own here. */
import type { Game, Page } from '../src/protocol.ts';
import { OptionError } from './options.ts';

export type GameToPlay = RoundsToPlay | MatchesToPlay;

export interface RoundsToPlay {
  readonly kind: 'round';
  readonly name: string;
  /** Whether open bets can be cashed out by hand. */
  readonly cashOut: boolean;
  /** What a bet may say beyond its id and amount. */
  readonly examples: readonly object[];
}

export interface MatchesToPlay {
  readonly kind: 'match';
  readonly name: string;
  readonly seats: number;
  /** What the house keeps of the pot, in per cent, rounded down. */
  readonly rakePercent: number;
}

/** @throws OptionError when the server has no such game */
export async function gameToPlay(url: string, name: string): Promise<GameToPlay> {
  const response = await fetch(`${url}/api/v1/games?limit=100`).catch((cause) => {
    throw new Error('nobody could join: the server does not answer', { cause });
  });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  const { items } = (await response.json()) as Page<Game>;
  const game = items.find((item) => item.name === name);
  switch (game?.kind) {
    case 'round': {
      const { cashOut, examples } = game.parameters as { cashOut: boolean; examples: object[] };
      return { kind: 'round', name, cashOut, examples };
    }
    case 'match': {
      const { seats, rakePercent } = game.parameters as { seats: number; rakePercent: number };
      return { kind: 'match', name, seats, rakePercent };
    }
    default:
      throw new OptionError(`--game: this server has no game of rounds or matches "${name}".`);
  }
}
