/** The games of this server. A new one is its rules file, a line here, and its test. */
import type { BetRules, RoundGame } from './contract.ts';
import { crash } from './crash.ts';
import { derby } from './derby.ts';
import { duel } from './duel.ts';
import { type MatchGame, spectatorBets } from './match.ts';
import { roulette } from './roulette.ts';
import { town } from './town.ts';
import type { WorldGame } from './world.ts';

/** What is played at tables. */
export type Game = RoundGame | MatchGame;

export const games: readonly Game[] = [crash, roulette, derby, duel].map(
  (game) => game as unknown as Game,
);

export const roundGames = games.filter((game): game is RoundGame => game.kind === 'round');

export const worlds: readonly WorldGame[] = [town].map((world) => world as unknown as WorldGame);

export function worldByName(name: string): WorldGame | undefined {
  return worlds.find((world) => world.name === name);
}

export function gameByName(name: string): Game {
  const game = games.find((candidate) => candidate.name === name);
  if (!game) throw new Error(`there is no game ${name}`);
  return game;
}

export function roundByName(name: string): RoundGame {
  const game = gameByName(name);
  if (game.kind !== 'round') throw new Error(`${name} is no game of rounds`);
  return game;
}

/** What may be bet at a game's tables. */
export function rulesOf(game: Game): BetRules {
  return game.kind === 'round' ? game : (spectatorBets(game) as unknown as BetRules);
}
