/** The games that this server offers and their limits, as the catalogue says. Asked for once; null until it is there. */
import { useEffect, useState } from 'react';
import type { Game } from '../../src/protocol.ts';
import { getGames } from './api.ts';

export interface StakeLimits {
  readonly minStake: number;
  readonly maxStake: number;
  readonly maxBetsPerPlayer: number;
}

/** Until it is known: the server refuses what is too much, in words. */
const UNKNOWN: StakeLimits = {
  minStake: 1,
  maxStake: Number.MAX_SAFE_INTEGER,
  maxBetsPerPlayer: Number.MAX_SAFE_INTEGER,
};

let asked: Promise<readonly Game[]> | null = null;

export function useCatalogue(): readonly Game[] | null {
  const [games, setGames] = useState<readonly Game[] | null>(null);
  useEffect(() => {
    asked ??= getGames().then(({ items }) => items);
    asked.then(setGames, () => {
      asked = null;
    });
  }, []);
  return games;
}

/** The stakes that a game takes; the server has the last word on each bet. */
export function useStakeLimits(game: string): StakeLimits {
  const found = useCatalogue()?.find(({ name }) => name === game);
  const limits = (found?.parameters.limits ?? {}) as Record<string, unknown>;
  const figure = (key: keyof StakeLimits) => {
    const value = limits[key];
    return typeof value === 'number' ? value : UNKNOWN[key];
  };
  return {
    minStake: figure('minStake'),
    maxStake: figure('maxStake'),
    maxBetsPerPlayer: figure('maxBetsPerPlayer'),
  };
}
