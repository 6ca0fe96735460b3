/** Parts of a table's state, for components that need not be drawn anew with each of its twenty patches a second. */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { DerbyState } from '../../../../src/protocol.ts';
import type { Table } from '../../rooms/table.ts';
import { follow, type Market } from './odds.ts';
import { createRace, type Race } from './race.ts';

type Part = string | number | boolean | null;

/** `select` gives a plain value, which tells by itself whether it has changed. */
export function usePart<P extends Part>(
  { state }: Table<DerbyState>,
  select: (state: DerbyState) => P,
): P | null {
  const part = () => {
    const current = state.get();
    return current === null ? null : select(current);
  };
  return useSyncExternalStore(state.subscribe, part);
}

export function useMarket({ state }: Table<DerbyState>): Market | null {
  const market = useRef<Market | null>(null);
  const latest = () => {
    const current = state.get();
    if (current !== null) market.current = follow(market.current, current);
    return market.current;
  };
  return useSyncExternalStore(state.subscribe, latest);
}

export function useRace({ state }: Table<DerbyState>): Race {
  const [race] = useState(createRace);
  useEffect(() => {
    const take = () => {
      const current = state.get();
      if (current === null) return;
      const progress = current.runners.map((runner) => runner.progress);
      race.take(current.roundId, current.now, progress);
    };
    take();
    return state.subscribe(take);
  }, [state, race]);
  return race;
}
