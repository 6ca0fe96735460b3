/** The stakes that the game takes, as the catalogue says; the server has the last word on each bet. */
import { useEffect, useState } from 'react';
import type { Game } from '../../src/protocol.ts';
import { getGames } from './api.ts';

export interface StakeLimits {
  readonly maxStake: number;
}

const UNKNOWN: StakeLimits = { maxStake: Number.MAX_SAFE_INTEGER };

export function useStakeLimits(): StakeLimits {
  const [limits, setLimits] = useState(UNKNOWN);
  useEffect(() => {
    getGames().then(
      ({ items }) => setLimits(limitsOf(items.find((game) => game.name === 'crash'))),
      // The server refuses what is too much, in words.
      () => undefined,
    );
  }, []);
  return limits;
}

function limitsOf(game: Game | undefined): StakeLimits {
  const { maxStake } = (game?.parameters.limits ?? {}) as { maxStake?: unknown };
  return typeof maxStake === 'number' ? { maxStake } : UNKNOWN;
}
