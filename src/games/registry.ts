/** The games of this server. A new one is its rules file, a line here, and its test. */
import type { RoundGame } from './contract.ts';
import { crash } from './crash.ts';
import { derby } from './derby.ts';
import { roulette } from './roulette.ts';

export const games: readonly RoundGame[] = [crash, roulette, derby].map(
  (game) => game as unknown as RoundGame,
);

export function gameByName(name: string): RoundGame {
  const game = games.find((candidate) => candidate.name === name);
  if (!game) throw new Error(`there is no game ${name}`);
  return game;
}
